"""What somebody who works here could do next: three things, also on the first day."""

from collections.abc import Iterator
from itertools import chain, islice

from django.urls import reverse
from django.utils.translation import gettext as _

from attendance.rights import may_work_at_door
from shop.admin.next_things import NextThing, ideas

MOST = 3


def first_steps(user) -> list[NextThing]:
    """The ideas of the shop's admin, then those of the other pages for staff."""
    return list(islice(chain(ideas(user), _around(user)), MOST))


def _around(user) -> Iterator[NextThing]:
    if may_work_at_door(user):
        yield _idea(_("Open the door of a session"), "door:home")
    if user.has_perm("shop.view_ledgerentry"):
        yield _idea(_("Look at this year’s turnover and tax"), "studio:reports")
    yield _idea(_("Read what is new in the studio’s blog"), "blog:post_list")
    yield _idea(_("Make a list of what you have to do"), "todos:list_index")
    yield _idea(_("Put a face to your name"), "accounts:profile")


def _idea(text: str, name: str) -> NextThing:
    return NextThing(text, reverse(name), is_waiting=False)
