"""Workspaces and members in JSON."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import zone
from backend.web.pages import PageSchema
from backend.web.schemas import CamelSchema, Id, Instant, Text, Whole
from backend.workspaces.invite_tokens import LONGEST_TOKEN
from backend.workspaces.model import MOST_HOURS, WorkspaceType
from backend.workspaces.permissions import Role


class CountersSchema(CamelSchema):
    """Kept by reactions, so they follow a change within moments."""

    open_tasks = fields.Integer()
    done_tasks = fields.Integer()


def _is_zone(name: str) -> None:
    try:
        zone(name)
    except InvalidArgument as error:
        raise ValidationError(error.detail) from None


LONGEST_EMAIL = 254  # RFC 5321, less the angle brackets.
NAME = {"description": "What people call it.", "example": "Launch"}


class NewWorkspaceSchema(CamelSchema):
    """A new workspace."""

    name = Text(200, shortest=1, required=True, metadata=NAME)
    parent_id = Id(
        load_default=None,
        allow_none=True,
        metadata={"description": "The team it is to lie in, as a space for some of its people."},
    )


class SettingsSchema(CamelSchema):
    """What the people of a workspace agree on; null where they have not."""

    timezone = Text(
        64, allow_none=True, validate=[_is_zone], metadata={"description": "An IANA zone."}
    )
    week_start = Whole(
        allow_none=True,
        validate=validate.Range(min=1, max=7),
        metadata={"description": "ISO: 1 is Monday."},
    )
    escalate_after_hours = Whole(
        allow_none=True,
        validate=validate.Range(min=1, max=MOST_HOURS),
        metadata={
            "description": "For so many hours a task may be overdue before who made it, who "
            "watches it and the owner hear of it; null: they do not."
        },
    )


class WorkspaceChangesSchema(CamelSchema):
    """What may be changed of a workspace. Leave out what stays."""

    name = Text(200, shortest=1, metadata=NAME)
    settings = fields.Nested(SettingsSchema)


class WorkspaceSchema(CamelSchema):
    """A workspace."""

    id = fields.String()
    name = fields.String()
    type = fields.Enum(WorkspaceType, by_value=True)
    owner_uid = fields.String()
    parent_id = fields.String(
        allow_none=True, metadata={"description": "The team that this is a space of."}
    )
    settings = fields.Nested(SettingsSchema)
    purge_at = Instant(
        allow_none=True, metadata={"description": "When it will be deleted for good."}
    )
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


class MemberChangesSchema(CamelSchema):
    """What may be changed of a membership. Leave out what stays."""

    role = fields.Enum(Role, by_value=True)
    expire_at = Instant(
        allow_none=True,
        metadata={"description": "When the membership ends by itself; null: never."},
    )


class HeirSchema(CamelSchema):
    """Who is to own a workspace."""

    uid = Id(required=True)


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


class NewInviteSchema(CamelSchema):
    """An invitation to a team."""

    email = fields.Email(
        required=True,
        validate=validate.Length(max=LONGEST_EMAIL),
        metadata={"description": "Upper and lower case are the same."},
    )
    role = fields.Enum(Role, by_value=True, required=True)
    membership_ends_at = Instant(
        load_default=None,
        allow_none=True,
        metadata={"description": "When the membership will end by itself."},
    )


class InviteSchema(CamelSchema):
    """An invitation, for the owners and admins of the workspace."""

    id = fields.String()
    email = fields.String(attribute="email_lower")
    role = fields.Enum(Role, by_value=True)
    membership_ends_at = Instant(allow_none=True)
    invited_by = fields.String(metadata={"description": "The uid of whoever sent it last."})
    created_at = Instant()
    expire_at = Instant(metadata={"description": "Until when it can be accepted."})


class InvitePageSchema(PageSchema):
    """A page of the invitations that nobody has accepted."""

    items = fields.List(fields.Nested(InviteSchema))


class AcceptanceSchema(CamelSchema):
    """What the link of an invitation carries."""

    token = Text(
        LONGEST_TOKEN,
        shortest=1,
        required=True,
        metadata={"description": "What stands behind the `#` of the link."},
    )


class AcceptedSchema(CamelSchema):
    """What the caller is from now on, and where."""

    workspace_id = fields.String()
    role = fields.Enum(Role, by_value=True)
    expire_at = Instant(allow_none=True)
