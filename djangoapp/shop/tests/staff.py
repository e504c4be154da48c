"""What staff sends from the pages of the admin."""

from datetime import UTC, datetime, timedelta

from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from shop.models import Order, Project, Session
from shop.tests.factories import CategoryFactory, SessionFactory, TaxRuleFactory, UserFactory


def page_of(thing) -> str:
    return reverse(f"admin:shop_{thing._meta.model_name}_change", args=[thing.pk])


def session_data(session: Session, **changes) -> dict:
    """What the page of a session sends when nothing but ``changes`` was touched."""
    data = {
        "project": session.project_id,
        "starts_at": f"{session.local_start:%Y-%m-%dT%H:%M}",
        "ends_at": f"{session.local_end:%Y-%m-%dT%H:%M}",
        "time_zone": session.time_zone,
        "place_name": session.place_name,
        "place_address": session.place_address,
        "online_url": session.online_url,
        "capacity": session.capacity,
        "base_price": session.base_price,
        "slug": session.slug,
        "sales_start_at": "",
        "sales_end_at": "",
        "is_published": "on",
    }
    return data | changes


def save(client: Client, session: Session, **changes):
    return client.post(page_of(session), session_data(session, **changes), follow=True)


def errors_of(response) -> dict:
    return response.context["adminform"].form.errors


def whole_minutes(**fields) -> Session:
    starts_at = datetime(2026, 11, 28, 8, 30, tzinfo=UTC)
    return SessionFactory(**{"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=3)} | fields)


def act(client: Client, action: str, *things, query: str = "?when=all"):
    address = reverse(f"admin:shop_{things[0]._meta.model_name}_changelist")
    if things[0]._meta.model_name != "session":
        query = ""
    data = {"action": action, "_selected_action": [thing.pk for thing in things]}
    return client.post(address + query, data, follow=True)


def project_data(project: Project | None = None, rows: list[dict] = (), **changes) -> dict:
    existing = [row for row in rows if "id" in row]
    data = {
        "title": project.title if project else "Mushroom logs",
        "slug": project.slug if project else "mushroom-logs",
        "summary": "Some.",
        "description": "",
        "picture_alt": "",
        "category": project.category_id if project else CategoryFactory().pk,
        "tax_rule": project.tax_rule_id if project else TaxRuleFactory().pk,
        "sessions-TOTAL_FORMS": len(rows),
        "sessions-INITIAL_FORMS": len(existing),
    }
    for number, row in enumerate(rows):
        data |= {f"sessions-{number}-{name}": value for name, value in row.items()}
    return data | changes


def row_of(session: Session | None = None, **changes) -> dict:
    row = {
        "starts_at": "2026-12-05T10:00",
        "ends_at": "2026-12-05T12:00",
        "place_name": "Workshop 2",
        "place_address": "",
        "capacity": 8,
        "base_price": "64",
    }
    if session is not None:
        row = {
            "id": session.pk,
            "starts_at": f"{session.local_start:%Y-%m-%dT%H:%M}",
            "ends_at": f"{session.local_end:%Y-%m-%dT%H:%M}",
            "place_name": session.place_name,
            "place_address": session.place_address,
            "capacity": session.capacity,
            "base_price": session.base_price,
        }
    return row | changes


def staff_with(*permissions: str) -> Client:
    user = UserFactory(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client = Client()
    client.force_login(user)
    return client


def confirm(client: Client, action: str, *chosen: Order, **more):
    """Choose the action, and press the button of the page that asks."""
    data = {"action": action, "_selected_action": [order.pk for order in chosen], "confirmed": "yes"}
    return client.post(reverse("admin:shop_order_changelist"), data | more, follow=True)
