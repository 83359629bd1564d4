"""Letters with links: `/auth/passwordReset`, which anybody may ask for, and one's own address."""

from backend.credentials import examples
from backend.credentials.schemas import LetterSchema, PasswordResetSchema
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, identity, services
from backend.web.language import callers_language
from backend.web.limits import costs, costs_address
from backend.web.requirements import registered_only

passwords = ApiBlueprint(
    "passwords",
    __name__,
    url_prefix="/api/v1/auth",
    description="For people who cannot sign in.",
)
addresses = ApiBlueprint(
    "addresses",
    __name__,
    url_prefix="/api/v1/users/me/emailVerification",
    description="The caller's e-mail address.",
)

PASSWORD_RESET, LETTER = PasswordResetSchema(), LetterSchema()


@passwords.post("/passwordReset")
@costs_address(60)
@passwords.doc(security=[])
@passwords.arguments(PASSWORD_RESET, example=examples.PASSWORD_RESET)
@passwords.response(202, LETTER, example=examples.LETTER)
def ask_for_password_reset(wish: dict[str, str]) -> dict[str, str]:
    """
    Have a link to a new password sent by e-mail.

    The answer is the same whether or not an account has this address. The link works once, for an
    hour; when it was used, all earlier sign-ins end, and a letter says so. An address is sent three
    such letters an hour at the most; asking more often is answered as ever, and does nothing.
    """
    services().credentials.ask_for_reset(wish["email"], locale=callers_language().tag)
    return {}


@addresses.post("")
@costs(30)
@registered_only
@addresses.response(202, LETTER, example=examples.LETTER)
def ask_for_verification() -> dict[str, str]:
    """
    Have a link sent to one's own address, which proves it to be one's own.

    Renew the ID token after it was followed: `email_verified` in it opens what needs a proved
    address. 409 if it is proved already, or if the account has none. Three letters an hour are
    sent at the most; asking more often is answered as ever, and does nothing.
    """
    services().credentials.ask_for_verification(actor(), identity())
    return {}
