"""Content is what its type says, from its first byte to its last, or is refused."""

import time
from io import BytesIO

import pytest

from backend.attachments.inspection import refuse_dressed
from backend.attachments.kinds import KINDS, Form, refuse_name
from backend.attachments.reading import MOST_LOOKS
from backend.kit.errors import InvalidArgument
from tests import files
from tests.files import GOOD, HTML, JAR, PE, PROGRAMS, SHELL, SVG

IMAGES = [name for name in GOOD if name.startswith("image/")]
BINARY = [name for name in GOOD if KINDS[name].form is not Form.TEXT]
# Behind the end of these stands what their makers put there, or their formats leave open.
OPEN_ENDED = {"image/jpeg", "audio/mpeg", "application/gzip", "video/webm", "application/pdf"}


def is_taken(content: bytes, content_type: str) -> bool:
    try:
        refuse_dressed(BytesIO(content), len(content), content_type)
    except InvalidArgument as error:
        return error.code != "file-refused"
    return True


class TestWhatItIs:
    """A file of each type is taken as that, and as no other."""

    def test_every_type_has_a_file(self):
        """Who adds a type adds a file of it."""
        assert set(KINDS) == set(GOOD)

    @pytest.mark.parametrize("content_type", GOOD)
    def test_it_is_taken(self, content_type: str):
        """With a name that ends as its type does."""
        ending, content = GOOD[content_type]

        refuse_name(f"a{ending.upper()}", content_type)
        assert is_taken(content, content_type) is True

    @pytest.mark.parametrize("content_type", GOOD)
    def test_it_is_nothing_else(self, content_type: str):
        """But for types that are built alike, by design: texts, films, archives."""
        taken_as = {other for other in GOOD if is_taken(GOOD[content_type][1], other)}

        alike = {
            other
            for other in GOOD
            if KINDS[other].form is KINDS[content_type].form
            and (set(KINDS[other].marks) & set(KINDS[content_type].marks) or other in _general())
        }
        texts = {name for name in GOOD if KINDS[name].form is Form.TEXT}
        is_plain = KINDS[content_type].form is Form.TEXT
        assert content_type in taken_as
        assert taken_as <= (texts if is_plain else alike | {content_type})

    @pytest.mark.parametrize("content_type", BINARY)
    def test_part_of_it_is_not_taken(self, content_type: str):
        """A file that is cut off is none, where its format can tell."""
        content = GOOD[content_type][1]
        only_begins = content_type in ("video/webm", "audio/mpeg", "application/gzip")

        assert is_taken(content[:10] if only_begins else content[:-10], content_type) is False

    @pytest.mark.parametrize("content_type", GOOD)
    def test_nothing_is_nothing(self, content_type: str):
        """Except a text."""
        assert (KINDS[content_type].form is Form.TEXT) is is_taken(b"", content_type)


class TestDressed:
    """Security check 48: what runs, or opens as a page, under any type."""

    @pytest.mark.parametrize("program", PROGRAMS)
    @pytest.mark.parametrize("content_type", GOOD)
    def test_a_program_is_taken_as_nothing(self, program: str, content_type: str):
        """Whatever it is said to be."""
        assert is_taken(PROGRAMS[program], content_type) is False

    @pytest.mark.parametrize("content_type", BINARY)
    @pytest.mark.parametrize("before", [PE, SHELL, HTML, SVG], ids=["PE", "shell", "HTML", "SVG"])
    def test_a_program_with_a_file_behind_it(self, content_type: str, before: bytes):
        """Readers that forgive what stands before a file open doors."""
        assert is_taken(before + GOOD[content_type][1], content_type) is False

    @pytest.mark.parametrize("content_type", BINARY)
    def test_an_archive_behind_a_file(self, content_type: str):
        """As a Java program behind an image (GIFAR)."""
        if KINDS[content_type].form is Form.ZIP:
            return
        assert is_taken(GOOD[content_type][1] + JAR, content_type) is False

    @pytest.mark.parametrize("content_type", sorted(set(BINARY) - OPEN_ENDED))
    @pytest.mark.parametrize("behind", [HTML, PE, b"x"], ids=["HTML", "PE", "x"])
    def test_anything_behind_a_file(self, content_type: str, behind: bytes):
        """Where the format says how long it is."""
        assert is_taken(GOOD[content_type][1] + behind, content_type) is False

    @pytest.mark.parametrize(
        "content",
        [
            b"GIF89a=1;alert(document.cookie)//",
            b"GIF89a/*" + bytes(2000) + b"*/=1;alert(1);",
            b"GIF89a" + bytes(7) + HTML,
            b"\xff\xd8\xff" + HTML,
            b"\x89PNG\r\n\x1a\n" + HTML,
            b"RIFF" + HTML + b"WEBP",
            b"%PDF-" + HTML,
        ],
    )
    @pytest.mark.parametrize("content_type", [*IMAGES, "application/pdf"])
    def test_a_signature_alone_is_not_enough(self, content: bytes, content_type: str):
        """Scripts can begin as images do."""
        assert is_taken(content, content_type) is False

    @pytest.mark.parametrize("hidden", [HTML, SVG, b"<iframe src=x>", b"<?php x", b"<script>x"])
    def test_a_page_inside_of_an_image(self, hidden: bytes):
        """In a comment, which is as the format has it, but where browsers once looked."""
        found = [
            is_taken(files.jpeg(hidden), "image/jpeg"),
            is_taken(files.png(files.chunk(b"tEXt", b"a\0" + hidden)), "image/png"),
        ]

        assert [False, False] == found

    def test_a_comment_that_is_none(self):
        """What cameras and editors write stays as it is."""
        said = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF/></x:xmpmeta> scripted by hand"

        assert is_taken(files.jpeg(said), "image/jpeg") is True
        assert is_taken(files.png(files.chunk(b"tEXt", b"a\0" + said)), "image/png") is True

    @pytest.mark.parametrize(
        "inside", ["word/vbaProject.bin", "META-INF/MANIFEST.MF", "AndroidManifest.xml"]
    )
    def test_programs_in_documents(self, inside: str):
        """Macros, and programs that are archives."""
        document = files.office("word", **{inside: b"x"})

        assert is_taken(document, f"{files.OFFICE}.wordprocessingml.document") is False
        assert is_taken(document, "application/zip") is False


class TestTime:
    """Whoever cuts a file into dust gets no more of our time than others."""

    @pytest.mark.parametrize(
        ("content", "content_type"),
        [
            (files.gif()[: 13 + 6] + b"\x21\xfe" + b"\1x" * 2_000_000, "image/gif"),
            (files.png(files.chunk(b"tEXt", b"") * 400_000), "image/png"),
            (b"\xff\xd8" + b"\xff\xfe\0\2" * 1_000_000, "image/jpeg"),
            ((b"OggS\0" + bytes(22)) * 500_000, "audio/ogg"),
            (files.boxes(b"isom") + b"\0\0\0\x08free" * 500_000, "video/mp4"),
        ],
        ids=["blocks", "chunks", "segments", "pages", "boxes"],
    )
    def test_dust_is_refused(self, content: bytes, content_type: str):
        """After half a million looks, whatever the size."""
        began_at = time.monotonic()

        assert is_taken(content, content_type) is False
        assert time.monotonic() - began_at < MOST_LOOKS / 20_000


class TestNames:
    """A name ends as the type does, so that opening a file runs nothing."""

    @pytest.mark.parametrize(
        "name",
        ["a", "a.exe", "a.png.exe", "a.png ", "a.png.", "a.png\u200b", "png", "a.html", "a.svg"],
    )
    def test_of_another_type(self, name: str):
        """Whatever stands before."""
        with pytest.raises(InvalidArgument) as caught:
            refuse_name(name, "image/png")

        assert ["/name"] == [fault.pointer for fault in caught.value.faults]


def _general() -> set[str]:
    """Types that others are kinds of."""
    return {"application/zip"}
