"""The page: so many rows of the shop's own table of projects or sessions by one query, and text to the same size."""

from functools import cache

from django.db import models
from django.shortcuts import render
from django.urls import path


class Session(models.Model):
    slug = models.CharField()
    place_name = models.CharField()
    starts_at = models.DateTimeField()
    base_price = models.DecimalField(max_digits=8, decimal_places=2)
    capacity = models.IntegerField()
    seats_taken = models.IntegerField()

    class Meta:
        app_label = "bare"
        managed = False
        db_table = "shop_session"

    def __str__(self):
        return self.slug


@cache
def filling(size: int) -> str:
    """Text of so many bytes, as the page's frame and its words would be."""
    sentence = "Workshops in small groups with real tools and patient hosts.\n"
    return (sentence * (size // len(sentence) + 1))[:size]


def page(request, rows: int, size: int):
    """``size`` is what the page is filled up by, in bytes, beside its rows."""
    sessions = Session.objects.order_by("starts_at", "pk")[:rows]
    return render(request, "page.html", {"sessions": sessions, "filling": filling(size)})


urlpatterns = [path("<int:rows>/<int:size>/", page)]
