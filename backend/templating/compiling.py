"""Templates made ready to be filled: compiled once a language, as plain text and as HTML."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, PackageLoader, StrictUndefined
from jinja2.meta import find_undeclared_variables
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from backend.templating.checking import PLURAL
from backend.templating.language import plural
from backend.templating.markup import sanitised, styled
from backend.templating.model import (
    MAX_BODY,
    MAX_SUBJECT,
    MAX_TITLE,
    Kind,
    MailText,
    Texts,
    Values,
    Variable,
)
from backend.templating.values import Filling, Tongue, shortened

MAX_TEXT = 20_000  # Of a mail, before its layout.
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True, slots=True)
class Around:
    """Where a mail's button leads, and its way to have no more of them (None: there is none)."""

    link: str
    unsubscribe: str | None


class Compiled:
    """One template in one language."""

    def __init__(self, texts: Texts, variables: Mapping[str, Variable], tongue: Tongue) -> None:
        """Compile texts that `checking` has found nothing wrong with."""
        self._texts = texts
        self.variables = variables
        self.tongue = tongue
        as_text, as_html = _environments(tongue.language)
        self._title = as_text.from_string(texts.title)
        self._body = as_text.from_string(texts.body)
        self._subject = as_text.from_string(texts.subject)
        self._text = as_text.from_string(texts.text)
        self._html = as_html.from_string(texts.html) if texts.html is not None else None
        self._layouts = as_text, as_html

    def notice(self, filled: Mapping[str, Any]) -> tuple[str, str]:
        """Return title and body, each on one line and not longer than a lock screen shows."""
        title, body = (_line(each.render(filled)) for each in (self._title, self._body))
        return shortened(title, MAX_TITLE), shortened(body, MAX_BODY)

    def names_somebody(self, part: str) -> bool:
        """Say whether a part of the template, such as `title`, names a person."""
        used = find_undeclared_variables(self._layouts[0].parse(getattr(self._texts, part)))
        return any(self.variables[each].kind is Kind.PERSON for each in used)

    def mail(self, values: Values, around: Around, filling: Filling) -> MailText:
        """
        Return the mail.

        Raises:
            ValueError: the button or the way out leads nowhere.
        """
        filled = filling.leniently(self.variables, values)
        subject = shortened(_line(self._subject.render(filled)), MAX_SUBJECT)
        text = shortened(self._text.render(filled).strip(), MAX_TEXT)
        common = self.tongue.common
        laid_out = {
            "locale": self.tongue.language,
            "subject": subject,
            "link": filling.link(around.link) if around.link else "",
            "open": common["open"],
            "link_fails": common["link_fails"],
            "footer": common["footer"],
            "unsubscribe": filling.link(around.unsubscribe) if around.unsubscribe else "",
            "unsubscribe_text": common["unsubscribe"],
        }
        as_text, as_html = (
            environment.get_template(f"notice.{ending}.jinja")
            for environment, ending in zip(self._layouts, ("txt", "html"), strict=True)
        )
        html = self._html.render(filled)[:MAX_TEXT] if self._html else _paragraphs(text)
        content = Markup(styled(sanitised(html)))  # noqa: S704 - sanitised a moment ago.
        return MailText(
            subject=subject,
            text=as_text.render(**laid_out, content=text),
            html=as_html.render(**laid_out, content=content),
            locale=self.tongue.language,
        )


@cache
def _environments(
    language: str,
) -> tuple[ImmutableSandboxedEnvironment, ImmutableSandboxedEnvironment]:
    return _environment(language, autoescape=False), _environment(language, autoescape=True)


def _environment(language: str, *, autoescape: bool) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=ChoiceLoader(
            [PackageLoader("backend.templating", "layouts"), PackageLoader("backend.mailing")]
        ),
        undefined=StrictUndefined,
        autoescape=autoescape,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def choose(number: int, **forms: str) -> str:
        return plural(int(number), forms, language)

    environment.filters = {PLURAL: choose}
    environment.globals.clear()  # A template calls nothing; `checking` sees to it, and so do we.
    return environment


def _line(text: str) -> str:
    return " ".join(text.split())


def _paragraphs(text: str) -> str:
    """Return plain text as HTML: a paragraph for each, and its lines."""
    paragraphs = (escape(each).replace("\n", Markup("<br>")) for each in _BLANK_LINES.split(text))
    return "".join(f"<p>{each}</p>" for each in paragraphs)
