"""
As much of MIME as reports need: headers, and the parts of one multipart, in one pass each.

The standard library's parser nests as deep as a mail asks it to, and looks at each line once for
each level: a mail of a megabyte can keep it busy for minutes. Reports have one level.
"""

import binascii
import quopri
import re
from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_HEAD = 64 * 1024
MOST_FIELDS = 300
LONGEST_FIELD = 2_000
MOST_PARTS = 12

_FIELD = re.compile(r"([!-9;-~]{1,76})[ \t]*:(.*)", re.DOTALL)
_LINE_END = re.compile(r"\r\n|\n|\r")
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n|\A[ \t]*\r?\n")
_PARAMETER = re.compile(r';\s*([\w!#$&+.^`|~*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))')
_COMMENT = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in their order, unfolded; names in lower case."""

    fields: tuple[tuple[str, str], ...]

    def all(self, name: str) -> Iterator[str]:
        """Give every value of a field, by its name in lower case."""
        return (value for each, value in self.fields if each == name)

    def first(self, name: str) -> str:
        """Return the first value of a field, or an empty text."""
        return next(self.all(name), "")

    def __bool__(self) -> bool:
        """Say whether there is any field."""
        return bool(self.fields)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a mail, or all of it: `kind` is its media type, such as `message/rfc822`."""

    headers: Headers
    kind: str
    body: bytes

    def parameter(self, name: str) -> str:
        """Return a parameter of the media type, or an empty text."""
        return _parameters(self.headers.first("content-type")).get(name, "")

    def decoded(self) -> bytes:
        """Return the body without its transfer encoding; as it came where that is broken."""
        encoding = self.headers.first("content-transfer-encoding").strip().lower()
        if encoding == "quoted-printable":
            return quopri.decodestring(self.body)
        if encoding == "base64":
            try:
                return binascii.a2b_base64(self.body)
            except binascii.Error:
                return self.body
        return self.body


def read_part(raw: bytes) -> Part:
    """Return a mail, or a part of one, with its headers taken off. Whatever bytes it is."""
    blank = _BLANK_LINE.search(raw, 0, LONGEST_HEAD)
    head, body = (raw[: blank.start()], raw[blank.end() :]) if blank else (raw[:LONGEST_HEAD], b"")
    headers = read_headers(head)
    kind = headers.first("content-type").partition(";")[0]
    return Part(headers, _COMMENT.sub("", kind).strip().lower() or "text/plain", body)


def read_headers(block: bytes) -> Headers:
    """Return the fields of a block of header lines (RFC 5322 section 2.2)."""
    unfolded: list[str] = []
    for line in _LINE_END.split(block.decode("utf-8", "replace")):
        if line[:1] in (" ", "\t") and unfolded:
            if len(unfolded[-1]) < LONGEST_FIELD:
                unfolded[-1] = f"{unfolded[-1]} {line.strip()}"[:LONGEST_FIELD]
        elif len(unfolded) < MOST_FIELDS:
            unfolded.append(line[:LONGEST_FIELD])
    found = filter(None, map(_FIELD.fullmatch, unfolded))
    return Headers(tuple((each[1].lower(), each[2].strip()) for each in found))


def read_blocks(text: bytes) -> Iterator[Headers]:
    """Give the blocks of fields in a text, between its blank lines: what reports consist of."""
    blocks = re.split(rb"\r?\n(?:[ \t]*\r?\n)+", text[:LONGEST_HEAD].strip())
    return filter(None, map(read_headers, blocks[:MOST_FIELDS]))


def parts_of(whole: Part) -> list[Part]:
    """Return the first parts of a multipart mail (RFC 2046 section 5.1), and not theirs."""
    boundary = whole.parameter("boundary").rstrip()
    if not whole.kind.startswith("multipart/") or not 0 < len(boundary) <= 70:
        return []
    line = re.escape(boundary.encode("utf-8", "replace"))
    delimiters = re.finditer(rb"(?:\A|\r?\n)--" + line + rb"(--)?[ \t]*(?=\r?\n|\Z)", whole.body)
    found: list[Part] = []
    begins_at: int | None = None
    for delimiter in delimiters:
        if begins_at is not None:
            found.append(read_part(_without_line_end(whole.body[begins_at : delimiter.start()])))
        begins_at = delimiter.end()
        if delimiter[1] or len(found) == MOST_PARTS:
            return found
    if begins_at is not None:  # It broke off: what is there may say enough.
        found.append(read_part(_without_line_end(whole.body[begins_at:])))
    return found


def _without_line_end(part: bytes) -> bytes:
    """Return a part without the end of the line that its delimiter stands in."""
    return part.removeprefix(b"\r").removeprefix(b"\n")


def _parameters(value: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(value):
        text = re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        found.setdefault(name.lower(), text)
    return found
