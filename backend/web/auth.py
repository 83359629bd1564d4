"""Who calls. Declared where a blueprint is mounted; what declares nothing is refused."""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum

import structlog
from flask import Flask, Response, g, request

from backend.kit.actor import Identity
from backend.kit.errors import PermissionDenied, TaskFlowError, Unauthenticated, hidden
from backend.settings import AppCheckMode, SettingsError
from backend.web.context import services
from backend.web.requirements import RECENT_SIGN_IN, REGISTERED, VERIFIED, route_asks_for

log = structlog.get_logger()

MAX_HEADER = 10 * 1024
APP_CHECK_HEADER = "X-Firebase-AppCheck"
REALM = 'Bearer realm="taskflow"'


class Caller(StrEnum):
    """Who may call the routes of a blueprint."""

    NOBODY = "nobody"  # What every route is before its blueprint says otherwise.
    ANYONE = "anyone"
    PERSON = "person"  # Whoever shows a Firebase ID token.
    APP = "app"  # Whoever uses an app of ours, signed in or not.
    STAFF = "staff"  # Whoever has a role on the platform, after a recent sign-in.
    CONSOLE = "console"  # Those of them who are signed in to its pages, by a cookie.
    QUEUE = "queue"  # Our own job queue.


def install(app: Flask, callers: dict[str, Caller]) -> None:
    """
    Let in only whom the blueprint of a route declares in `callers`.

    Raises:
        SettingsError: App Check is set for a group of routes that does not exist.
    """

    @app.before_request
    def let_in() -> None:
        if request.endpoint is None:
            return  # Nothing is there: the router answers 404 or 405 itself.
        try:
            CHECKS[callers.get(request.blueprint or "", Caller.NOBODY)]()
        except Unauthenticated as error:
            g.challenge = _challenge(error.code)
            raise

    @app.after_request
    def challenge(answer: Response) -> Response:
        if answer.status_code == 401 and "challenge" in g:
            answer.headers["WWW-Authenticate"] = g.challenge
        return answer

    with app.app_context():
        groups = services().settings.app_check_groups
    with_app = (Caller.APP, Caller.PERSON, Caller.STAFF)
    people = {name for name, caller in callers.items() if caller in with_app}
    if unknown := sorted(set(groups) - people):
        raise SettingsError([f"APP_CHECK_GROUPS: there is no group {name!r}" for name in unknown])


def bearer_token() -> str:
    """
    Return the bearer token of the request (RFC 6750).

    Raises:
        Unauthenticated: there is none, or not exactly one.
    """
    headers = request.headers.getlist("Authorization")
    if len(headers) != 1 or len(headers[0]) > MAX_HEADER or "," in headers[0]:
        raise Unauthenticated("Send one Authorization header: Bearer and the token.")
    scheme, _, token = headers[0].partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send the token as: Authorization: Bearer <token>.")
    return token.strip()


def _let_in_person() -> None:
    ours = services()
    identity = ours.ports.identity.verify(bearer_token())
    is_sensitive = route_asks_for(RECENT_SIGN_IN)
    ours.standing.check(identity, at_once=is_sensitive)
    if is_sensitive:
        refuse_old_sign_in(identity)
    _check_app(consume=is_sensitive)
    g.identity = identity
    g.actor = ours.welcome.admit(identity)  # Whose time is over finds nothing, not even a 403.
    structlog.contextvars.bind_contextvars(actor_uid=g.actor.uid)
    if identity.is_guest and route_asks_for(REGISTERED):
        raise PermissionDenied("This needs an account: guests cannot do it.")
    if not identity.email_verified and route_asks_for(VERIFIED):
        raise PermissionDenied(
            "Verify your e-mail address first, then renew your token.", code="email-not-verified"
        )


def _let_in_staff() -> None:
    _let_in_person()
    if g.identity.is_guest:
        raise hidden()
    g.staff = services().admin.admit(g.actor)


def _let_in_console() -> None:
    """Let staff into pages: by the session cookie, which browsers send to our own pages alone."""
    ours = services()
    identity = ours.ports.session_cookies.verify(session_cookie())
    ours.standing.check(identity, at_once=request.method != "GET")
    g.identity, g.actor = identity, ours.welcome.admit(identity)
    structlog.contextvars.bind_contextvars(actor_uid=g.actor.uid)
    g.staff = ours.admin.admit(g.actor)


def session_cookie() -> str:
    """
    Return the session cookie of the request.

    Raises:
        Unauthenticated: there is none.
    """
    cookie = request.cookies.get(cookie_name(), "")
    if not cookie or len(cookie) > MAX_HEADER:
        raise Unauthenticated("Sign in first.")
    return cookie


def cookie_name() -> str:
    """Return what the session cookie is called: a name that only this very host can set (https)."""
    return "__Host-console" if services().settings.in_production else "console"


def refuse_old_sign_in(identity: Identity) -> None:
    lately = timedelta(seconds=services().settings.recent_sign_in_s)
    if identity.signed_in_at + lately < services().ports.clock.now():
        raise Unauthenticated(
            "This needs a recent sign-in: sign in again.", code="reauthentication-required"
        )


def _check_app(*, consume: bool) -> None:
    settings = services().settings
    mode = settings.app_check_groups.get(request.blueprint or "", settings.app_check)
    if mode is AppCheckMode.OFF:
        return
    enforced = mode is AppCheckMode.ENFORCE
    token = request.headers.get(APP_CHECK_HEADER, "")
    try:
        services().ports.app_check.verify(token, consume=consume and enforced)
    except TaskFlowError as error:
        if enforced:
            raise
        log.warning("app_check.would_refuse", code=error.code, has_token=bool(token))


def _let_in_queue() -> None:
    services().ports.job_tokens.verify(bearer_token())


def _let_in_nobody() -> None:
    raise hidden()


def _challenge(code: str) -> str:
    """Return what `WWW-Authenticate` says of a refusal (RFC 6750 section 3, RFC 9470)."""
    if code == "reauthentication-required":
        max_age_s = int(services().settings.recent_sign_in_s)
        return f'{REALM}, error="insufficient_user_authentication", max_age={max_age_s}'
    if code == "app-check-failed" or not request.headers.get("Authorization"):
        return REALM  # Nothing is wrong with a token that is not there, or with this one.
    return f'{REALM}, error="invalid_token"'


CHECKS: dict[Caller, Callable[[], None]] = {
    Caller.NOBODY: _let_in_nobody,
    Caller.ANYONE: lambda: None,
    Caller.APP: lambda: _check_app(consume=False),
    Caller.PERSON: _let_in_person,
    Caller.STAFF: _let_in_staff,
    Caller.CONSOLE: _let_in_console,
    Caller.QUEUE: _let_in_queue,
}
