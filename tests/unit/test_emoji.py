"""Which texts are one emoji, and how each is written."""

import emoji
import pytest

from backend.comments.model import MAX_REACTIONS, Reacted
from backend.kit.emoji import LONGEST, emoji_of

FAMILY = "👨\u200d👩\u200d👧\u200d👦"


class TestEmoji:
    """One, the whole of it, and nothing but it."""

    @pytest.mark.parametrize(
        ("text", "written"),
        [
            ("👍", "👍"),
            ("👍🏽", "👍🏽"),
            ("❤\ufe0f", "❤\ufe0f"),
            ("❤", "❤\ufe0f"),
            ("❤\ufe0f\u200d🔥", "❤\ufe0f\u200d🔥"),
            ("❤\u200d🔥", "❤\ufe0f\u200d🔥"),
            (FAMILY, FAMILY),
            ("🇩🇪", "🇩🇪"),
            ("#\ufe0f\u20e3", "#\ufe0f\u20e3"),
        ],
    )
    def test_what_looks_the_same_is_written_the_same(self, text: str, written: str):
        """Keyboards differ in whether they send the selector; a count must not."""
        assert written == emoji_of(text)

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "",
                "a",
                "7",
                "#",
                "👍👍",
                "👍 ",
                " 👍",
                "👍x",
                "\ufe0f",
                "\u200d",
                "🇩",
                "🏽",
                ":+1:",
            ),
            *("<script>", "👍/..", "x" * 5000, "👍" + "\ufe0f" * 5000),
        ],
        ids=ascii,
    )
    def test_anything_else_is_none(self, text: str):
        """Words, several, parts of one, and what is too long to be one."""
        assert None is emoji_of(text)

    def test_every_emoji_of_unicode_is_one(self):
        """Also in the spelling that it is listed in."""
        listed = [
            text
            for text, said in emoji.EMOJI_DATA.items()
            if said["status"] == emoji.STATUS["fully_qualified"]
        ]

        assert len(listed) > 3000
        assert listed == [emoji_of(text) for text in listed]
        assert max(map(len, listed)) < LONGEST

    def test_as_many_as_a_comment_takes_fit_into_it(self):
        """Far below the 1 MiB of a document, with its body and HTML."""
        longest = max(emoji.EMOJI_DATA, key=lambda text: len(text.encode()))
        one = Reacted("u" * 128, longest)

        assert MAX_REACTIONS * (2 * len(one.uid) + len(one.emoji.encode()) + 40) < 250_000
