"""Workspaces and members as the API's description shows them. A test sends these."""

from typing import Any

NEW_WORKSPACE: dict[str, Any] = {"name": "Launch"}

WORKSPACE: dict[str, Any] = {
    "id": "Rm4cX8uJd1Fy7GoNe5Ki",
    "name": "Launch",
    "type": "team",
    "ownerUid": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "counters": {"openTasks": 4, "doneTasks": 12},
    "createdAt": "2026-11-20T15:00:00.000Z",
    "updatedAt": "2026-11-21T09:30:00.000Z",
    "rev": 1,
}

WANTED_MEMBER: dict[str, Any] = {"role": "member"}

MEMBER: dict[str, Any] = {
    "uid": "h7JdS1kPzXc4VbNm9QwErT3yU6aG",
    "role": "member",
    "displayName": "Bob Larsen",
    "photoUrl": None,
    "expireAt": None,
    "createdAt": "2026-11-20T15:05:00.000Z",
}

MEMBERS = {"items": [MEMBER], "nextPageToken": None}

MEMBERSHIPS = {
    "items": [{"workspaceId": "Rm4cX8uJd1Fy7GoNe5Ki", "role": "owner"}],
    "nextPageToken": None,
}
