"""Wishes for letters in JSON."""

from marshmallow import ValidationError, fields

from backend.kit.email_address import LONGEST, is_email_address
from backend.web.schemas import CamelSchema, Text


def _be_an_address(text: str) -> None:
    if not is_email_address(text):
        raise ValidationError("This is no e-mail address.")


class PasswordResetSchema(CamelSchema):
    """Whose password is to be chosen anew."""

    email = Text(
        LONGEST,
        required=True,
        validate=[_be_an_address],
        metadata={"format": "email", "description": "The address of an account, or of none."},
    )


class LetterSchema(CamelSchema):
    """What becomes of the letter: it is on its way, as far as the caller may know."""

    state = fields.Constant("accepted", metadata={"type": "string"})
