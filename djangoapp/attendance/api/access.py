"""What every address for programs at the door has in common."""

from accounts.models import TokenScope
from core.api import CallThrottle, Endpoint
from core.limits import Limit

# All telephones of a door share one address, and everybody comes within the same quarter of an hour.
DOOR_CALLS = Limit("door-api", times=3000, minutes=1)


class DoorThrottle(CallThrottle):
    limit = DOOR_CALLS


class DoorEndpoint(Endpoint):
    """For who works at the door, with a token of that scope."""

    scope = TokenScope.DOOR
    throttle_classes = [DoorThrottle]
