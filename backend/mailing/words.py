"""The words that composers hand over, made safe for a letter, by their kind."""

import re
import unicodedata
from datetime import datetime
from enum import StrEnum

LONGEST_TEXT = 200
# Mail programs turn what looks like an address into a link, and so lend our name to whoever called
# a workspace "evil.com". A dot before a letter gets a space, in all its forms.
_DOT = re.compile(r"[.\u3002\uff0e\uff61](?=\w)(?!\d)")
_SCHEME = re.compile(r"[:\uff1a]\s*[/\uff0f]{2,}")
_LINK = re.compile(r"https?://[A-Za-z0-9.:-]+(?:/[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7e]*)?")


_OPAQUE = re.compile(r"[A-Za-z0-9_-]{1,4000}")


class Kind(StrEnum):
    """What a word is."""

    TEXT = "text"
    LINK = "link"
    NUMBER = "number"
    DAY = "day"
    ROLE = "role"
    PLATFORM = "platform"
    OPAQUE = "opaque"


def plain(text: str, *, longest: int = LONGEST_TEXT) -> str:
    """
    Return what a person wrote as one line of plain text, of at most so many characters.

    Without controls, direction marks and zero-width characters, and nothing becomes a link.
    """
    spaced = " ".join(text.split())
    # Cc and Cf: controls, zero-width characters, right-to-left overrides. Cs: lone surrogates.
    shown = "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))
    unlinked = _DOT.sub(". ", _SCHEME.sub(": ", shown))
    if len(unlinked) > longest:
        return unlinked[: longest - 1].rstrip() + "…"
    return unlinked


def link(text: str) -> str:
    """
    Return an address that a letter may lead to.

    Raises:
        ValueError: it is no http(s) address, or holds what does not belong into one.
    """
    if not _LINK.fullmatch(text):
        raise ValueError("no address to link to")  # Unquoted: it may open an account.
    return text


def opaque(text: str) -> str:
    """
    Return what a program reads again: letters and digits of ours, too many for a link.

    Raises:
        ValueError: it is something else.
    """
    if not _OPAQUE.fullmatch(text):
        raise ValueError("this is not opaque")
    return text


def day(text: str, *, months: list[str], form: str, time_form: str) -> str:
    """
    Return "2026-11-28", or "2026-11-28T14:05", as people of a language write it.

    Raises:
        ValueError: it is neither.
    """
    instant = datetime.fromisoformat(text)
    written = form.format(day=instant.day, month=months[instant.month - 1], year=instant.year)
    if "T" not in text:
        return written
    return time_form.format(day=written, time=f"{instant:%H:%M}")
