"""Posts of the demo: what the studio's people and one member tell of their work.

The natural key is the slug, so loading again changes nothing. A picture is that of the project which the post is about.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.apps import apps
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from blog.models import Post, SlugRedirect
from blog.pictures import cover_of
from blog.services import Text, create_post

ANNELIES, MIRA, TOMASZ = "annelies@example.org", "mira@example.org", "tomasz@example.org"
INES, YUKI = "ines@example.org", "yuki@example.org"


@dataclass(frozen=True)
class DemoPost:
    """``day`` counts from today; a later one schedules the post, and ``None`` keeps it a draft."""

    slug: str
    author: str
    title: str
    summary: str
    body: str
    tags: tuple[str, ...]
    project: str = ""
    day: int | None = None


POSTS = (
    DemoPost(
        "why-we-graft-in-february",
        MIRA,
        "Why we graft in February",
        "The tree sleeps, the knife is sharp, and your fingers are cold. All three are on purpose.",
        """People ask me why the grafting course cannot be in May, when it is warm and one may eat outside. The short
answer: in May the tree is awake.

## A twig that does not know yet

A scion, the twig that we graft, must sleep when it is cut. It lives on what it stored last summer, and that lasts
for a few weeks. If its buds have opened, it drinks more than the wound can carry, and by June you own a dry stick
with a bandage.

So in January I walk along the old trees of our neighbours with a ladder and a thermos. I cut pencils: one-year wood,
as thick as a pencil, from the sunny side. They go into damp sand in the cellar, each bundle with a label. *Always*
a label. We once had a "yellow one from Frau Meier" for eleven years, and it turned out to be three different trees.

## What can go wrong

1. **A blunt knife** crushes where it should slice. If you can see the cut, it was not smooth enough.
2. **Bark on one side only.** What grows together is a green layer no thicker than paper. It has to meet its like.
3. **Too much talk.** The cut dries in a minute. Tell your story afterwards.

Of a hundred trees that people graft here for the first time, about eighty live. Mine were four of ten, in my first
year. I still have one of them. It is crooked, and it bears every autumn.
""",
        ("trees", "apples", "winter"),
        "grafting-apple-trees",
        -41,
    ),
    DemoPost(
        "a-bowl-remembers-the-tree",
        TOMASZ,
        "A bowl remembers the tree",
        "Green wood moves while it dries. You may fight that, or you may look forward to it.",
        """For thirty years I built cabinets from wood as dry as a biscuit. Every joint was planned so that nothing
would ever move. Then a friend put a fresh log of birch on my bench, still dripping, and said: *make a bowl, today.*

It was like carving cheese. I was offended.

## Round on Saturday, oval by Christmas

Wood shrinks more around the rings than across them. A bowl that is round when you carry it home will be a little
oval in four weeks, and the rim rises at two ends like a boat. You cannot stop it. What you can do is choose where
the heart of the tree lies, and so choose which boat it will be.

> The tree has stood for sixty years. It is only polite to let it have the last word.

## How to let it dry

- Rub the end grain with the water in which you cooked potatoes. The starch slows it down.
- Put the bowl into a paper bag with its own shavings, and forget it on the coldest shelf that you have.
- Weigh it every Sunday. When it stops losing weight, it is done.

If it cracks all the same, drink your tea from something else and burn it. It will have been two good days.
""",
        ("wood", "tools"),
        "a-bowl-from-green-wood",
        -33,
    ),
    DemoPost(
        "forty-thousand-guests",
        MIRA,
        "Forty thousand guests",
        "What the bees do in winter, why we do not knock, and the one thing that you can plant for them.",
        """Put your ear to a hive in January and you hear a fridge. That is a ball of bees the size of a melon. Those
inside shiver to keep warm; those outside are the blanket. Every few minutes they change places. Nobody tells them to.

## We do not knock

Each time somebody knocks, the ball loosens, and a cupful of honey is spent on being upset. So from November to
February our visitors on the roof speak softly and look at the *entrance*: a few dead bees on the snow are a good sign.
Somebody in there is cleaning.

## What you can do on a balcony

Plant **ivy**, and let it grow old. It blooms in October, when there is nothing else, and it asks for nothing. Crocus
comes next: the first warm noon in February, all of them are there, orange to the knees.

Thyme on the window sill is for you. They like it, too.
""",
        ("bees", "winter"),
        "an-hour-with-forty-thousand-bees",
        -24,
    ),
    DemoPost(
        "the-blue-that-is-not-in-the-pot",
        ANNELIES,
        "The blue that is not in the pot",
        "Indigo comes out of the vat yellow, and turns blue while you watch. We have seen grown people cry.",
        """There are courses that I host, and there is one that I sneak into whenever a place is free. It is the second
day of the dyeing weekend, about half past ten, when the first cloth comes out of the indigo.

It comes out *yellow*. A greenish, sickly yellow, and everybody looks at it politely. Then the air touches it. The
edge goes green, the green runs inwards, and within a minute the whole cloth is the colour of the evening sky.

Nobody has ever kept talking through that minute.

## For those who want to know

Indigo does not dissolve in water. In the vat we take the oxygen from it, with fruit sugar and lime, and only then will
it creep into the fibre. Outside it takes the oxygen back from the air, becomes solid again, and is stuck. That is all.
It does not help against goose bumps.

| Dip | Colour |
| --- | --- |
| once | milk with a drop of ink |
| three times | jeans |
| nine times | night |

Bring something white that you loved and spoiled. Old pillow cases are best: fifty washings make linen thirsty.
""",
        ("colours", "textiles"),
        "natural-dyeing-with-madder-weld-walnut-and-indigo",
        -17,
    ),
    DemoPost(
        "my-first-bowl-has-a-name",
        YUKI,
        "My first bowl has a name",
        "A member tells of an evening on the wheel, of humility, and of a bowl called Pancake.",
        """I signed up because I sit at a screen all day and wanted to make one thing that nobody could undo.

Clay can be undone. I learned that in the first four minutes.

Inês says that there are three moments: *centre, open, pull*. She does it with two fingers while she looks out of the
window. I did it with my whole body and my tongue between my teeth, and at moment three my bowl lay down like a dog.

"Good," she said. "Now you know how thin is too thin."

The second one stood for a whole minute. The third one I brought home. It is wide and low and a little to the left, and
when the glaze came out of the kiln it had a freckle at the rim that I could never have planned. Its name is Pancake. It
holds exactly two mandarins.

If you go: cut your nails, wear sleeves that stay up, and do not sit next to the person who has done it before.
""",
        ("clay", "from our members"),
        "first-bowls-on-the-wheel",
        -11,
    ),
    DemoPost(
        "what-lisbon-taught-me-about-mistakes",
        INES,
        "What Lisbon taught me about mistakes",
        "A wall of tiles has four hundred of them. Find the one that is upside down.",
        """In the stairs of my grandmother's house there is a panel of azulejos: a hunt, blue on white, four hundred
tiles. In the third row a dog has his head where his tail should be. Somebody set one tile upside down, in 1780 or so,
and nobody has turned it since.

As children we touched it each time we went down. It is worn smooth.

## Paint before you think

The glaze lies raw on the tile, like flour. The brush drinks into it, and there is no rubber. Whoever is careful gets a
trembling line; whoever is quick gets a living one. So on the first evening I take the pencils away.

You will spoil three tiles. They are part of the price, and I have never thrown one away: they hang in our workshop, in
the third row.
""",
        ("clay", "colours", "travel"),
        "azulejos-a-long-weekend-of-tile-painting-in-lisbon",
        -5,
    ),
    DemoPost(
        "one-free-saturday-a-month",
        ANNELIES,
        "One free Saturday a month, and you decide",
        "From March on a bench stands empty once a month. Tell us what shall happen on it.",
        """When I began, in a garage that belonged to a man with a boat, there was room for one bench and six people.
Now we are three rooms and a roof, and for the first time there is a Saturday on which nobody has planned anything.

I could fill it with accounts. I would rather fill it with you.

[poll:which-course-next]

We shall read every vote, and the second place gets an evening as well. Whoever does not find their wish among the
answers writes to us; the insect hotel was a postcard once.

What we promise: small groups, good soup, and nobody goes home with empty hands.
""",
        ("studio",),
        "",
        -2,
    ),
    DemoPost(
        "a-starter-called-hermann",
        TOMASZ,
        "A starter called Hermann",
        "He is nine years old, lives in a jar and survived a move, two holidays and my brother-in-law.",
        """Flour and water, and patience. I was told that it is like keeping an animal. It is not. An animal looks at
you.

## Feeding

Every evening I throw half of him away and give him as much flour and water as is left. By the morning he has doubled.
If he has not, he is cold: put him on top of the fridge, where it hums.

## When you go away

A spoonful, rubbed into flour until it is crumbs, keeps in the cupboard for years. I have given away forty of these. In
Winterthur there is a Hermann who has never met me.
""",
        ("bread",),
        "sourdough-from-the-first-bubble",
        6,
    ),
    DemoPost(
        "notes-on-sharpening",
        TOMASZ,
        "Notes on sharpening",
        "A draft for the open bench: what to bring, and what to leave at home.",
        """- Bring the knife that you are ashamed of.
- Leave the electric thing at home.
- Stone, water, leather. **Ask Mira for a photograph of the horse chestnut board.**
""",
        ("tools",),
        "open-bench-bring-a-blunt-knife",
        None,
    ),
)


@transaction.atomic
def load(say: Callable[[str], None]) -> None:
    """Load the posts that are missing. Who writes them and what they are about is there already, or left out."""
    known = {
        *Post.objects.values_list("slug", flat=True),
        *SlugRedirect.objects.values_list("slug", flat=True),
    }
    added = [_load(told) for told in POSTS if told.slug not in known]
    say(f"{len(added)} new posts")


def _load(told: DemoPost) -> Post:
    now = timezone.now()
    project = apps.get_model("shop", "Project").objects.filter(slug=told.project).first()
    cover = None
    if project is not None and project.picture:
        with project.picture.open("rb") as file:
            cover = cover_of(file)
    text = Text(
        title=told.title,
        slug=told.slug,
        summary=told.summary,
        body=told.body,
        tags=told.tags,
        project=project,
        cover=cover,
        cover_alt=(project.picture_alt or project.title) if cover else "",
        publish_at=None if told.day is None else now + timedelta(days=told.day),
    )
    return create_post(User.objects.filter(email=told.author).first(), text)
