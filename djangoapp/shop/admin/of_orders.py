"""What the lists of things that belong to an order have in common: finding them, and the way to the order."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from core.admin import ReadOnlyAdmin
from shop.admin.words import link_to


def order_code(words: str) -> str:
    """Read an order's code however it was typed: ``k7qf 2mxr 9twb`` is ``K7QF-2MXR-9TWB``. Empty if it is none."""
    letters = "".join(letter for letter in words.upper() if letter.isalnum())
    return "-".join((letters[:4], letters[4:8], letters[8:])) if len(letters) == 12 else ""


class OfOrderAdmin(ReadOnlyAdmin):
    """Rows of orders, found by the order's code, else by one of the row's ``references``."""

    search_fields = ["order__code"]
    search_help_text = gettext_lazy("An order’s code.")
    references: tuple[str, ...] = ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        words = search_term.strip()
        if not words:
            return queryset, False
        if code := order_code(words):
            return queryset.filter(**{self.search_fields[0]: code}), False
        meant = [Q(**{name: words}) for name in self.references]
        return (queryset.filter(Q(*meant, _connector=Q.OR)) if meant else queryset.none()), False

    @admin.display(description=gettext_lazy("order"))
    def order_link(self, row) -> SafeString | str:
        return link_to(row.order)
