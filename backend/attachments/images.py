"""Images, walked through from their first byte to their last."""

from zlib import crc32

from backend.attachments.reading import Content, Dressed

PNG = b"\x89PNG\r\n\x1a\n"
STANDS_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})  # JPEG's markers without a length.
FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
SCAN, END, START = 0xDA, 0xD9, 0xD8


def check_png(content: Content) -> None:
    """Refuse all but a row of whole chunks, IHDR to IEND, and nothing behind it."""
    content.expect(0, PNG)
    at, name = len(PNG), b""
    while name != b"IEND":
        size, name = content.number(at, 4), content.exactly(at + 4, 4)
        if at == len(PNG):
            _check_header(content, at, size, name)
        at += 12 + size
        if at > content.size:
            raise Dressed("It is cut off.")
    if at != content.size:
        raise Dressed("Something follows the image.")


def _check_header(content: Content, at: int, size: int, name: bytes) -> None:
    body = content.exactly(at + 4, 4 + 13)
    if (size, name) != (13, b"IHDR") or crc32(body) != content.number(at + 21, 4):
        raise Dressed("It is of another type.")


def check_gif(content: Content) -> None:
    """Refuse all but whole blocks up to the trailer, and nothing behind it but padding."""
    if content.at(0, 6) not in (b"GIF87a", b"GIF89a"):
        raise Dressed("It is of another type.")
    at = 13 + _palette(content.number(10, 1))
    has_image = False
    while (block := content.number(at, 1)) != 0x3B:
        if block == 0x21:
            at = _after_blocks(content, at + 2)
        elif block == 0x2C:
            has_image = True
            at = _after_blocks(content, at + 11 + _palette(content.number(at + 9, 1)))
        else:
            raise Dressed("It is of another type.")
    if not has_image:
        raise Dressed("There is no image in it.")
    if content.at(at + 1, content.size).strip(b"\0"):
        raise Dressed("Something follows the image.")


def _palette(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(content: Content, at: int) -> int:
    while length := content.number(at, 1):
        at += 1 + length
    return at + 1


def check_jpeg(content: Content) -> None:
    """
    Refuse all but whole segments, a frame among them, up to its data, and an end to that.

    Cameras put more images, and films, behind the end: what may follow is another's to refuse.
    """
    content.expect(0, b"\xff\xd8\xff")
    at, has_frame = 2, False
    while (marker := _marker(content, at)) != SCAN:
        if marker in (START, END, 0):
            raise Dressed("It is of another type.")
        has_frame = has_frame or marker in FRAMES
        at += 2 if marker in STANDS_ALONE else 2 + _segment(content, at)
    if not has_frame:
        raise Dressed("There is no image in it.")
    if not _has_end(content, at):
        raise Dressed("It is cut off.")


def _marker(content: Content, at: int) -> int:
    if content.number(at, 1) != 0xFF:
        raise Dressed("It is of another type.")
    return content.number(at + 1, 1)


def _segment(content: Content, at: int) -> int:
    length = content.number(at + 2, 2)
    if length < 2:
        raise Dressed("It is of another type.")
    return length


def _has_end(content: Content, at: int) -> bool:
    last = b""
    for chunk in content.chunks(at):
        if b"\xff\xd9" in last + chunk:
            return True
        last = chunk[-1:]
    return False
