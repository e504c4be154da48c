"""Looking at polls, and voting. Rules about votes are in ``services``, what is shown of them in ``shown``."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from core.exceptions import DomainError
from core.limits import Limit, enforce, limited, network_of
from core.pages import page_number, page_of
from polls.forms import BallotForm
from polls.models import Poll
from polls.services import Voter, ballots_of, cast_ballot
from polls.shown import ShownPoll, show, studio_zone
from polls.visitor import remember_voter, voter_of

OPEN_AT_MOST = 50
UPCOMING_AT_MOST = 20
CLOSED_PER_PAGE = 20
VOTES = Limit("poll-votes", times=120, minutes=10)
# Whoever throws the cookie away may vote anew, but not without end. A room full of people shares one network.
NEW_VISITORS = Limit("poll-visitors", times=40, minutes=60)

# What is shown is this visitor's; the browser may keep it, but asks before it shows it again.
own_page = cache_control(private=True, no_cache=True)


@require_safe
@own_page
def poll_list(request: HttpRequest) -> HttpResponse:
    """Open polls first, then those to come, then those that are over, page by page."""
    polls = Poll.objects.listed_for(request.user)
    page = page_of(polls.closed(), page_number(request.GET.get("page")), size=CLOSED_PER_PAGE)
    is_first = page.number == 1
    open_polls = list(polls.open()[:OPEN_AT_MOST]) if is_first else []
    upcoming = list(polls.upcoming()[:UPCOMING_AT_MOST]) if is_first else []
    context = {
        "open_polls": show(open_polls, voter_of(request)),
        "upcoming": upcoming,
        "page": page,
        "zone": studio_zone(),
    }
    return render(request, "polls/poll_list.html", context)


@require_safe
@own_page
def poll_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """One poll: the form, or the results. One for people with an account tells others only that."""
    poll = get_object_or_404(Poll.objects.published(), slug=slug)
    [shown] = show([poll], voter_of(request))
    return _page(request, shown)


@require_POST
@limited(VOTES)
def vote(request: HttpRequest, slug: str) -> HttpResponse:
    """Take or change the visitor's vote. htmx gets the poll in its new state, everybody else its page."""
    poll = get_object_or_404(Poll.objects.published(), slug=slug)
    choices = list(poll.choices.all())
    form = BallotForm(poll, choices, request.POST)
    is_valid = form.is_valid()
    voter = voter_of(request, new_token=form.cleaned_data.get("token", ""))
    back = form.cleaned_data.get("back", "")
    is_part = form.cleaned_data.get("part", False)
    if not is_valid:
        [shown] = show([poll], voter, form=form, is_part=is_part, back=back)
        return _answer(request, shown, status=422)
    if voter.user is None and not ballots_of(voter, [poll]):
        enforce(NEW_VISITORS, f"{network_of(request)} {poll.pk}")
    try:
        cast_ballot(poll, form.cleaned_data["choice"], voter)
    except DomainError as refusal:
        messages.error(request, str(refusal))
        return _after(request, poll, voter, is_part=is_part, back=back)
    if not request.htmx:
        messages.success(request, _("Your vote counts. Thank you!"))
    answer = _after(request, poll, voter, is_part=is_part, back=back, has_news=True)
    return answer if poll.is_for_members else remember_voter(answer, voter)


def _after(
    request: HttpRequest, poll: Poll, voter: Voter, *, is_part: bool, back: str, has_news: bool = False
) -> HttpResponse:
    """Lead to the page on which the visitor voted, or show the poll as it is now."""
    if not request.htmx:
        address = back if is_part and back else poll.get_absolute_url()
        return HttpResponseRedirect(f"{address}#poll-{poll.slug}")
    fresh = Poll.objects.filter(pk=poll.pk).first() or poll
    [shown] = show([fresh], voter, is_part=is_part, back=back)
    return _answer(request, shown, has_news=has_news)


def _answer(
    request: HttpRequest, shown: ShownPoll, *, has_news: bool = False, status: int = 200
) -> HttpResponse:
    if not request.htmx:
        return _page(request, shown, status=status)
    context = {"shown": shown, "zone": studio_zone(), "has_news": has_news, "takes_focus": True}
    return render(request, "polls/_poll_swap.html", context, status=status)


def _page(request: HttpRequest, shown: ShownPoll, *, status: int = 200) -> HttpResponse:
    context = {"shown": shown, "poll": shown.poll, "zone": studio_zone()}
    return render(request, "polls/poll_detail.html", context, status=status)
