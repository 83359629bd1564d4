"""The HTTP side of the FCM stand-in: the real API's one method, beside it control and a page."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, jsonify, render_template, request

from local.fcm.engine import Fcm, tray
from local.fcm.errors import ApiError, credentials_missing, scripted_error
from local.fcm.push import ReceivedPush
from local.serving.http import HANG_UP
from local.serving.pages import bad_request, build_app
from local.serving.scripts import Step, parse_script

_CARDS, _ATTEMPTS_A_CARD = 60, 20  # A page to look at; the JSON has everything.

api = Blueprint("api", __name__)
control = Blueprint("control", __name__)


def build_fcm_app(fcm: Fcm) -> Flask:
    """Make the app around an engine."""
    app = build_app(__name__, Path(__file__).with_name("templates"))
    app.extensions["fcm"] = fcm
    app.register_blueprint(api)
    app.register_blueprint(control)
    return app


@api.post("/v1/projects/<project>/messages:send")
def send(project: str) -> Response:
    """`projects.messages.send`."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise credentials_missing()
    push, step = _fcm().send(project, request.get_data())
    return _answer(push, step)


@api.errorhandler(ApiError)
def refuse(error: ApiError) -> Response:
    """Answer as Google's front end does."""
    answer = _google_json(error.to_json(), error.code)
    answer.headers.extend(error.headers)
    return answer


@control.put("/control/tokens/<any_text:token>")
def script(token: str) -> dict[str, Any]:
    """Prescribe what becomes of the next sends to a token or installation id."""
    try:
        outcomes, repeat = parse_script(request.get_json(silent=True, force=True))
        _fcm().scripts.set(token, outcomes, repeat=repeat)
    except ValueError as error:
        raise bad_request(error) from error
    return {"token": token, "outcomes": outcomes, "repeat": repeat}


@control.get("/control/messages")
def messages() -> Response:
    """List attempts, oldest first; `since` is an RFC 3339 instant, itself included."""
    pushes = _fcm().messages(request.args.get("token"))
    since = _instant(request.args["since"]) if "since" in request.args else None
    return jsonify([p.to_json() for p in pushes if since is None or p.received_at >= since])


@control.delete("/control/messages")
def forget() -> tuple[str, int]:
    """Empty the inbox; scripts stay."""
    _fcm().inbox.clear()
    return "", 204


@control.get("/control/devices/<any_text:device>/tray")
def show_tray(device: str) -> Response:
    """List what the phone would show, newest first."""
    return jsonify([notification.to_json() for notification in _fcm().tray(device)])


@control.get("/")
def page() -> str:
    """Show one phone per device, the last one addressed first."""
    phones: dict[str, list[ReceivedPush]] = {}
    pushes = _fcm().messages()
    for push in reversed(pushes):
        phones.setdefault(push.target, []).append(push)
    cards = [
        {
            "name": name,
            "attempts": found,
            "failed": sum(not push.delivered for push in found),
            "tray": tray(reversed(found)),
        }
        for name, found in list(phones.items())[:_CARDS]
    ]
    return render_template("fcm_inbox.html", cards=cards, total=len(pushes), most=_ATTEMPTS_A_CARD)


def _fcm() -> Fcm:
    fcm: Fcm = current_app.extensions["fcm"]
    return fcm


def _answer(push: ReceivedPush, step: Step) -> Response:
    error = scripted_error(step.outcome)
    if error:
        if step.number is not None:
            error.headers["Retry-After"] = f"{step.number:g}"
        raise error
    if step.outcome == "ACCEPT_THEN_DROP":
        request.environ[HANG_UP]()
    if step.outcome == "DELAY" and _fcm().stopping.wait(step.number):
        request.environ[HANG_UP]()  # Better no answer than one before its time.
    if step.outcome == "MALFORMED":
        return Response('{"name": "projects/', content_type="application/json; charset=UTF-8")
    return _google_json({"name": f"projects/{push.project}/messages/{push.id}"}, 200)


def _google_json(body: dict[str, Any], code: int) -> Response:
    text = json.dumps(body, indent=2, ensure_ascii=False) + "\n"
    return Response(text, code, content_type="application/json; charset=UTF-8")


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text.replace(" ", "+"))  # An unescaped plus sign.
    except ValueError as error:
        raise bad_request(f"`since` is no RFC 3339 instant: {text!r}") from error
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
