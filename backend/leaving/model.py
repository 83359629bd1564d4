"""The erasure of an account: when, and by which timer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.kit.errors import FailedPrecondition
from backend.kit.ids import derived_id
from backend.timers.model import Timer, TimerKind

GRACE = timedelta(days=7)  # For so long it can be called off.
# An ID token lives for an hour, and the rules ask nobody whether it was revoked.
LONGEST_TOKEN = timedelta(minutes=65)
# Whatever had been let in before has written by then, or never will.
SETTLED = timedelta(minutes=2)
# The last letter needs the address, which nobody keeps for it for longer.
LETTER_WAITS = timedelta(hours=24)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class OwnedTeam:
    """A team that would be without its owner."""

    id: str
    name: str


class StillOwner(FailedPrecondition):
    """Others belong to workspaces whose owner wants to leave for good: `teams`."""

    default_code = "still-owner"

    def __init__(self, detail: str, *, teams: list[OwnedTeam]) -> None:
        super().__init__(detail)
        self.teams = teams


def erasure_id(uid: str) -> str:
    """Return the id of the timer that erases an account."""
    return derived_id(TimerKind.ERASURE.value, uid)


def erasure_timer(uid: str, at: datetime, *, attempts: int = 0) -> Timer:
    """Return the timer that erases an account."""
    return Timer(erasure_id(uid), TimerKind.ERASURE, {"uid": uid}, at, attempts)


def waiting_for_letter(so_far: timedelta) -> timedelta:
    """Return for how much longer to wait for a letter that has not gone out yet."""
    return min(LONGEST_WAIT, max(FIRST_WAIT, so_far))
