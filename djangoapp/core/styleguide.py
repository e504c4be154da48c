"""The page of samples: every part of the look, with usual, empty and overfull data."""

from datetime import datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from core import charts

ICONS = (
    "search cart user people menu close check clock warning stop info calendar list pin online card "
    "desk mail remove edit back next up down filter ticket coupon print lock refund plus feed out "
    "wrench heart camera torch offline door"
).split()
COLOURS = (
    "paper card shade ink soft line edge leaf leaf-tint honey honey-tint brick brick-tint sky sky-tint"
).split()


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Name", max_length=80)
    email = forms.EmailField(label="E-mail", help_text="Your tickets go there.")
    company = forms.CharField(label="Company", required=False)
    country = forms.ChoiceField(label="Country", choices=[("CH", "Switzerland"), ("DE", "Germany")])
    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    notes = forms.CharField(label="Anything we should know", widget=forms.Textarea, required=False)
    language = forms.ChoiceField(
        label="Language", widget=forms.RadioSelect, choices=[("en", "English"), ("de", "Deutsch")]
    )
    picture = forms.FileField(label="Picture", required=False)
    terms = forms.BooleanField(label="I have read the terms and agree to them.")


def sample_sessions(now: datetime) -> list[SimpleNamespace]:
    """Sessions as a card shows them: usual, few left for less, sold out, and much too long."""
    rows = [
        (1, "Grafting apple trees", "Workshop 2, Zürich", 8, 12, 7, "85", "85", ""),
        (2, "A bowl from green wood", "Kiln room, Zürich", 11, 12, 2, "96", "120", "Member price"),
        (3, "Reading a tree: winter buds", "Online", 12, 30, 0, "25", "25", ""),
        (
            4,
            "Donaudampfschifffahrtsgesellschaftskapitänsmützen nähen, flicken und würdevoll tragen",
            "Gemeinschaftszentrum Wollishofen, Bachstrasse 7, 8038 Zürich",
            68,
            120,
            31,
            "1250.50",
            "1480",
            "Price for nonprofits",
        ),
        (5, "ورشة تطعيم أشجار التفاح للمبتدئين", "زيورخ", 19, 8, 8, "0", "0", ""),
        (6, "Sharpening knives", "Workshop 1, Zürich", 21, 6, 1, "60", "60", ""),
    ]
    return [
        SimpleNamespace(
            pk=pk,
            title=title,
            place=place,
            starts_at=now + timedelta(days=days),
            ends_at=now + timedelta(days=days, hours=3),
            capacity=capacity,
            left=left,
            taken=capacity - left,
            price=Decimal(price),
            base_price=Decimal(base_price),
            reason=reason,
        )
        for pk, title, place, days, capacity, left, price, base_price, reason in rows
    ]


def sample_month(now: datetime) -> list[list[SimpleNamespace]]:
    """Five weeks with days of no, one, some and far too many sessions."""
    first = (now - timedelta(days=now.weekday() + 7)).date()
    entries = {
        9: [("09:30", "Grafting apple trees", ""), ("14:00", "A bowl from green wood", "few")],
        11: [("18:30", "Reading a tree: winter buds", "none")],
        19: [("09:30", "Sharpening knives", ""), ("10:00", "Bread", ""), ("14:00", "Kiln", "none")],
        26: [("14:00", "Donaudampfschifffahrt", "few")],
    }
    days = [
        SimpleNamespace(
            date=first + timedelta(days=index),
            sessions=[
                SimpleNamespace(time=time, title=title, state=state)
                for time, title, state in entries.get(index, [])
            ],
            more=26 if index == 19 else 0,
            is_today=first + timedelta(days=index) == now.date(),
            is_other_month=index < 5 or index > 33,
        )
        for index in range(35)
    ]
    return [days[week : week + 7] for week in range(0, 35, 7)]


def sample_charts(now: datetime) -> list[charts.Chart]:
    """Columns, columns upon each other and below nothing, lines over time, and no data at all."""
    weeks = [f"W{number}" for number in range(42, 48)]
    sold = charts.Series("Places", [40, 64, 52, 88, 1200, 96])
    years = [str(year) for year in range(1990, 2030)]
    taken = charts.Series("Taken", [year % 7 * 310 for year in range(40)])
    returned = charts.Series("Returned", [-(year % 5) * 90 for year in range(40)], "d")
    minutes = [now + timedelta(minutes=5 * number) for number in range(24)]
    expected = charts.Series("Expected", [24] * 24, "b")
    arrived = charts.Series("Arrived", [min(24, number * number // 8) for number in range(24)])
    return [
        charts.columns("sold", "Places sold per week", weeks, [sold], along="Week"),
        charts.columns("money", "Taken and returned per year", years, [taken, returned], along="Year"),
        charts.curves(
            "arrivals",
            "Arrivals",
            minutes,
            [arrived, expected],
            label=lambda instant: f"{instant:%H:%M}",
            along="Time",
        ),
        charts.columns("nothing", "Nothing yet", [], [charts.Series("Places", [])]),
    ]


def sample_bars() -> list[charts.Shares]:
    came, stayed_away = charts.Part("Came", 31), charts.Part("Stayed away", 9, "d")
    return [
        charts.shares([came, stayed_away]),
        charts.shares([came], whole=40),
        charts.shares([charts.Part("Came", 0)], whole=0),
    ]


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Show every part once. 404 where ``DEBUG`` is off."""
    if not settings.DEBUG:
        raise Http404
    now = timezone.now().replace(minute=30, second=0, microsecond=0)
    answers = {"name": "Ana", "email": "ana at example", "country": "CH", "language": "fr"}
    wrong = SampleForm({f"wrong-{name}": value for name, value in answers.items()}, prefix="wrong")
    held_until = timezone.now() + timedelta(minutes=14, seconds=32)
    context = {
        "colours": COLOURS,
        "icons": ICONS,
        "form": SampleForm(),
        "wrong_form": wrong,
        "sessions": sample_sessions(now),
        "weeks": sample_month(now),
        "page_obj": Paginator(range(240), 12).page(request.GET.get("page", 7)),
        "crumbs": [("Projects", "#projects"), ("Grafting apple trees", "#grafting")],
        "held_until": held_until,
        "charts": sample_charts(now),
        "bars": sample_bars(),
        "cart_summary": SimpleNamespace(places=2, held_until=held_until),
        "person": SimpleNamespace(initials="AK"),
        "names": ["Ana Keller", "Jon Bär", "María-Ángeles Fernández-Castañeda y Ortiz de Zárate"],
    }
    return render(request, "styleguide.html", context)
