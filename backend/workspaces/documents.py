"""Workspaces and members as documents."""

from datetime import datetime

from backend.kit.documents import Change, Fields, Stored, reading
from backend.tasks.documents import changed_names
from backend.workspaces.invite import Invite, InviteState
from backend.workspaces.model import Member, Workspace, WorkspaceSettings, WorkspaceType
from backend.workspaces.permissions import Role


def workspace_path(workspace_id: str) -> str:
    """Return where a workspace lies."""
    return f"workspaces/{workspace_id}"


def member_path(workspace_id: str, uid: str) -> str:
    """Return where somebody's membership lies."""
    return f"workspaces/{workspace_id}/members/{uid}"


def invites_path(workspace_id: str) -> str:
    """Return the collection of a workspace's invitations."""
    return f"workspaces/{workspace_id}/invites"


def invite_path(workspace_id: str, invite_id: str) -> str:
    """Return where an invitation lies."""
    return f"{invites_path(workspace_id)}/{invite_id}"


def workspace_fields(workspace: Workspace) -> Fields:
    """Return the document of a workspace."""
    return {
        "name": workspace.name,
        "type": workspace.type.value,
        "ownerUid": workspace.owner_uid,
        "parentId": workspace.parent_id,
        "settings": {
            "timezone": workspace.settings.timezone,
            "weekStart": workspace.settings.week_start,
            "escalateAfterHours": workspace.settings.escalate_after_hours,
        },
        "purgeAt": workspace.purge_at,
        "counters": {"openTasks": workspace.open_tasks, "doneTasks": workspace.done_tasks},
        "createdAt": workspace.created_at,
        "updatedAt": workspace.updated_at,
        "updatedBy": workspace.updated_by,
        "rev": workspace.rev,
    }


def workspace_of(stored: Stored) -> Workspace:
    """Read a workspace from its document."""
    fields = stored.fields
    return Workspace(
        id=stored.id,
        name=fields["name"],
        type=WorkspaceType(fields["type"]),
        owner_uid=fields["ownerUid"],
        parent_id=fields.get("parentId"),
        settings=_settings(fields.get("settings") or {}),
        purge_at=fields.get("purgeAt"),
        open_tasks=fields["counters"]["openTasks"],
        done_tasks=fields["counters"]["doneTasks"],
        created_at=fields["createdAt"],
        updated_at=fields["updatedAt"],
        updated_by=fields.get("updatedBy", fields["ownerUid"]),
        rev=fields["rev"],
    )


def member_fields(member: Member) -> Fields:
    """Return the document of a membership."""
    return {
        "uid": member.uid,
        "role": member.role.value,
        "displayName": member.display_name,
        "photoUrl": member.photo_url,
        "expireAt": member.expire_at,
        "parentId": member.parent_id,
        "createdAt": member.created_at,
    }


def member_of(stored: Stored) -> Member:
    """
    Read a membership from its document.

    Raises:
        DataLoss: it is none, for example because of a role that does not exist.
    """
    with reading(stored) as fields:
        expire_at = fields["expireAt"]
        if not isinstance(expire_at, datetime | None):
            raise TypeError("expireAt is not a timestamp")
        return Member(
            workspace_id=stored.parent_id,
            uid=stored.id,
            role=Role(fields["role"]),
            display_name=fields["displayName"],
            photo_url=fields["photoUrl"],
            expire_at=expire_at,
            parent_id=fields.get("parentId"),
            created_at=fields["createdAt"],
        )


def invite_fields(invite: Invite) -> Fields:
    """Return the document of an invitation."""
    return {
        "emailLower": invite.email_lower,
        "role": invite.role.value,
        "membershipEndsAt": invite.membership_ends_at,
        "tokenHash": invite.token_hash,
        "generation": invite.generation,
        "state": invite.state.value,
        "invitedBy": invite.invited_by,
        "acceptedBy": invite.accepted_by,
        "createdAt": invite.created_at,
        "updatedAt": invite.updated_at,
        "expireAt": invite.expire_at,
    }


def invite_of(stored: Stored) -> Invite:
    """
    Read an invitation from its document.

    Raises:
        DataLoss: it is none.
    """
    with reading(stored) as fields:
        return Invite(
            id=stored.id,
            workspace_id=stored.parent_id,
            email_lower=fields["emailLower"],
            role=Role(fields["role"]),
            membership_ends_at=fields["membershipEndsAt"],
            token_hash=fields["tokenHash"],
            generation=fields["generation"],
            state=InviteState(fields["state"]),
            invited_by=fields["invitedBy"],
            accepted_by=fields["acceptedBy"],
            created_at=fields["createdAt"],
            updated_at=fields["updatedAt"],
            expire_at=fields["expireAt"],
        )


def changing(stored: Stored, fields: Fields) -> Change:
    """
    Return the write of what differs between a document and what was stored of it.

    Never the counters: there are more than we read, and they are the reactor's.
    """
    names = [name for name in changed_names(stored.fields, fields) if name != "counters"]
    return Change(stored, {name: fields[name] for name in names})


def _settings(fields: Fields) -> WorkspaceSettings:
    return WorkspaceSettings(
        timezone=fields.get("timezone"),
        week_start=fields.get("weekStart"),
        escalate_after_hours=fields.get("escalateAfterHours"),
    )
