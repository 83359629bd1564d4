"""The HTTP side of the mail catcher: control and pages."""

from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, jsonify, render_template, request

from local.mail.catcher import Catcher
from local.mail.message import ReceivedMail
from local.serving.pages import bad_request, build_app
from local.serving.scripts import parse_script

_LISTED = 200  # A page to look at; the JSON has everything.

control = Blueprint("control", __name__)


def build_mail_app(catcher: Catcher) -> Flask:
    """Make the app around a catcher."""
    app = build_app(__name__, Path(__file__).with_name("templates"))
    app.extensions["catcher"] = catcher
    app.register_blueprint(control)
    return app


@control.put("/control/recipients/<any_text:address>")
def script(address: str) -> dict[str, Any]:
    """Prescribe what becomes of the next mails to a recipient."""
    try:
        outcomes, repeat = parse_script(request.get_json(silent=True, force=True))
        _catcher().script(address, outcomes, repeat=repeat)
    except ValueError as error:
        raise bad_request(error) from error
    return {"address": address, "outcomes": outcomes, "repeat": repeat}


@control.get("/control/messages")
def messages() -> Response:
    """List mails, oldest first, all or those `to` one recipient of the envelope."""
    return jsonify([mail.to_json() for mail in _catcher().messages(request.args.get("to"))])


@control.delete("/control/messages")
def forget() -> tuple[str, int]:
    """Empty the inbox; scripts stay."""
    _catcher().inbox.clear()
    return "", 204


@control.get("/control/messages/<mail_id>")
def message(mail_id: str) -> dict[str, Any]:
    """Show one mail."""
    return _mail(mail_id).to_json()


@control.get("/control/messages/<mail_id>/raw")
def raw(mail_id: str) -> Response:
    """Show one mail as it came."""
    return Response(_mail(mail_id).raw, content_type="text/plain; charset=utf-8")


@control.get("/")
def list_page() -> str:
    """List the mails, newest first."""
    mails = _catcher().messages()
    newest_first = list(reversed(mails))[:_LISTED]
    return render_template("mail_list.html", mails=newest_first, total=len(mails))


@control.get("/messages/<mail_id>")
def message_page(mail_id: str) -> str:
    """Show one mail. Its HTML runs no scripts and loads nothing: see the frame's sandbox."""
    return render_template("mail_message.html", mail=_mail(mail_id))


def _catcher() -> Catcher:
    catcher: Catcher = current_app.extensions["catcher"]
    return catcher


def _mail(mail_id: str) -> ReceivedMail:
    return _catcher().message(mail_id) or abort(404)
