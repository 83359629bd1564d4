"""`/errors/{code}`: what the `type` of a problem leads to, for people, in their language."""

import re

from flask import Blueprint, Response, make_response, render_template, send_from_directory
from markupsafe import Markup, escape

from backend.kit.errors import hidden
from backend.web.catalogue import TEXTS
from backend.web.language import callers_language, say_language

PAGES = TEXTS.parent / "templates"
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
HEADERS = {
    "Cache-Control": "public, max-age=3600",
    "Content-Security-Policy": f"{POLICY}frame-ancestors 'none'",
}
CODE_SPAN = re.compile("`([^`]+)`")

blueprint = Blueprint("errors", __name__, url_prefix="/errors", template_folder="templates")


@blueprint.get("")
def list_problems() -> Response:
    """List every code there is."""
    return _page("problems.html", callers_language().words["all_problems"])


@blueprint.get("/<code>")
def explain_problem(code: str) -> Response:
    """Explain a code, and say what helps."""
    problem = callers_language().problems.get(code)
    if problem is None:
        raise hidden()
    return _page("problem.html", problem.title, problem=problem)


@blueprint.get("/pages.css")
def style() -> Response:
    """Return what makes the pages readable."""
    answer = send_from_directory(PAGES, "pages.css")
    answer.headers.update(HEADERS)
    return answer


@blueprint.app_template_filter()
def code_spans(text: str) -> Markup:
    """Return `text` as HTML, with what stands between backticks as code."""
    parts = CODE_SPAN.split(text)  # Every second part stood between backticks.
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if i % 2 else escape(part)
        for i, part in enumerate(parts)
    )


def _page(template: str, title: str, **values: object) -> Response:
    language = callers_language()
    answer = make_response(render_template(template, language=language, title=title, **values))
    answer.headers.update(HEADERS)
    say_language(answer, language)
    return answer
