"""What is put into a template, made safe by its kind: for a screen, or for a mail."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.mailing.words import link as mail_link
from backend.mailing.words import plain as mail_plain
from backend.templating.language import day_in_words, number_in_words
from backend.templating.model import MAX_BODY, MOST_LISTED, Kind, Values, Variable

LONGEST_TEXT = MAX_BODY + 60  # What is longer is cut anyway once it is in its sentence.
GREATEST = 10**12
LISTED = ("title", "due", "link")  # What each entry of a LIST has.
_PATH = re.compile(r"/(?!/)[A-Za-z0-9/_~.:?=&%#,+@!$'()*;-]*")
_INVISIBLE = ("Cc", "Cf", "Cs", "Co")  # Controls, zero-width and direction marks, surrogates.
_MARKS = ("Mn", "Me")
MOST_MARKS = 3  # On one letter: languages need no more, and a pile of them covers other lines.


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language: its code, the words that all templates share, and the names of choices."""

    language: str
    common: Mapping[str, str]
    choices: Mapping[Kind, Mapping[str, str]]


class Count(int):
    """A number that is written as people of a language write it, and counts as itself."""

    shown: str

    @classmethod
    def of(cls, number: int, language: str) -> "Count":
        """Return a number for a template."""
        count = cls(number)
        count.shown = number_in_words(number, language)
        return count

    def __str__(self) -> str:
        """Return the number as people write it."""
        return self.shown


def plain(text: str) -> str:
    """
    Return the text on one line, without control, format or direction characters.

    Of the marks on one letter three are left, so that none reaches into the lines around it.
    """
    spaced = " ".join(text[: 8 * LONGEST_TEXT].split())
    shown: list[str] = []
    marks = 0
    for character in spaced:
        category = unicodedata.category(character)
        marks = marks + 1 if category in _MARKS else 0
        if category not in _INVISIBLE and marks <= MOST_MARKS:
            shown.append(character)
    return "".join(shown)


def shortened(text: str, length: int) -> str:
    """Return the text, cut to so many characters, the last of which then says that it was."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def link_to(text: str, base_url: str = "") -> str:
    """
    Return the address of a path in the app, or an http(s) address as it is.

    Raises:
        ValueError: it is neither.
    """
    return base_url + text if _PATH.fullmatch(text) else mail_link(text)


@dataclass(frozen=True, slots=True)
class Filling:
    """
    Makes values fit for one language and one way to reach people.

    `base_url` stands before paths in the app: a mail is read elsewhere.
    """

    tongue: Tongue
    for_mail: bool
    base_url: str = ""

    def exactly(self, variables: Mapping[str, Variable], values: Values) -> dict[str, Any]:
        """
        Return the values for a template.

        Raises:
            ValueError: one is unknown, missing, or not of its kind. It says which, never what.
        """
        if unknown := sorted(set(values) - set(variables)):
            raise ValueError(f"there is no {', '.join(unknown)}")
        filled = {}
        for name, variable in variables.items():
            value = values.get(name)
            if value is None and not variable.is_optional:
                raise ValueError(f"{name} is missing")
            try:
                filled[name] = self._filled(variable, value)
            except (ValueError, TypeError, KeyError) as error:
                raise ValueError(f"{name} is no {variable.kind.value}") from error
        return filled

    def leniently(self, variables: Mapping[str, Variable], values: Values) -> dict[str, Any]:
        """Return the values for a template, where what another release stored may not fit."""
        filled = {}
        for name, variable in variables.items():
            try:
                filled[name] = self._filled(variable, values.get(name))
            except (ValueError, TypeError, KeyError):
                filled[name] = self._filled(Variable(variable.kind, is_optional=True), None)
        return filled

    def _filled(self, variable: Variable, value: Any) -> Any:
        kind = variable.kind
        if value is None or (variable.is_optional and value == ""):
            return self._nothing(kind)
        if kind is Kind.NUMBER:
            return self._number(value)
        if kind is Kind.LIST:
            return [self._entry(each) for each in _listed(value)]
        if not isinstance(value, str):
            raise TypeError("this is no text")
        return self._said(kind, value)

    def _said(self, kind: Kind, value: str) -> str:
        match kind:
            case Kind.TEXT:
                return self._text(value)
            case Kind.PERSON:
                return self._text(value) or self.tongue.common["someone"]
            case Kind.DAY:
                return day_in_words(value, self.tongue.language)
            case Kind.LINK:
                return self.link(value)
        return self.tongue.choices[kind][value]

    def _number(self, value: object) -> Count:
        if type(value) is not int or abs(value) > GREATEST:
            raise ValueError("this is no number to tell people")
        return Count.of(value, self.tongue.language)

    def link(self, text: str) -> str:
        """
        Return an address: that of a path in the app, or an http(s) address as it is.

        Raises:
            ValueError: it is neither.
        """
        return link_to(text, self.base_url)

    def _nothing(self, kind: Kind) -> Any:
        match kind:
            case Kind.PERSON:
                return self.tongue.common["someone"]
            case Kind.NUMBER:
                return Count.of(0, self.tongue.language)
            case Kind.LIST:
                return []
        return ""

    def _entry(self, value: object) -> dict[str, str]:
        if not isinstance(value, Mapping) or set(value) - set(LISTED):
            raise ValueError("an entry has a title, a day and a link")
        due, link = value.get("due", ""), value.get("link", "")
        return {
            "title": self._text(value["title"]),
            "due": day_in_words(due, self.tongue.language) if due else "",
            "link": self.link(link) if link else "",
        }

    def _text(self, text: str) -> str:
        if self.for_mail:
            return mail_plain(plain(text), longest=LONGEST_TEXT)
        return shortened(plain(text), LONGEST_TEXT)


def _listed(value: object) -> Sequence[object]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise TypeError("this is no list")
    return value[:MOST_LISTED]
