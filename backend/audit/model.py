"""An entry of the audit log."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from backend.kit.ids import random_id


class Action(StrEnum):
    """What is recorded."""

    STAFF_ROLE_SET = "staff.roleSet"
    ACCOUNT_DISABLED = "account.disabled"
    ACCOUNT_ENABLED = "account.enabled"
    MEMBER_ROLE_SET = "member.roleSet"
    MEMBER_REMOVED = "member.removed"
    OWNERSHIP_TRANSFERRED = "workspace.ownershipTransferred"
    EXPORT_ASKED_FOR = "account.exportAskedFor"
    ERASURE_ASKED_FOR = "account.erasureAskedFor"
    JOB_KEPT = "job.kept"
    SUPPRESSION_ADDED = "suppression.added"
    SUPPRESSION_LIFTED = "suppression.lifted"
    TEMPLATE_KEPT = "template.kept"
    BROADCAST_KEPT = "broadcast.kept"
    DELIVERIES_REDRIVEN = "deliveries.redriven"


@dataclass(frozen=True, slots=True)
class Entry:
    """
    `audit/{id}`: `actor_uid` did `action` to the person `subject_uid`, perhaps in a workspace.

    `details` are short texts: roles, reasons. Never names, addresses or tokens.
    """

    action: Action
    actor_uid: str
    at: datetime
    subject_uid: str | None = None
    workspace_id: str | None = None
    details: Mapping[str, str] = field(default_factory=dict)
    id: str = field(default_factory=random_id)
