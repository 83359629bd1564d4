"""Finding a rank for what is put between others; making room where there is none."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from backend.kit.documents import Query, Stored
from backend.kit.errors import FailedPrecondition
from backend.kit.ranks import LONG_RANK, NoRoom, between, is_rank, mended

AROUND = 100  # On either side of a place without room: what is looked at, and at most moved.


# Makes a query of an order (`rank` or `-rank`), a limit and a position to begin behind.
Asking = Callable[[str, int, tuple[Any, ...] | None], Query]


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where something is to stand: at a rank, behind one other, before another, or between the two.

    With nothing of that it is the end. The others are named by their ids.
    """

    rank: str | None = None
    after: str | None = None
    before: str | None = None

    @property
    def named(self) -> dict[str, str]:
        """The ids of the others, by `after` and `before`."""
        return {
            name: other
            for name, other in (("after", self.after), ("before", self.before))
            if other is not None
        }


@dataclass(frozen=True, slots=True)
class Placing:
    """The rank found for something, and others with the ranks they get to make room."""

    rank: str
    others: list[tuple[Stored, str]] = field(default_factory=list)


class Siblings:
    """What stands in one order: the documents of a query, by `rank` and then by path."""

    def __init__(
        self,
        find: Callable[[Query], list[Stored]],
        query: Asking,
    ) -> None:
        self._find = find
        self._query = query

    def near(self, of: Stored | None, limit: int, *, before: bool = False) -> list[Stored]:
        """Return those behind one, or before it, the nearest first; from the end where None."""
        order = "-rank" if before else "rank"
        after = (of.fields.get("rank"), of.path) if of is not None else None
        return self._find(self._query(order, limit, after))


def place(siblings: Siblings, moving: str, to: Place, named: Mapping[str, Stored]) -> Placing:
    """
    Find the rank of a place; `named` are the documents of the others it names.

    If these stand the other way round by now, `after` counts. `moving` is the path of what is
    placed, which may stand among them already. One round trip and two reads, or none with both
    named; where there is no room, three more and `AROUND` reads on either side.

    Raises:
        FailedPrecondition: even with many neighbours moved there is no room.
    """
    if to.rank is not None:
        return Placing(to.rank)
    after, before = named.get("after"), named.get("before")
    if after is None or before is None:
        after, before = _neighbours(siblings, moving, after, before)
    if _have_ranks(after, before):
        with suppress(NoRoom):
            return Placing(between(_rank(after), _rank(before), longest=LONG_RANK))
    if after is not None:
        after, before = _neighbours(siblings, moving, after, None)
        if _have_ranks(after, before):
            with suppress(NoRoom):
                return Placing(between(_rank(after), _rank(before), longest=LONG_RANK))
    return _pushed_in(siblings, moving, after, before)


def _neighbours(
    siblings: Siblings, moving: str, after: Stored | None, before: Stored | None
) -> tuple[Stored | None, Stored | None]:
    looks_back = after is None
    found = siblings.near(before if looks_back else after, 2, before=looks_back)
    other = next((each for each in found if each.path != moving), None)
    return (other, before) if looks_back else (after, other)


def _have_ranks(*found: Stored | None) -> bool:
    return all(each is None or _rank(each) is not None for each in found)


def _pushed_in(
    siblings: Siblings, moving: str, after: Stored | None, before: Stored | None
) -> Placing:
    """Give the neighbours new ranks, as few as will do, so that something fits in between."""
    earlier, low = _side(siblings, moving, after, backwards=True)
    later, high = _side(siblings, moving, before, backwards=False)
    standing = [*reversed(earlier), *later]
    ranks = [_rank(each) for each in standing]
    ranks.insert(len(earlier), None)
    try:
        found = mended(ranks, _rank(low), _rank(high))
    except NoRoom:
        raise FailedPrecondition("There is no room between so many.") from None
    rank = found.pop(len(earlier))
    others = [(standing[at - (at > len(earlier))], new) for at, new in found.items()]
    return Placing(rank, others)


def _side(
    siblings: Siblings, moving: str, nearest: Stored | None, *, backwards: bool
) -> tuple[list[Stored], Stored | None]:
    """Return what stands on one side of the place, the nearest first, and where that ends."""
    if nearest is None:
        return [], None
    rest = siblings.near(nearest, AROUND, before=backwards)
    end = rest[-1] if len(rest) == AROUND and rest[-1].path != moving else None
    others = [each for each in rest if each.path != moving and each is not end]
    return [nearest, *others], end


def _rank(stored: Stored | None) -> str | None:
    rank = stored.fields.get("rank") if stored is not None else None
    return rank if is_rank(rank) else None
