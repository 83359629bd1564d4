"""Tokens that lead out of mail: whose, out of what, and nobody else's."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.notifications.model import Category, Notification
from backend.notifications.unsubscribe_tokens import (
    LISTS,
    Subscription,
    UnsubscribeTokens,
    subscription_of,
)
from backend.notifications.unsubscribe_words import LOCALES, page_words
from backend.templating.model import Rendered

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
OURS = UnsubscribeTokens("a secret of ours, and long enough for one")
ANNS = Subscription("ann", "comment")


def notification(category: Category, template: str) -> Notification:
    words = Rendered(template, "T", "B", "en")
    return Notification("n1", "ann", category, words, "/tasks", "g", "system", None, None, NOW)


class TestSubscriptions:
    """What a mail belongs to."""

    def test_it_is_its_category(self):
        """Whatever words it came in: of one change, or of several."""
        found = [
            subscription_of(notification(Category.COMMENT, template))
            for template in ("comment@1", "grouped@7")
        ]

        assert [ANNS, ANNS] == found

    def test_each_digest_is_one_of_its_own(self):
        """Who has enough of the daily one may still want the weekly one."""
        found = [
            subscription_of(notification(Category.DIGEST, template))
            for template in ("dailyDigest@0", "weeklyDigest@3", "another@0")
        ]

        assert [
            Subscription("ann", name) for name in ("dailyDigest", "weeklyDigest", "digest")
        ] == (found)

    def test_security_has_no_way_out(self):
        """Nobody is to be silenced about their own account, by whatever link."""
        assert subscription_of(notification(Category.SECURITY, "newDevice@0")) is None
        assert "security" not in LISTS


class TestTokens:
    """Signed, never stored, never too old."""

    @given(
        uid=st.from_regex(r"[A-Za-z0-9_-]{1,128}", fullmatch=True).filter(
            lambda uid: not uid.startswith("__")
        ),
        name=st.sampled_from(sorted(LISTS)),
    )
    def test_what_was_made_is_read(self, uid: str, name: str):
        """For whoever and whatever; and it fits into an address."""
        token = OURS.token(Subscription(uid, name))

        assert Subscription(uid, name) == OURS.read(token)
        assert len(token) < 200
        assert token.replace(".", "").replace("-", "").replace("_", "").isalnum()

    def test_another_one_is_none(self):
        """Of another secret, of another person or list, cut, longer, or nothing at all."""
        token = OURS.token(ANNS)
        uid, name, mac = token.split(".")
        others = [
            UnsubscribeTokens("another secret of ours, long enough too").token(ANNS),
            f"bob.{name}.{mac}",
            f"{uid}.mention.{mac}",
            f"{uid}.security.{mac}",
            f"{uid}.{name}.{mac[:-1]}",
            f"{uid}.{name}.{mac}A",
            f"{uid}.{name}.{mac}\n",
            f"{uid}/x.{name}.{mac}",
            f"__ann__.{name}.{mac}",
            "",
            ".." * 100,
        ]

        assert [None] * len(others) == [OURS.read(other) for other in others]

    @given(at=st.integers(0, 60), letter=st.sampled_from("AZaz09_-."))
    def test_one_letter_changed_is_none_or_the_same(self, at: int, letter: str):
        """There is no second spelling of a token."""
        token = OURS.token(ANNS)
        at %= len(token)
        changed = token[:at] + letter + token[at + 1 :]

        assert (ANNS if changed == token else None) == OURS.read(changed)

    def test_those_for_security_are_not_even_read(self):
        """Should one ever be made by mistake, it does nothing."""
        assert OURS.read(OURS.token(Subscription("ann", "security"))) is None


class TestWaysBack:
    """What lets somebody undo their click, for a day."""

    @pytest.mark.parametrize("was", [None, True, "08:00", {"day": 1, "time": "08:00"}])
    def test_it_tells_what_had_been(self, was: object):
        """Also that nothing had been chosen."""
        way_back = OURS.way_back(ANNS, was, now=NOW)
        later = NOW + timedelta(hours=23, minutes=59)

        assert [was] == OURS.read_way_back(way_back, ANNS, now=later)

    def test_it_holds_for_a_day_one_person_and_one_list(self):
        """And only if it is ours."""
        way_back = OURS.way_back(ANNS, True, now=NOW)
        asked = [
            (way_back, ANNS, NOW + timedelta(hours=24)),
            (way_back, Subscription("bob", "comment"), NOW),
            (way_back, Subscription("ann", "mention"), NOW),
            (way_back[:-1], ANNS, NOW),
            (OURS.token(ANNS), ANNS, NOW),
            ("", ANNS, NOW),
        ]

        assert [[]] * len(asked) == [OURS.read_way_back(*each, now=now) for *each, now in asked]


class TestWords:
    """The pages that the links lead to."""

    @pytest.mark.parametrize("locale", LOCALES)
    def test_every_language_says_everything(self, locale: str):
        """Each sentence, and a name for each kind of mail."""
        english, words = page_words("en"), page_words(locale)

        assert locale == words.locale
        assert set(english.sentences) == set(words.sentences)
        assert set(LISTS) == set(words.lists)
        assert all([*words.sentences.values(), *words.lists.values()])

    @pytest.mark.parametrize("locale", LOCALES)
    def test_sentences_name_what_they_are_about(self, locale: str):
        """Those three, and no others."""
        sentences = page_words(locale).sentences

        assert {"asked", "ended", "resumed"} == {
            name for name, text in sentences.items() if "{list}" in text
        }
        assert page_words(locale).lists["comment"] in page_words(locale).say(
            "ended", about="comment"
        )

    def test_others_read_english(self):
        """Whatever they ask for."""
        assert ["en", "en"] == [page_words(locale).locale for locale in ("ja", None)]
