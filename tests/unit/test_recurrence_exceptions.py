"""RDATE and EXDATE: occurrences added to what the rule picks, and left out of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest

from backend.kit.errors import InvalidArgument
from backend.recurrence.model import MAX_EXCEPTIONS, Recurrence
from tests.unit.random_rules import random_recurrence
from tests.unit.recurrences import keys, recurrence

NONE = timedelta(microseconds=1)
FOREVER = datetime(2101, 1, 2, tzinfo=UTC)


def with_exceptions(
    rule: str, start: str, rdates: tuple[str, ...] = (), exdates: tuple[str, ...] = ()
) -> Recurrence:
    """A recurrence in Berlin, with its exceptions."""
    return replace(recurrence(rule, start), rdates=rdates, exdates=exdates)


class TestExceptions:
    """What they do to the occurrences."""

    def test_an_exdate_does_not_come(self):
        """The others do, as before."""
        subject = with_exceptions("FREQ=WEEKLY", "2026-11-02T09:00", exdates=("20261109T0900",))

        assert ["20261102T0900", "20261116T0900"] == keys(subject, 2)

    def test_count_counts_what_is_left_out(self):
        """RFC 5545, 3.8.5.1: three, of which one is left out, are two."""
        subject = with_exceptions("FREQ=DAILY;COUNT=3", "2026-11-02", exdates=("20261103",))

        assert ["20261102", "20261104"] == keys(subject)

    def test_an_rdate_comes_although_the_rule_does_not_pick_it(self):
        """Between two of the rule's own, at a time of its own; and after the rule's end."""
        added = ("20261106T1800", "20270101T0900")
        subject = with_exceptions("FREQ=WEEKLY;COUNT=2", "2026-11-02T09:00", rdates=added)

        assert ["20261102T0900", added[0], "20261109T0900", added[1]] == keys(subject, 9)

    def test_an_exdate_wins_over_an_rdate(self):
        """Wherever both say something."""
        twice = ("20261106",)
        subject = with_exceptions("FREQ=WEEKLY", "2026-11-02", rdates=twice, exdates=twice)

        assert ["20261102", "20261109"] == keys(subject, 2)

    def test_an_rdate_that_the_rule_picks_anyway_comes_once(self):
        """As in any set."""
        subject = with_exceptions("FREQ=WEEKLY", "2026-11-02", rdates=("20261109",))

        assert ["20261102", "20261109", "20261116"] == keys(subject, 3)

    def test_of_two_on_one_instant_the_rules_own_comes(self):
        """Clocks skip 02:00 to 03:00: 02:30 added to 02:15 is the same moment."""
        rule, start, added = "FREQ=DAILY", "2027-03-28T02:15", ("20270328T0230",)
        subject = with_exceptions(rule, start, rdates=added)

        assert ["20270328T0215", "20270329T0215"] == keys(subject, 2)
        assert subject.first() == subject.previous(subject.first().at)
        assert subject.has("20270328T0215")
        assert not subject.has("20270328T0230")
        without = replace(subject, exdates=("20270328T0215",))
        assert ["20270328T0230", "20270329T0215"] == keys(without, 2)

    def test_exceptions_are_kept_sorted_and_once(self):
        """However they were sent."""
        sent = ("20261130", "20261109", "20261130")
        subject = with_exceptions("FREQ=WEEKLY", "2026-11-02", exdates=sent)

        assert ("20261109", "20261130") == subject.exdates

    def test_a_hundred_years_of_exdates_are_passed_over(self):
        """Longer than the five years in which a rule must come round."""
        left_out = tuple(f"{year}0101" for year in range(2026, 2090))
        subject = with_exceptions("FREQ=YEARLY", "2026-01-01", exdates=left_out)

        assert "20900101" == subject.first().key

    def test_with_everything_left_out_it_is_still_a_recurrence(self):
        """Of which nothing comes: the last one may have been skipped by hand."""
        subject = with_exceptions("FREQ=DAILY;COUNT=1", "2026-11-02", exdates=("20261102",))

        assert subject.after(datetime(2026, 1, 1, tzinfo=UTC)) is None
        with pytest.raises(InvalidArgument) as refused:
            subject.first()
        assert ["/exdates"] == [fault.pointer for fault in refused.value.faults]

    def test_counted_from_completion_what_is_left_out_is_passed_over(self):
        """By one more interval."""
        subject = with_exceptions("FREQ=DAILY;INTERVAL=3", "2026-11-02", exdates=("20261105",))

        found = subject.after_completion(datetime(2026, 11, 2, 12, tzinfo=UTC), done="20261102")
        assert found is not None
        assert "20261108" == found.key

    def test_counted_from_completion_there_is_nothing_to_add_to(self):
        """The days that follow are not known yet."""
        subject = with_exceptions("FREQ=DAILY;INTERVAL=3", "2026-11-02", rdates=("20261103",))

        with pytest.raises(InvalidArgument) as refused:
            subject.check_counts_from_completion()
        assert ["/rdates"] == [fault.pointer for fault in refused.value.faults]


class TestRefusals:
    """Exceptions that are none."""

    @pytest.mark.parametrize("name", ["rdates", "exdates"])
    @pytest.mark.parametrize(
        ("rule", "start", "key"),
        [
            ("FREQ=DAILY", "2026-11-02", "20261103T0900"),
            ("FREQ=DAILY", "2026-11-02T09:00", "20261103"),
            ("FREQ=DAILY", "2026-11-02T09:00", "20261103T0900Z"),
            ("FREQ=HOURLY", "2026-11-02T09:00", "20261103T0900"),
            ("FREQ=DAILY", "2026-11-02", "2026-11-03"),
            ("FREQ=DAILY", "2026-11-02", "20260230"),
            ("FREQ=DAILY", "2026-11-02", "99991231"),
            ("FREQ=DAILY", "2026-11-02", ""),
        ],
    )
    def test_a_key_of_another_kind_is_refused(self, name, rule, start, key):
        """It would silently change nothing; the pointer says which list."""
        subject = recurrence(rule, start)

        with pytest.raises(InvalidArgument) as refused:
            replace(subject, **{name: (key,)})
        assert [f"/{name}"] == [fault.pointer for fault in refused.value.faults]
        assert "invalid-recurrence" == refused.value.code

    def test_an_rdate_before_the_start_is_refused(self):
        """A series begins with its start."""
        with pytest.raises(InvalidArgument) as refused:
            with_exceptions("FREQ=DAILY", "2026-11-02", rdates=("20261101",))
        assert ["/rdates"] == [fault.pointer for fault in refused.value.faults]

    @pytest.mark.parametrize("name", ["rdates", "exdates"])
    def test_a_hundred_are_enough(self, name):
        """One more is refused."""
        subject = recurrence("FREQ=DAILY", "2026-01-01T00:00")
        many = tuple(f"202602{1 + n % 28:02}T{n // 28:02}00" for n in range(MAX_EXCEPTIONS + 1))

        assert MAX_EXCEPTIONS == len(getattr(replace(subject, **{name: many[1:]}), name))
        with pytest.raises(InvalidArgument):
            replace(subject, **{name: many})


class TestRandomExceptions:
    """Of random rules, against sets."""

    def test_what_comes_is_what_is_picked_and_added_without_what_is_left_out(self, pytestconfig):
        """Forwards, one by one, backwards, and asked for by key."""
        random = Random("exceptions")
        for _ in range(2000 if pytestconfig.getoption("--long") else 100):
            plain = random_recurrence(random)
            begins = plain.first().at - NONE
            picked = plain.between(begins, FOREVER, 40)
            others = [plain.occurrence(each.key) for each in picked if random.random() < 0.2]
            added = {each.key for each in others} | _shifted(plain, random)
            left_out = {each.key for each in picked if random.random() < 0.3}
            subject = replace(plain, rdates=tuple(added), exdates=tuple(left_out))
            until = picked[-1].at

            wanted = {each.at: each.key for each in map(plain.occurrence, sorted(added))}
            wanted |= {each.at: each.key for each in picked}
            expected = [key for at, key in sorted(wanted.items()) if at <= until]
            expected = [key for key in expected if key not in left_out]
            found = subject.between(begins, until, 1000)

            assert expected == [each.key for each in found], (plain.rule.text, added, left_out)
            assert all(one.at < two.at for one, two in pairwise(found))
            assert all(subject.after(one.at) == two for one, two in pairwise(found))
            assert all(subject.previous(each.at) == each for each in found)
            assert all(subject.previous(two.at - NONE) == one for one, two in pairwise(found))
            assert all(subject.has(each.key) is (each.key not in left_out) for each in picked)


def _shifted(plain: Recurrence, random: Random) -> set[str]:
    """Keys at times and on days that the rule may not pick."""
    days = [plain.first().day + timedelta(days=random.randint(1, 60)) for _ in range(3)]
    zulu = "Z" if plain.first().in_utc else ""
    if plain.start.time is None:
        return {f"{day:%Y%m%d}" for day in days}
    return {f"{day:%Y%m%d}T{random.randint(0, 23):02}45{zulu}" for day in days}
