"""File names in `Content-Disposition`: nothing of them is anything but a name."""

import re
from urllib.parse import unquote

import pytest

from backend.kit.dispositions import attachment

# RFC 6266 with the values of RFC 8187; nothing else is ever sent.
HEADER = re.compile(
    r"attachment; filename=\"([A-Za-z0-9 ._()+-]+)\""
    r"(; filename\*=UTF-8''([A-Za-z0-9!#$&+.^_`|~%-]+))?"
)

HOSTILE = [
    'a".exe"; filename="b.png',
    "a\r\nSet-Cookie: x=y\r\n\r\n<script>.png",
    "..\\..\\windows\\a.png",
    "../../etc/passwd",
    "a;b=c,d.png",
    "%00%0d%0a.png",
    "\u202egnp.exe",
    "\ud800.png",
    "日本語.png",
    "e\u0301.png",
    "💾" * 100,
    "...",
    "'\"*%",
    "a" * 300,
]


class TestAttachment:
    """A download, saved under a name that is one."""

    @pytest.mark.parametrize("name", HOSTILE)
    def test_whatever_the_name_the_header_has_its_form(self, name: str):
        """Quotes, lines, folders and halves of characters end nothing."""
        found = HEADER.fullmatch(attachment(name))

        assert found is not None
        assert not found[1].startswith(".")

    @pytest.mark.parametrize("name", [each for each in HOSTILE if "\ud800" not in each])
    def test_the_name_comes_back_as_it_was(self, name: str):
        """In the second form, where the first cannot say it."""
        found = HEADER.fullmatch(attachment(name))

        assert found is not None
        assert name == (unquote(found[3]) if found[2] else found[1])

    def test_plain_names_stay_plain(self):
        """Old clients know one form only."""
        assert 'attachment; filename="a b-1.zip"' == attachment("a b-1.zip")

    def test_the_fallback_resembles_the_name(self):
        """Accents are lost, and what has no letter of ASCII becomes a line."""
        assert "attachment; filename=\"Grundri_ e_.png\"; filename*=UTF-8''" in attachment(
            "Grundriß é日.png"
        )
