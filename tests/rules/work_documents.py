"""Projects, boards, lists, labels and comments as the app of `uid` makes them, all valid."""

from typing import Any

from tests.rules.documents import PAST
from tests.rules.wire import REQUEST_TIME

# As they lie in the database, at rev 3.
STORED: dict[str, Any] = {"createdAt": PAST, "updatedAt": PAST, "rev": 3}


def new_project(uid: str, **changes: Any) -> dict[str, Any]:
    """Return a project."""
    return {**_page(uid), "color": "#2e7d32", **changes}


def new_board(uid: str, **changes: Any) -> dict[str, Any]:
    """Return a board that belongs to no project."""
    return {**_page(uid), "color": None, "projectId": None, **changes}


def new_list(uid: str, **changes: Any) -> dict[str, Any]:
    """Return a list of the board b1."""
    return {**_page(uid), "boardId": "b1", "wipLimit": None, **changes}


def new_label(uid: str, **changes: Any) -> dict[str, Any]:
    """Return a label."""
    page = _page(uid)
    del page["archivedAt"], page["counters"]
    return {**page, "color": "#C62828", **changes}


def new_comment(uid: str, **changes: Any) -> dict[str, Any]:
    """Return a comment."""
    return {
        "body": "They look <b>thirsty</b>.",
        "bodyHtml": None,
        "mentionIds": [],
        "reactions": [],
        "authorUid": uid,
        "deletedAt": None,
        "createdAt": REQUEST_TIME,
        "rev": 1,
        "updatedAt": REQUEST_TIME,
        "updatedBy": uid,
        **changes,
    }


NEW = {
    "projects": new_project,
    "boards": new_board,
    "lists": new_list,
    "labels": new_label,
}
"""What members and up create, by collection."""


def work(workspace_path: str, creator: str) -> dict[str, dict[str, Any]]:
    """Return what lies in a workspace beside its tasks: path -> document."""
    w = workspace_path
    attachment = {"name": "plan.pdf", "state": "ready", "uploadedBy": creator, "createdAt": PAST}
    return {
        f"{w}/projects/p1": new_project(creator, **STORED),
        f"{w}/boards/b1": new_board(creator, projectId="p1", **STORED),
        f"{w}/boards/b2": new_board(creator, **STORED),
        f"{w}/boards/archived": new_board(creator, **STORED | {"archivedAt": PAST}),
        f"{w}/lists/l1": new_list(creator, **STORED),
        f"{w}/lists/l2": new_list(creator, **STORED),
        f"{w}/lists/of-b2": new_list(creator, boardId="b2", **STORED),
        f"{w}/labels/red": new_label(creator, **STORED),
        f"{w}/tasks/t1/comments/c1": new_comment(creator, **STORED),
        f"{w}/tasks/t1/attachments/a1": attachment,
        f"{w}/stats/2026-03-29": {"open": 1, "created": 1, "completed": 0},
    }


def _page(uid: str) -> dict[str, Any]:
    return {
        "name": "Greenhouse",
        "rank": "V",
        "archivedAt": None,
        "counters": {},
        "createdAt": REQUEST_TIME,
        "createdBy": uid,
        "rev": 1,
        "updatedAt": REQUEST_TIME,
        "updatedBy": uid,
    }
