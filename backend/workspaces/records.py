"""What the audit log keeps of who may do what in a workspace."""

from datetime import datetime

from backend.audit.documents import recording
from backend.audit.model import Action, Entry
from backend.kit.documents import Create
from backend.workspaces.model import Member


def role_set(member: Member, *, before: str, by: str, at: datetime) -> Create:
    """Return the record of another role; `before` is the old one, or "none"."""
    details = {"from": before, "to": member.role.value}
    return recording(
        Entry(Action.MEMBER_ROLE_SET, by, at, member.uid, member.workspace_id, details)
    )


def removed(member: Member, *, by: str, at: datetime) -> Create:
    """Return the record of a removal."""
    details = {"role": member.role.value}
    return recording(Entry(Action.MEMBER_REMOVED, by, at, member.uid, member.workspace_id, details))


def transferred(workspace_id: str, *, to: str, by: str, at: datetime) -> Create:
    """Return the record of a transfer of ownership."""
    return recording(Entry(Action.OWNERSHIP_TRANSFERRED, by, at, to, workspace_id))
