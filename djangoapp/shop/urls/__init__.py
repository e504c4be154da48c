"""The shop's addresses: looking around, and buying."""

from shop.urls import buying, catalogue

app_name = "shop"
urlpatterns = [*catalogue.urlpatterns, *buying.urlpatterns]
