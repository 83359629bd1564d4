"""What every schema at the edge shares: camelCase names, strict types, no unknown fields."""

import re
from datetime import timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from backend.kit.ids import PATTERN
from backend.kit.pages import DEFAULT_SIZE, MAX_SIZE

# NUL and lone surrogates pass as JSON strings and die later, in protobuf's encoding.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class CamelSchema(Schema):
    """A schema whose JSON names are the camelCase of its Python names. Unknown fields raise."""

    class Meta:
        ordered = True

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Name the field in JSON."""
        field_obj.data_key = field_obj.data_key or camel(field_name)


class Text(fields.String):
    """A string that Firestore can store. `longest` counts characters."""

    def __init__(self, longest: int, *, shortest: int = 0, **options: Any) -> None:
        checks = [validate.Length(min=shortest, max=longest), *options.pop("validate", ())]
        super().__init__(validate=checks, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if UNSTORABLE.search(text):
            raise ValidationError("This text has characters that cannot be stored.")
        return text


class Id(fields.String):
    """An id that may join a document path."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=_is_id, **options)


class Instant(fields.AwareDateTime):
    """An instant, RFC 3339 with an offset, in UTC."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        if value is None:
            return None
        # Firestore keeps microseconds; JSON readers in the app agree on milliseconds.
        return (value + timedelta()).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class FaultSchema(CamelSchema):
    """One value at fault."""

    pointer = fields.String(metadata={"description": "A JSON pointer (RFC 6901) to the value."})
    code = fields.String()
    detail = fields.String()


class ProblemSchema(CamelSchema):
    """An error (RFC 9457). `code` never changes; see docs/errors.md."""

    type = fields.String()
    title = fields.String()
    status = fields.Integer()
    detail = fields.String()
    code = fields.String()
    request_id = fields.String()
    errors = fields.List(fields.Nested(FaultSchema))


class PageArguments(CamelSchema):
    """How much of a list is asked for, and from where on."""

    page_size = fields.Integer(
        strict=False,
        load_default=DEFAULT_SIZE,
        validate=validate.Range(min=1, max=MAX_SIZE),
        metadata={"description": "How many items at the most."},
    )
    page_token = fields.String(
        load_default=None,
        validate=validate.Length(max=2048),
        metadata={"description": "`nextPageToken` of the page before."},
    )


def camel(name: str) -> str:
    """Return `dueAt` for `due_at`."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _is_id(text: str) -> None:
    if PATTERN.fullmatch(text) is None:
        raise ValidationError("An id has 1 to 128 letters, digits, `_` or `-`.")
