"""
Ranks: where something stands among others, as a string that sorts.

A rank is a fraction between 0 and 1, written in base 62 without the `0.`: "V" lies half-way.
Between any two there is another, so putting something elsewhere writes one document. What stands
at the same rank is ordered by id.
"""

import random
import re
from collections.abc import Sequence

MAX_RANK = 64
LONG_RANK = 24  # From here on neighbours are moved apart, so that none ever comes near `MAX_RANK`.
TIDY_RANK = 12  # What remains of them afterwards.
# Digits sort before capitals before small letters, in Firestore as in Python.
PATTERN = re.compile(r"[0-9A-Za-z]{1,64}")
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
VALUES = {digit: value for value, digit in enumerate(DIGITS)}
BASE = len(DIGITS)
# So many places a gap has at least, for two who aim at it at once to hit different ones.
PLACES = BASE * BASE
APART = BASE  # So many lie between neighbours that were spread.


class NoRoom(ValueError):
    """Between these two ranks there is none of the length wanted."""


def is_rank(text: object) -> bool:
    """Say whether `text` is a rank: 1 to 64 digits and letters."""
    return isinstance(text, str) and PATTERN.fullmatch(text) is not None


def between(low: str | None, high: str | None, *, longest: int = MAX_RANK) -> str:
    """
    Return a rank between two, at random in the middle half; None is the beginning or the end.

    Raises:
        NoRoom: `low` does not lie before `high`, or ranks between them are longer than `longest`.
    """
    first, count, length = _room(low, high, wanted=PLACES, least=1, longest=longest)
    place = count // 4 + random.randrange(count // 2 + 1)  # noqa: S311 - keeps two apart.
    return _written(first + min(place, count - 1), length)


def spread(
    count: int, low: str | None = None, high: str | None = None, *, longest: int = MAX_RANK
) -> list[str]:
    """
    Return so many ranks between two, evenly and well apart.

    Raises:
        NoRoom: there are not so many of the length wanted.
    """
    wanted = (count + 1) * APART
    first, room, length = _room(low, high, wanted=wanted, least=wanted, longest=longest)
    return [
        _written(first + (room - 1) * (each + 1) // (count + 1), length) for each in range(count)
    ]


def mended(
    ranks: Sequence[str | None],
    low: str | None = None,
    high: str | None = None,
    *,
    longest: int = TIDY_RANK,
) -> dict[int, str]:
    """
    Return new ranks, by place, that put things into the order they are given in.

    None has no rank yet. Whatever is too long, or does not lie behind what stands before it, gets
    a rank between its neighbours; these are moved too only where they leave no room. All of them
    lie between `low` and `high`, which stay.

    Raises:
        NoRoom: there are too many for that.
    """
    present = [low, *ranks, high]
    while misplaced := _misplaced(present, longest):
        start = end = misplaced[0]
        bad = set(misplaced)
        new: list[str] | None = None
        while new is None:
            start, end = _up_to_good_ones(start, end, bad)
            new = _fitting(present, start, end, longest)
            if new is None:  # Take in as many on either side as there are.
                by = end - start
                start, end = max(1, start - by), min(len(present) - 1, end + by)
        present[start:end] = new
    return {
        place: rank
        for place, rank in enumerate(present[1:-1])
        if rank is not None and rank != ranks[place]
    }


def _misplaced(present: Sequence[str | None], longest: int) -> list[int]:
    """Return the places, between the first and the last, whose rank cannot stay."""
    low, *_, high = present
    kept = low or ""
    places = []
    for place, rank in enumerate(present[1:-1], start=1):
        fits = rank is not None and len(rank) <= longest and (high is None or rank < high)
        if rank is not None and fits and rank > kept:
            kept = rank
        else:
            places.append(place)
    return places


def _up_to_good_ones(start: int, end: int, bad: set[int]) -> tuple[int, int]:
    """Stretch a run until what stands before and behind it can stay."""
    while start - 1 in bad:
        start -= 1
    while end in bad:
        end += 1
    return start, end


def _fitting(present: Sequence[str | None], start: int, end: int, longest: int) -> list[str] | None:
    try:
        return spread(end - start, present[start - 1], present[end], longest=longest)
    except NoRoom:
        if start == 1 and end == len(present) - 1:
            raise
        return None


def _room(
    low: str | None, high: str | None, *, wanted: int, least: int, longest: int
) -> tuple[int, int, int]:
    """Return the first of the places between two, their number, and the length they have."""
    if low is None or high is None or low < high:
        for length in range(1, longest + 1):
            first = _floor(low, length) + 1 if low is not None else 1
            end = _ceiling(high, length) if high is not None else BASE**length
            if end - first >= (least if length == longest else wanted):
                return first, end - first, length
    raise NoRoom(f"There are no {least} ranks of {longest} characters between these.")


def _floor(rank: str, length: int) -> int:
    """Return the greatest number of this length that is not above a rank."""
    value = 0
    for digit in rank[:length].ljust(length, "0"):
        value = value * BASE + VALUES[digit]
    return value


def _ceiling(rank: str, length: int) -> int:
    """Return the least number of this length that is not below a rank."""
    return _floor(rank, length) + (len(rank) > length and rank[length:].strip("0") != "")


def _written(value: int, length: int) -> str:
    digits = []
    for _ in range(length):
        value, digit = divmod(value, BASE)
        digits.append(DIGITS[digit])
    return "".join(reversed(digits)).rstrip("0")
