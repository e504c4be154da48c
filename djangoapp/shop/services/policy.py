"""What may be given up or moved until when, and what it costs: pure functions from terms and an instant.

What was promised when a place was sold is frozen on its line and holds, whatever becomes of the policy.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.money import ZERO, display, rounded
from core.templatetags.when import zone_label
from shop.models import CancellationPolicy, OrderLine, Project, Session

INSTANTS = ("starts_at", "free_until", "cancel_until", "move_until")


@dataclass(frozen=True)
class Terms:
    """What holds for one place. Each instant (aware) is the last one at which it may be done."""

    starts_at: datetime
    free_until: datetime
    cancel_until: datetime
    move_until: datetime | None  # None: the buyer cannot move it
    fee_percent: Decimal
    fee_fixed: Decimal

    def fee(self, price: Decimal, *, at: datetime) -> Decimal | None:
        """What stays here of a place given up at this instant; ``None`` when the buyer can give it up no more."""
        if at >= self.starts_at:
            return None
        if at <= self.free_until or not price:
            return ZERO
        if at <= self.cancel_until:
            return min(price, rounded(price * self.fee_percent / 100 + self.fee_fixed))
        return None

    def allows_move(self, *, at: datetime) -> bool:
        return self.move_until is not None and at <= self.move_until

    def frozen(self) -> dict[str, str | None]:
        """As it is kept on an order line."""
        instants = {name: getattr(self, name) for name in INSTANTS}
        return {
            **{name: instant and instant.isoformat() for name, instant in instants.items()},
            "fee_percent": str(self.fee_percent),
            "fee_fixed": str(self.fee_fixed),
        }

    @classmethod
    def thawed(cls, kept: dict[str, str | None]) -> "Terms":
        return cls(
            **{name: kept[name] and datetime.fromisoformat(kept[name]) for name in INSTANTS},
            fee_percent=Decimal(kept["fee_percent"]),
            fee_fixed=Decimal(kept["fee_fixed"]),
        )


def policy_of(project: Project) -> CancellationPolicy:
    """The project's own policy, or the usual one."""
    return project.policy or CancellationPolicy()


def terms_of(session: Session) -> Terms:
    """What holds for a place in the session that is sold now. Days are counted on the session's own clock."""
    policy = policy_of(session.project)
    free_days = policy.free_days if _has_fee(policy) else policy.last_days

    def before(days: int) -> datetime:
        # Aware arithmetic within a zone keeps the time on the clock, also across the nights on which it changes.
        return (session.local_start - timedelta(days=days)).astimezone(UTC)

    return Terms(
        starts_at=session.starts_at.astimezone(UTC),
        free_until=before(free_days),
        cancel_until=before(policy.last_days),
        move_until=None if policy.move_days is None else before(policy.move_days),
        fee_percent=policy.fee_percent,
        fee_fixed=policy.fee_fixed,
    )


def terms_for(line: OrderLine) -> Terms:
    """What holds for a place that was sold: what was promised.

    Should the studio have put its session on another time since, the buyer may give it up or move it free of charge
    until it begins.
    """
    terms = Terms.thawed(line.policy) if line.policy else terms_of(line.session)
    starts_at = line.session.starts_at
    if terms.starts_at == starts_at:
        return terms
    return replace(
        terms, starts_at=starts_at, free_until=starts_at, cancel_until=starts_at, move_until=starts_at
    )


def promise(session: Session, price: Decimal, *, at: datetime) -> dict:
    """What is promised with a place that is sold at this instant, as its line keeps it: the terms, and the words."""
    terms = terms_of(session)
    return terms.frozen() | {"words": in_words(terms, session.tz, price, at=at)}


def in_words(terms: Terms, zone: ZoneInfo, price: Decimal | None, *, at: datetime) -> list[str]:
    """The terms in plain sentences with the actual dates, as far as they still matter at this instant.

    ``price`` is that of one place; ``None`` where places cost different amounts.
    """
    if price is not None and not price:
        return [_("You can give your place back until it begins.")]
    said = []
    if at <= terms.free_until:
        words = {"moment": moment(terms.free_until, zone)}
        said.append(_("Until %(moment)s you can cancel free of charge.") % words)
    if at <= terms.cancel_until and terms.free_until < terms.cancel_until:
        words = {"moment": moment(terms.cancel_until, zone), "fee": _fee_in_words(terms, price)}
        if said:
            said.append(_("After that and until %(moment)s we keep %(fee)s.") % words)
        else:
            said.append(_("Until %(moment)s you can cancel, and we keep %(fee)s.") % words)
    if terms.cancel_until < terms.starts_at:
        said.append(
            _("After that there is no refund; tell us if something serious has happened.")
            if said
            else _("There is no refund any more; tell us if something serious has happened.")
        )
    if terms.allows_move(at=at):
        words = {"moment": moment(terms.move_until, zone)}
        said.append(_("You can move to another date until %(moment)s.") % words)
    return said


def in_general(policy: CancellationPolicy) -> list[str]:
    """The policy in plain sentences, for dates in general."""
    free_days = policy.free_days if _has_fee(policy) else policy.last_days
    said = [
        _("You can cancel free of charge until the start.")
        if not free_days
        else ngettext(
            "Until %(days)d day before the start you can cancel free of charge.",
            "Until %(days)d days before the start you can cancel free of charge.",
            free_days,
        )
        % {"days": free_days}
    ]
    if policy.last_days < free_days:
        words = {"fee": _fee_in_words(policy), "days": policy.last_days}
        said.append(
            ngettext(
                "After that and until %(days)d day before we keep %(fee)s.",
                "After that and until %(days)d days before we keep %(fee)s.",
                policy.last_days,
            )
            % words
            if policy.last_days
            else _("After that and until the start we keep %(fee)s.") % words
        )
    if policy.last_days:
        said.append(_("After that there is no refund; tell us if something serious has happened."))
    if policy.move_days is not None:
        said.append(
            ngettext(
                "You can move to another date until %(days)d day before.",
                "You can move to another date until %(days)d days before.",
                policy.move_days,
            )
            % {"days": policy.move_days}
            if policy.move_days
            else _("You can move to another date until the start.")
        )
    return said


def moment(instant: datetime, zone: ZoneInfo) -> str:
    """``Saturday 21 November 2026, 09:30 (Zurich time)``."""
    local = instant.astimezone(zone)
    return f"{formats.date_format(local, 'l j F Y')}, {local:%H:%M} ({zone_label(local)})"


def _has_fee(policy: CancellationPolicy) -> bool:
    return bool(policy.fee_percent or policy.fee_fixed)


def _fee_in_words(fees: CancellationPolicy | Terms, price: Decimal | None = None) -> str:
    if price is not None:
        fee = min(price, rounded(price * fees.fee_percent / 100 + fees.fee_fixed))
        return _("%(amount)s of each place") % {"amount": display(fee)}
    if not fees.fee_percent:
        return _("%(amount)s of each place") % {"amount": display(fees.fee_fixed)}
    words = {"percent": f"{fees.fee_percent.normalize():f}", "amount": display(fees.fee_fixed)}
    if not fees.fee_fixed:
        return _("%(percent)s %% of the price") % words
    return _("%(percent)s %% of the price and %(amount)s for each place") % words
