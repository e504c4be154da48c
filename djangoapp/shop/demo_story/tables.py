"""Projects of the long tables: books, lino, dye pots, bread."""

from decimal import Decimal

from .people import INES, MIRA, OWNER
from .shapes import DemoOffers, DemoPrices, DemoProject, DemoSession
from .studio import GARDEN_HOUSE, KITCHEN, KITCHEN_ROOM, PAPER, PRINT_LOFT, REDUCED, STANDARD

NOTEBOOK = DemoProject(
    title="A notebook that lies flat",
    slug="a-notebook-that-lies-flat",
    summary=(
        "Fold, pierce and sew a Coptic-bound notebook with an open spine: "
        "no glue, no machine, ninety-six pages."
    ),
    description="""\
The monks of Egypt sewed their books with a chain stitch along an open spine, and sixteen centuries
later it is still the only binding that lies perfectly flat beside a coffee cup.

## What you make

One notebook in A5, eight sections of cream paper, boards covered in a paste paper that you brush
yourself. Linen thread in any colour, as long as it is one of the fourteen on the rack.

## The order of things

1. fold with the grain, and learn to hear it
2. comb patterns into coloured paste (bring your playful side)
3. cover the boards, press them while we have coffee
4. pierce the stations with an awl
5. sew: link, climb, link, climb, until your shoulders come down by themselves

## Included

- all papers, boards, paste, thread and beeswax
- a bone folder and two needles, which are yours to keep
- a sheet of drawings, so that number two can be made at home

## For whom

For those who collect empty notebooks and for those who fill them. Precision helps but can be
borrowed from your neighbour. Good light, proper chairs, twelve years and older.

The press in the same loft also prints: on some days you can stay for
[lino](/projects/lino-print-carve-ink-pull/) in the evening and make yourself a cover for the next
one.
""",
    picture="notebook.jpg",
    picture_alt=(
        "A stack of hand-sewn notebooks with open spines and coloured covers, an open one with "
        "a pencilled leaf, red thread and a bone folder"
    ),
    category=PAPER,
    tax_rule=REDUCED,
    publisher=OWNER,
    host=INES,
    prices=DemoPrices(Decimal(92), Decimal(79), Decimal(75)),
    sessions=(
        DemoSession(4, "13:30", 240, 10, PRINT_LOFT, sold=8),
        DemoSession(10, "13:30", 240, 10, PRINT_LOFT, sold=3),
        DemoSession(21, "13:30", 240, 10, PRINT_LOFT),
        DemoSession(34, "13:30", 240, 10, PRINT_LOFT),
    ),
)

LINO = DemoProject(
    title="Lino print: carve, ink, pull",
    slug="lino-print-carve-ink-pull",
    summary=(
        "Carve a block of lino, roll on the ink, crank the old proofing press "
        "and go home with ten prints and black thumbs."
    ),
    description="""\
You carve away what shall stay white. It sounds simple, and for the first ten minutes the brain
refuses. Then it turns over, and you start to see light instead of lines.

## Three hours

- **Draw.** Bring a sketch or pick one of our leaves, birds and kitchen tools. Mirror writing is
  explained before it is too late.
- **Carve.** Warm grey lino, sharp gouges, and always away from the other hand.
- **Ink.** A thin film on the glass that hisses like rain. When it hisses, it is right.
- **Pull.** The press dates from 1958 and weighs as much as a small car. You turn the wheel, you
  lift the sheet, and there is that small intake of breath around the table.

## You take home

Ten prints on Japanese paper, your block, and the knowledge that a bread knife's worth of pressure
from the back of a *wooden spoon* works nearly as well as the press.

## Details

1. oil-based ink that washes off with soap
2. black is on the slab; there is always one more colour, chosen by the weather
3. aprons here, best shirts at home

From twelve years. Beginners and people with a tattooist's hand share a table peacefully. To turn
your prints into a book, see [the notebook](/projects/a-notebook-that-lies-flat/).
""",
    picture="lino-print.jpg",
    picture_alt=(
        "A carved lino block of a sprig of leaves, its red and black prints, an ink roller and "
        "two gouges on a white table"
    ),
    category=PAPER,
    tax_rule=STANDARD,
    publisher=INES,
    host=INES,
    prices=DemoPrices(Decimal(68), Decimal(58), None),
    sessions=(
        DemoSession(6, "18:00", 180, 10, PRINT_LOFT, sold=4),
        DemoSession(10, "18:00", 180, 10, PRINT_LOFT, sold=10),
        DemoSession(18, "18:00", 180, 10, PRINT_LOFT),
        DemoSession(32, "18:00", 180, 10, PRINT_LOFT),
    ),
)

DYES = DemoProject(
    title="Natural dyeing with madder, weld, walnut and a well-kept indigo vat (two-day intensive)",
    slug="natural-dyeing-with-madder-weld-walnut-and-indigo",
    summary=(
        "Two days, four plants, forty colours: mordant, simmer, dip and overdye wool and silk "
        "into a sample book of your own."
    ),
    description="""\
Three plants give nearly every colour there is: red from the root of madder, yellow from weld, blue
from indigo. Walnut does the browns and all the mistakes. The rest is patience, chalk and a good
thermometer.

## Day one: warm colours

- scouring and mordanting, and why alum is the most polite of metals
- madder: brick, coral, and the real *Turkey red* if nobody lets the pot boil
- weld: a yellow so loud that the neighbours ask
- walnut husks: from milky tea to an old saddle

## Day two: blue, and everything it touches

The indigo vat is green, smells of the sea and must never be stirred in haste. You dip, you lift,
you count to sixty while the wool turns from yellow-green to blue in the open air. It gets a small
round of applause every time. Then we overdye:

1. yellow and blue, for eleven greens
2. red and blue, for plum and heather
3. all of them, for a black with a soul

## Included

Forty skeins of ten grams, a silk square, pots, gloves, a ring binder for samples with every recipe,
and lunch on both days.

## For whom

Knitters, weavers, felters and the merely curious; chemistry is optional. Wear something dark. If
you want to store the result properly, weave [a basket](/projects/a-willow-basket-in-one-day/).
""",
    picture="natural-dyes.jpg",
    picture_alt=(
        "Ten skeins of wool in the colours of the rainbow hanging from a wooden rod, four balls "
        "of yarn below them"
    ),
    category=PAPER,
    tax_rule=STANDARD,
    publisher=OWNER,
    host=INES,
    prices=DemoPrices(Decimal(260), Decimal(225), Decimal(210)),
    sessions=(
        DemoSession(11, "09:00", 1860, 8, GARDEN_HOUSE, sold=7),
        DemoSession(25, "09:00", 1860, 8, GARDEN_HOUSE, sold=1),
        DemoSession(38, "09:00", 1860, 8, GARDEN_HOUSE, is_published=False),
    ),
)

SOURDOUGH = DemoProject(
    title="Sourdough from the first bubble",
    slug="sourdough-from-the-first-bubble",
    summary=(
        "Flour, water, salt and time: fold a dough, score it, bake a loaf with ears, "
        "and adopt a starter that is older than you."
    ),
    description="""\
The starter in our fridge is called Hildegard. She is fifty-one, comes from a bakery in the Emmental
that no longer exists, and has children in at least nine hundred Zürich kitchens. Tonight you adopt
one of them.

## What you will learn

- to read a dough: *does it wobble, does it smell of yoghurt, does it let go of the bowl?*
- four folds in two hours, done between two glasses of apple juice
- shaping without fear, scoring without regret
- steam in an ordinary oven, with nothing but a tray and a handful of ice

## What you bake

One loaf goes into the oven on the evening itself, from dough that we prepared at noon. A second you
shape yourself and carry home in a basket: it spends the night in your fridge and is baked for
breakfast. We eat the third together, with butter, standing up.

## What is included

1. Hildegard's youngest, in a jar with a lid that may breathe
2. a proofing basket of wood pulp to keep
3. a timetable for people who go to work

Contains gluten, and in some flours traces of nuts. Rye-only dough on request, three days ahead.

## Online clinic

One date is a **question hour online**: hold your sad loaf up to the camera, and Mira will tell you
what it lacks. Honey to go with it comes from [our own
bees](/projects/an-hour-with-forty-thousand-bees/).
""",
    picture="sourdough.jpg",
    picture_alt=(
        "A round sourdough loaf with one deep score and rings of flour on a dark wooden board, "
        "ears of wheat in front of it"
    ),
    category=KITCHEN,
    tax_rule=REDUCED,
    publisher=OWNER,
    host=MIRA,
    prices=DemoPrices(Decimal(74), Decimal(64), Decimal(59)),
    sessions=(
        DemoSession(-16, "17:30", 210, 9, KITCHEN_ROOM, sold=9),
        DemoSession(2, "17:30", 210, 9, KITCHEN_ROOM, sold=9),
        DemoSession(
            6,
            "19:00",
            60,
            40,
            online_url="https://meet.example.org/bread-clinic",
            sold=17,
            prices=DemoPrices(Decimal(15), Decimal(10)),
        ),
        DemoSession(7, "17:30", 210, 9, KITCHEN_ROOM, sold=8),
        DemoSession(14, "17:30", 210, 9, KITCHEN_ROOM, sold=2),
        DemoSession(
            21,
            "17:30",
            210,
            9,
            KITCHEN_ROOM,
            offers=DemoOffers(early=Decimal(62), early_until_day=10, early_places=6),
        ),
        DemoSession(
            28,
            "17:30",
            210,
            9,
            KITCHEN_ROOM,
            offers=DemoOffers(
                early=Decimal(58), early_places=3, group=Decimal(56), group_places=4, most_per_buyer=6
            ),
        ),
    ),
)
