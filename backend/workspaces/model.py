"""A workspace, and who belongs to it. What each role may do: permissions.py."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from backend.accounts.model import Account
from backend.kit.errors import FailedPrecondition, Stale
from backend.workspaces.permissions import ROLES, Right, Role

MOST_HOURS = 720  # Thirty days late is late enough for anybody.
GRACE = timedelta(days=7)  # For so long a deleted workspace can be taken back.


class WorkspaceType(StrEnum):
    """Everyone has one personal workspace, whose id is their uid."""

    PERSONAL = "personal"
    TEAM = "team"


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """
    What the people of a workspace agree on. `week_start` is ISO: 1 is Monday.

    `escalate_after_hours` is how long a task may be overdue before others hear of it; None: they
    never do.
    """

    timezone: str | None = None
    week_start: int | None = None
    escalate_after_hours: int | None = None


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

    @property
    def is_personal(self) -> bool:
        """Whether it is somebody's own, and stays theirs alone."""
        return self.type is WorkspaceType.PERSONAL

    @property
    def is_space(self) -> bool:
        """Whether it lies in another, for some of the people there."""
        return self.parent_id is not None

    def edited(
        self, changes: Mapping[str, Any], *, by: str, at: datetime, expected_rev: int | None = None
    ) -> "Workspace":
        """
        Return it with another `name`, or with some of its `settings` changed.

        Raises:
            Stale: it is no longer at `expected_rev`.
        """
        self._expect(expected_rev)
        settings = replace(self.settings, **changes.get("settings", {}))
        changed = replace(self, name=changes.get("name", self.name), settings=settings)
        return self._touched(changed, by=by, at=at)

    def deleted(self, *, by: str, at: datetime, expected_rev: int | None = None) -> "Workspace":
        """
        Return it waiting to be purged. Deleting it again does not put that off.

        Raises:
            Stale: it is no longer at `expected_rev`.
            FailedPrecondition: it is somebody's personal one.
        """
        self._expect(expected_rev)
        if self.is_personal:
            raise FailedPrecondition("A personal workspace goes with its owner's account.")
        return self._touched(replace(self, purge_at=self.purge_at or at + GRACE), by=by, at=at)

    def restored(self, *, by: str, at: datetime) -> "Workspace":
        """
        Return it as if it had not been deleted.

        Raises:
            FailedPrecondition: its time is over, and it is being emptied.
        """
        if self.purge_at is not None and self.purge_at <= at:
            raise FailedPrecondition("This workspace is being deleted for good.")
        return self._touched(replace(self, purge_at=None), by=by, at=at)

    def owned_by(self, uid: str, *, by: str, at: datetime) -> "Workspace":
        """Return it in the hands of another owner."""
        return self._touched(replace(self, owner_uid=uid), by=by, at=at)

    def _touched(self, changed: "Workspace", *, by: str, at: datetime) -> "Workspace":
        if changed == self:
            return self
        return replace(changed, updated_at=at, updated_by=by, rev=self.rev + 1)

    def _expect(self, rev: int | None) -> None:
        if rev is not None and rev != self.rev:
            raise Stale(f"The workspace is at revision {self.rev}, not {rev}.", current=self)


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

    def kept(self, account: Account) -> Self:
        """Return the membership of somebody who stays, no longer a guest, under their name."""
        return replace(
            self,
            display_name=account.display_name,
            photo_url=account.photo_url,
            expire_at=account.expire_at,
        )

    @property
    def is_owner(self) -> bool:
        """Whether the workspace is theirs."""
        return self.role is Role.OWNER

    def is_current(self, at: datetime) -> bool:
        """Whether the membership holds at this instant."""
        return self.expire_at is None or self.expire_at > at

    def may(self, right: Right) -> bool:
        """Whether the role carries this right."""
        return self.role in ROLES[right]
