"""Workspaces and members in JSON."""

from typing import Any

from marshmallow import fields

from backend.web.pages import PageSchema
from backend.web.schemas import CamelSchema, Instant, Text
from backend.workspaces.model import WorkspaceType
from backend.workspaces.permissions import Role


class CountersSchema(CamelSchema):
    """Kept by reactions, so they follow a change within moments."""

    open_tasks = fields.Integer()
    done_tasks = fields.Integer()


class NewWorkspaceSchema(CamelSchema):
    """A new workspace."""

    name = Text(200, shortest=1, required=True)


class WorkspaceSchema(CamelSchema):
    """A workspace."""

    id = fields.String()
    name = fields.String()
    type = fields.Enum(WorkspaceType, by_value=True)
    owner_uid = fields.String()
    counters = fields.Nested(CountersSchema)
    created_at = Instant()
    updated_at = Instant()
    rev = fields.Integer()

    def get_attribute(self, obj: Any, attr: str, default: Any) -> Any:
        """Return what a field shows. The counters are the workspace's own, one level down."""
        return obj if attr == "counters" else super().get_attribute(obj, attr, default)


class WantedMemberSchema(CamelSchema):
    """What somebody is to be in a workspace."""

    role = fields.Enum(Role, by_value=True, required=True)


class MemberSchema(CamelSchema):
    """Somebody's membership."""

    uid = fields.String()
    role = fields.Enum(Role, by_value=True)
    display_name = fields.String()
    photo_url = fields.String(allow_none=True)
    expire_at = Instant(
        allow_none=True, metadata={"description": "When the membership ends by itself."}
    )
    created_at = Instant()


class MemberPageSchema(PageSchema):
    """A page of the members of a workspace."""

    items = fields.List(fields.Nested(MemberSchema))


class MembershipSchema(CamelSchema):
    """A workspace the caller belongs to, and as what."""

    workspace_id = fields.String()
    role = fields.Enum(Role, by_value=True)


class MembershipPageSchema(PageSchema):
    """Where the caller belongs: 50 at the most, on one page."""

    items = fields.List(fields.Nested(MembershipSchema))
