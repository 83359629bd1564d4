"""Accounts as staff see them, and the audit log, in JSON."""

from marshmallow import fields

from backend.admin.model import StaffRole
from backend.audit.model import Action
from backend.web.pages import PageArguments, PageSchema
from backend.web.schemas import CamelSchema, Id, Instant, Text


class PersonSchema(CamelSchema):
    """The state of an account. Staff see no addresses, and nothing that people wrote."""

    uid = fields.String(attribute="account.uid")
    state = fields.String(
        attribute="account.state", metadata={"description": "`active` or `disabled`."}
    )
    is_guest = fields.Boolean(attribute="account.is_guest")
    role = fields.Enum(
        StaffRole,
        by_value=True,
        allow_none=True,
        metadata={"description": "The role on the platform, whatever it is in workspaces."},
    )
    expire_at = Instant(attribute="account.expire_at", allow_none=True)
    erase_at = Instant(attribute="account.erase_at", allow_none=True)
    created_at = Instant(attribute="account.created_at")


class WantedRoleSchema(CamelSchema):
    """What somebody is to be on the platform."""

    role = fields.Enum(
        StaffRole,
        by_value=True,
        required=True,
        allow_none=True,
        metadata={"description": "null takes the role away."},
    )


class DisablementSchema(CamelSchema):
    """Why an account is disabled. Only the audit log shows it."""

    reason = Text(500, shortest=1, required=True)


class AuditQuerySchema(PageArguments):
    """Which entries of the audit log, newest first."""

    actor = Id(metadata={"description": "Who acted."})
    subject = Id(metadata={"description": "To whom."})
    action = fields.Enum(Action, by_value=True)


class EntrySchema(CamelSchema):
    """An entry of the audit log."""

    id = fields.String()
    action = fields.Enum(Action, by_value=True)
    actor_uid = fields.String(
        metadata={"description": "Who acted; `operator` is somebody at a command line."}
    )
    subject_uid = fields.String(allow_none=True)
    workspace_id = fields.String(allow_none=True)
    details = fields.Dict(keys=fields.String(), values=fields.String())
    at = Instant()


class AuditPageSchema(PageSchema):
    """A page of the audit log."""

    items = fields.List(fields.Nested(EntrySchema))
