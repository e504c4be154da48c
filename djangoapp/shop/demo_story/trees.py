"""Projects of the garden: grafting, winter buds, bees, mushroom logs."""

from decimal import Decimal

from .people import MIRA, OWNER
from .shapes import DemoPrices, DemoProject, DemoSession
from .studio import EXEMPT, GARDEN_HOUSE, REDUCED, STANDARD, TREES

GRAFTING = DemoProject(
    title="Grafting apple trees",
    slug="grafting-apple-trees",
    summary=(
        "Join an old apple variety to a young root with two clean cuts, and carry two trees home on the tram."
    ),
    description="""\
Every Gravenstein on earth is the same tree, handed on from knife to knife for three hundred years.
Here you become the next hand in that chain.

## What you do

We start with twigs from the windfall pile, because nobody's first cut is straight. Once your cuts
lie flat against each other without a chink of light, you get the real thing:

1. choose a scion from nine old Swiss varieties, tasting notes included
2. make a *whip and tongue* graft on a dwarf rootstock
3. bind it with raffia, seal it with warm wax, and write the label
4. repeat, because two trees keep each other company

## What is included

- two rootstocks, as many scions as you need, raffia and wax
- a grafting knife to use, sharpened the evening before
- tea from the garden, and an apple cake that makes its own argument

## For whom

For complete beginners and for gardeners whose grafts never took. You need no garden: dwarf trees
live happily in a pot on a balcony. Children from twelve on are welcome with a grown-up.

## Please bring

Sturdy shoes, a warm layer and a bag at least a metre tall. Want to bring your own knife? Come to
the [open bench](/projects/open-bench-bring-a-blunt-knife/) first; a blunt one crushes the bark.
""",
    picture="grafting.jpg",
    picture_alt=(
        "A freshly grafted young apple tree in a clay pot, bound with raffia, with a knife and "
        "three red apples on a wooden table in an orchard"
    ),
    category=TREES,
    tax_rule=REDUCED,
    publisher=OWNER,
    host=MIRA,
    prices=DemoPrices(Decimal(85), Decimal(72), Decimal(68)),
    sessions=(
        DemoSession(-9, "09:30", 180, 12, GARDEN_HOUSE, sold=12),
        DemoSession(3, "09:30", 180, 12, GARDEN_HOUSE, sold=5),
        DemoSession(10, "09:30", 180, 12, GARDEN_HOUSE, sold=11),
        DemoSession(17, "09:30", 180, 12, GARDEN_HOUSE, sold=2),
        DemoSession(24, "14:00", 180, 12, GARDEN_HOUSE),
        DemoSession(31, "09:30", 180, 12, GARDEN_HOUSE),
    ),
)

BUDS = DemoProject(
    title="Reading a tree: winter buds",
    slug="reading-a-tree-winter-buds",
    summary=(
        "No leaves, no problem: learn to name twenty native trees by their buds, "
        "from your kitchen table or under the trees."
    ),
    description="""\
In winter a tree shows its handwriting. The ash signs in soot black, the beech in long copper
spindles, the lime in two red cushions, one big and one small. Learn the letters once and no bare
hedge will ever be anonymous again.

## How the evening runs

We meet in a video call, each with a handful of twigs on the table. Mira holds hers under a
camera, close enough to count the scales. Together we look at

- where the buds sit: opposite, alternate, or in a spiral
- what they wear: one scale, many scales, fur, or nothing at all
- what the twig remembers: scars of last year's leaves, growth rings, corky warts

After each round there is a small riddle. Nobody is called upon; cameras may stay off.

## What you get

A printable key of four pages to the twenty most common trees and shrubs between Geneva and
Romanshorn, the recording for thirty days, and the confidence to be insufferable on walks.

## Please have ready

1. six to ten twigs as long as your hand, cut from the *end* of a branch, with thanks
2. a magnifying glass, or the camera of a phone
3. a pencil: drawing a bud is the quickest way to see it

One date is a **walk** instead of a call. It begins at the garden house, rain or shine, and ends
with soup. From there it is a short step to [grafting](/projects/grafting-apple-trees/).
""",
    picture="winter-buds.jpg",
    picture_alt=(
        "Six bare twigs with winter buds laid out in a row on cream paper, each with its label, "
        "beside a brass magnifying glass"
    ),
    category=TREES,
    tax_rule=EXEMPT,
    publisher=MIRA,
    host=MIRA,
    prices=DemoPrices(Decimal(25), Decimal(18), Decimal(15)),
    sessions=(
        DemoSession(2, "18:30", 90, 30, online_url="https://meet.example.org/winter-buds-1", sold=30),
        DemoSession(9, "18:30", 90, 30, online_url="https://meet.example.org/winter-buds-2", sold=12),
        DemoSession(23, "10:00", 150, 14, GARDEN_HOUSE, sold=3, prices=DemoPrices(Decimal(35))),
        DemoSession(37, "18:30", 90, 30, online_url="https://meet.example.org/winter-buds-3"),
    ),
)

BEES = DemoProject(
    title="An hour with forty thousand bees",
    slug="an-hour-with-forty-thousand-bees",
    summary=(
        "Open a hive beside a beekeeper, find the queen, smell the wax, "
        "and taste three honeys from one single garden."
    ),
    description="""\
A hive smells of warm wax, resin and a little of lemon. It hums on a note somewhere below middle C.
Most people come slightly afraid, and leave wondering where they could put a hive of their own.

## What happens

You put on a suit and a veil, we light the smoker with dried lavender, and then everybody becomes
slow. Frame by frame we look at

- the nursery: eggs like grains of rice, standing on end
- the pantry: pollen in every yellow there is
- the court: the queen, if she is in the mood to receive

While the hive is closed again we talk about the year of a colony, about varroa without despair,
and about what a city garden can do for the *other* six hundred kinds of bee.

## Included

A clean suit in your size, gloves, and a tasting of May, lime and forest honey with bread from the
[sourdough course](/projects/sourdough-from-the-first-bubble/). You may buy a jar; nobody will press
you to.

## Good to know

1. Not for people with an allergy to stings. We carry an emergency kit all the same.
2. Wear light colours, closed shoes, and no perfume. Bees have opinions about perfume.
3. In heavy rain the bees stay at home and so do we: you choose another date or get your money back.

From ten years, under eighteen with an adult.
""",
    picture="bees.jpg",
    picture_alt=(
        "Painted wooden bee hives in blue, yellow, white and coral standing in a flowering "
        "meadow in evening light"
    ),
    category=TREES,
    tax_rule=STANDARD,
    publisher=OWNER,
    host=MIRA,
    prices=DemoPrices(Decimal(48), Decimal(42), Decimal(36)),
    sessions=(
        DemoSession(-2, "16:00", 120, 12, GARDEN_HOUSE, sold=9),
        DemoSession(5, "16:00", 120, 12, GARDEN_HOUSE, sold=4),
        DemoSession(19, "16:00", 120, 12, GARDEN_HOUSE),
        DemoSession(33, "16:00", 120, 12, GARDEN_HOUSE),
    ),
)

MUSHROOMS = DemoProject(
    title="Mushroom logs for shady corners",
    slug="mushroom-logs-for-shady-corners",
    summary=(
        "Drill, plug and wax a beech log, carry it home, and pick oyster mushrooms "
        "or shiitake for the next four years."
    ),
    description="""\
There is a corner on every balcony where nothing wants to grow: north side, behind the bicycle, a
bit damp. A mushroom log wants to live exactly there.

## The afternoon

We work outdoors with fresh beech and alder from the city's own thinning. You will

1. pick a log, about a metre long and as thick as a calf
2. drill it in a diamond pattern, forty holes or so
3. tap in plugs that the mycelium has already moved into
4. seal every hole with hot wax, so that the right guest stays and the wrong ones do not

Meanwhile we explain what is happening in the wood, how to tell when it is ready, and how a night
in cold water persuades a lazy log to fruit.

## You take home

- one inoculated log, **oyster or shiitake**, tagged with its birthday
- a card with the four things it needs in a year (three of them are rain)
- a small bag of mushrooms for tonight, with a recipe of five lines

## Who it suits

Anybody who can hold a cordless drill; we show those who have not yet. The finished log weighs
about nine kilograms, so think about your way home: a bicycle trailer is perfect, a rucksack
heroic. You can leave it with us until the end of the month.

For the table you will want good bread with it, and [that can be learned
here](/projects/sourdough-from-the-first-bubble/) too.
""",
    picture="mushroom-logs.jpg",
    picture_alt="Clusters of brown mushrooms growing from mossy stacked logs in a green wood",
    category=TREES,
    tax_rule=REDUCED,
    publisher=OWNER,
    host=MIRA,
    prices=DemoPrices(Decimal(64), Decimal(56), Decimal(52)),
    sessions=(
        DemoSession(3, "14:00", 150, 14, GARDEN_HOUSE, sold=6),
        DemoSession(13, "14:00", 150, 14, GARDEN_HOUSE, sold=1),
        DemoSession(24, "10:00", 150, 14, GARDEN_HOUSE),
        DemoSession(40, "14:00", 150, 14, GARDEN_HOUSE),
    ),
)
