"""Search in JSON."""

from marshmallow import fields, validate

from backend.search.entries import Kind
from backend.search.model import LONGEST_QUERY
from backend.web.schemas import CamelSchema, Instant, QueryWhole, Text

DEFAULT_SIZE, MAX_SIZE = 20, 50


class SearchQuerySchema(CamelSchema):
    """What is looked for."""

    q = Text(
        LONGEST_QUERY,
        shortest=1,
        required=True,
        metadata={
            "description": (
                "Words, or how they begin; all of them must be found. Case, accents and the width "
                "of letters make no difference. A title is found from one letter on, a text from "
                "three or a whole word; Chinese, Japanese and Thai by any two characters."
            ),
            "example": "release no",
        },
    )
    kind = fields.Enum(
        Kind, by_value=True, metadata={"description": "Only these; without it all of them."}
    )
    page_size = QueryWhole(
        load_default=DEFAULT_SIZE,
        validate=validate.Range(min=1, max=MAX_SIZE),
        metadata={"description": "How many hits at the most.", "example": 20},
    )


class HitSchema(CamelSchema):
    """Something that was found."""

    kind = fields.Enum(Kind, by_value=True, attribute="entry.kind")
    id = fields.String(attribute="entry.id")
    title = fields.String(attribute="entry.title", metadata={"description": "Empty for a comment."})
    snippet = fields.String(
        metadata={
            "description": (
                "A piece of the description or comment around what was found, as it was typed: "
                "text, not HTML, and to be shown as such."
            )
        }
    )
    task_id = fields.String(
        attribute="entry.task_id",
        allow_none=True,
        metadata={"description": "The task that a comment belongs to."},
    )
    board_id = fields.String(
        attribute="entry.board_id",
        allow_none=True,
        metadata={"description": "The board that a list belongs to."},
    )
    is_archived = fields.Boolean(attribute="entry.is_archived")
    updated_at = Instant(
        attribute="entry.updated_at",
        metadata={"description": "When its words, or its place, changed last."},
    )


class FoundSchema(CamelSchema):
    """What was found, best first."""

    items = fields.List(fields.Nested(HitSchema))
    is_complete = fields.Boolean(
        metadata={"description": "False: there may be more. Another word narrows it down."}
    )
