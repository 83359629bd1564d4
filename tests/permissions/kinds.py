"""Where each resource of the permission table lies, what is valid there, and what an app sends."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.rules.documents import (
    FUTURE,
    PAST,
    device,
    due,
    invite,
    member,
    new_task,
    notification,
    user,
    workspace,
)
from tests.rules.own_documents import intent, settings, soon
from tests.rules.wire import REQUEST_TIME, Query
from tests.rules.work_documents import new_board, new_comment, new_label, new_list, new_project
from tests.rules.world import World

AS_STORED = {"createdAt": PAST, "updatedAt": PAST, "rev": 3}
Document = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """
    A resource. In `place`, {w1} {task} {me} stand for paths and {id} for an id of its own.

    `valid` makes a document as the app of a uid creates it. `values` holds another valid value for
    each field that an app may change, or a map of fields where one cannot change alone. `stamps`
    are the fields that every write of an app sets.
    """

    place: str
    valid: Callable[[str], Document]
    values: Document = field(default_factory=dict)
    stamps: tuple[str, ...] = ("rev", "updatedAt", "updatedBy")
    query: Query | None = None
    as_stored: Document = field(default_factory=lambda: AS_STORED)

    def path(self, world: World, owner: str = "member") -> str:
        """Return where one lies, or could lie."""
        return self.place.format(
            w1=world.w1, task=world.task, me=world.me(owner), id=uuid4().hex, day="2026-03-29"
        )

    def stored(self, world: World, by: str = "removed") -> Document:
        """Return one as it lies in the database."""
        return self.valid(world.uid(by)) | self.as_stored

    def stamped(self, world: World, who: str) -> Document:
        """Return what the app of `who` sends along with every change of a stored one."""
        now = dict.fromkeys(("updatedAt", "lastSeenAt"), REQUEST_TIME)
        stamps = {"rev": 4, "updatedBy": world.uid(who), "disabledAt": None, **now}
        return {name: stamps[name] for name in self.stamps}

    def change(self, world: World, who: str, name: str) -> Document:
        """Return what the app of `who` sends to change one field."""
        value = world.named(self.values[name])
        changes = value if isinstance(value, dict) and name in value else {name: value}
        return self.stamped(world, who) | changes


def _measured(_uid: str) -> Document:
    return {"at": PAST, "count": 1}


TASK = {
    "title": "Repot",
    "description": "All of them.",
    "status": "in_progress",
    "priority": 4,
    "assigneeIds": ["viewer"],
    "watcherIds": ["owner"],
    "labelIds": ["red"],
    "projectId": "p1",
    "boardId": "b1",
    "listId": {"listId": "l1", "boardId": "b1"},
    "rank": "k",
    "parentId": "t1",
    "startAt": PAST,
    "due": due(),
    "reminders": [{"minutesBefore": 10}],
    "checklist": [{"id": "c1", "text": "Soil", "isDone": False}],
    "estimateMin": 30,
    "archivedAt": REQUEST_TIME,
    "deletedAt": REQUEST_TIME,
}
PAGE = {"name": "Garden", "color": "#ff0000", "rank": "k", "archivedAt": REQUEST_TIME}
PENDING = Query((("state", "EQUAL", "pending"),), limit=50)

# Of these, the first change by an app makes the document; the server makes all others.
MADE_BY_CHANGE = ("device", "preferences")

# Fields that change only together with others, as the row of the table that names them says.
COMPANIONS = {"task": ["dueAt", "dueDay", "completedAt", "completedBy"]}

KINDS = {
    "workspace": Kind(
        "{w1}",
        workspace,
        {"name": "Garden", "settings": {"settings": {"timezone": "UTC", "weekStart": 1}}},
    ),
    "member": Kind("{w1}/members/{id}", lambda uid: member(uid, "viewer"), query=Query(limit=200)),
    "invite": Kind("{w1}/invites/{id}", lambda uid: invite(invitedBy=uid), query=PENDING),
    "task": Kind("{w1}/tasks/{id}", new_task, TASK, query=Query(limit=300)),
    "history": Kind("{task}/history/{id}", _measured, query=Query(limit=20)),
    "event": Kind("{w1}/events/{id}", _measured, query=Query(limit=30)),
    "series": Kind("{w1}/series/{id}", _measured, query=Query(limit=20)),
    "occurrence": Kind("{w1}/series/s1/occurrences/{id}", _measured, query=Query(limit=20)),
    "project": Kind("{w1}/projects/{id}", new_project, PAGE, query=Query(limit=100)),
    "board": Kind(
        "{w1}/boards/{id}", new_board, PAGE | {"projectId": "p1"}, query=Query(limit=100)
    ),
    "list": Kind("{w1}/lists/{id}", new_list, PAGE | {"wipLimit": 5}, query=Query(limit=30)),
    "label": Kind("{w1}/labels/{id}", new_label, PAGE, query=Query(limit=200)),
    "comment": Kind(
        "{task}/comments/{id}",
        new_comment,
        {"body": "They look fine.", "mentionIds": ["owner"], "deletedAt": REQUEST_TIME},
        query=Query(limit=50),
    ),
    "attachment": Kind("{task}/attachments/{id}", _measured, query=Query(limit=50)),
    "statistics": Kind("{w1}/stats/{id}", _measured, query=Query(limit=31)),
    "profile": Kind(
        "{me}",
        user,
        {
            "displayName": "Ada",
            "photoUrl": "https://example.com/ada.png",
            "locale": "de",
            "timezone": "Asia/Tokyo",
            "weekStart": 7,
        },
        stamps=("rev", "updatedAt"),
    ),
    "preferences": Kind(
        "{me}/settings/notifications",
        lambda _uid: settings(),
        {
            "matrix": {"matrix": {"assigned": {"push": True}}},
            "quietHours": {"quietHours": {"7": {"start": "21:00", "end": "06:00"}}},
            "urgentPasses": False,
            "bundleMinutes": 10,
            "digests": {"digests": {"daily": None, "weekly": None}},
            "workspaces": {"workspaces": {"w2": "none"}},
        },
        stamps=("rev", "updatedAt"),
        as_stored={"updatedAt": PAST, "rev": 3},
    ),
    "device": Kind(
        "{me}/devices/{id}",
        lambda _uid: device(),
        {
            "token": "another",
            "platform": "ios",
            "locale": "de",
            "timezone": "UTC",
            "lastSeenAt": REQUEST_TIME,
            "disabledAt": None,
        },
        stamps=("lastSeenAt", "disabledAt"),
        query=Query(limit=20),
        as_stored={"lastSeenAt": PAST, "disabledAt": PAST},
    ),
    "notification": Kind(
        "{me}/notifications/{id}",
        notification,
        {"readAt": REQUEST_TIME, "archivedAt": REQUEST_TIME, "snoozedUntil": soon()},
        stamps=("updatedAt",),
        query=Query(limit=30),
        as_stored={},
    ),
    "decision": Kind("{me}/notifications/n1/decisions/{id}", _measured, query=Query(limit=5)),
    "inbox": Kind("{me}/counters/inbox", _measured),
    "intent": Kind(
        "{me}/intents/{id}",
        lambda _uid: intent(),
        {"command": "tasks.reopen", "args": {"args": {"taskId": "t2"}}},
        stamps=(),
        query=Query(limit=20),
        as_stored={"createdAt": PAST, "expireAt": FUTURE},
    ),
    "focus": Kind("{me}/focus/current", _measured),
    "focusSession": Kind("{me}/focusSessions/{id}", _measured, query=Query(limit=50)),
    "ownStatistics": Kind("{me}/stats/{id}", _measured, query=Query(limit=31)),
}
