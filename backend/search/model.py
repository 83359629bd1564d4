"""What somebody looks for, and how well something found answers it. Pure."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from backend.kit.errors import InvalidArgument
from backend.search.entries import Entry
from backend.search.words import Word, is_met_by, key_of, words_of

LONGEST_QUERY = 200  # Characters.
SNIPPET, BEFORE = 160, 40  # Characters: of all, and of those before the word that was found.
# How good it is that a term is found: in the title before the text, and whole before begun.
TITLE, TEXT = (8, 5), (2, 1)
BEGINS_WITH_IT, AS_TYPED = 2, 4  # The title begins with the first term; terms follow each other.


@dataclass(frozen=True, slots=True)
class Sought:
    """What was typed, as words. All of them must be found, the title and the text together."""

    terms: tuple[Word, ...]

    @classmethod
    def in_words(cls, text: str) -> "Sought":
        """
        Read what somebody typed.

        Raises:
            InvalidArgument: there is neither a letter nor a digit in it.
        """
        found = {term.folded: term for term in words_of(text)}
        if not found:
            raise InvalidArgument("Say a word to look for, or how it begins.", pointer="/q")
        return cls(tuple(found.values()))

    @property
    def key(self) -> str:
        """The token to ask for: of the longest term, which the fewest entries have."""
        return max(map(key_of, self.terms), key=len)


@dataclass(frozen=True, slots=True)
class Hit:
    """
    An entry that was found.

    `snippet` is a piece of its text as it was typed, blanks and line breaks as one blank: text to
    be shown as such, never HTML. "" where the entry has no text.
    """

    entry: Entry
    score: int
    snippet: str


def best(entries: Iterable[Entry], sought: Sought, *, limit: int) -> tuple[list[Hit], int]:
    """
    Return the best of the entries that have all terms, and how many have them.

    Best first; among equals what is not archived, then what changed last.
    """
    scored = [
        (score, entry) for entry in entries if (score := score_of(entry, sought.terms)) is not None
    ]
    scored.sort(key=lambda each: (each[1].updated_at, each[1].id), reverse=True)
    scored.sort(key=lambda each: (-each[0], each[1].is_archived))
    hits = [Hit(entry, score, snippet(entry.text, sought.terms)) for score, entry in scored[:limit]]
    return hits, len(scored)


def score_of(entry: Entry, terms: Sequence[Word]) -> int | None:
    """Return how well an entry answers the terms, or None where one of them is not found."""
    title, text = [*words_of(entry.title)], [*words_of(entry.text)]
    score = 0
    for term in terms:
        found = _points(term, title, TITLE, in_title=True) or _points(
            term, text, TEXT, in_title=False
        )
        if not found:
            return None
        score += found
    if title and is_met_by(terms[0], title[0], in_title=True):
        score += BEGINS_WITH_IT
    if len(terms) > 1 and _follow_each_other(terms, title):
        score += AS_TYPED
    return score


def snippet(text: str, terms: Sequence[Word]) -> str:
    """Return a piece of a text around the first word that is sought; its beginning without one."""
    first = next(_places(text, terms), 0)
    start = _after_blank(text, first) if first > BEFORE else 0
    piece = text[start : start + SNIPPET]
    before, after = "…" if start else "", "…" if start + SNIPPET < len(text) else ""
    return f"{before}{' '.join(piece.split())}{after}"


def _places(text: str, terms: Sequence[Word]) -> Iterator[int]:
    for word in words_of(text):
        for term in terms:
            if is_met_by(term, word, in_title=False):
                # In a run without blanks about there: folding hardly moves letters.
                yield min(word.start + word.folded.find(term.folded), word.end - 1)


def _points(term: Word, words: Sequence[Word], points: tuple[int, int], *, in_title: bool) -> int:
    whole, begun = points
    met = [word for word in words if is_met_by(term, word, in_title=in_title)]
    if not met:
        return 0
    return whole if any(word.folded == term.folded for word in met) else begun


def _follow_each_other(terms: Sequence[Word], title: Sequence[Word]) -> bool:
    return any(
        all(
            is_met_by(term, word, in_title=True)
            for term, word in zip(terms, title[start : start + len(terms)], strict=True)
        )
        for start in range(len(title) - len(terms) + 1)
    )


def _after_blank(text: str, place: int) -> int:
    """Return where to begin, so that neither a word nor a letter with its marks is cut."""
    start = place - BEFORE
    for candidate in range(start, place):
        if text[candidate].isspace():
            return candidate + 1
    while start < place and unicodedata.category(text[start])[0] == "M":
        start += 1
    return start
