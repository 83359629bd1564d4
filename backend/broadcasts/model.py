"""A broadcast: whom it is for, what it says, and how far it has come. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Any

from backend.accounts.model import Account, Platform
from backend.kit.errors import FailedPrecondition
from backend.kit.ids import derived_id
from backend.notifications.model import KEPT, Channel

MOST_NAMED = 1_000
LONGEST_TITLE, LONGEST_BODY, LONGEST_LINK = 120, 240, 500
MOST_TEXTS = 20
FALLBACK = "en"  # Who reads none of the languages gets this one.
MOST_PER_MINUTE = 60_000
USUAL_PER_MINUTE = 600
# Steps that are due within this time follow each other without a timer between them.
AT_ONCE = timedelta(seconds=1)
# What became of it is counted once mails have gone out for those whom no push reached.
COUNTED_AFTER = timedelta(minutes=15)
# Besides the inbox, which everyone has.
BESIDES_INBOX = (Channel.PUSH, Channel.EMAIL)

Outcomes = Mapping[str, Mapping[str, int]]


class People(StrEnum):
    """Whether those are meant who can sign in again, those who only try, or both."""

    ALL = "all"
    REGISTERED = "registered"
    GUESTS = "guests"


class Source(StrEnum):
    """Where the people of a segment are found."""

    NAMED = "named"
    MEMBERS = "members"
    DEVICES = "devices"
    ACCOUNTS = "accounts"


class BroadcastState(StrEnum):
    """How far it is. The last three are for good."""

    RUNNING = "running"
    PAUSED = "paused"
    COUNTING = "counting"  # All are told; what became of it is counted a little later.
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


UNENDED = frozenset({BroadcastState.RUNNING, BroadcastState.PAUSED, BroadcastState.COUNTING})


@dataclass(frozen=True, slots=True)
class Segment:
    """
    Whom a broadcast is for: whoever meets all that is said here.

    `locale` is a language ("de", which "de-AT" is too) or a whole locale. `active_since` looks at
    when their devices were seen last. `audience` names people, and `workspace_id` means the members
    of a workspace: of these, devices are not asked for.
    """

    people: People = People.ALL
    locale: str | None = None
    platform: Platform | None = None
    active_since: datetime | None = None
    workspace_id: str | None = None
    audience: tuple[str, ...] = ()

    @property
    def source(self) -> Source:
        """Where its people are found: where the fewest others are read."""
        if self.audience:
            return Source.NAMED
        if self.workspace_id is not None:
            return Source.MEMBERS
        if self.platform is not None or self.active_since is not None:
            return Source.DEVICES
        return Source.ACCOUNTS

    def has(self, account: Account, now: datetime) -> bool:
        """Say whether somebody's account belongs to it, wherever they were found."""
        if account.state != "active" or not account.is_usable(now):
            return False
        if self.people is not People.ALL and account.is_guest is not (self.people is People.GUESTS):
            return False
        return self.locale is None or speaks(account.locale, self.locale)


@dataclass(frozen=True, slots=True)
class Message:
    """What is said in one language."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Broadcast:
    """
    `broadcasts/{id}`: its operation, of the same id, tells people page by page.

    `expected` is how many there were to be when it began, at most. `told` were told, `left_out`
    were named but have no account that can be used. `next_at` is when the next may be told at the
    earliest, by the throttle. `outcomes` counts what became of it, by channel and verdict, once all
    are told.
    """

    id: str
    created_by: str
    segment: Segment
    texts: Mapping[str, Message]
    link: str
    channels: tuple[Channel, ...]
    per_minute: int
    expected: int
    created_at: datetime
    updated_at: datetime
    next_at: datetime
    expire_at: datetime
    state: BroadcastState = BroadcastState.RUNNING
    told: int = 0
    left_out: int = 0
    outcomes: Outcomes | None = None
    ended_at: datetime | None = None
    rev: int = 1

    @property
    def has_ended(self) -> bool:
        """Whether nothing of it changes any more."""
        return self.state not in UNENDED

    @property
    def working_timer_id(self) -> str:
        """The id of the timer that works at it: that of its operation."""
        return derived_id("operation", self.id)

    @property
    def offered(self) -> frozenset[Channel]:
        """By which channels it is sent at all, whatever somebody's settings say."""
        return frozenset({Channel.INBOX, *self.channels})

    def notification_id(self, uid: str) -> str:
        """Return the id of the notification it is to somebody: always the same."""
        return derived_id("broadcast", self.id, uid)

    def at_once(self, most: int) -> int:
        """Return how many of `most` may be told together: an even share of what a minute allows."""
        steps_a_minute = ceil(self.per_minute / most)
        return ceil(self.per_minute / steps_a_minute)

    def further(self, *, told: int, left_out: int, at: datetime) -> "Broadcast":
        """Return it with so many more people told, and those after them due by the throttle."""
        pause = timedelta(minutes=1) * (told / self.per_minute)
        return self._changed(
            at,
            told=self.told + told,
            left_out=self.left_out + left_out,
            next_at=max(self.next_at, at) + pause,
        )

    def waits_until(self, now: datetime) -> datetime | None:
        """Return when the next are to be told; None: now."""
        return self.next_at if self.next_at > now + AT_ONCE else None

    def counting(self, *, at: datetime) -> "Broadcast":
        """Return it with everybody told."""
        return self._changed(
            at, state=BroadcastState.COUNTING, next_at=max(self.next_at, at + COUNTED_AFTER)
        )

    def ended(
        self, state: BroadcastState, *, at: datetime, outcomes: Outcomes | None = None
    ) -> "Broadcast":
        """Return it as it stays."""
        return self._changed(at, state=state, ended_at=at, outcomes=outcomes)

    def paused(self, *, at: datetime) -> "Broadcast":
        """
        Return it paused; itself if it is that already.

        Raises:
            FailedPrecondition: there is nobody left to be told.
        """
        return self._switched(BroadcastState.RUNNING, BroadcastState.PAUSED, at)

    def resumed(self, *, at: datetime) -> "Broadcast":
        """
        Return it running again; itself if it is running.

        Raises:
            FailedPrecondition: it has come to its end.
        """
        return self._switched(BroadcastState.PAUSED, BroadcastState.RUNNING, at)

    def cancelled(self, *, at: datetime) -> "Broadcast":
        """
        Return it called off; itself if it is that already. Who was told stays told.

        Raises:
            FailedPrecondition: all are told, or it has come to another end.
        """
        if self.state is BroadcastState.CANCELLED:
            return self
        if self.has_ended or self.state is BroadcastState.COUNTING:
            raise FailedPrecondition(f"This is {self.state.value}: nobody is left to be told.")
        return self.ended(BroadcastState.CANCELLED, at=at)

    def _switched(self, before: BroadcastState, after: BroadcastState, at: datetime) -> "Broadcast":
        if self.state is after:
            return self
        if self.state is not before:
            raise FailedPrecondition(f"This is {self.state.value}: nobody is left to be told.")
        return self._changed(at, state=after, next_at=max(self.next_at, at))

    def _changed(self, at: datetime, **changes: Any) -> "Broadcast":
        return replace(self, updated_at=at, rev=self.rev + 1, **changes)


def begun(broadcast_id: str, *, by: str, wanted: Mapping[str, Any], at: datetime) -> Broadcast:
    """Return a broadcast that has just begun. `wanted` holds its fields from `segment` on."""
    return Broadcast(
        id=broadcast_id,
        created_by=by,
        created_at=at,
        updated_at=at,
        next_at=at,
        expire_at=at + KEPT,
        **wanted,
    )


def speaks(locale: str, wanted: str) -> bool:
    """Say whether somebody's locale is the one wanted, or a kind of it: de-AT is German."""
    mine, theirs = locale.lower().replace("_", "-"), wanted.lower()
    return mine == theirs or mine.startswith(f"{theirs}-")


def written(locale: str) -> str:
    """Return a locale in the letters in which apps and people write it: pt-BR, zh-Hant."""
    first, *others = locale.split("-")
    return "-".join([first.lower(), *map(_subtag, others)])


def _subtag(text: str) -> str:
    if len(text) == 4:
        return text.title()
    return text.upper() if len(text) == 2 else text.lower()


def text_for(locale: str, texts: Collection[str]) -> str:
    """Return which of these languages to speak to somebody: the closest, else English."""
    found = [each for each in texts if speaks(locale, each)]
    return max(found, key=len) if found else FALLBACK
