"""What the demo shop sells, to whom, and when: plain data that ``shop.demo`` turns into rows.

The pictures lie in ``demo_media``.
"""

from .hands import AZULEJOS, BASKET, BOWL, NIGHT_LIGHT, OPEN_BENCH, WHEEL
from .people import GUESTS, PEOPLE
from .shapes import (
    DemoAccessCode,
    DemoCategory,
    DemoCoupon,
    DemoGuest,
    DemoOffers,
    DemoPerson,
    DemoPlace,
    DemoPolicy,
    DemoPrices,
    DemoProject,
    DemoSession,
    DemoStudio,
    DemoTaxRule,
)
from .studio import ACCESS_CODES, CATEGORIES, COUPONS, PLACES, POLICIES, STUDIO, TAX_RULES
from .tables import DYES, LINO, NOTEBOOK, SOURDOUGH
from .trees import BEES, BUDS, GRAFTING, MUSHROOMS

PROJECTS = (
    GRAFTING,
    BOWL,
    WHEEL,
    BUDS,
    SOURDOUGH,
    NOTEBOOK,
    DYES,
    LINO,
    BASKET,
    BEES,
    MUSHROOMS,
    NIGHT_LIGHT,
    OPEN_BENCH,
    AZULEJOS,
)

__all__ = [
    "ACCESS_CODES",
    "CATEGORIES",
    "COUPONS",
    "GUESTS",
    "PEOPLE",
    "PLACES",
    "POLICIES",
    "PROJECTS",
    "STUDIO",
    "TAX_RULES",
    "DemoAccessCode",
    "DemoCategory",
    "DemoCoupon",
    "DemoGuest",
    "DemoOffers",
    "DemoPerson",
    "DemoPlace",
    "DemoPolicy",
    "DemoPrices",
    "DemoProject",
    "DemoSession",
    "DemoStudio",
    "DemoTaxRule",
]
