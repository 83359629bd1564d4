"""Statistics in JSON."""

from marshmallow import fields

from backend.web.schemas import CamelSchema


class StatusTotalsSchema(CamelSchema):
    """How many tasks there are of each status."""

    open = fields.Integer()
    in_progress = fields.Integer(data_key="in_progress")
    done = fields.Integer()
    cancelled = fields.Integer()


class PriorityTotalsSchema(CamelSchema):
    """How many tasks of each priority somebody still has to do."""

    none = fields.Integer()
    low = fields.Integer()
    medium = fields.Integer()
    high = fields.Integer()
    urgent = fields.Integer()


class MemberTotalsSchema(CamelSchema):
    """How many tasks are assigned to somebody."""

    uid = fields.String()
    open = fields.Integer()
    done = fields.Integer()
    overdue = fields.Integer(metadata={"description": "Among the open ones."})


class StatisticsSchema(CamelSchema):
    """How many tasks a workspace has that lie in neither trash nor archive."""

    total = fields.Integer()
    open = fields.Integer(metadata={"description": "Open or in progress."})
    done = fields.Integer()
    overdue = fields.Integer(metadata={"description": "Among the open ones."})
    by_status = fields.Nested(StatusTotalsSchema)
    by_priority = fields.Nested(PriorityTotalsSchema)
    members = fields.List(
        fields.Nested(MemberTotalsSchema),
        metadata={"description": "Everybody to whom anything is assigned, by uid."},
    )
