"""What is found among entries, how well, and which piece of it is shown."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.kit.errors import InvalidArgument
from backend.search.entries import MAX_TEXT, MAX_TOKENS, Entry, Kind, entry_fields
from backend.search.model import SNIPPET, Sought, best, snippet

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def _entry(title: str, text: str = "", **changed: Any) -> Entry:
    fields = {"kind": Kind.TASK, "workspace_id": "w", "id": title, "is_archived": False}
    return Entry(**{**fields, "title": title, "text": text, "updated_at": NOON, **changed})


def _found(query: str, *entries: Entry) -> list[str]:
    hits, number = best(entries, Sought.in_words(query), limit=20)
    assert number == len(hits)
    return [hit.entry.id for hit in hits]


class TestBest:
    """Which entries are found, and in which order."""

    def test_every_word_must_be_found(self):
        """In the title or in the text, in any order."""
        both, one = _entry("Release notes", "for version two"), _entry("Release party")

        assert ["Release notes"] == _found("version release", both, one)

    def test_the_better_comes_first(self):
        """The title before the text, a whole word before a begun one, the beginning before the
        middle, and words as they were typed before the same words apart."""
        entries = [
            _entry("Agenda", "a planet"),
            _entry("Notes", "the plan"),
            _entry("Our planet"),
            _entry("Planets"),
            _entry("A plan"),
            _entry("Plan"),
        ]

        assert ["Plan", "A plan", "Planets", "Our planet", "Notes", "Agenda"] == _found(
            "plan", *entries
        )
        assert ["b the big plan", "a plan, and a big one"] == _found(
            "big plan", _entry("a plan, and a big one"), _entry("b the big plan")
        )

    def test_among_equals_the_last_changed_comes_first_and_the_archived_last(self):
        """What somebody works on is what they look for."""
        later = NOON + timedelta(hours=1)
        entries = [
            _entry("plan", id="archived", is_archived=True, updated_at=later),
            _entry("plan", id="old"),
            _entry("plan", id="new", updated_at=later),
        ]

        assert ["new", "old", "archived"] == _found("plan", *entries)

    def test_no_more_than_wanted(self):
        """The others are counted."""
        entries = [_entry(f"plan {number}") for number in range(5)]

        hits, number = best(entries, Sought.in_words("plan"), limit=2)

        assert (2, 5) == (len(hits), number)

    @pytest.mark.parametrize("text", ["", ".*", "\u200b\u202e", "!?", "😀"])
    def test_nothing_to_look_for(self, text: str):
        """A sentence, and a pointer to the parameter."""
        with pytest.raises(InvalidArgument) as refused:
            Sought.in_words(text)

        assert ["/q"] == [fault.pointer for fault in refused.value.faults]

    def test_the_longest_word_is_asked_for(self):
        """The fewest entries have it, whatever stands before it."""
        assert "internationa" == Sought.in_words("an internationalised app").key


class TestSnippet:
    """The piece of a text that is shown."""

    @pytest.mark.parametrize(
        ("text", "query", "expected"),
        [
            ("", "plan", ""),
            ("short", "plan", "short"),
            ("one\n\ntwo\tthree", "two", "one two three"),
            ("<b>bold</b> & more", "bold", "<b>bold</b> & more"),
        ],
    )
    def test_a_short_text_is_shown_whole(self, text: str, query: str, expected: str):
        """As it was typed: what is no HTML is not made any, and what looks like it is left."""
        assert expected == snippet(text, Sought.in_words(query).terms)

    def test_a_long_text_is_shown_around_the_word(self):
        """Dots say where something was left out, and no word is cut before it."""
        text = "blah " * 100 + "the treasure lies here " + "blah " * 100

        found = snippet(text, Sought.in_words("treas").terms)

        assert found.startswith("…blah ")
        assert "the treasure lies here" in found
        assert found.endswith("…")
        assert len(found) <= SNIPPET + 2

    def test_marks_stay_with_their_letters(self):
        """A text without blanks is cut between letters."""
        text = "ก\u0e34" * 100 + "กเป้าหมาย"

        found = snippet(text, Sought.in_words("เป้าหมาย").terms)

        assert "…ก" == found[:2]


class TestBounds:
    """What an entry holds at the most."""

    def test_words_of_the_title_come_first(self):
        """However long the text is."""
        text = " ".join(f"w{number:04}x" for number in range(700))

        fields = entry_fields(_entry("Zebra crossing", text))

        assert {"z", "zebra", "c", "crossing"} <= set(fields["tokens"])
        assert MAX_TOKENS >= len(fields["tokens"]) == len(set(fields["tokens"]))

    def test_the_text_ends_where_its_tokens_do(self):
        """Nothing is shown as searched that is not."""
        text = " ".join(f"w{number:04}x" for number in range(2000))

        fields = entry_fields(_entry("Title", text))

        assert len(fields["text"]) <= MAX_TEXT
        assert text.startswith(fields["text"])
        last = fields["text"].split()[-1]
        assert ["Title"] == _found(last, _entry("Title", fields["text"]))
        assert Sought.in_words(last).key in fields["tokens"]
