"""Formats that hold sound, films and newer images in boxes of a stated size."""

from collections.abc import Sequence

from backend.attachments.reading import Content, Dressed

EBML, DOCTYPE = b"\x1a\x45\xdf\xa3", b"\x42\x82"
NAMES = frozenset(range(0x20, 0x7F)) | {0xA9}


def check_riff(content: Content, forms: Sequence[str]) -> None:
    """Refuse all but a RIFF of one of these forms, exactly as long as it says."""
    content.expect(0, b"RIFF")
    if content.at(8, 4).decode("latin-1") not in forms:
        raise Dressed("It is of another type.")
    ends_at = 8 + content.number(4, 4, is_little=True)
    if content.size not in (ends_at, ends_at + ends_at % 2):
        raise Dressed("It is cut off, or something follows it.")


def check_boxes(content: Content, brands: Sequence[str]) -> None:
    """Refuse all but `ftyp` with one of these brands, and whole boxes to the end (ISO 14496-12)."""
    content.expect(4, b"ftyp")
    length = content.number(0, 4)
    if not 16 <= length <= 4096:
        raise Dressed("It is of another type.")
    names = content.exactly(8, length - 8)
    named = {names[at : at + 4].decode("latin-1") for at in (0, *range(8, len(names), 4))}
    if not named & set(brands):
        raise Dressed("It is of another type.")
    at = 0
    while at < content.size:
        at = _after_box(content, at)


def _after_box(content: Content, at: int) -> int:
    length = content.number(at, 4)
    if not NAMES.issuperset(content.exactly(at + 4, 4)):
        raise Dressed("Something follows it.")
    if length == 0:  # To the end, wherever that is.
        return content.size
    if length == 1:
        length = content.number(at + 8, 8)
    if length < 8 or at + length > content.size:
        raise Dressed("It is cut off, or something follows it.")
    return at + length


def check_ogg(content: Content) -> None:
    """Refuse all but whole pages to the end (RFC 3533)."""
    at = 0
    while at < content.size:
        content.expect(at, b"OggS\0")
        count = content.number(at + 26, 1)
        at += 27 + count + sum(content.exactly(at + 27, count))
    if at != content.size or at == 0:
        raise Dressed("It is cut off.")


def check_matroska(content: Content) -> None:
    """Refuse all but the header of a film of type `webm` (RFC 8794)."""
    content.expect(0, EBML)
    head = content.at(4, 60)
    at = head.find(DOCTYPE)
    if at < 0 or head[at + 3 : at + 7] != b"webm":
        raise Dressed("It is of another type.")
