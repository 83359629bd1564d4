"""Entries of the audit log as documents."""

from backend.audit.model import Action, Entry
from backend.kit.documents import Create, Stored, reading

AUDIT = "audit"


def recording(entry: Entry) -> Create:
    """Return the write of an entry. It belongs into the commit of what it records."""
    return Create(
        f"{AUDIT}/{entry.id}",
        {
            "action": entry.action.value,
            "actorUid": entry.actor_uid,
            "subjectUid": entry.subject_uid,
            "workspaceId": entry.workspace_id,
            "details": dict(entry.details),
            "at": entry.at,
        },
    )


def entry_of(stored: Stored) -> Entry:
    """Read an entry from its document."""
    with reading(stored) as fields:
        return Entry(
            id=stored.id,
            action=Action(fields["action"]),
            actor_uid=fields["actorUid"],
            subject_uid=fields["subjectUid"],
            workspace_id=fields["workspaceId"],
            details=fields["details"],
            at=fields["at"],
        )
