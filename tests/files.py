"""Files of every type that is taken, as small as they can be and still be ones."""

import struct
from io import BytesIO
from zipfile import ZIP_STORED, ZipFile
from zlib import compress, crc32

OFFICE = "application/vnd.openxmlformats-officedocument"
ODF = "application/vnd.oasis.opendocument"


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc32(name + body))


def png(more: bytes = b"") -> bytes:
    """One white pixel; `more` stands between the image and its end."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", compress(b"\0\xff"))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + more + chunk(b"IEND", b"")


def gif() -> bytes:
    """One pixel, with a palette, an extension and an image."""
    screen = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\xff\xff\xff\0\0\0"
    control = b"\x21\xf9\x04\0\0\0\0\0"
    image = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02D\x01\0"
    return screen + control + image + b"\x3b"


def jpeg(comment: bytes = b"") -> bytes:
    """Headers, a frame, a scan and an end; nobody decodes it."""
    app = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\0\1\1\0\0\1\0\1\0\0"
    said = b"\xff\xfe" + struct.pack(">H", len(comment) + 2) + comment if comment else b""
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, 1, 1, 1) + b"\1\x11\0"
    scan = b"\xff\xda" + struct.pack(">HB", 8, 1) + b"\1\0\0\x3f\0" + b"\x12\xff\x00\x34"
    return b"\xff\xd8" + app + said + frame + scan + b"\xff\xd9"


def riff(form: bytes, body: bytes) -> bytes:
    """A RIFF of a form."""
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + form + body


def boxes(brand: bytes, *others: bytes) -> bytes:
    """`ftyp`, and a box of nothing much."""
    names = brand + b"\0\0\2\0" + b"".join(others)
    ftyp = struct.pack(">I", 8 + len(names)) + b"ftyp" + names
    return ftyp + struct.pack(">I", 16) + b"mdat" + bytes(8)


def archive(**entries: bytes) -> bytes:
    """A zip of these entries."""
    file = BytesIO()
    with ZipFile(file, "w", ZIP_STORED) as made:
        for name, content in entries.items():
            made.writestr(name, content)
    return file.getvalue()


def office(folder: str, **more: bytes) -> bytes:
    """An Office document, as far as its list of parts goes."""
    return archive(**{"[Content_Types].xml": b"<Types/>", f"{folder}/x.xml": b"<x/>"}, **more)


def ogg() -> bytes:
    """Two pages."""
    page = b"OggS\0\0" + bytes(20) + b"\1\5" + b"hello"
    return page * 2


def pdf() -> bytes:
    """A header, something, an end."""
    return b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def gz() -> bytes:
    """Nothing, packed."""
    return b"\x1f\x8b\x08\0\0\0\0\0\0\3\3\0" + bytes(8)


def webm() -> bytes:
    """The header of a film."""
    return b"\x1a\x45\xdf\xa3\x8f\x42\x86\x81\x01\x42\x82\x84webm\x42\x87\x81\x04" + bytes(20)


def mp3() -> bytes:
    """A tag and a frame."""
    return b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + b"\xff\xfb\x90\x64" + bytes(413)


# By content type: an ending and a file.
GOOD: dict[str, tuple[str, bytes]] = {
    "image/png": (".png", png()),
    "image/jpeg": (".jpg", jpeg()),
    "image/gif": (".gif", gif()),
    "image/webp": (".webp", riff(b"WEBP", b"VP8 " + struct.pack("<I", 4) + bytes(4))),
    "image/heic": (".heic", boxes(b"heic", b"mif1")),
    "image/avif": (".avif", boxes(b"avif", b"mif1")),
    "application/pdf": (".pdf", pdf()),
    f"{OFFICE}.wordprocessingml.document": (".docx", office("word")),
    f"{OFFICE}.spreadsheetml.sheet": (".xlsx", office("xl")),
    f"{OFFICE}.presentationml.presentation": (".pptx", office("ppt")),
    f"{ODF}.text": (".odt", archive(mimetype=b"x", **{"content.xml": b"<x/>"})),
    f"{ODF}.spreadsheet": (".ods", archive(mimetype=b"x", **{"content.xml": b"<x/>"})),
    f"{ODF}.presentation": (".odp", archive(mimetype=b"x", **{"content.xml": b"<x/>"})),
    "application/zip": (".zip", archive(a=b"A")),
    "application/gzip": (".tgz", gz()),
    "text/plain": (".txt", "Schöne Grüße\n".encode("latin-1")),
    "text/markdown": (".md", b"# Title\n\n<b>bold</b> <script>not at the beginning</script>\n"),
    "text/csv": (".csv", b"\xef\xbb\xbfa;b\r\n1;2\r\n"),
    "text/calendar": (".ics", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"),
    "audio/mpeg": (".mp3", mp3()),
    "audio/mp4": (".m4a", boxes(b"M4A ")),
    "audio/ogg": (".ogg", ogg()),
    "audio/wav": (".wav", riff(b"WAVE", b"fmt " + struct.pack("<I", 0))),
    "video/mp4": (".mp4", boxes(b"isom", b"mp41")),
    "video/quicktime": (".mov", boxes(b"qt  ")),
    "video/webm": (".webm", webm()),
}

HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
PE = b"MZ\x90\0\3\0\0\0" + bytes(56) + b"PE\0\0" + bytes(200)
ELF = b"\x7fELF\2\1\1\0" + bytes(200)
MACH_O = b"\xcf\xfa\xed\xfe\7\0\0\1" + bytes(200)
SHELL = b"#!/bin/sh\nrm -rf ~\n"
JAR = archive(**{"META-INF/MANIFEST.MF": b"Main-Class: X\n", "X.class": b"\xca\xfe\xba\xbe"})

# What nobody may pass off as anything.
PROGRAMS: dict[str, bytes] = {
    "HTML": HTML,
    "HTML behind blanks and a mark": b"\xef\xbb\xbf \r\n\t" + HTML,
    "a page without a beginning": b"<p onmouseover=alert(1)>x",
    "SVG": SVG,
    "SVG as XML": b'<?xml version="1.0"?>' + SVG,
    "PE": PE,
    "ELF": ELF,
    "Mach-O": MACH_O,
    "a shell script": SHELL,
    "PHP": b"<?php system($_GET['c']);",
    "a Java program": JAR,
}
