"""A delivery: one notification to one person by one channel, and what became of it. Pure."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from backend.notifications.model import Channel, Decision, Verdict

# What ended so can be tried once more.
REDRIVABLE = frozenset({Verdict.FAILED, Verdict.THROTTLED, Verdict.NO_DEVICE, Verdict.NO_ADDRESS})
SENDING = (Channel.PUSH, Channel.EMAIL)  # The inbox is filed by the commit that decides.
REDRIVEN, HEALED, GIVEN_UP = "redriven", "healed", "givenUp"
# Failures are counted over so long.
LATELY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DeliveryRef:
    """Which notification to whom, by which channel."""

    uid: str
    notification_id: str
    channel: Channel


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery, and the decision about it."""

    ref: DeliveryRef
    decision: Decision


class Redriven(StrEnum):
    """What became of the wish to try a delivery once more."""

    REDRIVEN = "redriven"
    LEFT = "left"  # It has not failed, or is being tried.
    GONE = "gone"  # There is no such notification any more.


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many deliveries are in a state, and since when the oldest is; None: there is none."""

    count: int
    oldest_at: datetime | None

    def __add__(self, other: "Backlog") -> "Backlog":
        """Return both as one."""
        found = [each.oldest_at for each in (self, other) if each.oldest_at is not None]
        return Backlog(self.count + other.count, min(found, default=None))

    def age_s(self, now: datetime) -> float:
        """Return how old the oldest is; 0 where there is none."""
        return max(0.0, (now - self.oldest_at).total_seconds()) if self.oldest_at else 0.0


@dataclass(frozen=True, slots=True)
class Health:
    """
    How deliveries are at the instant `at`.

    `pending` are on their way, by when they were to go. `waiting` are those whose time has not
    come: held for quiet hours, or mails that are not due. `late` should have been released from
    quiet hours. `failed` and `throttled` have ended so lately.
    """

    at: datetime
    pending: Backlog
    waiting: int
    late: Backlog
    failed: int
    throttled: int


def tried_anew(decision: Decision, *, at: datetime, reason: str) -> Decision:
    """Return a decision as it is before its first attempt; devices that were reached stay so."""
    devices = {each: outcome for each, outcome in decision.devices.items() if outcome == "sent"}
    return replace(
        decision,
        verdict=Verdict.PENDING,
        reason=reason,
        attempts=0,
        at=at,
        until=at,  # From when on it is given up after a while.
        devices=devices,
    )
