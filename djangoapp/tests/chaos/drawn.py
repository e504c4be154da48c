"""Which actions there are. ``ACTIONS`` says how often each is drawn."""

from functools import wraps

from . import breakage

ACTIONS = {}


def often(weight: int, *, dies_in: int = 0):
    """Draw the action so many times as often as one of weight 1.

    With ``dies_in`` the process that does it is sometimes killed before one of so many of its first statements.
    """

    def register(action):
        @wraps(action)
        def act(world) -> None:
            if dies_in and world.random.random() < 0.1:
                with breakage.killed_at_statement(world.random.randint(1, dies_in)):
                    action(world)
            else:
                action(world)

        ACTIONS[act] = weight
        return act

    return register
