"""A workspace, and who belongs to it. What each role may do: permissions.py."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

from backend.accounts.model import Account
from backend.workspaces.permissions import ROLES, Right, Role


class WorkspaceType(StrEnum):
    """Everyone has one personal workspace, whose id is their uid."""

    PERSONAL = "personal"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """What the people of a workspace agree on. `week_start` is ISO: 1 is Monday."""

    timezone: str | None = None
    week_start: int | None = None


@dataclass(frozen=True, slots=True)
class Workspace:
    """
    `workspaces/{id}`. The counters follow from reactions; nobody sets them.

    `parent_id` is the workspace that a private space lies in. `purge_at` is set while the workspace
    waits to be deleted.
    """

    id: str
    name: str
    type: WorkspaceType
    owner_uid: str
    parent_id: str | None
    settings: WorkspaceSettings
    purge_at: datetime | None
    open_tasks: int
    done_tasks: int
    created_at: datetime
    updated_at: datetime
    updated_by: str
    rev: int

    @classmethod
    def founded(
        cls,
        workspace_id: str,
        *,
        name: str,
        kind: WorkspaceType,
        by: str,
        at: datetime,
        parent_id: str | None = None,
    ) -> Self:
        """Return a new, empty workspace."""
        return cls(
            id=workspace_id,
            name=name,
            type=kind,
            owner_uid=by,
            parent_id=parent_id,
            settings=WorkspaceSettings(),
            purge_at=None,
            open_tasks=0,
            done_tasks=0,
            created_at=at,
            updated_at=at,
            updated_by=by,
            rev=1,
        )


@dataclass(frozen=True, slots=True)
class Member:
    """
    `workspaces/{w}/members/{uid}`: the document that authorises, with a snapshot of the name.

    `parent_id` is that of the workspace, so that who leaves a team is found in its spaces.
    """

    workspace_id: str
    uid: str
    role: Role
    display_name: str
    photo_url: str | None
    expire_at: datetime | None
    parent_id: str | None
    created_at: datetime

    @classmethod
    def joined(
        cls,
        account: Account,
        workspace_id: str,
        role: Role,
        *,
        at: datetime,
        expire_at: datetime | None = None,
        parent_id: str | None = None,
    ) -> Self:
        """Return the membership of an account."""
        return cls(
            workspace_id=workspace_id,
            uid=account.uid,
            role=role,
            display_name=account.display_name,
            photo_url=account.photo_url,
            expire_at=expire_at,
            parent_id=parent_id,
            created_at=at,
        )

    def is_current(self, at: datetime) -> bool:
        """Whether the membership holds at this instant."""
        return self.expire_at is None or self.expire_at > at

    def may(self, right: Right) -> bool:
        """Whether the role carries this right."""
        return self.role in ROLES[right]
