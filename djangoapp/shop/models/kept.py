"""Rows that are written once and kept for good."""

from django.db import models

from shop.exceptions import Unchangeable


class KeptQuerySet(models.QuerySet):
    """Rows that are only ever added."""

    def update(self, **changes):
        raise Unchangeable

    def bulk_update(self, *args, **options):
        raise Unchangeable

    def delete(self):
        raise Unchangeable


class Kept(models.Model):
    """A row that nothing changes and nothing deletes; what was wrong is put right by another row.

    Its querysets refuse as well, and on PostgreSQL a trigger that the migrations set.
    """

    objects = KeptQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs) -> None:
        if not self._state.adding:
            raise Unchangeable
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise Unchangeable
