"""Valid documents of every collection, to be stored as they are or spoilt field by field."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.rules.wire import REQUEST_TIME

PAST = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""An instant that has passed, whenever the tests run."""
FUTURE = datetime(2999, 1, 1, tzinfo=UTC)

# What a task must hold so that it is never due.
NEVER: dict[str, Any] = {"due": None, "dueAt": None, "dueDay": None}


def due(kind: str = "zoned", **changes: Any) -> dict[str, Any]:
    """Return the three fields of a task that is due, with `changes` inside the map."""
    time = None if kind == "allDay" else "09:30"
    value = {"kind": kind, "date": "2026-03-29", "time": time, "tz": "Europe/Berlin", **changes}
    return {"due": value, "dueAt": PAST, "dueDay": value["date"]}


def new_task(uid: str, **changes: Any) -> dict[str, Any]:
    """Return a task as the app of `uid` creates it."""
    return {
        "title": "Water the plants",
        "description": "",
        "status": "open",
        "priority": 2,
        "assigneeIds": [],
        "watcherIds": [uid],
        "labelIds": [],
        "projectId": None,
        "boardId": None,
        "listId": None,
        "rank": None,
        "parentId": None,
        "ancestorIds": [],
        "depth": 0,
        "startAt": None,
        **NEVER,
        "reminders": [],
        "checklist": [],
        "estimateMin": None,
        "blockedBy": [],
        "isBlocked": False,
        "counters": {},
        "completedAt": None,
        "completedBy": None,
        "archivedAt": None,
        "deletedAt": None,
        "seriesId": None,
        "occurrenceKey": None,
        "isOverdue": False,
        "expireAt": None,
        "createdAt": REQUEST_TIME,
        "createdBy": uid,
        "rev": 1,
        "updatedAt": REQUEST_TIME,
        "updatedBy": uid,
        **changes,
    }


def stored_task(uid: str, **changes: Any) -> dict[str, Any]:
    """Return a task as it lies in the database, at rev 3."""
    stamps = {"createdAt": PAST, "updatedAt": PAST + timedelta(days=1), "rev": 3}
    return new_task(uid, **stamps | changes)


def edit(uid: str, **changes: Any) -> dict[str, Any]:
    """Return the fields that the app of `uid` sends to change a stored task."""
    return {"rev": 4, "updatedAt": REQUEST_TIME, "updatedBy": uid, **changes}


def member(uid: str, role: str, **changes: Any) -> dict[str, Any]:
    """Return a member document."""
    return {
        "uid": uid,
        "role": role,
        "displayName": uid,
        "photoUrl": None,
        "expireAt": None,
        "parentId": None,
        "createdAt": PAST,
        **changes,
    }


def workspace(owner_uid: str, kind: str = "team") -> dict[str, Any]:
    """Return a workspace document."""
    return {
        "name": "Greenhouse",
        "type": kind,
        "ownerUid": owner_uid,
        "parentId": None,
        "settings": {"timezone": None, "weekStart": None},
        "purgeAt": None,
        "counters": {"openTasks": 1, "doneTasks": 0},
        "createdAt": PAST,
        "updatedAt": PAST,
        "updatedBy": owner_uid,
        "rev": 3,
    }


def invite(**changes: Any) -> dict[str, Any]:
    """Return an invitation that waits for an answer."""
    return {
        "emailLower": "ada@example.com",
        "role": "member",
        "tokenHash": "0" * 64,
        "state": "pending",
        "invitedBy": "owner",
        "expireAt": FUTURE,
        "createdAt": PAST,
        **changes,
    }


def user(uid: str, **changes: Any) -> dict[str, Any]:
    """Return a user document."""
    return {
        "displayName": uid,
        "photoUrl": None,
        "locale": "en",
        "timezone": "UTC",
        "weekStart": 1,
        "state": "active",
        "isGuest": False,
        "expireAt": None,
        "eraseAt": None,
        "createdAt": PAST,
        "updatedAt": PAST,
        "rev": 3,
        **changes,
    }


def device(**changes: Any) -> dict[str, Any]:
    """Return a device as the app on it registers."""
    return {
        "token": "fcm-token-1",
        "platform": "android",
        "locale": "en-GB",
        "timezone": "Europe/Berlin",
        "lastSeenAt": REQUEST_TIME,
        "disabledAt": None,
        **changes,
    }


def notification(uid: str) -> dict[str, Any]:
    """Return a notification in someone's inbox."""
    return {
        "category": "assigned",
        "template": "assigned@1",
        "title": "A task for you",
        "body": "Water the plants",
        "link": "/workspaces/w1/tasks/t1",
        "groupKey": "t1",
        "count": 1,
        "actorUid": uid,
        "workspaceId": "w1",
        "taskId": "t1",
        "readAt": None,
        "archivedAt": None,
        "snoozedUntil": None,
        "isCounted": True,
        "createdAt": PAST,
        "expireAt": FUTURE,
    }


def without(data: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return `data` lacking some fields."""
    return {name: value for name, value in data.items() if name not in names}
