"""What stands in the way of leaving, in JSON."""

from marshmallow import fields

from backend.web.schemas import CamelSchema


class OwnedTeamSchema(CamelSchema):
    """A team that others belong to, and that the caller owns."""

    id = fields.String()
    name = fields.String()
