"""What the admin's pages hide cannot be found out by their filters either, letter by letter."""

import pytest
from django.contrib import admin
from django.db import models
from django.urls import reverse

from accounts.models import User
from core.admin import StudioAdmin

TEXT = (models.CharField, models.TextField, models.JSONField)
# By name: nothing is gained by knowing these, though no page shows them.
HARMLESS = {
    "currency",
    "idempotency_key",
    "nonce",
    "request_id",
    "status",
    "told_as",
    "undo_nonce",
}
PAGES = {
    model._meta.label: page for model, page in admin.site._registry.items() if isinstance(page, StudioAdmin)
}


def hidden_fields(page: StudioAdmin) -> set[str]:
    """The texts that nobody types and no page shows."""
    fieldsets = page.fieldsets or [(None, {"fields": page.fields or []})]
    rows = [row for _name, options in fieldsets for row in options["fields"]]
    shown = {name for row in rows for name in ([row] if isinstance(row, str) else row)}
    texts = (field for field in page.opts.concrete_fields if isinstance(field, TEXT) and not field.editable)
    return {field.name for field in texts} - shown - {str(column) for column in page.list_display}


@pytest.mark.parametrize("label", PAGES)
def test_every_hidden_field_is_secret_or_known_to_be_harmless(label):
    page = PAGES[label]

    assert hidden_fields(page) - HARMLESS <= set(page.secret_fields)


@pytest.mark.django_db
@pytest.mark.parametrize("label", [label for label, page in PAGES.items() if page.secret_fields])
def test_no_filter_asks_for_a_secret(client, label):
    opts = PAGES[label].opts
    client.force_login(User.objects.create(email="o@example.org", is_staff=True, is_superuser=True))
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")

    for name in PAGES[label].secret_fields:
        for lookup in (name, f"{name}__startswith", f"{name}__gt", f"{name}__text__startswith"):
            assert client.get(address, {lookup: "A"}).status_code == 400, lookup
