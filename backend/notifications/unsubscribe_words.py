"""What the pages say that lead out of mail, in every language that mail is written in."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

ENGLISH = "en"
LOCALES = (ENGLISH, "de", "es", "fr", "pt")
PAGES = "pages/unsubscribing"


@dataclass(frozen=True, slots=True)
class PageWords:
    """The sentences of one language, and how it calls each kind of mail."""

    locale: str
    sentences: Mapping[str, str]
    lists: Mapping[str, str]

    def say(self, sentence: str, *, about: str = "") -> str:
        """Return a sentence; `about` is the kind of mail that it names."""
        return self.sentences[sentence].replace("{list}", self.lists.get(about, about))


def page_words(locale: str | None) -> PageWords:
    """Return the sentences of a language, or the English ones where we lack it."""
    return _languages().get(locale or ENGLISH) or _languages()[ENGLISH]


@cache
def _languages() -> Mapping[str, PageWords]:
    return {locale: _read(locale) for locale in LOCALES}


def _read(locale: str) -> PageWords:
    source = files(__package__).joinpath(PAGES, f"{locale}.toml").read_text(encoding="utf-8")
    texts = tomllib.loads(source)
    lists = texts.pop("lists")
    return PageWords(locale, texts, lists)
