"""What counts as an e-mail address."""

import time

import pytest

from backend.kit.email_address import LONGEST, is_email_address

LONG = "a" * 63

GOOD = [
    "ann@example.com",
    "ANN.B+tag_1@Mail.Example.co.uk",
    "o'brien=x@example.museum",
    "ann@xn--bcher-kva.example",
    f"{LONG}a@{LONG}.{LONG}.{'b' * 57}.de",
]
BAD = [
    "",
    "ann",
    "ann@",
    "@example.com",
    "ann@localhost",
    "ann@1.2.3.4",
    "ann@[1.2.3.4]",
    "ann@example..com",
    "ann@.example.com",
    "ann@-example.com",
    "ann@example-.com",
    "ann@exa_mple.com",
    ".ann@example.com",
    "ann.@example.com",
    "a..b@example.com",
    '"ann b"@example.com',
    "ann@b@example.com",
    "Ann <ann@example.com>",
    "ann@example.com\n",
    "ann@example.com\r\nBcc: eve@example.com",
    "ann @example.com",
    "\u0430nn@example.com",
    "ann@b\u00fccher.example",
    f"{LONG}aa@example.com",
    f"ann@{LONG}a.com",
    f"{LONG}a@{LONG}.{LONG}.{'b' * 58}.dee",
]


class TestIsEmailAddress:
    """`is_email_address`"""

    @pytest.mark.parametrize("text", GOOD)
    def test_addresses(self, text: str):
        """As people have them, up to the longest there may be."""
        assert len(text) <= LONGEST
        assert is_email_address(text)

    @pytest.mark.parametrize("text", BAD, ids=ascii)
    def test_what_is_none(self, text: str):
        """Also much that a standard would allow, and that nobody has."""
        assert not is_email_address(text)

    @pytest.mark.parametrize("part", ["a.", "a", "a@", "-", "a-", "a@a.", "@"])
    def test_no_text_takes_long_to_look_at(self, part: str):
        """A pattern that backtracks would be felt here by orders of magnitude."""
        began_at = time.monotonic()
        for _ in range(100):
            is_email_address(part * 100_000)
            is_email_address((part * LONGEST)[:LONGEST])

        assert time.monotonic() - began_at < 2
