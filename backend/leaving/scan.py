"""Looking for somebody in everything that is stored: the proof that nothing is left."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.adapters.blobs import Blobs
from backend.adapters.firestore import Store

PAGE = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """Where one of the terms stands: a document's path or a file's name, and the field."""

    place: str
    field: str
    term: str


class Scan:
    """
    Reads all there is, and so is for operators and tests alone.

    Terms are found anywhere in texts, names of fields, paths and names of files, whatever the
    case. What is inside of files is not read: they belong to nobody but those whose folder they
    lie in.
    """

    def __init__(self, store: Store, blobs: Blobs | None) -> None:
        self._store = store
        self._blobs = blobs

    def find(self, terms: Sequence[str]) -> Iterator[Finding]:
        """List where the terms stand."""
        wanted = {term.casefold(): term for term in terms if term}
        for path, fields in self._documents():
            for field, text in [("", path), *_texts("", fields)]:
                folded = text.casefold()
                for term, given in wanted.items():
                    if term in folded:
                        yield Finding(path, field, given)
        for name in self._files():
            for term, given in wanted.items():
                if term in name.casefold():
                    yield Finding(name, "", given)

    def collections(self) -> set[str]:
        """List which collections there are, each by the names on its documents' paths."""
        return {"/".join(path.split("/")[::2]) for path, _ in self._documents()}

    def _documents(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        after = ""
        while found := self._store.below("", limit=PAGE, after=after, whole=True):
            for stored in found:
                yield stored.path, stored.fields
            after = found[-1].path

    def _files(self) -> Iterator[str]:
        if self._blobs is None:
            return
        after = ""
        while found := self._blobs.listed("", limit=PAGE, after=after):
            for blob in found:
                yield blob.name
            after = found[-1].name


def _texts(name: str, value: Any) -> Iterator[tuple[str, str]]:
    match value:
        case Mapping():
            for key, inner in value.items():
                below = f"{name}.{key}" if name else str(key)
                yield below, str(key)
                yield from _texts(below, inner)
        case list() | tuple():
            for inner in value:
                yield from _texts(name, inner)
        case str():
            yield name, value
        case bytes():
            yield name, value.decode(errors="replace")
