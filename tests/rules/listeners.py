"""
Every query an app may listen to, as it sends it. The rules tests and the index test share it.

Rows of later collections (projects, boards, comments, …) join with their rules. A document that
an app listens to is a `get`, and stands in the role table.
"""

from dataclasses import dataclass
from typing import Any

from tests.rules.documents import PAST
from tests.rules.wire import Query

EQUAL, IN, CONTAINS = "EQUAL", "IN", "ARRAY_CONTAINS"
LIVE = (("deletedAt", EQUAL, None), ("archivedAt", EQUAL, None))
OPEN = ("status", IN, ["open", "in_progress"])


@dataclass(frozen=True)
class Listener:
    """
    A query, the bound that the rules set, and another place where it must be refused.

    In paths and values, {w1} {w2} {task} {me} {other} {uid} stand for those of the listening
    member; {other} is another person's user document.
    """

    path: str
    elsewhere: str
    query: Query
    bound: int

    @property
    def in_workspace(self) -> bool:
        """Whether a member document decides, instead of the path's own uid."""
        return self.path.startswith("{")

    @property
    def collection(self) -> str:
        """The collection's name."""
        return self.path.rpartition("/")[2]


def _of_tasks(query: Query) -> Listener:
    return Listener("{w1}/tasks", "{w2}/tasks", query, bound=300)


def _by_due(*conditions: tuple[str, str, Any]) -> Listener:
    return _of_tasks(Query((*LIVE, OPEN, *conditions), ("dueAt",), limit=50))


LISTENERS = {
    "bell": Listener(
        "{me}/notifications",
        "{other}/notifications",
        Query((("archivedAt", EQUAL, None),), ("-createdAt",), limit=30),
        bound=30,
    ),
    "bell-why": Listener(
        "{me}/notifications/n1/decisions",
        "{other}/notifications/n1/decisions",
        Query(limit=5),
        bound=5,
    ),
    "devices": Listener("{me}/devices", "{other}/devices", Query(limit=20), bound=20),
    "members": Listener("{w1}/members", "{w2}/members", Query(limit=200), bound=200),
    "today": _by_due(("dueAt", "LESS_THAN_OR_EQUAL", PAST)),
    "upcoming": _by_due(("dueAt", "GREATER_THAN", PAST)),
    "mine": _by_due(("assigneeIds", CONTAINS, "{uid}")),
    "trash": _of_tasks(Query((("deletedAt", "GREATER_THAN", PAST),), ("-deletedAt",), limit=50)),
    "largest": _of_tasks(Query(LIVE, limit=300)),
    "history": Listener(
        "{task}/history", "{w2}/tasks/t1/history", Query(order_by=("-rev",), limit=20), bound=20
    ),
    "events": Listener("{w1}/events", "{w2}/events", Query(order_by=("-at",), limit=30), bound=30),
    "series": Listener("{w1}/series", "{w2}/series", Query(limit=20), bound=20),
    "occurrences": Listener(
        "{w1}/series/s1/occurrences",
        "{w2}/series/s1/occurrences",
        Query(order_by=("-scheduledAt",), limit=20),
        bound=20,
    ),
}

MY_MEMBERSHIPS = Query((("uid", EQUAL, "{uid}"),), limit=50, every_path=True)
"""The only collection group an app may query: `members` where `uid == me`."""
