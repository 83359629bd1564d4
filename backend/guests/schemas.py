"""Merges in JSON."""

from marshmallow import fields, validate

from backend.web.schemas import CamelSchema, Id

LONGEST_TOKEN = 10 * 1024


class MergeSchema(CamelSchema):
    """Whose work is to be taken over."""

    guest_token = fields.String(
        required=True,
        validate=validate.Length(min=1, max=LONGEST_TOKEN),
        metadata={"description": "The guest's ID token, taken before signing in to the account."},
    )


class UndoMergeSchema(CamelSchema):
    """Which merge is to be undone."""

    operation_id = Id(
        required=True, metadata={"description": "The operation that `:mergeGuest` answered with."}
    )
