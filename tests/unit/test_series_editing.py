"""What editing makes of a series: pure, without a database."""

from dataclasses import replace
from datetime import UTC, datetime, time
from random import Random
from typing import Any

import pytest

from backend.kit.errors import InvalidArgument, Stale
from backend.recurrence.editing import becoming, edited, retimed
from backend.recurrence.model import Recurrence, Rule
from backend.recurrence.occurrence import INSTANT, Start
from backend.recurrence.series import Mode
from backend.recurrence.splitting import shifted, split
from tests.unit.random_rules import random_recurrence
from tests.unit.recurrences import recurrence, walk
from tests.unit.serieses import series

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SEED, SPLITS, MANY = 38, 100, 1_500


class TestBecoming:
    """What an open occurrence of the 5th of January, a Monday at 9, becomes."""

    @pytest.mark.parametrize(
        ("changes", "key"),
        [
            ({"rule": "FREQ=DAILY"}, "20260105T0900"),
            ({"rule": "FREQ=WEEKLY;BYDAY=WE"}, "20260107T0900"),
            ({"rule": "FREQ=MONTHLY;BYMONTHDAY=1"}, "20260201T0900"),
            ({"start": "2026-01-01T07:15"}, "20260105T0715"),
            ({"start": "2026-01-01"}, "20260105"),
            ({"rule": "FREQ=DAILY;INTERVAL=2", "start": "2026-01-02T09:00"}, "20260102T0900"),
            ({"rule": "FREQ=WEEKLY;UNTIL=20260104"}, None),
            ({"rule": "FREQ=HOURLY;INTERVAL=5"}, "20260101T0900Z"),
            ({"rule": "FREQ=DAILY;INTERVAL=9", "mode": Mode.AFTER_COMPLETION}, "20260105T0900"),
        ],
        ids=str,
    )
    def test_stays_on_its_day_if_it_can(self, changes: dict[str, Any], key: str | None):
        """Else it moves to the next; where the start moves, it begins anew from there."""
        old = series("FREQ=WEEKLY;BYDAY=MO")

        found = becoming(
            old, edited(old, _meant(changes), at=NOW), "20260105T0900", after=None, now=NOW
        )

        assert key == (found.key if found else None)

    def test_never_before_the_one_it_follows(self):
        """That was done on the 5th, so a rule of every day goes on with the 6th."""
        old = series("FREQ=WEEKLY;BYDAY=MO")
        new = edited(old, _meant({"rule": "FREQ=DAILY", "start": "2026-01-02T09:00"}), at=NOW)

        found = becoming(old, new, "20260112T0900", after="20260105T0900", now=NOW)

        assert found is not None
        assert "20260106T0900" == found.key


class TestEdited:
    """The series itself."""

    def test_nothing_changed_is_the_same(self):
        """So nothing is written for it."""
        old = series()

        assert old is edited(old, {"title": "Report", "rule": old.recurrence.rule}, at=NOW)

    def test_another_revision_is_stale(self):
        """Whoever edits says what they saw."""
        with pytest.raises(Stale):
            edited(series(), {"title": "A"}, at=NOW, expected_rev=2)

    def test_exceptions_of_another_kind_are_forgotten(self):
        """Keys of hours are no keys of days."""
        old = replace(series(), recurrence=replace(series().recurrence, exdates=("20260102T0900",)))

        new = edited(old, {"rule": Rule.parse("FREQ=HOURLY")}, at=NOW)

        assert () == new.recurrence.exdates

    def test_what_counts_from_completion_has_no_days(self):
        """A mode that does not fit the rule is refused."""
        with pytest.raises(InvalidArgument):
            edited(series("FREQ=WEEKLY;BYDAY=MO"), {"mode": Mode.AFTER_COMPLETION}, at=NOW)

    @pytest.mark.parametrize(
        ("key", "old", "new", "found"),
        [
            ("20260105T0900", time(9), time(10), "20260105T1000"),
            ("20260105T1200", time(9), time(10), "20260105T1200"),
            ("20260105T1200", time(9), None, "20260105"),
            ("20260105", None, time(10), "20260105T1000"),
            ("20260105T0900Z", time(9), time(10), "20260105T0900Z"),
        ],
    )
    def test_keys_move_with_the_time(self, key: str, old: Any, new: Any, found: str):
        """One at a time of its own keeps it."""
        day = NOW.date()

        assert found == retimed(key, Start(day, old, "UTC"), Start(day, new, "UTC"))


class TestSplit:
    """This and the following."""

    def test_both_parts_together_are_the_whole(self, pytestconfig: pytest.Config):
        """Of random rules, exceptions among them, wherever they are split."""
        random = Random(SEED)
        parted = 0
        for _ in range(MANY if pytestconfig.getoption("--long") else SPLITS):
            whole = _with_exceptions(random, random_recurrence(random))
            found = walk(whole, 12)
            at = random.choice(found)
            if not Recurrence(whole.rule, whole.start).has(at.key):
                continue
            first = replace(series(), recurrence=whole, last_key=found[0].key)
            parts = split(first, at.key, {}, new_id="n", by="ann", at=NOW)
            if parts is None:
                assert at == found[0], whole
                continue
            parted += 1
            before, after = parts.before.recurrence, parts.after.recurrence
            both = [each.key for part in (before, after) for each in walk(part, 12)][: len(found)]
            last = walk(before, 13)[-1]
            assert last.at < after.first().at, whole
            assert [each.key for each in found] == both, (whole, at.key)
        assert parted > 50

    def test_one_added_to_the_rule_stands_alone(self):
        """Nothing follows from an RDATE."""
        whole = replace(
            recurrence("FREQ=DAILY", "2026-01-01T09:00", "UTC"), rdates=("20260105T1200",)
        )
        subject = replace(series(), recurrence=whole)

        with pytest.raises(InvalidArgument):
            split(subject, "20260105T1200", {}, new_id="n", by="ann", at=NOW)

    def test_counted_from_completion(self):
        """The one that is open may be on any day: the new one counts from it."""
        subject = replace(
            series("FREQ=DAILY;INTERVAL=3"), mode=Mode.AFTER_COMPLETION, last_key="20260106T0900"
        )

        parts = split(subject, "20260106T0900", {"title": "B"}, new_id="n", by="ann", at=NOW)

        assert parts is not None
        assert "20260106T0900" == parts.after.last_key
        assert (subject.id, 1, "B") == (
            parts.after.follows,
            parts.after.rev,
            parts.after.template.title,
        )

    def test_a_day_named_by_the_rule_does_not_move_alone(self):
        """A time does; and an interval moves with its day."""
        named, bare = series("FREQ=WEEKLY;BYDAY=MO"), series("FREQ=WEEKLY")
        wanted = {"date": datetime(2026, 1, 6, tzinfo=UTC).date()}

        moved = shifted(bare, "20260108T0900", wanted)

        assert {"start": Start(wanted["date"], time(9), "UTC")} == moved
        with pytest.raises(InvalidArgument) as refused:
            shifted(named, "20260105T0900", wanted)
        assert ["/date"] == [fault.pointer for fault in refused.value.faults]


def _meant(changes: dict[str, Any]) -> dict[str, Any]:
    meant = dict(changes)
    if "rule" in meant:
        meant["rule"] = Rule.parse(meant["rule"])
    if "start" in meant:
        meant["start"] = recurrence("FREQ=DAILY", meant["start"], "UTC").start
    return meant


def _with_exceptions(random: Random, whole: Recurrence) -> Recurrence:
    found = walk(whole, 10)
    left_out = random.sample(found, min(len(found) - 1, random.choice([0, 0, 1, 2])))
    within = [each for each in found if each.at + INSTANT < found[-1].at and each.time is not None]
    added = [each for each in within if random.random() < 0.1 and not each.in_utc]
    rdates = [f"{each.day:%Y%m%d}T{random.randint(0, 23):02}31" for each in added]
    try:
        exceptions = {"rdates": tuple(rdates), "exdates": tuple(each.key for each in left_out)}
        changed = replace(whole, **exceptions)
        changed.first()
    except InvalidArgument:
        return whole
    return changed
