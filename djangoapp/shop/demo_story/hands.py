"""Projects of the workshops: green wood, willow, the wheel, tiles, the bench."""

from decimal import Decimal

from .people import INES, OWNER, TOMASZ
from .shapes import DemoPrices, DemoProject, DemoSession
from .studio import (
    BENCH,
    CLAY,
    EXEMPT,
    GARDEN_HOUSE,
    KILN_ROOM,
    LISBON,
    MATERIAL_IS_CUT,
    PRINT_LOFT,
    STANDARD,
    UNTIL_THE_DAY_BEFORE,
    WOOD,
    WORKSHOP,
)

BOWL = DemoProject(
    title="A bowl from green wood",
    slug="a-bowl-from-green-wood",
    summary=(
        "Turn a bowl on the lathe from a tree felled last week, "
        "with long wet shavings flying over your shoulder."
    ),
    description="""\
Green wood is wood that does not yet know it has been felled. It cuts like cold butter, smells of
cucumber, and throws ribbons of shaving across the room. As it dries, your bowl will move a little
and end up very slightly oval. That is not a fault; that is its signature.

## The day

- **Morning:** safety, stance, and how to let the bevel ride. You rough out the outside.
- **Soup**, at the long table, with sawdust.
- **Afternoon:** you reverse the bowl, hollow it to the thickness of a pencil, and cut a foot.

There are six lathes and never more than six of you, so nobody waits and everybody gets a hand on
the gouge when it chatters.

## What you take home

One bowl of maple, cherry or plane, between 18 and 24 cm, a paper bag to dry it in slowly, and a
small bottle of walnut oil for its first polish in a month.

## For whom

No experience needed, and no great strength. You should be able to stand for two hours at a time.
Sixteen and older.

## Please wear

1. short or tight sleeves, long hair tied back
2. closed shoes
3. nothing you would miss: wet maple leaves grey spots on iron-rich trousers

Glasses, face shields and aprons are here. If you fall in love with the gouge, come back for
[the open bench](/projects/open-bench-bring-a-blunt-knife/) and learn to sharpen it.
""",
    picture="green-wood-bowl.jpg",
    picture_alt=(
        "A pale wooden bowl on the lathe in a dim workshop, a gouge at work inside it and "
        "curled shavings all around"
    ),
    category=WOOD,
    tax_rule=STANDARD,
    publisher=TOMASZ,
    host=TOMASZ,
    prices=DemoPrices(Decimal(120), Decimal(96), Decimal(90)),
    sessions=(
        DemoSession(0, "", 300, 6, WORKSHOP, sold=5, minutes_from_now=-50),
        DemoSession(3, "10:00", 300, 6, WORKSHOP, sold=6),
        DemoSession(9, "10:00", 300, 6, WORKSHOP, sold=5),
        DemoSession(17, "10:00", 300, 6, WORKSHOP, sold=3),
        DemoSession(25, "10:00", 300, 6, WORKSHOP),
        DemoSession(32, "17:00", 300, 6, WORKSHOP, needs_code=True),
        DemoSession(38, "10:00", 300, 6, WORKSHOP, sales_start_day=5),
    ),
)

BASKET = DemoProject(
    title="A willow basket in one day",
    slug="a-willow-basket-in-one-day",
    summary=(
        "Soaked willow, a bodkin and your two hands: weave a round basket "
        "with a handle that will outlive your bicycle."
    ),
    description="""\
At half past nine there is a bundle of wet sticks. At half past three there is a basket. Nobody has
ever quite understood what happened between, but the fingers remember.

## Step by step

1. **The cross.** Six short rods, three through three. It looks like nothing.
2. **The base.** Pairing weave, out and out, until it looks like a sun.
3. **The stakes.** Twenty-four rods go in and stand up, and everybody laughs at the cage.
4. **The sides.** Three-rod wale, then slewing in brown, green and buff willow.
5. **The border.** Tricky, explained slowly, twice.
6. **The handle.** You decide: one, two, or none.

## Materials

All the willow is Swiss, cut in winter and soaked for a week in the trough behind the garden house.
Colours come from the bark alone. You may mix them as you please. The basket holds about five
kilograms of apples, or one cat.

## Who can do it

Patient people, impatient people, people with cold hands. We sit on low stools a good part of the
day; tell us if your back prefers a table. Fourteen and older.

## Bring

Secateurs if you own good ones, an old towel, and something for the shared lunch table. We make
soup and bread. If you prefer colour to shape, have a look at [the dye
weekend](/projects/natural-dyeing-with-madder-weld-walnut-and-indigo/).
""",
    picture="willow-basket.jpg",
    picture_alt=(
        "A round willow basket full of apples, with a tall handle, on a pale table beside a "
        "bundle of willow rods"
    ),
    category=WOOD,
    tax_rule=STANDARD,
    publisher=OWNER,
    host=TOMASZ,
    prices=DemoPrices(Decimal(135), Decimal(115), Decimal(108)),
    sessions=(
        DemoSession(4, "09:30", 360, 8, WORKSHOP, sold=6, sales_end_day=-1),
        DemoSession(18, "09:30", 360, 8, GARDEN_HOUSE, sold=3),
        DemoSession(30, "09:30", 360, 8, GARDEN_HOUSE),
    ),
)

WHEEL = DemoProject(
    title="First bowls on the wheel",
    slug="first-bowls-on-the-wheel",
    summary=(
        "Two and a half hours of wet clay: centre it, open it, pull it up, "
        "and choose the glaze for your two best pieces."
    ),
    description="""\
Centring is the whole secret, and it cannot be explained, only felt. One moment the clay fights
you, the next it stands still under your hands while everything turns. People tend to go quiet.

## In the session

- a demonstration that looks unfairly easy
- your own wheel, your own bucket, three kilograms of stoneware
- a first round to make a mess, a second to make cylinders, a third to make **bowls**
- twelve glazes on test tiles, from celadon to *iron saturate*, and time to choose

We keep your two best pieces, trim the feet, glaze them as you marked them and fire them at 1240 °C.
After four weeks you get a mail and pick them up; they are ready for soup and for the dishwasher.

## How many people

Eight wheels, eight places, one host and one helper. Everybody sits, everybody throws, nobody
watches.

## Before you come

1. Cut your fingernails. Really.
2. Clothes may get grey. It washes out.
3. Leave rings and watches at home.

Suitable from twelve years. The kiln room has a step-free entrance and one wheel at which you can
work standing or from a wheelchair; send us two lines and it is yours.

Those who like flat better than round may prefer [tiles in
Lisbon](/projects/azulejos-a-long-weekend-of-tile-painting-in-lisbon/).
""",
    picture="wheel-bowls.jpg",
    picture_alt=(
        "Bowls, cups and jugs with celadon, cobalt and rust glazes on the wooden shelves of a "
        "pottery, a tall blue vase among them"
    ),
    category=CLAY,
    tax_rule=STANDARD,
    publisher=INES,
    host=INES,
    prices=DemoPrices(Decimal("78.50"), Decimal("69.00"), Decimal("62.50")),
    sessions=(
        DemoSession(1, "18:00", 150, 8, KILN_ROOM, sold=8),
        DemoSession(3, "13:00", 150, 8, KILN_ROOM, sold=7),
        DemoSession(8, "18:00", 150, 8, KILN_ROOM, sold=6),
        DemoSession(10, "13:00", 150, 8, KILN_ROOM, sold=2),
        DemoSession(15, "18:00", 150, 8, KILN_ROOM, sold=1),
        DemoSession(22, "18:00", 150, 8, KILN_ROOM),
        DemoSession(31, "13:00", 150, 8, KILN_ROOM),
    ),
)

AZULEJOS = DemoProject(
    title="Azulejos: a long weekend of painting and firing tin-glazed tiles in Lisbon",
    slug="azulejos-a-long-weekend-of-tile-painting-in-lisbon",
    summary=(
        "Two days in a Lisbon tile workshop: pounce a pattern, paint it in cobalt "
        "on raw glaze, and open the kiln together."
    ),
    description="""\
The blue is grey when you paint it. Only the fire makes it blue, and you will not sleep well before
the kiln is opened. That is part of the course.

## Two days

**Day one.** We walk through the lanes for an hour, counting patterns: diamond point, carpet,
half-drop. Back in the workshop you fold, cut and prick a stencil of your own, dip sixteen tiles
in white tin glaze, and paint the first of them with a long brush of ox hair.

**Day two.** Borders, corrections (there are none, only decisions), stacking. The small fast kiln
fires over lunch and cools while we sit in the yard. At half past four we open it.

## Included

- sixteen tiles, all colours and the firing
- both lunches, with grilled sardines or chickpeas
- wrapping that has survived hand luggage forty times out of forty

Travel and a bed are yours to arrange; we are glad to recommend three small guest houses. Trains
and trams are explained in the letter you get after booking.

## For whom

For everybody. If you can sign your name, you can paint an azulejo. The course is held in English,
with Portuguese for swearing.

## Mind the clock

Times are **Lisbon time**, one hour behind Zürich. For a taste of clay at home, try
[the wheel](/projects/first-bowls-on-the-wheel/) first.
""",
    picture="azulejos.jpg",
    picture_alt=(
        "Blue and white patterned tiles on a sunlit wall; lemons, a paint brush in a small bowl "
        "and a stack of blank tiles on the ledge"
    ),
    category=CLAY,
    tax_rule=STANDARD,
    publisher=INES,
    host=INES,
    prices=DemoPrices(Decimal(390), Decimal(345), Decimal(330)),
    sessions=(
        DemoSession(20, "10:00", 1860, 10, LISBON, sold=9),
        DemoSession(41, "10:00", 1860, 10, LISBON, sold=2),
    ),
)

NIGHT_LIGHT = DemoProject(
    title="Solder your own night light",
    slug="solder-your-own-night-light",
    summary=(
        "For children from eight: melt real metal, wake up twelve lights "
        "on a little board, and take the result to bed."
    ),
    description="""\
Soldering is the nearest thing to magic that is allowed at school age: a silver drop runs, smokes a
little, and from that moment on two things belong together.

## What you build

A board in the shape of a leaf, with twelve warm LEDs, a button, a battery and a tiny chip. Press
once and it glows. Press twice and it breathes. Press *three times* and it does something we are
not going to tell you here.

## How it goes

1. We take an old radio apart and name everything inside.
2. Everybody practises on a copper coin until the drops shine.
3. You place the parts, solder thirty-one joints, and check them with a loupe.
4. The light is tested, and in case of need repaired. Finding a mistake counts double.

## For whom

- children **from eight to fourteen**, without parents or with them
- shy ones welcome, fidgety ones too
- at most five to a grown-up, and every iron has a stand and a timer

## Safety, for the parents

Lead-free solder, a fume extractor at each place, glasses for everybody. Long hair is tied back.
The coin cell is locked in with a screw, as it should be.

Bring nothing but a snack. Grown-ups who get envious have an evening of their own at the [open
bench](/projects/open-bench-bring-a-blunt-knife/).
""",
    picture="night-light.jpg",
    picture_alt=(
        "A leaf-shaped circuit board with twelve glowing amber lights on a dark cutting mat, a "
        "soldering iron beside it"
    ),
    category=BENCH,
    tax_rule=EXEMPT,
    publisher=TOMASZ,
    host=TOMASZ,
    prices=DemoPrices(Decimal(32), None, Decimal(24)),
    sessions=(
        DemoSession(3, "10:30", 120, 10, PRINT_LOFT, sold=9),
        DemoSession(10, "10:30", 120, 10, PRINT_LOFT, sold=1),
        DemoSession(17, "14:00", 120, 10, PRINT_LOFT),
        DemoSession(24, "14:00", 120, 10, PRINT_LOFT),
        DemoSession(41, "14:00", 120, 10, PRINT_LOFT, is_published=False),
    ),
    policy=MATERIAL_IS_CUT,
)

OPEN_BENCH = DemoProject(
    title="Open bench: bring a blunt knife",
    slug="open-bench-bring-a-blunt-knife",
    summary=(
        "An evening at the water stones: sharpen your own kitchen knife "
        "until it shaves a tomato. Free, with a place reserved for you."
    ),
    description="""\
A blunt knife is the most dangerous thing in your kitchen, and the saddest. Bring it. The bench is
open, the stones are wet, the kettle is on.

## How it works

There is no course and no clock. Tomasz shows the whole movement once at seven and again at eight;
in between, everybody works at their own pace and asks whoever stands next to them. You will use

- a **400** stone for knives that have opened paint tins
- a **1000** stone for nearly everything
- a **6000** stone for people who have tasted blood, figuratively
- a leather strop, a marker pen and a ripe tomato as the judge

## What it costs

Nothing. The evening is the studio's present to the neighbourhood. We ask you to reserve a place,
because there are fourteen stools; if you cannot come, give it back so that somebody else can sit.

## What to bring

1. one or two knives, wrapped in a tea towel for the tram
2. chisels, plane irons and garden knives are just as welcome
3. please no scissors, no serrated blades, no swords (again)

Young people from fourteen may sharpen alone, younger ones with a grown-up beside them. Afterwards
you are well prepared for [grafting](/projects/grafting-apple-trees/).
""",
    picture="open-bench.jpg",
    picture_alt=(
        "Kitchen knives on and beside wet sharpening stones on dark slate, with drops of water, "
        "a tomato and a striped towel"
    ),
    category=BENCH,
    tax_rule=EXEMPT,
    publisher=OWNER,
    host=TOMASZ,
    prices=DemoPrices(Decimal(0)),
    sessions=(
        DemoSession(1, "19:00", 150, 14, WORKSHOP, sold=13),
        DemoSession(8, "19:00", 150, 14, WORKSHOP, sold=4),
        DemoSession(15, "19:00", 150, 14, WORKSHOP, sold=1),
        DemoSession(29, "19:00", 150, 14, WORKSHOP),
        DemoSession(36, "19:00", 150, 14, WORKSHOP, sales_start_day=5),
    ),
    policy=UNTIL_THE_DAY_BEFORE,
)
