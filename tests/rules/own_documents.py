"""Valid documents of a person's own collections, to be stored as they are or spoilt by field."""

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.rules.documents import FUTURE, PAST, device, notification, user
from tests.rules.wire import REQUEST_TIME


def soon(days: int = 1) -> datetime:
    """Return an instant some days ahead, for what the rules let lie only so far ahead."""
    return datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)


def profile_edit(**changes: Any) -> dict[str, Any]:
    """Return what an app sends to change the profile of `documents.user`."""
    return {"rev": 4, "updatedAt": REQUEST_TIME, **changes}


def settings(**changes: Any) -> dict[str, Any]:
    """Return notification settings as an app first writes them."""
    return {
        "matrix": {"assigned": {"inbox": True, "push": False}, "overdue": {"push": True}},
        "quietHours": {"1": {"start": "22:00", "end": "07:00"}},
        "urgentPasses": True,
        "bundleMinutes": 5,
        "digests": {"daily": "08:00", "weekly": {"day": 1, "time": "08:00"}},
        "workspaces": {"w1": "mentions"},
        "rev": 1,
        "updatedAt": REQUEST_TIME,
        **changes,
    }


def intent(**changes: Any) -> dict[str, Any]:
    """Return a command as an app queues it."""
    return {
        "command": "tasks.complete",
        "args": {"workspaceId": "w1", "taskId": "t1"},
        "state": "pending",
        "problem": None,
        "createdAt": REQUEST_TIME,
        "finishedAt": None,
        "expireAt": soon(30),
        **changes,
    }


def belongings(
    user_path: str, uid: str, expire_at: datetime | None = None
) -> dict[str, dict[str, Any]]:
    """Return one document of every collection that is somebody's own. A guest's account expires."""
    focus = {"taskId": None, "phase": "work", "startedAt": PAST, "plannedMs": 1_500_000}
    day = {"created": 1, "completed": 2, "focusMs": 1_500_000, "day": "2026-03-29"}
    return {
        user_path: user(uid, expireAt=expire_at, isGuest=expire_at is not None),
        f"{user_path}/settings/notifications": settings(rev=3, updatedAt=PAST),
        f"{user_path}/devices/d1": device(),
        f"{user_path}/devices/old": device(),
        f"{user_path}/notifications/n1": notification(uid),
        f"{user_path}/notifications/n1/decisions/push": {"decision": "sent", "at": PAST},
        f"{user_path}/counters/inbox": {"unread": 1, "unreadByCategory": {"assigned": 1}},
        f"{user_path}/intents/i1": intent(createdAt=PAST, expireAt=FUTURE),
        f"{user_path}/focus/current": focus,
        f"{user_path}/focusSessions/s1": {**focus, "outcome": "completed", "endedAt": PAST},
        f"{user_path}/stats/2026-03-29": day,
    }
