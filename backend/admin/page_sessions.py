"""
`/admin/sign-in`: how staff sign in to the pages, and out again.

The page's script lets Firebase Auth look at e-mail and password, which never come here, and shows
us the ID token it gets. We make a session cookie of that, for a working day.
"""

from datetime import timedelta
from pathlib import Path

import structlog
from flask import Blueprint, Response, redirect, render_template, request, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from backend.admin.forms import page
from backend.admin.model import StaffRight
from backend.kit.actor import Actor
from backend.kit.errors import InvalidArgument, PermissionDenied, Unauthenticated, hidden
from backend.web.auth import cookie_name, refuse_old_sign_in
from backend.web.bodies import json_body
from backend.web.context import services
from backend.web.limits import costs_address

log = structlog.get_logger()

LASTING = timedelta(hours=8)
ASSETS = Path(__file__).parent / "assets"
SIGN_IN = "/admin/sign-in"
GOOGLES_SIGN_IN = "https://identitytoolkit.googleapis.com"

blueprint = Blueprint("console-door", __name__, url_prefix="/admin", template_folder="templates")


@blueprint.get("/sign-in")
def sign_in() -> Response:
    """Ask for e-mail and password, which the page's script takes to Firebase Auth."""
    settings = services().settings
    host = settings.auth_emulator_host
    origin = f"http://{host}" if host else GOOGLES_SIGN_IN
    address = f"{origin}/identitytoolkit.googleapis.com" if host else origin
    html = render_template(
        "console/sign_in.html",
        address=f"{address}/v1/accounts:signInWithPassword",
        key=settings.web_api_key or ("emulated" if host else ""),
    )
    # No form is ever sent from there: without the script, a password would come here.
    return page(html, scripts_from="'self'", connects_to=f"'self' {origin}", forms_to="'none'")


@blueprint.post("/session")
@costs_address(10)
def begin_session() -> Response:
    """
    Begin a session with a fresh ID token: `{"idToken": "…"}`, answered 204 with the cookie.

    Another site's page cannot send JSON here without being allowed to (CORS), and is not.
    """
    _refuse_other_pages()
    ours, token = services(), _id_token()
    identity = ours.ports.identity.verify(token)
    if identity.is_guest:
        raise hidden()
    refuse_old_sign_in(identity)
    ours.standing.check(identity, at_once=True)
    ours.admin.admit(Actor(identity.uid)).must(StaffRight.MANAGE_JOBS)
    cookie = ours.ports.session_cookies.make(token, lasting=LASTING)
    structlog.contextvars.bind_contextvars(actor_uid=identity.uid)
    log.info("console.signed_in")
    answer = Response(status=204)
    _set_cookie(answer, cookie, lasting=LASTING)
    return answer


def ended() -> AnyResponse:
    """Return the way to the sign-in page, without the cookie."""
    answer = redirect(SIGN_IN, code=303)
    _set_cookie(answer, "", lasting=timedelta(0))
    return answer


@blueprint.get("/assets/<name>")
def asset(name: str) -> Response:
    """Return a script or style of the pages."""
    answer = send_from_directory(ASSETS, name)
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


def _set_cookie(answer: AnyResponse, cookie: str, *, lasting: timedelta) -> None:
    answer.set_cookie(
        cookie_name(),
        cookie,
        max_age=lasting,
        path="/",
        secure=services().settings.in_production,
        httponly=True,
        samesite="Strict",
    )


def _id_token() -> str:
    body = json_body()
    if not isinstance(body, dict) or not isinstance(token := body.get("idToken"), str):
        raise InvalidArgument("Send an ID token.", pointer="/idToken")
    if not token:
        raise Unauthenticated("Send an ID token.")
    return token


def _refuse_other_pages() -> None:
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise PermissionDenied("Only our own page may do this.")
