"""Marks of mails: what comes back under them, and what does not."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.adapters.mail import OutgoingMail
from backend.mailing.references import HEADER, MailReferences, NoticeRef, Reference

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOW.date()
HASH = "01e71f51d3dbfa96bfa880af8fa5ddfb"
MAIL = OutgoingMail("robin@example.com", "Hi", "Hi", "<p>Hi</p>", "en", "key")
REF = NoticeRef("h7JdS1kPzXc4VbNm9QwErT3yU6aG", "Zk3vQ0aXy7Lr5TnWb2Pd")
OURS = MailReferences("a secret", bounces="bounces@taskflow.example", id_of=lambda _to: HASH)
PATTERN = r"[A-Za-z0-9_-]{1,128}"


def header(about: NoticeRef | None = REF, references: MailReferences = OURS) -> str:
    return references.mark(MAIL, about=about, at=NOW).headers[HEADER]


def address(references: MailReferences = OURS) -> str:
    return references.mark(MAIL, at=NOW).return_path


class TestMarks:
    """Two of them, and either tells enough."""

    def test_the_address_names_the_entry_and_the_day(self):
        """In 50 letters, where a local part may have 64 (RFC 5321 section 4.5.3.1.1)."""
        assert 50 == len(address().partition("@")[0])
        assert Reference(HASH, TODAY) == OURS.of_address(address(), now=NOW)

    def test_the_header_names_the_notice_too(self):
        """So that its decision can say that the mail came back."""
        assert Reference(HASH, TODAY, REF) == OURS.of_header(header(), now=NOW)

    def test_a_letter_has_no_notice(self):
        """A new password is no notification."""
        assert Reference(HASH, TODAY) == OURS.of_header(header(None), now=NOW)

    def test_servers_may_write_an_address_in_any_case(self):
        """They should not, and some do."""
        assert OURS.of_address(address().upper(), now=NOW) == OURS.of_address(address(), now=NOW)

    def test_folding_does_no_harm(self):
        """A header comes back in other lines than it went."""
        assert OURS.of_header(header().replace(" ", "\r\n\t "), now=NOW) is not None

    def test_without_an_address_for_bounces_the_sender_gets_them(self):
        """The header alone then says what they are about."""
        plain = MailReferences("a secret", bounces="", id_of=lambda _to: HASH)
        marked = plain.mark(MAIL, about=REF, at=NOW)

        assert "" == marked.return_path
        assert Reference(HASH, TODAY, REF) == plain.of_header(marked.headers[HEADER], now=NOW)
        assert plain.of_address(address(), now=NOW) is None

    def test_the_day_is_that_of_utc(self):
        """Wherever the clock stands."""
        late = NOW.replace(hour=23).astimezone(timezone(timedelta(hours=9)))
        marked = OURS.mark(MAIL, at=late)

        assert Reference(HASH, TODAY) == OURS.of_address(marked.return_path, now=late)

    @given(some.from_regex(PATTERN, fullmatch=True), some.from_regex(PATTERN, fullmatch=True))
    def test_every_id_comes_back_as_it_was(self, uid: str, notification: str):
        """Also one that is a single dash, which stands for none."""
        found = OURS.of_header(header(NoticeRef(uid, notification)), now=NOW)

        assert found is not None
        assert found.about in (NoticeRef(uid, notification), None)
        assert found.about is not None or uid == "-" or "__" in uid + notification


class TestForeign:
    """What nobody can make up."""

    @pytest.mark.parametrize("days", [0, 60])
    def test_it_holds_for_two_months(self, days: int):
        """A mail waits for days in a queue, and for weeks in an inbox."""
        later = NOW + timedelta(days=days)

        assert OURS.of_address(address(), now=later) is not None
        assert OURS.of_address(address(), now=NOW + timedelta(days=61)) is None
        assert OURS.of_header(header(), now=NOW + timedelta(days=61)) is None

    def test_another_secret_makes_other_marks(self):
        """They are as good as none."""
        other = MailReferences("b", bounces="bounces@taskflow.example", id_of=lambda _to: HASH)

        assert OURS.of_address(address(other), now=NOW) is None
        assert OURS.of_header(header(references=other), now=NOW) is None

    @given(some.integers(0, 41), some.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
    def test_an_address_with_another_letter_is_none(self, place: int, letter: str):
        """Each of its letters is signed, but for two bits at the end that stand for nothing."""
        local, _, domain = address().partition("@")
        begin = len("bounces+") + place
        spoilt = f"{local[:begin]}{letter}{local[begin + 1 :]}@{domain}"

        found = OURS.of_address(spoilt, now=NOW)
        assert found in (None, Reference(HASH, TODAY))
        assert found is None or spoilt == address() or place == 41

    @pytest.mark.parametrize("number", range(4))
    def test_a_header_with_another_word_is_none(self, number: int):
        """Nobody's notice becomes another's."""
        words = header().split()
        words[number] = words[number][::-1]

        assert OURS.of_header(" ".join(words), now=NOW) is None

    @pytest.mark.parametrize(
        "text",
        ["", "bounces@taskflow.example", "bounces+@taskflow.example", "bounces+mark@evil.example",
         f"x{address()}", address().replace("+", "-"), f"{address()}.evil.example", "ä+ä@ä"],
    )  # fmt: skip
    def test_what_is_no_mark(self, text: str):
        """Other addresses, and ours without one."""
        assert OURS.of_address(text, now=NOW) is None

    @given(some.text())
    def test_any_text_is_no_fault(self, text: str):
        """Whatever stands in a header of somebody else's."""
        assert OURS.of_header(text, now=NOW) is None
        assert OURS.of_address(text, now=NOW) is None
