"""Fields take values of their own type, written in the one way we write them."""

from datetime import UTC, datetime

import pytest
from marshmallow import ValidationError

from backend.web.schemas import Flag, Id, Instant, QueryFlag, QueryWhole, Text, Whole


def refused(field, values) -> list[object]:
    """Those of the values that a field refuses."""
    found = []
    for value in values:
        try:
            field.deserialize(value)
        except ValidationError:
            found.append(value)
    return found


class TestNumbersAndFlags:
    """What JSON writers and query writers mean."""

    def test_whole_numbers_in_bodies(self):
        """No text, no fraction, and no truth for a number."""
        wrong = ["5", 5.0, 5.7, True, None, [], {}]

        assert wrong == refused(Whole(), [*wrong, 5, -1, 0])

    def test_flags_in_bodies(self):
        """Only true and false."""
        wrong = ["yes", "true", 1, 0, None, [], {}]

        assert wrong == refused(Flag(), [*wrong, True, False])

    def test_whole_numbers_in_queries(self):
        """Digits, of which Unicode has more than ten."""
        wrong = ["", " 5", "+5", "-5", "5.0", "1_0", "\u0665", "9" * 10, None]

        assert wrong == refused(QueryWhole(), [*wrong, "5", "007", "0"])

    def test_flags_in_queries(self):
        """`true` and `false`, in lower case."""
        wrong = ["", "True", "1", "yes", None]

        assert wrong == refused(QueryFlag(), [*wrong, "true", "false"])


class TestInstants:
    """RFC 3339, and an instant of people's lives."""

    @pytest.mark.parametrize(
        "text",
        [
            *("2026-11-20", "2026-11-20T09:00:00", "2026-11-20T09:00Z", "20261120T090000Z"),
            *("2026-W47-5T09:00:00Z", "2026-11-20 09:00:00Z", "2026-11-20t09:00:00z"),
            *("2027-02-29T09:00:00Z", "2026-11-20T24:00:00Z", "2016-12-31T23:59:60Z"),
            *("2026-11-20T09:00:00+25:00", "2026-11-20T09:00:00+0100", "0001-01-01T00:00:00+14:00"),
            *("9999-12-31T23:59:59-14:00", "1969-12-31T23:59:59Z", "2026-11-20T09:00:00.1234567Z"),
            *("", "\u0662\u0660\u0662\u0666-11-20T09:00:00Z", "2026-11-20T09:00:00Z\n", 1795165200),
        ],
    )
    def test_other_spellings(self, text):
        """What leaves anything open, or does not exist, is refused."""
        assert [text] == refused(Instant(), [text])

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2026-11-20T09:00:00Z", datetime(2026, 11, 20, 9, tzinfo=UTC)),
            ("2026-11-20T09:00:00+01:00", datetime(2026, 11, 20, 8, tzinfo=UTC)),
            ("2026-11-20T09:00:00.5-00:00", datetime(2026, 11, 20, 9, 0, 0, 500_000, tzinfo=UTC)),
        ],
    )
    def test_instants(self, text, expected):
        """They are kept in UTC."""
        assert expected == Instant().deserialize(text)


class TestText:
    """What can be stored and seen."""

    def test_lines(self):
        """Line breaks only where there are lines; other control characters nowhere."""
        texts = ["a\nb", "a\r\nb", "a\tb", "a\x00b", "a\x1bb", "a\x7fb", "a\x85b", "a\ud800b"]

        assert texts == refused(Text(10), texts)
        assert texts[3:] == refused(Text(10, lines=True), texts)

    def test_something_to_see(self):
        """Blanks, zero-width and combining characters alone are nothing."""
        texts = ["", " ", "\u00a0", "\u200b", "\ufeff", "\u0301", "\u3164", "\u2800", "\U000e0041"]

        assert texts == refused(Text(10, shortest=1), [*texts, "a", ".", "\U0001f600", " e\u0301"])
        assert [] == refused(Text(10), texts)

    def test_it_is_kept_as_given(self):
        """Nothing is trimmed or normalised."""
        assert " e\u0301 " == Text(10).deserialize(" e\u0301 ")

    def test_ids(self):
        """What may join a document path, which Firestore's own names may not."""
        wrong = ["", "a/b", "..", ".", "__x__", "____", "a" * 129, "a b", "\u0430", "a\n"]

        assert wrong == refused(Id(), [*wrong, "a", "_a_", "__a", "a__", "A-z_0", "a" * 128, "me"])
