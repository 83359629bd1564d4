"""
Words as search sees them: case, accents and the width of letters make no difference. Pure.

Most scripts put blanks between words, which are found by how they begin. Those that do not
(Chinese, Japanese, Thai and others) are found by any two neighbouring characters.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

# A word is found by prefixes of these lengths; what lies between is decided in the process. Six
# tokens for a long word, instead of one for each of its letters.
LENGTHS = (1, 2, 3, 5, 8, 12)
SHORTEST_IN_TEXT = 3  # Below this a word in a text must be given whole; in a title one letter does.

# Scripts without blanks between words, as ranges of a pattern. Hangul has them.
UNSPACED = (
    "\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f"  # Burmese
    "\u1780-\u17ff"  # Khmer
    "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Hiragana, Katakana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
)
# Marks that careful writers set and hasty ones leave out: accents, Hebrew and Arabic vowels. Those
# of other scripts, such as the vowels of Devanagari, make another word.
ACCENTS = "\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670"
# Letters that Unicode does not take apart, but people type without their stroke.
STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "\u0131": "i", "ħ": "h"}
)


def _unlettered() -> tuple[str, str]:
    """Return all marks, and all that cannot be seen, each to stand in a pattern."""
    found: dict[str, list[str]] = {"M": [], "C": []}
    for point in (*range(0x300, 0x20000), 0xAD, *range(0xE0000, 0xE0200)):
        category = unicodedata.category(chr(point))
        if category[0] == "M" or category == "Cf":
            found[category[0]].append(re.escape(chr(point)))
    return "".join(found["M"]), "".join(found["C"])


MARKS, UNSEEN = _unlettered()  # The latter: zero-width characters, directions, soft hyphens.
JOINED = f"{MARKS}{UNSEEN}"  # They belong to the word they stand in.
LETTER = r"[^\W_]"  # Or digit.
SPACED = "spaced"
PLAIN = re.compile(f"(?P<{SPACED}>[A-Za-z0-9]+)")
ANY = re.compile(
    f"(?P<{SPACED}>(?![{UNSPACED}]){LETTER}(?:(?![{UNSPACED}]){LETTER}|[{JOINED}])*)"
    f"|{LETTER}(?:(?=[{UNSPACED}]){LETTER}|[{JOINED}])*"
)
NO_WORD = re.compile(f"[^\\w{MARKS}]|_")
IGNORED = re.compile(f"[{ACCENTS}{UNSEEN}]")


class Word(NamedTuple):
    """A word, or a run of characters without blanks: where it stands in its text, and folded."""

    start: int
    end: int
    folded: str
    is_spaced: bool


def words_of(text: str) -> Iterator[Word]:
    """List the words of a text, in their order."""
    for found in (PLAIN if text.isascii() else ANY).finditer(text):
        if plain := folded(found.group()):
            yield Word(found.start(), found.end(), plain, found.lastgroup == SPACED)


def tokens_of(word: Word, *, in_title: bool) -> list[str]:
    """Return what a word is stored under, so that `key_of` finds it."""
    text = word.folded
    if word.is_spaced:
        least = 1 if in_title else min(SHORTEST_IN_TEXT, len(text))
        return [text[:length] for length in LENGTHS if least <= length <= len(text)]
    pairs = [one + other for one, other in pairwise(text)]
    return [*text, *pairs] if in_title or not pairs else pairs


def key_of(term: Word) -> str:
    """Return the one token by which everything that a term may mean is found."""
    if not term.is_spaced:
        return term.folded[:2]
    return term.folded[: max(length for length in LENGTHS if length <= len(term.folded))]


def is_met_by(term: Word, word: Word, *, in_title: bool) -> bool:
    """Say whether a word is what somebody looks for: it begins so, or has it in a run."""
    if term.is_spaced != word.is_spaced:
        return False
    if not in_title and len(term.folded) < (SHORTEST_IN_TEXT if term.is_spaced else 2):
        return term.folded == word.folded
    if term.is_spaced:
        return word.folded.startswith(term.folded)
    return term.folded in word.folded


@lru_cache(maxsize=16384)  # Most words of a workspace come again and again.
def folded(word: str) -> str:
    """Return letters, digits and their marks alone: without case, accents, width, the unseen."""
    if word.isascii():
        return NO_WORD.sub("", word).lower()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    kept = NO_WORD.sub("", IGNORED.sub("", apart))
    return unicodedata.normalize("NFC", kept).translate(STROKES)
