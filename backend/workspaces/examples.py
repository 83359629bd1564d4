"""Workspaces and members as the API's description shows them. A test sends these."""

from typing import Any

NEW_WORKSPACE: dict[str, Any] = {"name": "Launch"}

WORKSPACE: dict[str, Any] = {
    "id": "Rm4cX8uJd1Fy7GoNe5Ki",
    "name": "Launch",
    "type": "team",
    "ownerUid": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "parentId": None,
    "settings": {"timezone": "Europe/Berlin", "weekStart": 1, "escalateAfterHours": 24},
    "purgeAt": None,
    "counters": {"openTasks": 4, "doneTasks": 12},
    "createdAt": "2026-11-20T15:00:00.000Z",
    "updatedAt": "2026-11-21T09:30:00.000Z",
    "rev": 1,
}

WORKSPACE_CHANGES: dict[str, Any] = {
    "settings": {"timezone": "Europe/Berlin", "weekStart": 1, "escalateAfterHours": 24}
}

DELETED_WORKSPACE = {**WORKSPACE, "purgeAt": "2026-11-28T09:30:00.000Z", "rev": 2}

WANTED_MEMBER: dict[str, Any] = {"role": "member"}

MEMBER_CHANGES: dict[str, Any] = {"role": "viewer", "expireAt": "2099-12-31T23:00:00Z"}

HEIR: dict[str, Any] = {"uid": "h7JdS1kPzXc4VbNm9QwErT3yU6aG"}

TRANSFERRED_WORKSPACE = {**WORKSPACE, "ownerUid": "h7JdS1kPzXc4VbNm9QwErT3yU6aG", "rev": 2}

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

NEW_INVITE: dict[str, Any] = {"email": "carla@example.com", "role": "member"}

INVITE: dict[str, Any] = {
    "id": "5d1a2f0c9b8e7d6a4c3b2a1908f7e6d5c4b3a291",
    "email": "carla@example.com",
    "role": "member",
    "membershipEndsAt": None,
    "invitedBy": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "createdAt": "2026-11-21T09:30:00.000Z",
    "expireAt": "2026-11-28T09:30:00.000Z",
}

INVITES = {"items": [INVITE], "nextPageToken": None}

ACCEPTANCE: dict[str, Any] = {
    "token": (
        "Rm4cX8uJd1Fy7GoNe5Ki.5d1a2f0c9b8e7d6a4c3b2a1908f7e6d5c4b3a291.1."
        "PGk9bT4zq0n1xYl7Wc2uR8vE5sJ3hD6fA0mKqZtLwXo"
    )
}

ACCEPTED: dict[str, Any] = {
    "workspaceId": "Rm4cX8uJd1Fy7GoNe5Ki",
    "role": "member",
    "expireAt": None,
}
