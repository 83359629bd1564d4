"""Tasks as the API's description shows them. A test sends these to the service."""

from typing import Any

ZONED = {"kind": "zoned", "date": "2026-11-27", "time": "17:00", "tz": "Europe/Berlin"}

NEW_TASK: dict[str, Any] = {
    "title": "Send the quarterly report",
    "description": "Figures are in the shared folder.",
    "priority": "high",
    "due": ZONED,
}

TASK_CHANGES: dict[str, Any] = {"priority": "urgent", "due": {"time": "12:00"}}

TASK: dict[str, Any] = {
    "id": "Zk3vQ0aXy7Lr5TnWb2Pd",
    "workspaceId": "Rm4cX8uJd1Fy7GoNe5Ki",
    **NEW_TASK,
    "status": "open",
    "assigneeIds": ["q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA"],
    "watcherIds": [],
    "dueAt": "2026-11-27T16:00:00.000Z",
    "dueDay": "2026-11-27",
    "seriesId": None,
    "occurrenceKey": None,
    "isOverdue": False,
    "completedAt": None,
    "completedBy": None,
    "archivedAt": None,
    "deletedAt": None,
    "createdAt": "2026-11-21T09:30:00.000Z",
    "createdBy": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "updatedAt": "2026-11-21T09:30:00.000Z",
    "updatedBy": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "rev": 1,
}

CHANGED_TASK = {
    **TASK,
    "priority": "urgent",
    "due": {**ZONED, "time": "12:00"},
    "dueAt": "2026-11-27T11:00:00.000Z",
    "updatedAt": "2026-11-21T10:00:00.000Z",
    "rev": 2,
}

DONE_TASK = {
    **TASK,
    "status": "done",
    "completedAt": "2026-11-26T08:12:00.000Z",
    "completedBy": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "updatedAt": "2026-11-26T08:12:00.000Z",
    "rev": 2,
}

REOPENED_TASK = {**TASK, "updatedAt": "2026-11-26T08:15:00.000Z", "rev": 3}

TASK_PAGE = {"items": [TASK], "nextPageToken": None}
