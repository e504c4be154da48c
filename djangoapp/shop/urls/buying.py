"""Addresses of carts and orders: the visitor's own only."""

urlpatterns = []
