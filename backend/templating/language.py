"""What differs between languages besides words: plural forms, numbers, dates."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_decimal

from backend.tasks.due import Due
from backend.templating.model import LOCALES

FALLBACK = LOCALES[0]
# Of the ways to write a date in English, the one that all its readers understand: 24 Dec 2026.
_WRITTEN_AS = {"en": "en_GB"}
NUMBER_SIGN = "#"  # Where a plural form wants its number.
_COMMON = 1_000  # Numbers up to here need all the forms that people ever see.


def language(locale: str) -> str:
    """Return the language we write in to somebody of a locale such as `pt-BR` or `de_AT`."""
    wanted = locale.replace("_", "-").partition("-")[0].lower()
    return wanted if wanted in LOCALES else FALLBACK


def due_value(due: Due) -> str:
    """Return a due date as a template takes it: "2026-12-24" or "2026-12-24T18:00"."""
    return f"{due.day.isoformat()}T{due.time:%H:%M}" if due.time else due.day.isoformat()


def due_in_words(due: Due, locale: str) -> str:
    """Return a due date as people of a language read it: `24 Dec 2026, 18:00`."""
    return day_in_words(due_value(due), language(locale))


def day_in_words(text: str, language: str) -> str:
    """
    Return "2026-12-24", or "2026-12-24T18:00", as people of a language write it.

    Raises:
        ValueError: it is neither.
    """
    written = _babel(language)
    if "T" not in text:
        return format_date(date.fromisoformat(text), "medium", locale=written)
    at = datetime.fromisoformat(text).replace(tzinfo=None)
    # As it is meant where it is read: no zone, and nothing is converted.
    time = format_time(at.time(), "HH:mm", locale=written)
    return f"{format_date(at.date(), 'medium', locale=written)}, {time}"


def number_in_words(number: int, language: str) -> str:
    """Return a number as people of a language write it: `1,234`."""
    return str(format_decimal(number, locale=_babel(language)))


def plural(number: int, forms: Mapping[str, str], language: str) -> str:
    """
    Return the one of `forms` that a number takes, by CLDR's plural rules, with the number in it.

    `forms` are by category: `one`, `other` and so on. A form that is missing is `other`.
    """
    form = forms.get(_rule(language)(number), forms["other"])
    return form.replace(NUMBER_SIGN, number_in_words(number, language))


@cache
def needed_forms(language: str) -> frozenset[str]:
    """Return the plural forms without which a language has no sentence for common numbers."""
    rule = _rule(language)
    return frozenset({"other", *map(rule, range(_COMMON))})


@cache
def known_forms(language: str) -> frozenset[str]:
    """Return all plural forms that a language has: French has one of its own for millions."""
    return frozenset({"other", *_rule(language).tags})


@cache
def _babel(language: str) -> Locale:
    return Locale.parse(_WRITTEN_AS.get(language, language))


def _rule(language: str):  # type: ignore[no-untyped-def]  # noqa: ANN202 - Babel's own class.
    return _babel(language).plural_form
