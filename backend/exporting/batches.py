"""Reading what belongs into an archive, in batches of which each fits into memory and a step."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO

from backend.exporting.chapters import MOST_FILES, Chapter, Placed, Section, placed
from backend.exporting.segments import Segment
from backend.kit.tagged import line_of

# The end of a batch follows from the documents alone, never from how quickly they were read: the
# same documents make the same entries.
MOST_DOCUMENTS = 1000
MOST_BYTES = 8 * 1024 * 1024
FILE_WEIGHS = MOST_BYTES // MOST_FILES  # Before it is known how large it is.


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading goes on: behind a path of a chapter."""

    chapter: int = 0
    after: str = ""


@dataclass(slots=True)
class Batch:
    """Lines of each collection, files that go with them, and where the next batch begins."""

    number: int
    next: Place
    lines: dict[tuple[Section, str], list[bytes]] = field(default_factory=lambda: defaultdict(list))
    files: list[str] = field(default_factory=list)
    documents: int = 0
    bytes: int = 0

    def is_full(self, most_documents: int) -> bool:
        """Whether the rest must wait for the next batch."""
        weight = self.bytes + len(self.files) * FILE_WEIGHS
        return self.documents >= most_documents or weight >= MOST_BYTES

    def take(self, document: Placed) -> None:
        """Add a document."""
        line = line_of(path=document.path, data=document.data)
        self.lines[document.section, document.collection].append(line)
        self.documents += 1
        self.bytes += len(line)

    def write_into(self, segment: Segment) -> None:
        """Write an entry for each collection, its number in its name from the second batch on."""
        suffix = "" if self.number == 1 else f".{self.number}"
        for (section, collection), lines in sorted(self.lines.items()):
            segment.add(
                f"{section.value}/{collection}{suffix}.ndjson",
                BytesIO(b"".join(lines)),
                section=section.value,
                collection=collection,
                documents=len(lines),
            )


def read_batch(
    chapters: Sequence[Chapter], uid: str, number: int, place: Place, *, most: int
) -> Batch:
    """Read from a place on until the batch is full or everything is read."""
    batch = Batch(number, place)
    while batch.next.chapter < len(chapters) and not batch.is_full(most):
        chapter = chapters[batch.next.chapter]
        found = chapter.find(uid, batch.next.after)
        for stored in found:
            document = placed(stored, uid=uid, chapter=chapter)
            if document is not None:
                batch.take(document)
            if chapter.has_files:  # Also of attachments at home, which stand there already.
                batch.files.append(stored.path)
        is_over = len(found) < chapter.page
        batch.next = (
            Place(batch.next.chapter + 1) if is_over else Place(batch.next.chapter, found[-1].path)
        )
    return batch


def totals(entries: Sequence[Mapping[str, object]]) -> dict[str, dict[str, int]]:
    """Count documents by section and collection, for the manifest."""
    counts: dict[str, dict[str, int]] = {}
    for entry in entries:
        if isinstance(documents := entry["documents"], int):
            section = counts.setdefault(str(entry["section"]), {})
            collection = str(entry["collection"])
            section[collection] = section.get(collection, 0) + documents
    return counts
