"""
Which files are taken: content types, how their names end, and how their content must look.

A list of what is taken, not of what is refused: whatever is not on it, pages, drawings and
programs among it, is not taken under any name. Old Office files are not, since programs for
installing look the same and macros hide in them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backend.kit.errors import InvalidArgument


class Form(StrEnum):
    """How content is built, and so what looks at it."""

    PNG = "png"
    JPEG = "jpeg"
    GIF = "gif"
    RIFF = "riff"
    BOXES = "boxes"  # ISO 14496-12: `ftyp` first, then boxes.
    PDF = "pdf"
    ZIP = "zip"
    GZIP = "gzip"
    MP3 = "mp3"
    OGG = "ogg"
    MATROSKA = "matroska"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Kind:
    """
    A content type that is taken. `endings` are those of names, `marks` what tells kinds of the
    same form apart: a form type of RIFF, brands of boxes, or entries of an archive.
    """

    form: Form
    endings: tuple[str, ...]
    marks: tuple[str, ...] = ()


_OFFICE = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
_PARTS = "[Content_Types].xml"
_MP4 = ("isom", "iso2", "iso4", "iso5", "iso6", "mp41", "mp42", "avc1", "M4V ", "MSNV", "dash")

KINDS: Mapping[str, Kind] = {
    "image/png": Kind(Form.PNG, (".png",)),
    "image/jpeg": Kind(Form.JPEG, (".jpg", ".jpeg")),
    "image/gif": Kind(Form.GIF, (".gif",)),
    "image/webp": Kind(Form.RIFF, (".webp",), ("WEBP",)),
    "image/heic": Kind(Form.BOXES, (".heic", ".heif"), ("heic", "heix", "hevc")),
    "image/avif": Kind(Form.BOXES, (".avif",), ("avif", "avis")),
    "application/pdf": Kind(Form.PDF, (".pdf",)),
    f"{_OFFICE}.wordprocessingml.document": Kind(Form.ZIP, (".docx",), (_PARTS, "word/")),
    f"{_OFFICE}.spreadsheetml.sheet": Kind(Form.ZIP, (".xlsx",), (_PARTS, "xl/")),
    f"{_OFFICE}.presentationml.presentation": Kind(Form.ZIP, (".pptx",), (_PARTS, "ppt/")),
    f"{_ODF}.text": Kind(Form.ZIP, (".odt",), ("mimetype", "content.xml")),
    f"{_ODF}.spreadsheet": Kind(Form.ZIP, (".ods",), ("mimetype", "content.xml")),
    f"{_ODF}.presentation": Kind(Form.ZIP, (".odp",), ("mimetype", "content.xml")),
    "application/zip": Kind(Form.ZIP, (".zip",)),
    "application/gzip": Kind(Form.GZIP, (".gz", ".tgz")),
    "text/plain": Kind(Form.TEXT, (".txt", ".text", ".log")),
    "text/markdown": Kind(Form.TEXT, (".md", ".markdown")),
    "text/csv": Kind(Form.TEXT, (".csv",)),
    "text/calendar": Kind(Form.TEXT, (".ics",)),
    "audio/mpeg": Kind(Form.MP3, (".mp3",)),
    "audio/mp4": Kind(Form.BOXES, (".m4a",), ("M4A ", "M4B ", *_MP4)),
    "audio/ogg": Kind(Form.OGG, (".ogg", ".oga", ".opus")),
    "audio/wav": Kind(Form.RIFF, (".wav",), ("WAVE",)),
    "video/mp4": Kind(Form.BOXES, (".mp4", ".m4v"), _MP4),
    "video/quicktime": Kind(Form.BOXES, (".mov",), ("qt  ",)),
    "video/webm": Kind(Form.MATROSKA, (".webm",)),
}


def refuse_name(name: str, content_type: str) -> None:
    """
    Return if a file of this type may have this name.

    Raises:
        InvalidArgument: it ends as another type's does, so that opening it might run it.
    """
    endings = KINDS[content_type].endings
    if not name.lower().endswith(endings):
        raise InvalidArgument(
            f"The name of a file of this type ends in {' or '.join(endings)}.", pointer="/name"
        )
