"""What an address's entry becomes by reports, in any order, and which mails it stops."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.adapters.mail import MailResult, Outcome
from backend.mailing.model import Purpose
from backend.mailing.suppression import (
    STRENGTH,
    Cause,
    Suppression,
    merged,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HARD, SOFT, COMPLAINT = Cause.HARD_BOUNCE, Cause.SOFT_BOUNCE, Cause.COMPLAINT
CAUSES = some.sampled_from(list(Cause))


def entry(cause: Cause, at: datetime = NOW) -> Suppression:
    return Suppression("hash", cause, "", at)


def after(*reports: tuple[Cause, str], at: datetime = NOW) -> Suppression | None:
    """The entry after some reports, one after the other, all at one time."""
    found: Suppression | None = None
    for cause, report_id in reports:
        found = merged(found, entry(cause, at), report_id=report_id, now=at) or found
    return found


class TestStops:
    """Which mails an entry holds back."""

    @pytest.mark.parametrize(
        ("cause", "purpose", "expected"),
        [
            (HARD, Purpose.NOTICE, True),
            (HARD, Purpose.ACCOUNT, True),
            (COMPLAINT, Purpose.NOTICE, True),
            (COMPLAINT, Purpose.ACCOUNT, False),
            (SOFT, Purpose.NOTICE, True),
            (SOFT, Purpose.ACCOUNT, False),
        ],
    )
    def test_by_cause_and_purpose(self, cause: Cause, purpose: Purpose, expected: bool):
        """Who called a digest spam still gets a link to a new password."""
        found = after((cause, "a"))

        assert found is not None
        assert expected is found.stops(purpose, NOW)

    def test_a_soft_bounce_ends_at_its_instant(self):
        """Not a moment later; the others never do."""
        soft, hard = after((SOFT, "a")), after((HARD, "a"))

        assert soft is not None
        assert hard is not None
        just_before = NOW + DAY - timedelta(microseconds=1)
        assert [True, False] == [soft.stops(Purpose.NOTICE, at) for at in (just_before, NOW + DAY)]
        assert hard.stops(Purpose.NOTICE, NOW + 10_000 * DAY)


class TestMerging:
    """Reports that follow each other."""

    def test_soft_bounces_in_a_row_rest_longer_up_to_a_month(self):
        """Each after the rest before it."""
        found, now, rests = None, NOW, []
        for number in range(7):
            found = merged(found, entry(SOFT, now), report_id=str(number), now=now)
            assert found is not None
            assert found.until is not None
            rests.append((found.until - now).days)
            now = found.until

        assert [1, 2, 4, 8, 16, 30, 30] == rests

    def test_after_a_month_of_quiet_they_count_anew(self):
        """A mailbox that was full last year is full for the first time."""
        first = after((SOFT, "a"))
        assert first is not None
        assert first.until is not None
        later = first.until + 30 * DAY
        second = merged(first, entry(SOFT, later), report_id="b", now=later)

        assert second is not None
        assert (1, later + DAY) == (second.bounces, second.until)

    def test_an_entry_that_is_over_gives_way_to_any(self):
        """A complaint after a rest is a complaint."""
        soft = after((SOFT, "a"))
        later = NOW + 2 * DAY
        found = merged(soft, entry(COMPLAINT, later), report_id="a", now=later)

        assert found is not None
        assert COMPLAINT is found.cause

    @given(some.lists(some.tuples(CAUSES, some.sampled_from("abc")), min_size=1, max_size=6))
    def test_the_strongest_cause_stays(self, reports: list[tuple[Cause, str]]):
        """In any order, told any number of times."""
        found = after(*reports)

        assert found is not None
        assert max((cause for cause, _ in reports), key=STRENGTH.__getitem__) is found.cause

    @given(some.lists(some.tuples(CAUSES, some.sampled_from("abc")), min_size=1, max_size=6))
    def test_a_report_counts_once(self, reports: list[tuple[Cause, str]]):
        """All of them told again change nothing."""
        assert after(*reports) == after(*reports, *reports)

    def test_no_order_of_reports_matters(self):
        """But for how long a soft bounce rests, which is over when something stronger came."""
        reports = [(SOFT, "a"), (COMPLAINT, "b"), (HARD, "c")]
        found = [after(*order) for order in permutations(reports)]

        assert {(HARD, None, 0)} == {
            (each.cause, each.until, each.bounces) for each in found if each
        }


class TestAnswers:
    """What a server's answer to a mail says of the address."""

    @pytest.mark.parametrize(
        ("result", "expected"),
        [
            (MailResult(Outcome.REFUSED, "550 5.1.1"), True),
            (MailResult(Outcome.REFUSED, "550 5.1.10"), True),
            (MailResult(Outcome.REFUSED, "550 5.2.1"), True),
            (MailResult(Outcome.REFUSED, "550"), False),
            (MailResult(Outcome.REFUSED, "552 5.2.2"), False),
            (MailResult(Outcome.REFUSED, "554 5.7.1"), False),
            (MailResult(Outcome.REFUSED, "address"), False),
            (MailResult(Outcome.SENT, "5.1.1"), False),
            (MailResult(Outcome.OFF), False),
        ],
        ids=str,
    )
    def test_nobody_is_there(self, result: MailResult, expected: bool):
        """Only codes of the address: a full mailbox or a mail that is not wanted is no reason."""
        assert expected is result.is_nobody_there
