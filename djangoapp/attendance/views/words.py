"""What the scripts of the door say, and how the answers look that they give without a network."""

from django.utils.translation import gettext as _

from attendance.enums import Verdict
from attendance.views.shown import SIGNS, TONES


def tools() -> dict:
    """The context of ``_door_tools.html``."""
    return {"words": words(), "signs": {verdict.value: sign for verdict, sign in SIGNS.items()}}


def words() -> dict:
    """``%s`` is filled in by the script."""
    return {
        "verdicts": {
            verdict.value: {"word": str(verdict.label), "tone": TONES[verdict]} for verdict in Verdict
        },
        "noNetwork": _("No network since %s."),
        "noNetworkMore": _(
            "Scans are checked against the list on this telephone, noted here, and sent by themselves."
        ),
        "noList": _("There is no list of this door on this telephone: codes can only be noted."),
        "partOfList": _("Only part of this long list is on this telephone."),
        "listFrom": _("The list is from %s."),
        "waiting": _("Waiting to be sent: %s"),
        "sending": _("The network is back. Sending what was noted …"),
        "signedOut": _("You are signed out."),
        "signIn": _("Sign in again; what was noted is kept."),
        "noted": _("No network: noted on this telephone, not confirmed yet."),
        "byList": _("No network: said by the list on this telephone."),
        "notOnList": _("Not on this telephone’s list"),
        "notOnListMore": _("The ticket may be newer than the list, or for another door."),
        "notDone": _("That did not work"),
        "inSince": _("In since %s"),
        "gate": _("Gate %s"),
        "noGate": _("not said"),
        "thisTelephone": _("this telephone"),
        "letInBy": _("let in by %s"),
        "doorsOpen": _("The doors open at %s."),
        "withoutTicket": _("Without a ticket"),
        "tapToLetIn": _("Tap to let in"),
        "waitsToBeSent": _("not sent yet"),
        "takenBack": _("%s is not in any more."),
        "found": _("%s found"),
        "needsNetwork": _("This needs the network."),
        "undoNeedsNetwork": _("Taking this back needs the network."),
        "cameraDenied": _(
            "The browser may not use the camera. Allow it in the browser’s settings, or type the code."
        ),
        "cameraNone": _("No camera was found. Type the code, or search by name."),
        "cameraFailed": _("The camera cannot be used just now. Type the code, or search by name."),
        "unsent": _("On this telephone only, and lost if you sign out now: %s"),
        "signOutNeedsNetwork": _("Signing out needs the network."),
        "next": _("Next"),
        "turnAway": _("Turn away"),
        "atDoor": _("%s, let in at %s"),
    }
