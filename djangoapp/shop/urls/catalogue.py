"""Addresses that everybody may open."""

urlpatterns = []
