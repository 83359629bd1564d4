"""Undo in JSON."""

from marshmallow import fields

from backend.web.schemas import CamelSchema, Text

LONGEST = 8_000
PATHS = "Paths of documents, as listeners know them: "


class UndoSchema(CamelSchema):
    """What to take back."""

    token = Text(
        LONGEST,
        shortest=1,
        required=True,
        metadata={"description": "The `Undo-Token` that a command of yours answered with."},
    )


class UndoneSchema(CamelSchema):
    """What an undo came to."""

    undone = fields.List(
        fields.String(), metadata={"description": f"{PATHS}what is as it was before."}
    )
    kept = fields.List(
        fields.String(),
        metadata={"description": f"{PATHS}what somebody has changed since, and is left so."},
    )
