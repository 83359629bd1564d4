"""What the admin pages share: how they are sent, and forms that only they themselves can send."""

import hashlib
import hmac
from collections.abc import Mapping

from flask import Response, request

from backend.kit.errors import PermissionDenied
from backend.web.auth import session_cookie
from backend.web.context import services

TOKEN = "token"  # noqa: S105 - the name of a field.
MOST_FIELDS = 40


def page(
    html: str,
    *,
    status: int = 200,
    scripts_from: str = "'none'",
    connects_to: str = "'none'",
    forms_to: str = "'self'",
) -> Response:
    """Return a page that browsers keep nothing of, frame nowhere, and run nothing foreign in."""
    answer = Response(html, status=status, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = "; ".join(
        (
            "default-src 'none'",
            "style-src 'self'",
            f"script-src {scripts_from}",
            f"connect-src {connects_to}",
            f"form-action {forms_to}",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )
    answer.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return answer


def form_token() -> str:
    """
    Return what a form of this session must bring back.

    It follows from the cookie, which no other site can read: nothing is stored for it.
    """
    key = services().settings.signing_secret.encode()
    signed = f"console-form:{session_cookie()}".encode()
    return hmac.new(key, signed, hashlib.sha256).hexdigest()


def sent_form() -> Mapping[str, str]:
    """
    Return the fields of a form that one of our own pages sent.

    Raises:
        PermissionDenied: another site's page sent it, or the session is another one by now.
    """
    fields = request.form.to_dict()
    sent = fields.pop(TOKEN, "").encode()
    is_foreign = request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin"
    if is_foreign or not hmac.compare_digest(sent, form_token().encode()):
        raise PermissionDenied("This form is not of this session. Load the page again.")
    return fields
