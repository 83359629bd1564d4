"""What each role may do in a workspace, as the permission table says: permissions.toml."""

import tomllib
from enum import StrEnum
from pathlib import Path
from typing import Any

TABLE: dict[str, dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("permissions.toml").read_text(encoding="utf-8")
)

AUTHOR = "author"


class Role(StrEnum):
    """What a person is in a workspace, the most powerful first."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    COMMENTER = "commenter"
    VIEWER = "viewer"

    @property
    def letter(self) -> str:
        """How the table writes it."""
        return self.name[0]


class Right(StrEnum):
    """A row of the table that the API asks about: `resource.action`."""

    READ_WORKSPACE = "workspace.read"
    CHANGE_WORKSPACE = "workspace.change"
    DELETE_WORKSPACE = "workspace.delete"
    TRANSFER_WORKSPACE = "workspace.transfer"
    LEAVE_WORKSPACE = "workspace.leave"
    CREATE_SPACE = "space.create"
    READ_MEMBERS = "member.read"
    ADD_MEMBER = "member.add"
    CHANGE_MEMBER = "member.change"
    REMOVE_MEMBER = "member.remove"
    READ_INVITES = "invite.read"
    CREATE_INVITE = "invite.create"
    RESEND_INVITE = "invite.resend"
    REVOKE_INVITE = "invite.revoke"
    READ_TASKS = "task.read"
    READ_HISTORY = "history.read"
    READ_EVENTS = "event.read"
    READ_STATISTICS = "statistics.read"
    CREATE_TASK = "task.create"
    CHANGE_TASK = "task.change"
    TRASH_TASK = "task.trash"
    SEARCH = "search.read"
    READ_COMMENTS = "comment.read"
    CREATE_COMMENT = "comment.create"
    CHANGE_COMMENT = "comment.change"
    MODERATE_COMMENTS = "comment.moderate"
    REACT_TO_COMMENT = "comment.react"
    READ_ATTACHMENTS = "attachment.read"
    CREATE_ATTACHMENT = "attachment.create"
    DELETE_ATTACHMENT = "attachment.delete"
    READ_PROJECT = "project.read"
    CREATE_PROJECT = "project.create"
    CHANGE_PROJECT = "project.change"
    DELETE_PROJECT = "project.delete"
    READ_BOARD = "board.read"
    CREATE_BOARD = "board.create"
    CHANGE_BOARD = "board.change"
    DELETE_BOARD = "board.delete"
    READ_LIST = "list.read"
    CREATE_LIST = "list.create"
    CHANGE_LIST = "list.change"
    DELETE_LIST = "list.delete"
    READ_LABEL = "label.read"
    CREATE_LABEL = "label.create"
    CHANGE_LABEL = "label.change"
    DELETE_LABEL = "label.delete"
    READ_SERIES = "series.read"
    CREATE_SERIES = "series.create"
    CHANGE_SERIES = "series.change"
    END_SERIES = "series.end"
    READ_OCCURRENCES = "occurrence.read"
    CHANGE_OCCURRENCE = "occurrence.change"
    READ_JOBS = "job.read"
    CREATE_JOB = "job.create"
    CHANGE_JOB = "job.change"
    DELETE_JOB = "job.delete"
    RUN_JOB = "job.run"


def _roles_of(right: Right) -> frozenset[Role]:
    resource, action = right.value.split(".")
    row = TABLE[resource][action]
    if "api" not in row:
        raise ValueError(f"the permission table has no way through the API for {right.value}")
    if row["roles"] == AUTHOR:  # Who wrote it is for the service to look at.
        row = TABLE[resource]["create"]
    return frozenset(role for role in Role if role.letter in row["roles"])


ROLES: dict[Right, frozenset[Role]] = {right: _roles_of(right) for right in Right}

# Whoever may change who may do what is looked up anew: a demoted admin must not act once more.
ALWAYS_FRESH = frozenset(
    {
        Right.DELETE_WORKSPACE,
        Right.TRANSFER_WORKSPACE,
        Right.ADD_MEMBER,
        Right.CHANGE_MEMBER,
        Right.REMOVE_MEMBER,
        Right.CREATE_INVITE,
        Right.RESEND_INVITE,
        Right.REVOKE_INVITE,
        Right.CREATE_SPACE,
    }
)
