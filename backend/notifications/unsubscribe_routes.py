"""
`/unsubscribe/{token}`: the way out of mail, for mail programs (RFC 8058) and for people.

The address alone says who wants what: nobody signs in, no cookie is set or read, and nothing
redirects. What follows links, as scanners of mail do, changes nothing: only POST does.
"""

from flask import Blueprint, Response, render_template, request

from backend.kit.errors import (
    Aborted,
    DeadlineExceeded,
    FailedPrecondition,
    NotFound,
    Unavailable,
)
from backend.notifications.unsubscribe_words import LOCALES, PageWords, page_words
from backend.web.context import services
from backend.web.problems import RETRY_AFTER_S
from backend.web.requirements import takes_form, takes_one_click

POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; "
LONGEST_WAY_BACK = 1000

blueprint = Blueprint("unsubscribing", __name__, url_prefix="/unsubscribe", template_folder="pages")


@blueprint.get("/<token>")
def ask(token: str) -> Response:
    """Show what a click would end, and the button for it."""
    subscription, words = services().unsubscribing.look(token), _words()
    return _page(
        words,
        "ask",
        words.say("asked", about=subscription.list),
        words.say("summary" if subscription.is_digest else "untouched"),
        button=words.say("ask_button"),
        address=f"/unsubscribe/{token}",
    )


@blueprint.post("/<token>")
@takes_one_click
def unsubscribe(token: str) -> Response:
    """End it, whatever the body says; a repeated click is answered alike."""
    done, words = services().unsubscribing.unsubscribe(token), _words()
    return _page(
        words,
        "done",
        words.say("ended", about=done.subscription.list),
        words.say("summary" if done.subscription.is_digest else "untouched"),
        words.say("elsewhere"),
        button=words.say("back_button") if done.way_back else "",
        address=f"/unsubscribe/{token}:undo",
        way_back=done.way_back,
    )


@blueprint.post("/<token>:undo")
@takes_form
def resubscribe(token: str) -> Response:
    """Put back what the page has ended that this form comes from."""
    way_back = request.form.get("wayBack", "")[:LONGEST_WAY_BACK]
    subscription, words = services().unsubscribing.resubscribe(token, way_back), _words()
    return _page(
        words, "back", words.say("resumed", about=subscription.list), words.say("elsewhere")
    )


@blueprint.errorhandler(NotFound)
def lead_nowhere(_error: NotFound) -> Response:
    """Say that a link is none of ours."""
    words = _words()
    return _page(words, "unknown", words.say("unknown_why"), status=404)


@blueprint.errorhandler(FailedPrecondition)
def be_too_late(_error: FailedPrecondition) -> Response:
    """Say that something cannot be taken back any more, and where it can be changed."""
    words = _words()
    return _page(words, "too_late", words.say("too_late_why"), words.say("elsewhere"), status=409)


@blueprint.errorhandler(Aborted)
@blueprint.errorhandler(DeadlineExceeded)
@blueprint.errorhandler(Unavailable)
def ask_for_patience(_error: Aborted | DeadlineExceeded | Unavailable) -> Response:
    """Say that it is to be tried again: whether anything has changed is not known."""
    words = _words()
    answer = _page(words, "later", words.say("later_why"), status=503)
    answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def _words() -> PageWords:
    return page_words(request.accept_languages.best_match(LOCALES))


def _page(
    words: PageWords,
    heading: str,
    *sentences: str,
    status: int = 200,
    **form: str,
) -> Response:
    html = render_template(
        "unsubscribing/page.html",
        locale=words.locale,
        heading=words.say(heading),
        sentences=sentences,
        **form,
    )
    answer = Response(html, status=status, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = f"{POLICY}frame-ancestors 'none'"
    answer.headers["Content-Language"] = words.locale
    answer.vary.add("Accept-Language")
    return answer
