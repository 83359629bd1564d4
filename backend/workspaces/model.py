"""A workspace, who belongs to it, and what each role may do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from backend.accounts.model import Account


class Right(StrEnum):
    """Something a member may or may not do."""

    SEE = "see"
    EDIT_TASKS = "editTasks"
    MANAGE_MEMBERS = "manageMembers"


class Role(StrEnum):
    """What a person is in a workspace."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    COMMENTER = "commenter"
    VIEWER = "viewer"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: frozenset(Right),
    Role.ADMIN: frozenset(Right),
    Role.MEMBER: frozenset({Right.SEE, Right.EDIT_TASKS}),
    Role.COMMENTER: frozenset({Right.SEE}),
    Role.VIEWER: frozenset({Right.SEE}),
}


class WorkspaceType(StrEnum):
    """Everyone has one personal workspace, whose id is their uid."""

    PERSONAL = "personal"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class Workspace:
    """`workspaces/{id}`. The counters follow from reactions; nobody sets them."""

    id: str
    name: str
    type: WorkspaceType
    owner_uid: str
    open_tasks: int
    done_tasks: int
    created_at: datetime
    updated_at: datetime
    rev: int

    @classmethod
    def founded(
        cls, workspace_id: str, *, name: str, kind: WorkspaceType, by: str, at: datetime
    ) -> Self:
        """Return a new, empty workspace."""
        return cls(
            id=workspace_id,
            name=name,
            type=kind,
            owner_uid=by,
            open_tasks=0,
            done_tasks=0,
            created_at=at,
            updated_at=at,
            rev=1,
        )


@dataclass(frozen=True, slots=True)
class Member:
    """`workspaces/{w}/members/{uid}`: the document that authorises, with a snapshot of the name."""

    workspace_id: str
    uid: str
    role: Role
    display_name: str
    photo_url: str | None
    expire_at: datetime | None
    created_at: datetime

    @classmethod
    def joined(cls, account: Account, workspace_id: str, role: Role, *, at: datetime) -> Self:
        """Return the membership of an account."""
        return cls(
            workspace_id=workspace_id,
            uid=account.uid,
            role=role,
            display_name=account.display_name,
            photo_url=account.photo_url,
            expire_at=None,
            created_at=at,
        )

    def is_current(self, at: datetime) -> bool:
        """Whether the membership holds at this instant."""
        return self.expire_at is None or self.expire_at > at

    def may(self, right: Right) -> bool:
        """Whether the role carries this right."""
        return right in RIGHTS[self.role]
