"""
Whether content is what its type says: looked at from its first byte to its last.

A signature at the beginning proves little: `GIF89a=1;` is a script, and an archive may follow an
image that every viewer shows. So whole files are walked through as their formats lay them out, and
what is left over is refused. Nothing is decoded or unpacked.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import BinaryIO

from backend.attachments.archives import check_gzip, check_zip
from backend.attachments.containers import check_boxes, check_matroska, check_ogg, check_riff
from backend.attachments.images import check_gif, check_jpeg, check_png
from backend.attachments.kinds import KINDS, Form, Kind
from backend.attachments.pages import check_no_page
from backend.attachments.reading import Content, Dressed
from backend.attachments.texts import check_text
from backend.kit.errors import Fault, InvalidArgument


def refuse_dressed(file: BinaryIO, size: int, content_type: str) -> None:
    """
    Return if a file of so many bytes is what its content type says.

    Raises:
        InvalidArgument: it is something else, or something else besides; code `file-refused`.
    """
    kind = KINDS[content_type]
    try:
        _check(Content(file, size), kind)
    except Dressed as error:
        raise refused("/contentType", "wrong-content", str(error)) from error


def refused(pointer: str, code: str, detail: str) -> InvalidArgument:
    """Return the error that says why a file was not taken."""
    fault = Fault(pointer, code, detail)
    return InvalidArgument("This file was not taken.", code="file-refused", faults=(fault,))


def _check(content: Content, kind: Kind) -> None:
    CHECKS[kind.form](content, kind.marks)
    if kind.form is not Form.TEXT:  # A text may speak of pages, and does at its beginning, too.
        check_no_page(content)
    if kind.form is not Form.ZIP:
        _check_no_archive(content)


def _check_no_archive(content: Content) -> None:
    """
    Refuse what is an archive besides, as a Java program behind an image is.

    Archives are found by the record at their end, wherever they begin.
    """
    if b"PK\x05\x06" in content.tail(22 + 0xFFFF):
        raise Dressed("There is an archive at its end.")


def _check_pdf(content: Content) -> None:
    # Readers forgive bytes before the header. We do not: they might be a program's.
    content.expect(0, b"%PDF-")
    if b"%%EOF" not in content.tail(1024):
        raise Dressed("It has no end.")


def _check_mp3(content: Content) -> None:
    at = 0
    if content.at(0, 3) == b"ID3":
        size = content.exactly(6, 4)  # Seven bits each.
        at = 10 + (size[0] << 21 | size[1] << 14 | size[2] << 7 | size[3])
    # Padding may follow the tags. Then the first frame: sync, a version, layer III, a bit rate.
    head = content.at(at, 2048).lstrip(b"\0")[:4]
    is_frame = len(head) == 4 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2
    if not is_frame or head[1] & 0x18 == 0x08 or head[2] >> 4 == 0xF or head[2] & 0x0C == 0x0C:
        raise Dressed("There is no sound in it.")


CHECKS: Mapping[Form, Callable[[Content, Sequence[str]], None]] = {
    Form.PNG: lambda content, _: check_png(content),
    Form.JPEG: lambda content, _: check_jpeg(content),
    Form.GIF: lambda content, _: check_gif(content),
    Form.RIFF: check_riff,
    Form.BOXES: check_boxes,
    Form.OGG: lambda content, _: check_ogg(content),
    Form.MATROSKA: lambda content, _: check_matroska(content),
    Form.MP3: lambda content, _: _check_mp3(content),
    Form.PDF: lambda content, _: _check_pdf(content),
    Form.ZIP: check_zip,
    Form.GZIP: lambda content, _: check_gzip(content),
    Form.TEXT: lambda content, _: check_text(content),
}
