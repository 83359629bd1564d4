"""What every schema at the edge shares: camelCase names, strict types, no unknown fields."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from backend.kit.ids import is_id
from backend.kit.wallclock import FIRST_DAY, LAST_DAY

# Lone surrogates and NUL pass as JSON strings and die later, in protobuf's encoding. Other control
# characters mean nothing in a title, and something to a terminal or a mail header.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
CONTROL_BUT_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
# Letters and symbols by their category that leave nothing on the screen.
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
)
DIGITS = re.compile(r"[0-9]{1,9}")


class CamelSchema(Schema):
    """A schema whose JSON names are the camelCase of its Python names. Unknown fields raise."""

    class Meta:
        ordered = True

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Name the field in JSON."""
        field_obj.data_key = field_obj.data_key or camel(field_name)


class Text(fields.String):
    """
    A string that can be stored and shown, kept as given. `longest` counts characters; `refusal`
    says more of what it should be than how long.

    With `shortest` there must be something to see in it: blanks, zero-width and combining
    characters alone do not do. With `lines` it may have line breaks and tabs.
    """

    def __init__(
        self,
        longest: int,
        *,
        shortest: int = 0,
        lines: bool = False,
        refusal: str | None = None,
        **options: Any,
    ) -> None:
        length = validate.Length(min=shortest, max=longest, error=refusal)
        checks = [length, *options.pop("validate", ())]
        super().__init__(validate=checks, **options)
        self.must_show = shortest > 0
        self.has_lines = lines

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        if (CONTROL_BUT_LINES if self.has_lines else CONTROL).search(text):
            raise ValidationError("This text has control characters or halves of characters.")
        if self.must_show and text and not any(map(_is_visible, text)):
            raise ValidationError("There is nothing to see in this text.")
        return text


class Id(fields.String):
    """An id that may join a document path."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=_is_id, **options)


class Whole(fields.Integer):
    """A whole number in a body: 5, but not "5", 5.0 or true."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid")
        return value


class Flag(fields.Boolean):
    """Yes or no in a body: true or false, but not "yes" or 1."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if type(value) is not bool:
            raise self.make_error("invalid")
        return value


class QueryWhole(fields.Integer):
    """A whole number in a query: digits, without sign, blank or separator."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or DIGITS.fullmatch(value) is None:
            raise self.make_error("invalid")
        return int(value)


class QueryFlag(fields.Boolean):
    """Yes or no in a query: `true` or `false`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value not in ("true", "false"):
            raise self.make_error("invalid")
        return bool(value == "true")


class OneOf(fields.Field[Any]):
    """An object of one of several schemas: its member `tag` says which."""

    def __init__(self, tag: str, schemas: Mapping[str, Schema], **options: Any) -> None:
        super().__init__(**options)
        self.tag = tag
        self.schemas = schemas

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if not isinstance(value, Mapping):
            raise ValidationError("Must be an object.")
        name = value.get(self.tag)
        if not isinstance(name, str) or name not in self.schemas:
            raise ValidationError({self.tag: [f"Must be one of: {', '.join(self.schemas)}."]})
        return self.schemas[name].load(value)


class Keyed(fields.Dict):
    """A map whose faults are found under their key: marshmallow files them under `key`, `value`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        try:
            return super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            found = {
                key: parts.get("key") or parts["value"] for key, parts in error.messages.items()
            }
            raise ValidationError(found) from None


class Instant(fields.AwareDateTime):
    """An instant, RFC 3339 with an offset, in UTC. Years 1970 to 2100."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        # The parsers of the standard library take bare dates, week dates and naive times.
        if isinstance(value, str) and INSTANT.fullmatch(value):
            try:
                at = datetime.fromisoformat(value)
            except ValueError:
                pass  # February 30, 24:00, or a leap second: the shape is right.
            else:
                if FIRST_DAY.year <= at.year <= LAST_DAY.year:
                    return at.astimezone(UTC)
        raise ValidationError(
            "An instant is written like 2026-11-20T09:00:00Z, with seconds and an offset."
        )

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        if value is None:
            return None
        # Firestore keeps microseconds; JSON readers in the app agree on milliseconds.
        return (value + timedelta()).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class FaultSchema(CamelSchema):
    """One value at fault."""

    pointer = fields.String(
        metadata={"description": "A JSON pointer (RFC 6901) to the value, or to the parameter."}
    )
    code = fields.String(metadata={"description": "What is wrong, for programs. Never changes."})
    detail = fields.String(metadata={"description": "What is wrong, for people."})


class ProblemSchema(CamelSchema):
    """An error (RFC 9457). `code` never changes; see docs/errors.md."""

    type = fields.String(
        metadata={
            "description": "The address of a page that explains the code.",
            "format": "uri-reference",
        }
    )
    title = fields.String(metadata={"description": "What went wrong, in a few words."})
    status = fields.Integer(metadata={"description": "The HTTP status."})
    detail = fields.String(metadata={"description": "What went wrong this time, for people."})
    instance = fields.String(
        metadata={
            "description": "The path of the request, without its query.",
            "format": "uri-reference",
            "x-optional": True,  # Not known of a request that could not be read at all.
        }
    )
    code = fields.String(metadata={"description": "What went wrong, for programs. Never changes."})
    request_id = fields.String(metadata={"description": "What to tell support."})
    errors = fields.List(
        fields.Nested(FaultSchema),
        metadata={"description": "Each value at fault, 50 at the most.", "x-optional": True},
    )


def camel(name: str) -> str:
    """Return `dueAt` for `due_at`."""
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _is_id(text: str) -> None:
    if not is_id(text):
        raise ValidationError("An id has 1 to 128 letters, digits, `_` or `-`.")


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS" and character not in BLANKS


def frozen(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return loaded values with tuples in place of lists, as models hold them."""
    return {
        name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
    }
