"""Workspaces and members in JSON."""

from marshmallow import fields

from backend.web.schemas import CamelSchema, Instant, Text
from backend.workspaces.model import Role, WorkspaceType


class CountersSchema(CamelSchema):
    """Kept by reactions, so they follow a change within moments."""

    open_tasks = fields.Integer()
    done_tasks = fields.Integer()


class WorkspaceSchema(CamelSchema):
    """A workspace."""

    id = fields.String(dump_only=True)
    name = Text(200, shortest=1, required=True)
    type = fields.Enum(WorkspaceType, by_value=True, dump_only=True)
    owner_uid = fields.String(dump_only=True)
    counters = fields.Nested(CountersSchema, dump_only=True)
    created_at = Instant(dump_only=True)
    updated_at = Instant(dump_only=True)
    rev = fields.Integer(dump_only=True)


class MemberSchema(CamelSchema):
    """Somebody's membership."""

    uid = fields.String(dump_only=True)
    role = fields.Enum(Role, by_value=True, required=True)
    display_name = fields.String(dump_only=True)
    photo_url = fields.String(dump_only=True, allow_none=True)
    expire_at = Instant(dump_only=True, allow_none=True)
    created_at = Instant(dump_only=True)


class MemberListSchema(CamelSchema):
    """The members of a workspace."""

    items = fields.List(fields.Nested(MemberSchema))


class MembershipSchema(CamelSchema):
    """A workspace the caller belongs to, and as what."""

    workspace_id = fields.String()
    role = fields.Enum(Role, by_value=True)


class MembershipListSchema(CamelSchema):
    """Where the caller belongs."""

    items = fields.List(fields.Nested(MembershipSchema))
