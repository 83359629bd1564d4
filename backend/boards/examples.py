"""Projects, boards, lists and labels as the API's description shows them. A test sends these."""

from typing import Any

from backend.tasks.examples import TASK

STAMPS: dict[str, Any] = {
    "createdAt": "2026-11-20T15:00:00.000Z",
    "createdBy": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "updatedAt": "2026-11-21T09:30:00.000Z",
    "updatedBy": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "rev": 1,
}
COUNTED: dict[str, Any] = {
    "archivedAt": None,
    "counters": {"openTasks": 4, "doneTasks": 12},
    **STAMPS,
}
WORKSPACE_ID = "Rm4cX8uJd1Fy7GoNe5Ki"

NEW_PROJECT: dict[str, Any] = {"name": "Spring catalogue", "color": "#2e7d32"}
PROJECT_CHANGES: dict[str, Any] = {"name": "Summer catalogue"}
PROJECT: dict[str, Any] = {
    "id": "Ws5kD9yHc3Rv1QbTn7Fe",
    "workspaceId": WORKSPACE_ID,
    "rank": "V",
    **NEW_PROJECT,
    **COUNTED,
}
CHANGED_PROJECT = {**PROJECT, **PROJECT_CHANGES, "rev": 2}

NEW_BOARD: dict[str, Any] = {"name": "Production", "color": None}
BOARD_CHANGES: dict[str, Any] = {"name": "Print production", "color": "#c62828"}
BOARD: dict[str, Any] = {
    "id": "Gx2nL6tPa8Zq4WmUj0Ob",
    "workspaceId": WORKSPACE_ID,
    "rank": "V",
    "projectId": None,
    **NEW_BOARD,
    **COUNTED,
}
CHANGED_BOARD = {**BOARD, **BOARD_CHANGES, "rev": 2}

NEW_LIST: dict[str, Any] = {"name": "In print", "boardId": BOARD["id"], "wipLimit": 3}
LIST_CHANGES: dict[str, Any] = {"wipLimit": 5}
LIST: dict[str, Any] = {
    "id": "Hy7rB1vMe5Sk9XcDf3Iw",
    "workspaceId": WORKSPACE_ID,
    "rank": "k",
    **NEW_LIST,
    **COUNTED,
}
CHANGED_LIST = {**LIST, **LIST_CHANGES, "rev": 2}

NEW_LABEL: dict[str, Any] = {"name": "Urgent", "color": "#c62828"}
LABEL_CHANGES: dict[str, Any] = {"color": "#ef6c00"}
LABEL: dict[str, Any] = {
    "id": "Hn5dT8wCk2Qy7MrZb4Ox",
    "workspaceId": WORKSPACE_ID,
    "rank": "V",
    **NEW_LABEL,
    **STAMPS,
}
CHANGED_LABEL = {**LABEL, **LABEL_CHANGES, "rev": 2}

PLACE: dict[str, Any] = {"rank": "kV"}
ARCHIVED_AT = "2026-11-21T10:00:00.000Z"


def archived(group: dict[str, Any]) -> dict[str, Any]:
    """Return one as it lies in the archive."""
    return {**group, "archivedAt": ARCHIVED_AT, "updatedAt": ARCHIVED_AT, "rev": 2}


def moved(group: dict[str, Any]) -> dict[str, Any]:
    """Return one at another place."""
    return {**group, **PLACE, "updatedAt": ARCHIVED_AT, "rev": 2}


def page(*items: dict[str, Any]) -> dict[str, Any]:
    """Return a page of these."""
    return {"items": [*items], "nextPageToken": None}


SORTED_OUT: dict[str, Any] = {"tasks": 16, "operationId": None}
CONTENTS: dict[str, Any] = {"board": BOARD, "lists": [LIST], "tasks": [TASK], "isWhole": True}
