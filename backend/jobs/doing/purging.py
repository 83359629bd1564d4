"""
Deleting what has expired, where Firestore's own TTL has not: as where no policy is deployed.

TTL deletes within a day or so, and nothing below a document. So whatever is still there two days
later goes here, with what lies below it; where TTL works, that costs a read a collection.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from backend.adapters.firestore import Store
from backend.jobs.doing.nothing import NoArguments
from backend.jobs.handlers import JobScope, Step
from backend.jobs.model import JobRun
from backend.kit.clock import Clock
from backend.kit.documents import Adjust, Increment, Query, Remove, Stored, Where, Withdraw, Write
from backend.notifications.documents import badge_path
from backend.notifications.model import KEPT, Category, Channel

PAGE = 90  # Of a notification five documents are written: at most 450 in a commit.
LEFT_TO_TTL = timedelta(days=2)
NOTIFICATIONS, DECISIONS = "notifications", "decisions"


@dataclass(frozen=True, slots=True)
class Expiring:
    """
    A collection whose documents expire: `field` says when, or when what is kept so long began.

    `is_group`: there are many of this name, each below another document.
    """

    name: str
    is_group: bool = False
    field: str = "expireAt"
    kept: timedelta = timedelta(0)


EXPIRING = (
    Expiring("idempotency"),
    Expiring("intents", is_group=True),
    Expiring("invites", is_group=True),
    Expiring(NOTIFICATIONS, is_group=True),
    # What TTL leaves behind: decisions lie below notifications, and have no end of their own.
    Expiring(DECISIONS, is_group=True, field="at", kept=KEPT),
    Expiring("operations"),
    Expiring("passwordResets"),
    Expiring("passwordWatches"),
    Expiring("recipients", is_group=True),
    Expiring("runs", is_group=True),
    Expiring("timers"),
    Expiring("undoRecords"),
    Expiring("broadcasts"),
)


class PurgeExpired:
    """
    Deletes expired documents, a page of one collection a step.

    Each is deleted only as it was read: a key that is used anew meanwhile stays. A step that is
    killed after its commit is not counted.
    """

    name = "purgeExpired"
    scope = JobScope.PLATFORM
    arguments = NoArguments()

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def step(
        self,
        run: JobRun,  # noqa: ARG002 - every handler's signature.
        arguments: Mapping[str, Any],  # noqa: ARG002
        cursor: Mapping[str, Any],
    ) -> Step:
        """Delete a page; what was deleted so far stands in the result, by collection."""
        at = int(cursor.get("at", 0))
        deleted: dict[str, int] = dict(cursor.get("deleted", {}))
        found = self._find(EXPIRING[at], self._clock.now())
        gone = len(found) if found and self._store.attempt(_deleting(found)) else 0
        if gone:
            deleted[EXPIRING[at].name] = deleted.get(EXPIRING[at].name, 0) + gone
        if gone == len(found) < PAGE:  # Else somebody was faster, or there is more.
            at += 1
        is_over = at == len(EXPIRING)
        return Step(gone, None if is_over else {"at": at, "deleted": deleted}, deleted)

    def _find(self, each: Expiring, now: datetime) -> list[Stored]:
        is_over = Where(each.field, "<=", now - each.kept - LEFT_TO_TTL)
        return self._store.find(
            Query(each.name, PAGE, (is_over,), order_by=(each.field,), group=each.is_group)
        )


def _deleting(found: Sequence[Stored]) -> list[Write]:
    writes: list[Write] = []
    badges: dict[str, Counter[str]] = {}
    for stored in found:
        writes.append(Remove(stored))
        if stored.path.split("/")[-2] == NOTIFICATIONS:
            decisions = f"{stored.path}/{DECISIONS}"
            writes += [Withdraw(f"{decisions}/{channel.value}") for channel in Channel]
            if stored.fields.get("isCounted") is True:
                _count_out(stored, badges)
    return [*writes, *(_uncounting(uid, by) for uid, by in badges.items())]


def _count_out(stored: Stored, badges: dict[str, Counter[str]]) -> None:
    category = stored.fields.get("category")
    if category in list(Category):  # Of another version: the next recount sees to it.
        badges.setdefault(stored.parent_id, Counter())[str(category)] += 1


def _uncounting(uid: str, by: Counter[str]) -> Adjust:
    return Adjust(
        badge_path(uid),
        {
            "unread": Increment(-by.total()),
            "unreadByCategory": {name: Increment(-number) for name, number in by.items()},
        },
    )
