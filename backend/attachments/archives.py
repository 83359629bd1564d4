"""Archives, and the documents of offices that are ones. Only their lists are read."""

from collections.abc import Sequence
from zipfile import BadZipFile, ZipFile

from backend.attachments.reading import Content, Dressed

MOST_LISTED_BYTES = 4 * 1024 * 1024  # Some 40,000 entries.
ENTRY, LIST_ENDS = b"PK\x03\x04", b"PK\x05\x06"
LIST_END_SIZE = 22
# What makes a Java or Android program of an archive, and macros of a document.
RUNS = ("meta-inf/manifest.mf", "androidmanifest.xml", "vbaproject.bin")


def check_zip(content: Content, marks: Sequence[str]) -> None:
    """Refuse all but an archive from its first byte on, with entries of all these beginnings."""
    # What stands before an archive is another file. An empty one is nothing but its end.
    content.expect(0, LIST_ENDS if content.size == LIST_END_SIZE else ENTRY)
    names = _names(content)
    for mark in marks:
        if not any(name.startswith(mark) for name in names):
            raise Dressed("It is of another type.")
    if any(name.lower().endswith(RUNS) for name in names):
        raise Dressed("There is a program in it.")


def _names(content: Content) -> list[str]:
    end = content.tail(LIST_END_SIZE + 0xFFFF)
    ending = end[end.rfind(LIST_ENDS) :] if LIST_ENDS in end else b""
    listed_bytes, remark = (
        int.from_bytes(part, "little") for part in (ending[12:16], ending[20:22])
    )
    # Before anything else reads the list: how long it is. Behind its end stands a remark, if any.
    if len(ending) != LIST_END_SIZE + remark or listed_bytes > MOST_LISTED_BYTES:
        raise Dressed("It is no whole archive, or has too many entries.")
    try:
        with ZipFile(content.file()) as archive:
            return archive.namelist()
    except (BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise Dressed("It is no whole archive.") from error


def check_gzip(content: Content) -> None:
    """Refuse all but what begins as RFC 1952 has it: deflated, and no reserved flag."""
    content.expect(0, b"\x1f\x8b\x08")
    if content.number(3, 1) & 0xE0 or content.size < 18:
        raise Dressed("It is of another type.")
