"""Tasks as the API's description shows them. A test sends these to the service."""

from typing import Any

ZONED = {"kind": "zoned", "date": "2026-11-27", "time": "17:00", "tz": "Europe/Berlin"}

NEW_TASK: dict[str, Any] = {
    "title": "Send the quarterly report",
    "description": "Figures are in the shared folder.",
    "priority": "high",
    "startAt": "2026-11-25T08:00:00.000Z",
    "due": ZONED,
    "reminders": [
        {"kind": "relative", "minutesBefore": 30, "at": None, "anchor": "due", "uid": None}
    ],
    "checklist": [{"id": "figures", "text": "Check the figures", "isDone": False}],
    "estimateMin": 90,
}

TASK_CHANGES: dict[str, Any] = {"priority": "urgent", "due": {"time": "12:00"}}

TASK: dict[str, Any] = {
    "id": "Zk3vQ0aXy7Lr5TnWb2Pd",
    "workspaceId": "Rm4cX8uJd1Fy7GoNe5Ki",
    **NEW_TASK,
    "status": "open",
    "assigneeIds": ["q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA"],
    "watcherIds": [],
    "labelIds": [],
    "parentId": None,
    "ancestorIds": [],
    "depth": 0,
    "blockedBy": [],
    "isBlocked": False,
    "projectId": None,
    "boardId": None,
    "listId": None,
    "rank": None,
    "dueAt": "2026-11-27T16:00:00.000Z",
    "dueDay": "2026-11-27",
    "counters": {},
    "seriesId": None,
    "occurrenceKey": None,
    "isOverdue": False,
    "completedAt": None,
    "completedBy": None,
    "archivedAt": None,
    "deletedAt": None,
    "movedTo": None,
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

ARCHIVED_TASK = {
    **TASK,
    "archivedAt": "2026-11-28T07:00:00.000Z",
    "updatedAt": "2026-11-28T07:00:00.000Z",
    "rev": 2,
}

UNARCHIVED_TASK = {**TASK, "updatedAt": "2026-11-28T07:05:00.000Z", "rev": 3}

RESTORED_TASK = {**TASK, "updatedAt": "2026-11-29T10:00:00.000Z", "rev": 3}

_SECOND = {**TASK, "updatedAt": "2026-11-21T09:40:00.000Z", "rev": 2}

ASSIGNED_TASK = {**_SECOND, "assigneeIds": [*TASK["assigneeIds"], "w7LmZ2pHc4RtXo9SdKf1Ny6QbUe3"]}

UNASSIGNED_TASK = {**_SECOND, "assigneeIds": []}

WATCHED_TASK = {**_SECOND, "watcherIds": ["w7LmZ2pHc4RtXo9SdKf1Ny6QbUe3"]}

LABELLED_TASK = {**_SECOND, "labelIds": ["Hn5dT8wCk2Qy7MrZb4Ox"]}

BLOCKED_TASK = {**_SECOND, "blockedBy": ["Cx7nD3vGm1Lt9WqRf5Jy"], "isBlocked": True}

SUBTASK = {
    **TASK,
    "id": "Yd4kF8sNb6Vh2PzMc9Ga",
    "title": "Collect the figures",
    "parentId": TASK["id"],
    "ancestorIds": [TASK["id"]],
    "depth": 1,
}

SUBTREE = {"items": [SUBTASK], "nextPageToken": None}

TASK_PAGE = {"items": [TASK], "nextPageToken": None}

MOVE: dict[str, Any] = {"rank": "kV"}

MOVED_TASK = {**TASK, "rank": "kV", "updatedAt": "2026-11-21T10:00:00.000Z", "rev": 2}

SNOOZE = {"minutes": 60}

SNOOZED_TASK = {
    **TASK,
    "reminders": [
        *NEW_TASK["reminders"],
        {
            "kind": "absolute",
            "minutesBefore": None,
            "at": "2026-11-27T16:30:00.000Z",
            "anchor": None,
            "uid": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
        },
    ],
    "updatedAt": "2026-11-27T15:30:00.000Z",
    "rev": 2,
}
