"""Entries of the suppression list, in JSON."""

from marshmallow import ValidationError, fields

from backend.kit.email_address import LONGEST, is_email_address
from backend.mailing.suppression import Cause
from backend.web.pages import PageArguments, PageSchema
from backend.web.schemas import CamelSchema, Instant, Text


def _is_address(text: str) -> None:
    if not is_email_address(text):
        raise ValidationError("This is no e-mail address.")


class SuppressionSchema(CamelSchema):
    """An address that is not written to. The address itself is not kept."""

    id = fields.String()
    reason = fields.Enum(
        Cause,
        by_value=True,
        attribute="cause",
        metadata={
            "description": (
                "A `hardBounce` stops every mail: there is no such address. The others stop "
                "notices, digests and invitations, but no letter about the account: a "
                "`complaint` that a mail was spam, a `softBounce` for some days, and a `request` "
                "that staff has taken in."
            )
        },
    )
    code = fields.String(
        metadata={"description": "The mail server's, such as `5.1.1`; empty where none said so."}
    )
    at = Instant()
    until = Instant(
        allow_none=True, metadata={"description": "When a soft bounce is over; else null."}
    )


class SuppressionsQuerySchema(PageArguments):
    """Which entries, the latest first."""

    reason = fields.Enum(Cause, by_value=True)


class SuppressionPageSchema(PageSchema):
    """A page of the suppression list."""

    items = fields.List(fields.Nested(SuppressionSchema))


class SuppressedAddressSchema(CamelSchema):
    """An e-mail address. It is sent in the body: logs on the way hold paths, and no bodies."""

    email = Text(LONGEST, shortest=3, required=True, validate=[_is_address])
