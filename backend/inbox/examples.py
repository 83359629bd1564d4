"""Notifications as the API's description shows them. A test sends these to the service."""

from typing import Any

MARKS: dict[str, Any] = {"readAt": True}

NOTIFICATION: dict[str, Any] = {
    "id": "8c1f0a5d3e7b9246c8d0e1f2a3b4c5d6e7f80912",
    "category": "assigned",
    "template": "assigned@0",
    "title": "Bob assigned you a task",
    "body": "Proofread the catalogue",
    "link": "/workspaces/Rm4cX8uJd1Fy7GoNe5Ki/tasks/Zk3vQ0aXy7Lr5TnWb2Pd",
    "groupKey": "task:Zk3vQ0aXy7Lr5TnWb2Pd",
    "count": 1,
    "actorUid": "Yw5pC2nEa8Tk1VsHd6XqM4zRb9Lu",
    "workspaceId": "Rm4cX8uJd1Fy7GoNe5Ki",
    "taskId": "Zk3vQ0aXy7Lr5TnWb2Pd",
    "readAt": None,
    "archivedAt": None,
    "snoozedUntil": None,
    "isUnread": True,
    "createdAt": "2026-11-21T09:30:00.000Z",
    "updatedAt": "2026-11-21T09:30:00.000Z",
}

READ_NOTIFICATION: dict[str, Any] = {
    **NOTIFICATION,
    "readAt": "2026-11-21T09:41:00.000Z",
    "isUnread": False,
    "updatedAt": "2026-11-21T09:41:00.000Z",
}

NOTIFICATION_PAGE: dict[str, Any] = {"items": [NOTIFICATION], "nextPageToken": None}

DECISIONS: dict[str, Any] = {
    "items": [
        {
            "channel": "push",
            "decision": "muted",
            "reason": "category",
            "setting": "/matrix/assigned/push",
            "until": None,
            "attempts": 0,
            "at": "2026-11-21T09:30:00.000Z",
            "devices": {},
        }
    ],
    "nextPageToken": None,
}

CLEARED: dict[str, Any] = {"notifications": 12, "operationId": None}
