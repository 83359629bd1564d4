"""
Every query an app may listen to, as it sends it. The rules tests and the index test share it.

A document that an app listens to is a `get`, and stands in the role table.
"""

from dataclasses import dataclass
from typing import Any

from tests.rules.documents import PAST
from tests.rules.wire import Query
from tests.rules.world import READERS

EQUAL, IN, CONTAINS = "EQUAL", "IN", "ARRAY_CONTAINS"
LIVE = (("deletedAt", EQUAL, None), ("archivedAt", EQUAL, None))
OPEN = ("status", IN, ["open", "in_progress"])
DONE = ("status", EQUAL, "done")
UNSHELVED = (("archivedAt", EQUAL, None),)


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
    readers: frozenset[str] = frozenset(READERS)
    """Who may run it in a workspace; under a person it is the person alone."""

    @property
    def listener(self) -> str:
        """One who may: the "member" wherever that is enough."""
        return "member" if "member" in self.readers else "admin"

    @property
    def in_workspace(self) -> bool:
        """Whether a member document decides, instead of the path's own uid."""
        return not self.path.startswith("{me}")

    @property
    def collection(self) -> str:
        """The collection's name."""
        return self.path.rpartition("/")[2]


def _of_tasks(query: Query) -> Listener:
    return Listener("{w1}/tasks", "{w2}/tasks", query, bound=300)


def _by_due(*conditions: tuple[str, str, Any]) -> Listener:
    return _of_tasks(Query((*LIVE, OPEN, *conditions), ("dueAt",), limit=50))


def _by_rank(collection: str, bound: int, *conditions: tuple[str, str, Any]) -> Listener:
    query = Query(conditions, ("rank",), limit=bound)
    return Listener(f"{{w1}}/{collection}", f"{{w2}}/{collection}", query, bound=bound)


def _below_task(
    collection: str, conditions: tuple[tuple[str, str, Any], ...], order: str
) -> Listener:
    query = Query(conditions, (order,), limit=50)
    return Listener(f"{{task}}/{collection}", f"{{w2}}/tasks/t1/{collection}", query, bound=50)


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
    "offline-queue": Listener(
        "{me}/intents",
        "{other}/intents",
        Query((("state", IN, ["pending", "refused"]),), limit=20),
        bound=20,
    ),
    "focus-sessions": Listener(
        "{me}/focusSessions",
        "{other}/focusSessions",
        Query(order_by=("-startedAt",), limit=50),
        bound=50,
    ),
    "own-days": Listener("{me}/stats", "{other}/stats", Query(limit=31), bound=31),
    "members": Listener("{w1}/members", "{w2}/members", Query(limit=200), bound=200),
    "invites": Listener(
        "{w1}/invites",
        "{w2}/invites",
        Query((("state", EQUAL, "pending"),), limit=50),
        bound=50,
        readers=frozenset({"owner", "admin"}),
    ),
    "projects": _by_rank("projects", 100, *UNSHELVED),
    "boards": _by_rank("boards", 100, *UNSHELVED),
    "lists-of-a-board": _by_rank("lists", 30, ("boardId", EQUAL, "b1"), *UNSHELVED),
    "labels": _by_rank("labels", 200),
    "workspace-days": Listener("{w1}/stats", "{w2}/stats", Query(limit=31), bound=31),
    "today": _by_due(("dueAt", "LESS_THAN_OR_EQUAL", PAST)),
    "upcoming": _by_due(("dueAt", "GREATER_THAN", PAST)),
    "mine": _by_due(("assigneeIds", CONTAINS, "{uid}")),
    "trash": _of_tasks(Query((("deletedAt", "GREATER_THAN", PAST),), ("-deletedAt",), limit=50)),
    "label": _by_due(("labelIds", CONTAINS, "red")),
    "project": _of_tasks(
        Query((*LIVE, OPEN, ("projectId", EQUAL, "p1")), ("rank",), limit=300),
    ),
    "project-done": _of_tasks(
        Query((*LIVE, DONE, ("projectId", EQUAL, "p1")), ("-completedAt",), limit=20),
    ),
    "board": _of_tasks(Query((*LIVE, ("boardId", EQUAL, "b1")), ("listId", "rank"), limit=300)),
    "subtasks": _of_tasks(
        Query(
            (LIVE[0], ("ancestorIds", CONTAINS, "t1")),
            ("depth", "rank"),
            limit=200,
        )
    ),
    "comments": _below_task("comments", (("deletedAt", EQUAL, None),), "-createdAt"),
    "attachments": _below_task("attachments", (("state", EQUAL, "ready"),), "createdAt"),
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
