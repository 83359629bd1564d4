"""A store for the length of a rehearsal: it reads through to the real one, and keeps its writes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from google.api_core import exceptions as gcp

from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import (
    NAME,
    Adjust,
    Bump,
    Change,
    Create,
    Fields,
    Increment,
    Put,
    Query,
    Remove,
    Stored,
    Unchanged,
    Write,
)
from backend.kit.queries import answer, lies_in

# No document of the real database was ever written then, so that nothing else has such a time.
FIRST_WRITE = datetime(1970, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Kept:
    """A document that was written, before and after; None where there was, or is, none."""

    before: Stored | None
    after: Stored | None


class OverlayStore(Store):
    """
    The documents of `real` as they would be after what was written here. Nothing reaches `real`.

    Preconditions hold as in Firestore. What was read is read once: the rehearsal goes on from one
    state of things, whatever people do meanwhile. `kept` lists all that was written since it was
    asked for last.
    """

    def __init__(self, real: Store, clock: Clock) -> None:
        super().__init__("", clock, emulated=False)
        self._real = real
        self._seen: dict[str, Stored | None] = {}
        self._written: dict[str, Stored | None] = {}
        self._kept: list[Kept] = []
        self._commits = 0

    def kept(self) -> list[Kept]:
        """Return what was written since this was asked for last, in order."""
        kept, self._kept = self._kept, []
        return kept

    def written_in(self, collection: str) -> list[Stored]:
        """Return the documents of a collection that were written here and are still there."""
        beneath = f"{collection}/"
        return [
            stored
            for path, stored in self._written.items()
            if stored is not None and path.startswith(beneath)
        ]

    def has_written(self, path: str) -> bool:
        """Whether a document was written, or taken away, here."""
        return path in self._written

    def really(self, query: Query) -> list[Stored]:
        """Run a bounded query over what is stored, whatever was written here."""
        return self._real.find(query)

    def get_all(self, paths: Sequence[str]) -> list[Stored | None]:
        """Read documents, from the real store where they were not read before."""
        known = self._written.keys() | self._seen.keys()
        missing = [path for path in dict.fromkeys(paths) if path not in known]
        if missing:
            self._seen |= dict(zip(missing, self._real.get_all(missing), strict=True))
        return [self._current(path) for path in paths]

    def find(self, query: Query) -> list[Stored]:
        """Run a bounded query over what is stored and what was written here."""
        mine = [path for path in self._written if lies_in(query, path)]
        # As many more as may have been changed or taken away here.
        found = self._real.find(replace(query, limit=query.limit + len(mine), only=()))
        documents = {stored.path: self._once_seen(stored) for stored in found}
        documents |= {path: self._written[path] for path in mine}
        return self._among(query, [each for each in documents.values() if each])

    def below(self, path: str, *, limit: int, after: str = "", whole: bool = False) -> list[Stored]:
        """Read documents below one, at any depth, by path."""
        found = self._real.below(path, limit=limit + len(self._written), after=after, whole=whole)
        documents: dict[str, Stored | None] = {stored.path: stored for stored in found}
        documents |= {
            name: stored
            for name, stored in self._written.items()
            if name.startswith(f"{path}/" if path else "") and name > after
        }
        return [each for _, each in sorted(documents.items()) if each is not None][:limit]

    def count(self, query: Query) -> int:
        """Count what a query finds, whatever its `limit` and `after`."""
        mine = [path for path in self._written if lies_in(query, path)]
        total = self._real.count(query)
        if not mine:
            return total
        whole = replace(query, limit=len(mine), after=None)
        before = [stored for stored in self._real.get_all(mine) if stored]
        after = [stored for path in mine if (stored := self._written[path])]
        return total - len(self._among(whole, before)) + len(self._among(whole, after))

    def _current(self, path: str) -> Stored | None:
        return self._written[path] if path in self._written else self._seen[path]

    def _once_seen(self, stored: Stored) -> Stored | None:
        return self._seen.setdefault(stored.path, stored)

    def _among(self, query: Query, documents: list[Stored]) -> list[Stored]:
        # Conditions may name the path, which is no field.
        named = [replace(each, fields={**each.fields, NAME: each.path}) for each in documents]
        by_path = {each.path: each for each in documents}
        return [by_path[each.path] for each in answer(query, named)]

    def _commit(self, writes: Sequence[Write]) -> list[datetime]:
        self.get_all([_path(write) for write in writes])
        for write in writes:
            self._check(write)
        self._commits += 1
        at = FIRST_WRITE + timedelta(microseconds=self._commits)
        for write in writes:
            self._apply(write, at)
        return [at for _ in writes]

    def _check(self, write: Write) -> None:
        present = self._current(_path(write))
        match write:
            case Create() if present is not None:
                raise gcp.AlreadyExists("There is such a document.")
            case Change(of) | Remove(of) | Unchanged(of) if (
                present is None or present.updated_at != of.updated_at
            ):
                raise gcp.FailedPrecondition("It was written to since.")
            case Bump() if present is None:
                raise gcp.NotFound("There is no such document.")

    def _apply(self, write: Write, at: datetime) -> None:
        path = _path(write)
        before = self._current(path)
        if isinstance(write, Unchanged):
            return
        fields = _after(write, before.fields if before else {})
        after = None if fields is None else Stored(path, fields, at)
        self._written[path] = after
        self._kept.append(Kept(before, after))


def _path(write: Write) -> str:
    match write:
        case Change(of) | Remove(of) | Unchanged(of):
            return of.path
        case _:
            return write.path


def _after(write: Write, before: Fields) -> Fields | None:
    match write:
        case Create(_, fields) | Put(_, fields):
            return {name: _merged(None, value) for name, value in fields.items()}
        case Change(_, fields):
            changed = {name: _value(before.get(name), value) for name, value in fields.items()}
            return {**before, **changed}
        case Adjust(_, fields) | Bump(_, fields):
            merged: Fields = _merged(before, fields)
            return merged
        case _:
            return None


def _merged(before: Any, value: Any) -> Any:
    """Return a value as it lies over another: maps into each other, at any depth."""
    if not isinstance(value, dict):
        return _value(before, value)
    held = before if isinstance(before, dict) else {}
    return {**held, **{name: _merged(held.get(name), each) for name, each in value.items()}}


def _value(before: Any, value: Any) -> Any:
    """Return a value in place of another: maps whole, and increments added to what was there."""
    match value:
        case Increment(by):
            return (before if isinstance(before, int | float) else 0) + by
        case dict():
            held = before if isinstance(before, dict) else {}
            return {name: _value(held.get(name), each) for name, each in value.items()}
        case _:
            return value
