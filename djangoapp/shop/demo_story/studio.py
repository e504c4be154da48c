"""The studio itself: shelves, tax rules, rooms and coupons."""

from decimal import Decimal

from .shapes import (
    STUDIO_TIME_ZONE,
    DemoAccessCode,
    DemoCategory,
    DemoCoupon,
    DemoPlace,
    DemoPolicy,
    DemoStudio,
    DemoTaxRule,
)

STUDIO = DemoStudio("TreesN'Qs", "Zürich", "CHF", STUDIO_TIME_ZONE)

TREES = DemoCategory("Trees and garden", "trees-and-garden")
WOOD = DemoCategory("Wood and willow", "wood-and-willow")
CLAY = DemoCategory("Clay and glaze", "clay-and-glaze")
PAPER = DemoCategory("Paper and colour", "paper-and-colour")
KITCHEN = DemoCategory("Kitchen", "kitchen")
BENCH = DemoCategory("Bench and repair", "bench-and-repair")

CATEGORIES = (TREES, WOOD, CLAY, PAPER, KITCHEN, BENCH)

STANDARD = DemoTaxRule("Standard rate", Decimal("8.1"))
REDUCED = DemoTaxRule("Reduced rate (food, plants, books)", Decimal("2.6"))
EXEMPT = DemoTaxRule("Exempt (courses)", Decimal(0))

TAX_RULES = (STANDARD, REDUCED, EXEMPT)

UNTIL_THE_DAY_BEFORE = DemoPolicy("Until the day before", 1, Decimal(0), 1, 1)
MATERIAL_IS_CUT = DemoPolicy("Material is cut for each place", 14, Decimal(60), 5, 7, Decimal(5))

POLICIES = (UNTIL_THE_DAY_BEFORE, MATERIAL_IS_CUT)

WORKSHOP = DemoPlace("Workshop 2", "Baumweg 3, 8045 Zürich")
GARDEN_HOUSE = DemoPlace("Garden house", "Obstgartenweg 21, 8053 Zürich")
KILN_ROOM = DemoPlace("Kiln room", "Lehmgasse 14, 8005 Zürich")
PRINT_LOFT = DemoPlace("Print loft, third floor", "Druckergasse 8, 8004 Zürich")
KITCHEN_ROOM = DemoPlace("Teaching kitchen at the old mill", "Mühlehof 5, 8037 Zürich")
LISBON = DemoPlace(
    "Oficina do Azulejo", "Travessa das Oliveiras 17, 1100-413 Lisboa, Portugal", "Europe/Lisbon"
)

PLACES = (WORKSHOP, GARDEN_HOUSE, KILN_ROOM, PRINT_LOFT, KITCHEN_ROOM, LISBON)

# Codes leave out 0, O, 1, I and L, so that they survive being read aloud or copied by hand.
ACCESS_CODES = (
    DemoAccessCode(
        "GARDENGATE",
        "a-bowl-from-green-wood",
        note="Neighbours of the garden house.",
    ),
)
COUPONS = (
    DemoCoupon(
        "FRESHSTART",
        "percent",
        Decimal(10),
        valid_from_day=-30,
        valid_until_day=90,
        note="Ten percent for everybody who comes for the first time.",
    ),
    DemoCoupon(
        "TWENTYHANDS",
        "fixed",
        Decimal(20),
        valid_from_day=-30,
        valid_until_day=60,
        min_total=Decimal(100),
        note="CHF 20 off from CHF 100: come with a friend.",
    ),
    DemoCoupon(
        "THREEBEECHES",
        "percent",
        Decimal(25),
        valid_from_day=-20,
        valid_until_day=45,
        max_uses=3,
        uses=2,
        note="Raffle at the spring fair, three winners, one still to come.",
    ),
    DemoCoupon(
        "SUMMERSHADE",
        "percent",
        Decimal(15),
        valid_from_day=-120,
        valid_until_day=-14,
        note="The summer offer. It has ended.",
    ),
    DemoCoupon(
        "GRAFTANDTAPE",
        "fixed",
        Decimal(15),
        valid_from_day=-10,
        valid_until_day=60,
        project_slug="grafting-apple-trees",
        note="For members of the orchard association, grafting only.",
    ),
    DemoCoupon(
        "TREEKEEPER",
        "percent",
        Decimal(100),
        valid_from_day=-60,
        valid_until_day=300,
        max_uses=25,
        note="Friends of the studio who look after the trees all year: nothing to pay.",
    ),
)
