"""
A zip archive made in segments by whoever is there, none of whom holds all of it.

A zip is entries one after the other, then a directory that says where each begins. So a segment is
some entries, written as if at its place in the whole; the last one has the directory. Put together
in Cloud Storage they are one ordinary archive.
"""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

IN_MEMORY = 4 * 1024 * 1024
CHUNK = 256 * 1024
READABLE = 0o644 << 16


@dataclass(frozen=True, slots=True)
class Entry:
    """
    What the manifest says of an entry, and what the directory needs to know.

    `documents` is None where the entry holds no lines.
    """

    name: str
    section: str
    collection: str | None
    documents: int | None
    bytes: int
    sha256: str
    packing: int
    packed_bytes: int
    crc: int
    offset: int

    def in_manifest(self) -> dict[str, Any]:
        """Return what the manifest says of it."""
        named = ("name", "section", "collection", "documents", "bytes", "sha256")
        return {name: getattr(self, name) for name in named}

    def as_json(self) -> dict[str, Any]:
        """Return all of it."""
        return asdict(self)


class Segment:
    """Entries that begin at a place of the whole archive."""

    def __init__(self, *, begins_at: int, dated: datetime) -> None:
        # Closed by whoever takes it, or by the collector.
        self._file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115
        self._zip = ZipFile(cast("BinaryIO", _Shifted(self._file, begins_at)), "w")
        self._begins_at = begins_at
        self._dated = dated.timetuple()[:6]
        self.entries: list[Entry] = []

    def add(
        self,
        name: str,
        content: BinaryIO,
        *,
        section: str,
        collection: str | None = None,
        documents: int | None = None,
    ) -> None:
        """Write an entry. Files are kept as they are: most are packed already."""
        info = ZipInfo(name, self._dated)
        info.compress_type = ZIP_STORED if section == "files" else ZIP_DEFLATED
        info.create_system, info.external_attr = 3, READABLE
        digest = hashlib.sha256()
        content.seek(0)
        with self._zip.open(info, "w") as entry:
            while chunk := content.read(CHUNK):
                digest.update(chunk)
                entry.write(chunk)
        self.entries.append(
            Entry(
                name=name,
                section=section,
                collection=collection,
                documents=documents,
                bytes=info.file_size,
                sha256=digest.hexdigest(),
                packing=info.compress_type,
                packed_bytes=info.compress_size,
                crc=info.CRC,
                offset=info.header_offset,
            )
        )

    def ended(self) -> tuple[BinaryIO, int]:
        """Return the segment and its size."""
        size = self._zip.start_dir - self._begins_at
        whole = self._file
        self._zip.filelist = []  # No directory: others will follow.
        self._zip.close()
        whole.truncate(size)
        return cast("BinaryIO", whole), size

    def closed(self, before: Sequence[Entry]) -> tuple[BinaryIO, int]:
        """Return the last segment, with the directory of the whole archive, and its size."""
        self._zip.filelist = [*(self._info(each) for each in before), *self._zip.filelist]
        self._zip.close()
        self._file.seek(0, 2)
        return cast("BinaryIO", self._file), self._file.tell()

    def _info(self, entry: Entry) -> ZipInfo:
        info = ZipInfo(entry.name, self._dated)
        info.create_system, info.external_attr = 3, READABLE
        info.compress_type, info.CRC = entry.packing, entry.crc
        info.compress_size, info.file_size = entry.packed_bytes, entry.bytes
        info.header_offset = entry.offset
        return info


def copied(source: BinaryIO, target: BinaryIO) -> None:
    """Copy a file, a piece at a time."""
    shutil.copyfileobj(source, target, CHUNK)


class _Shifted:
    """A file that says it begins further on than it does."""

    def __init__(self, file: Any, by: int) -> None:
        self._file = file
        self._by = by

    def tell(self) -> int:
        return int(self._file.tell()) + self._by

    def seek(self, to: int, whence: int = 0) -> int:
        if whence != 0:
            raise OSError("only from the beginning")
        return int(self._file.seek(to - self._by)) + self._by

    def write(self, data: bytes) -> int:
        return int(self._file.write(data))

    def flush(self) -> None:
        self._file.flush()
