"""
What a device is told by FCM, and what became of it: the port, its messages and its outcomes.

Who sends: `push_fast.py` (the usual way) and `push_sdk.py` (the fallback), chosen by FCM_CLIENT in
`push_clients.py`. Why: docs/decisions/0046-fcm-sender.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """What became of one push to one device, by what should happen next."""

    SENT = "sent"
    DEVICE_GONE = "deviceGone"  # Registered no more, or with another project: never again.
    REFUSED = "refused"  # A bad message or a bad token: the same one never works.
    NOT_FOUND = "notFound"  # 404 without a reason: the token may be good. Someone should look.
    BUSY = "busy"  # A passing fault at FCM: later, perhaps.
    THROTTLED = "throttled"  # Over a quota, or not sent at all while FCM wants us to wait.
    UNKNOWN = "unknown"  # No usable answer: perhaps sent. Again, with the same collapse id.
    MISCONFIGURED = "misconfigured"  # Our own credentials: nothing gets through until mended.

    @property
    def worth_retrying(self) -> bool:
        """Whether the same push can succeed later."""
        return self in RETRIED


RETRIED = (Outcome.BUSY, Outcome.THROTTLED, Outcome.UNKNOWN, Outcome.MISCONFIGURED)
PAUSED = "PAUSED"  # The error code of what was not sent, because FCM wants us to wait.
IDS_A_DISMISSAL = 50  # Their ids fit into one payload of 4,096 bytes.


class Interruption(StrEnum):
    """How much a push may disturb: APNs' interruption levels, of which others follow."""

    PASSIVE = "passive"
    ACTIVE = "active"
    TIME_SENSITIVE = "time-sensitive"


@dataclass(frozen=True, slots=True)
class PushResult:
    """An outcome, FCM's own error code for it, and the seconds FCM asked to wait (0: none)."""

    outcome: Outcome
    error_code: str = ""
    retry_after_s: float = 0.0

    @property
    def was_tried(self) -> bool:
        """Whether FCM was asked at all."""
        return self.error_code != PAUSED


@dataclass(frozen=True, slots=True)
class PushMessage:
    """
    One push for one device, which the system shows.

    `collapse_id` is fixed per notification: a repeated send replaces the first on the device, the
    only place where "once" can be had. `channel` is the Android channel and the iOS thread. `count`
    says how many events it tells of, `badge` how many notifications are unread (None: leave the
    icon as it is), `link` is a path in the app. `data` values are strings. `is_update`: an earlier
    push of the same id has told the person, so that this one makes no sound.
    """

    token: str
    title: str
    body: str
    collapse_id: str
    channel: str
    data: Mapping[str, str] = field(default_factory=dict)
    badge: int | None = None
    count: int = 1
    interruption: Interruption = Interruption.ACTIVE
    link: str = ""
    is_update: bool = False


@dataclass(frozen=True, slots=True)
class Dismissal:
    """
    A silent push that takes notifications off a device's screen, and sets its badge.

    `notification_ids`, at most `IDS_A_DISMISSAL`, are the collapse ids of what was shown. The app
    gets `data` {dismiss: the ids with commas between, badge}, clears what bears these tags, and
    shows nothing.
    """

    token: str
    notification_ids: tuple[str, ...]
    badge: int


class Push(Protocol):
    """Sends to devices."""

    def send_all(self, messages: Sequence[PushMessage | Dismissal]) -> list[PushResult]:
        """
        Send each once, and return what became of each, in the same order. Never raises.

        Nothing is repeated that may have arrived: whoever asked decides from the result. While FCM
        wants us to wait, the answer is `THROTTLED` at once, with `retry_after_s`.
        """
