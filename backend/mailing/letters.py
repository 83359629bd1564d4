"""
Letters with words: every template of every language, compiled and checked when it is loaded.

A letter's sentences stand once, in `templates/{locale}.toml`; plain text and HTML are two layouts
of the same sentences.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import PackageLoader, StrictUndefined, Template
from jinja2.exceptions import TemplateSyntaxError
from jinja2.meta import find_undeclared_variables
from jinja2.nodes import Name, Node, Output, TemplateData
from jinja2.sandbox import ImmutableSandboxedEnvironment

from backend.mailing.model import Mail
from backend.mailing.words import Kind, day, link, opaque, plain

LOCALES = ("en", "de", "es", "fr", "pt")
LONGEST_SUBJECT = 120
PARTS = {"subject", "before", "button", "after"}
TEMPLATES = "templates"
PARTS_OF_SENTENCES = (Output, TemplateData, Name)
Table = dict[str, Any]


class TemplateFault(Exception):
    """A template that would fail, or say less than it should, when a letter is sent."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent."""

    subject: str
    text: str
    html: str
    locale: str


@dataclass(frozen=True, slots=True)
class _Sentences:
    """The templates of one letter in one language, compiled twice: as plain text and as HTML."""

    subject: Template
    plain: Mapping[str, list[Template]]
    html: Mapping[str, list[Template]]


def _environment(*, autoescape: bool) -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(
        loader=PackageLoader("backend.mailing"),
        undefined=StrictUndefined,
        autoescape=autoescape,
        trim_blocks=True,
        lstrip_blocks=True,
    )


class Letters:
    """All letters in all languages."""

    def __init__(self, declared: Table, texts: Mapping[str, Table]) -> None:
        """
        Compile the templates of `texts`, by locale, with the words that `declared` names.

        Raises:
            TemplateFault: a letter lacks a language or a part, or uses a word that is not declared.
        """
        self._plain = _environment(autoescape=False)
        self._html = _environment(autoescape=True)
        self._texts = texts
        self._kinds = {
            name: {word: Kind(kind) for word, kind in words.items()}
            for name, words in declared.items()
        }
        self._sentences = {
            (locale, name): self._compiled(locale, name) for locale in texts for name in declared
        }

    def render(self, mail: Mail) -> Letter:
        """
        Return the letter in the reader's language, or in the first one where we lack theirs.

        Raises:
            ValueError: its words are not those that the template declares.
        """
        locale = self.language(mail.locale)
        sentences = self._sentences[locale, mail.template]
        words = self._words(mail, locale)
        common = self._texts[locale]["common"]
        around = {
            "locale": locale,
            "subject": _subject(sentences.subject.render(words)),
            "link": words.get("link"),
            "link_fails": common["link_fails"],
            "footer": common["footer"],
        }
        return Letter(
            subject=around["subject"],
            text=self._laid_out(self._plain, "txt", sentences.plain, words, around),
            html=self._laid_out(self._html, "html", sentences.html, words, around),
            locale=locale,
        )

    def language(self, locale: str) -> str:
        """Return the language we write in to somebody of a locale such as `de-AT`."""
        language = locale.replace("_", "-").partition("-")[0].lower()
        return language if language in self._texts else LOCALES[0]

    def _laid_out(
        self,
        environment: ImmutableSandboxedEnvironment,
        ending: str,
        sentences: Mapping[str, list[Template]],
        words: Mapping[str, Any],
        around: Mapping[str, Any],
    ) -> str:
        # Rendered by its own environment, HTML has its words escaped: it is marked as safe then.
        safe: Callable[[str], str] = environment.filters["safe"] if ending == "html" else str
        parts = {part: [safe(each.render(words)) for each in sentences[part]] for part in sentences}
        layout = environment.get_template(f"layout.{ending}.jinja")
        return layout.render(
            **around,
            before=parts["before"],
            after=parts["after"],
            button=next(iter(parts["button"]), ""),
        )

    def _words(self, mail: Mail, locale: str) -> dict[str, Any]:
        kinds = self._kinds[mail.template]
        if set(kinds) != set(mail.words):
            raise ValueError(f"{mail.template} takes exactly {sorted(kinds)}")
        return {name: self._word(kinds[name], mail.words[name], locale) for name in kinds}

    def _word(self, kind: Kind, value: str | int, locale: str) -> str | int:
        texts = self._texts[locale]
        match kind, value:
            case Kind.NUMBER, int():
                return value
            case Kind.TEXT, str():
                return plain(value)
            case Kind.LINK, str():
                return link(value)
            case Kind.OPAQUE, str():
                return opaque(value)
            case Kind.DAY, str():
                common = texts["common"]
                forms = {"form": common["day"], "time_form": common["time"]}
                return day(value, months=common["months"], **forms)
            case ((Kind.ROLE | Kind.PLATFORM), str()) if value in texts[kind.value]:
                return str(texts[kind.value][value])
        raise ValueError(f"this is no {kind.value}")

    def _compiled(self, locale: str, name: str) -> _Sentences:
        source = self._texts[locale].get(name)
        if source is None or not {"subject", "before"} <= set(source) <= PARTS:
            raise TemplateFault(f"{locale}: {name} needs a subject, `before`, and no unknown part")
        if ("button" in source) is not ("link" in self._kinds[name]):
            raise TemplateFault(f"{locale}: {name} has a button exactly if it has a link")
        lists = {
            "before": source["before"],
            "after": source.get("after", []),
            "button": [source["button"]] if "button" in source else [],
        }
        for text in (source["subject"], *(each for part in lists.values() for each in part)):
            self._check(text, locale, name)
        return _Sentences(
            subject=self._plain.from_string(source["subject"]),
            plain=_templates(self._plain, lists),
            html=_templates(self._html, lists),
        )

    def _check(self, text: str, locale: str, name: str) -> None:
        try:
            parsed = self._plain.parse(text)
        except TemplateSyntaxError as error:
            raise TemplateFault(f"{locale}: {name}: {error.message}") from error
        if any(not isinstance(node, PARTS_OF_SENTENCES) for node in parsed.find_all(Node)):
            raise TemplateFault(f"{locale}: {name} may name words, and do nothing with them")
        used = find_undeclared_variables(parsed)
        if unknown := sorted(used - set(self._kinds[name])):
            raise TemplateFault(f"{locale}: {name} uses {unknown}, which it does not declare")


@cache  # Compiling costs a hundred times what rendering does.
def load_letters() -> Letters:
    """
    Return the letters of this version.

    Raises:
        TemplateFault: one of them could not be sent.
    """
    texts = {locale: _table(f"{locale}.toml") for locale in LOCALES}
    return Letters(_table("letters.toml"), texts)


def _table(name: str) -> Table:
    return tomllib.loads(files(__package__).joinpath(TEMPLATES, name).read_text(encoding="utf-8"))


def _templates(
    environment: ImmutableSandboxedEnvironment, lists: Mapping[str, list[str]]
) -> dict[str, list[Template]]:
    return {part: [environment.from_string(each) for each in lists[part]] for part in lists}


def _subject(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_SUBJECT else line[: LONGEST_SUBJECT - 1].rstrip() + "…"
