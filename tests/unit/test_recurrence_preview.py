"""Previews: what will come, marked where clocks change."""

from datetime import UTC, datetime, timedelta
from time import process_time

import pytest

from backend.recurrence.preview import MAX_PREVIEWED, Note, preview, preview_from_completion
from tests.unit.recurrences import recurrence

NONE = timedelta(microseconds=1)
# Whatever may be asked of a preview at most.
HEAVY = [
    *("FREQ=DAILY", "FREQ=HOURLY", "FREQ=HOURLY;BYDAY=MO;COUNT=1000", "FREQ=DAILY;COUNT=1000"),
    *("FREQ=DAILY;INTERVAL=1000;BYDAY=TH", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=TU"),
    *("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13;COUNT=1000", "FREQ=DAILY;BYDAY=FR;BYMONTHDAY=13"),
    *("FREQ=YEARLY;BYDAY=53TH", "FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=366"),
    *("FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29",),
    *("FREQ=YEARLY;BYMONTH=2;BYDAY=5TH", "FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;COUNT=1000"),
]  # fmt: skip


def notes(rule: str, start: str, tz: str, count: int) -> list[tuple[str, int, Note | None]]:
    """Key, minutes ahead of UTC and note of the first occurrences."""
    subject = recurrence(rule, start, tz)
    return [
        (each.occurrence.key, each.utc_offset // timedelta(minutes=1), each.note)
        for each in preview(subject, subject.first().at - NONE, count)
    ]


class TestPreview:
    """preview"""

    def test_a_skipped_time_is_a_gap_and_the_next_is_as_ever(self):
        """Berlin, 28 March 2027."""
        assert [
            ("20270327T0230", 60, None),
            ("20270328T0230", 120, Note.GAP),
            ("20270329T0230", 120, None),
        ] == notes("FREQ=DAILY", "2027-03-27T02:30", "Europe/Berlin", 3)

    def test_a_time_shown_twice_is_a_fold_and_then_the_offset_has_changed(self):
        """New York, 1 November 2026: the first 01:30 is still in summer time."""
        assert [
            ("20261031T0130", -240, None),
            ("20261101T0130", -240, Note.FOLD),
            ("20261102T0130", -300, Note.OFFSET_CHANGED),
            ("20261103T0130", -300, None),
        ] == notes("FREQ=DAILY", "2026-10-31T01:30", "America/New_York", 4)

    def test_other_times_are_marked_once_clocks_have_changed(self):
        """Weekly at nine: the first in winter time."""
        assert [
            ("20261019T0900", 120, None),
            ("20261026T0900", 60, Note.OFFSET_CHANGED),
            ("20261102T0900", 60, None),
        ] == notes("FREQ=WEEKLY", "2026-10-19T09:00", "Europe/Berlin", 3)

    def test_all_day_a_missing_midnight_is_a_gap(self):
        """Beirut, 28 March 2027: the day begins at 01:00."""
        assert [("20270327", 120, None), ("20270328", 180, Note.GAP)] == notes(
            "FREQ=DAILY", "2027-03-27", "Asia/Beirut", 2
        )

    def test_half_an_hour_counts_too(self):
        """Lord Howe moves by thirty minutes."""
        assert [("20270403T1200", 660, None), ("20270404T1200", 630, Note.OFFSET_CHANGED)] == notes(
            "FREQ=DAILY", "2027-04-03T12:00", "Australia/Lord_Howe", 2
        )

    def test_hours_have_neither_gaps_nor_folds(self):
        """But what clocks show of them changes."""
        assert [
            ("20270328T0000Z", 60, None),
            ("20270328T0100Z", 120, Note.OFFSET_CHANGED),
            ("20270328T0200Z", 120, None),
        ] == notes("FREQ=HOURLY", "2027-03-28T01:00", "Europe/Berlin", 3)

    def test_the_first_is_compared_with_the_one_before_it(self):
        """Though that one is not shown."""
        subject = recurrence("FREQ=WEEKLY", "2026-10-19T09:00")

        [found] = preview(subject, subject.first().at, 1)
        assert Note.OFFSET_CHANGED == found.note

    def test_a_rule_that_ends_has_fewer(self):
        """And one that has ended none."""
        subject = recurrence("FREQ=DAILY;COUNT=3", "2026-11-02")

        assert ["20261103", "20261104"] == [
            each.occurrence.key for each in preview(subject, subject.first().at, 10)
        ]
        assert [] == preview(subject, datetime(2027, 1, 1, tzinfo=UTC), 10)

    def test_counted_from_completion_each_is_taken_to_be_done_in_time(self):
        """The one that is open: whenever it is said to be done."""
        subject = recurrence("FREQ=DAILY;INTERVAL=3", "2027-03-20T02:30")
        done_at = datetime(2027, 3, 25, 12, tzinfo=UTC)

        found = preview_from_completion(subject, subject.first(), done_at, 3)
        assert [
            ("20270328T0230", Note.GAP),
            ("20270331T0230", None),
            ("20270403T0230", None),
        ] == [(each.occurrence.key, each.note) for each in found]

    @pytest.mark.parametrize("rule", HEAVY)
    def test_no_preview_is_a_bomb(self, rule):
        """Check 39: ten thousand are asked for, a hundred are found, within 50 ms."""
        times = []
        for _ in range(3):
            began = process_time()
            subject = recurrence(rule, "2024-02-01T09:00")
            found = preview(subject, subject.first().at, 10_000)
            times.append(process_time() - began)

        assert len(found) <= MAX_PREVIEWED
        assert min(times) < 0.05
