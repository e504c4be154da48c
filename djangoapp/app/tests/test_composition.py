"""Polls within texts of other apps."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import include, path, reverse
from django.utils.safestring import SafeString
from django.views.decorators.csrf import ensure_csrf_cookie
from pytest_django.asserts import assertRedirects

from accounts.tests.people import make_user
from app.composition import MOST_POLLS, expand_polls
from core.markdown import render
from polls.models import Ballot
from polls.tests.factories import PollFactory, pks

pytestmark = pytest.mark.django_db

TEXT = """We could not decide.

[poll:next-course]

Tell us!"""


@ensure_csrf_cookie
def story(request: HttpRequest) -> HttpResponse:
    """A page with a text, as a journal has it."""
    return HttpResponse(expand_polls(render(TEXT), request))


urlpatterns = [path("story/", story), path("", include("app.urls"))]


def expanded(text: str, user=None) -> SafeString:
    request = RequestFactory().get("/story/")
    request.user = user or AnonymousUser()
    return expand_polls(render(text), request)


def test_a_code_in_a_paragraph_of_its_own_becomes_the_poll():
    PollFactory(slug="next-course", question="Baskets or bowls?")

    html = expanded(TEXT)

    assert "[poll:" not in html
    assert html.index("could not decide") < html.index("Baskets or bowls?") < html.index("Tell us!")
    assert isinstance(html, SafeString)


@pytest.mark.parametrize(
    "text",
    [
        "Write [poll:next-course] to show it.",
        "`[poll:next-course]`",
        "    [poll:next-course]",
        "```\n[poll:next-course]\n```",
        "# [poll:next-course]",
        "- [poll:next-course]",
        '[link](/x "<p>[poll:next-course]</p>")',
        "[poll:next course]",
        "\\[poll:next-course\\] ",
    ],
)
def test_anywhere_else_it_stays_what_it_is(text):
    PollFactory(slug="next-course", question="Baskets or bowls?")

    # The last one reads the same once Markdown has taken the strokes off: it is the code, too.
    assert ("Baskets or bowls?" in expanded(text)) == text.startswith("\\[")


def test_the_text_around_stays_sanitised():
    PollFactory(slug="next-course", question="<b>Baskets</b>?", answers=("<script>x()</script>", "Bowls"))

    html = expanded(f"<script>y()</script>\n\n{TEXT}\n\n[x](javascript:z)")

    assert "<script>" not in html
    assert "javascript:z" not in html.replace("[x](javascript:z)", "")
    assert "&lt;b&gt;Baskets" in html


@pytest.mark.parametrize(("is_staff", "is_told"), [(False, False), (True, True)])
def test_a_code_that_leads_nowhere_is_told_to_staff_alone(is_staff, is_told):
    PollFactory(slug="next-course", is_published=False)

    html = expanded(TEXT, make_user(is_staff=is_staff))

    assert ("There is no published poll “next-course”" in html) == is_told
    assert "[poll:" not in html


def test_the_same_poll_twice_is_a_poll_and_a_link():
    PollFactory(slug="next-course")

    html = expanded(f"{TEXT}\n\n{TEXT}")

    assert html.count('id="poll-next-course"') == 1
    assert html.count('<a href="/polls/next-course/">') == 2  # its title, and the link


def test_polls_beyond_a_handful_are_links():
    polls = [PollFactory() for _poll in range(MOST_POLLS + 1)]

    html = expanded("\n\n".join(f"[poll:{poll.slug}]" for poll in polls))

    assert html.count('class="ballot"') == MOST_POLLS
    assert f'<p><a href="/polls/{polls[-1].slug}/">' in html


def test_a_poll_for_people_with_an_account_tells_others_only_that():
    PollFactory(slug="next-course", question="A secret matter?", audience="members")

    assert "A secret matter?" not in expanded(f"{TEXT}\n\n{TEXT}")
    assert "?next=/story/" in expanded(TEXT).replace("%2F", "/")
    assert "A secret matter?" in expanded(TEXT, make_user())


def test_a_text_without_polls_costs_nothing_and_several_polls_cost_as_much_as_one():
    polls = [PollFactory() for _poll in range(4)]

    def queries(text: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            expanded(text)
        return len(asked)

    assert queries("Nothing [poll] here") == 0
    one = queries(f"[poll:{polls[0].slug}]")
    assert queries("\n\n".join(f"[poll:{poll.slug}]" for poll in polls)) == one <= 3


@pytest.mark.urls("app.tests.test_composition")
def test_voting_leads_back_to_the_text(client):
    poll = PollFactory(slug="next-course")
    page = client.get("/story/").content.decode()
    assert 'name="back" value="/story/"' in page
    form = {"choice": pks(poll, "Bowls"), "part": "on", "back": "/story/"}

    response = client.post(reverse("polls:vote", args=[poll.slug]), form)

    assertRedirects(response, "/story/#poll-next-course")
    assert "You chose “Bowls”." in client.get("/story/").content.decode()


@pytest.mark.urls("app.tests.test_composition")
@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:x", ""])
def test_voting_never_leads_elsewhere(back):
    poll = PollFactory(slug="next-course")
    form = {"choice": pks(poll, "Bowls"), "part": "on", "back": back}

    response = Client().post(reverse("polls:vote", args=[poll.slug]), form)

    assertRedirects(response, "/polls/next-course/#poll-next-course", fetch_redirect_response=False)
    assert Ballot.objects.count() == 1
