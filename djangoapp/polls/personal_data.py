"""What somebody voted, for the account's download.

Nothing is forgotten by hand: when an account goes, its ballots stay counted and belong to nobody.
"""

from collections.abc import Iterator

from accounts.models import User
from polls.models import Ballot


def tell_votes(user: User) -> Iterator[tuple[str, object]]:
    yield "votes", _ballots(user)


def _ballots(user: User) -> Iterator[dict]:
    ballots = Ballot.objects.filter(user=user).select_related("poll").prefetch_related("votes__choice")
    for ballot in ballots.order_by("pk").iterator(chunk_size=200):
        yield {
            "question": ballot.poll.question,
            "chosen": [vote.choice.text for vote in ballot.votes.all()],
            "voted_at": ballot.created_at,
            "changed_at": ballot.updated_at,
        }
