"""The heart of the reactor, without anything around it."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from backend.kit.actor import SYSTEM_UID
from backend.reactions.difference import difference
from backend.reactions.model import Count, EventType, Happened, SetTimer
from backend.reactions.totals import totals
from backend.tasks.due import Due, DueKind
from backend.tasks.model import Priority, Status, Task, TaskRef, new_task
from backend.timers.model import TimerKind

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
TOMORROW = Due(DueKind.ZONED, date(2026, 11, 21), time(12, 0), "UTC")
PEOPLE = ("ann", "bob", "eve")


def task(**details: Any) -> Task:
    return new_task(TaskRef("w", "t"), title="A", by="ann", at=NOW, details=details)


def changed(old: Task, *, by: str = "ann", **changes: Any) -> Task:
    return old.edited(changes, by=by, at=NOW + timedelta(minutes=1))


class TestDifference:
    """`difference(old, task)`"""

    def test_what_was_seen_leads_to_nothing(self):
        """A doorbell that rings late or twice."""
        old = task()

        assert [] == difference(old, old)
        assert [] == difference(changed(old, title="B"), old)

    def test_a_new_task_is_counted_and_its_people_told(self):
        """Who made it is not among them."""
        found = difference(None, task(assignee_ids=("ann", "bob")))

        assert [
            Happened(EventType.CREATED),
            Happened(EventType.ASSIGNED, ("bob",)),
            Count(
                {
                    "allTasks": 1,
                    "byMember/ann/open": 1,
                    "byMember/bob/open": 1,
                    "byPriority/none": 1,
                    "byStatus/open": 1,
                    "openTasks": 1,
                }
            ),
        ] == found

    def test_only_who_is_new_is_told_of_an_assignment(self):
        """The others know."""
        old = task(assignee_ids=("bob",))

        assert [
            Happened(EventType.ASSIGNED, ("eve",)),
            Count({"byMember/eve/open": 1}),
        ] == difference(old, changed(old, assignee_ids=("bob", "eve")))

    def test_completion_concerns_everyone_around_the_task(self):
        """Assignees, watchers and who made it, but not who did it."""
        old = task(assignee_ids=("bob",), watcher_ids=("eve",))

        assert [
            Happened(EventType.COMPLETED, ("ann", "eve")),
            Count(
                {
                    "byMember/bob/done": 1,
                    "byMember/bob/open": -1,
                    "byPriority/none": -1,
                    "byStatus/done": 1,
                    "byStatus/open": -1,
                    "doneTasks": 1,
                    "openTasks": -1,
                }
            ),
            SetTimer(TimerKind.TASK_CLOSED, NOW + timedelta(minutes=1)),
        ] == difference(old, changed(old, by="bob", status=Status.DONE))

    def test_a_due_date_sets_two_timers(self):
        """And closing the task withdraws both."""
        old = task()
        due = changed(old, due=TOMORROW)
        done = changed(due, status=Status.DONE)

        at = TOMORROW.at
        assert [
            Happened(EventType.EDITED),
            SetTimer(TimerKind.OVERDUE, at),
            SetTimer(TimerKind.DUE_SOON, at - timedelta(hours=1)),
        ] == difference(old, due)
        assert [SetTimer(TimerKind.OVERDUE, None), SetTimer(TimerKind.DUE_SOON, None)] == [
            each for each in difference(due, done) if isinstance(each, SetTimer)
        ]

    def test_closing_what_somebody_was_asked_for(self):
        """What asked is taken off devices; a note to oneself, done, costs nothing besides."""
        soon = Due(DueKind.ZONED, date(2026, 11, 20), time(12, 30), "UTC")
        olds = {
            "nobody": task(),
            "due tomorrow": task(due=TOMORROW),
            "due soon": task(due=soon),
            "assigned": task(assignee_ids=("bob",)),
        }

        assert ["due soon", "assigned"] == [
            name
            for name, old in olds.items()
            for each in difference(old, changed(old, status=Status.DONE))
            if isinstance(each, SetTimer) and each.kind is TimerKind.TASK_CLOSED
        ]

    def test_what_is_due_at_once_is_not_announced(self):
        """It was written this moment."""
        soon = Due(DueKind.ZONED, date(2026, 11, 20), time(12, 30), "UTC")

        timers = [each.kind for each in difference(None, task(due=soon)) if _is_timer(each)]

        assert [TimerKind.OVERDUE] == timers

    def test_lateness_is_told_to_those_who_should_act(self):
        """Its assignees, or else who made it."""
        late = replace(task(due=TOMORROW, assignee_ids=("bob",)), is_overdue=False)
        flagged = late.flagged_overdue(by=SYSTEM_UID, at=TOMORROW.at)

        told = Happened(EventType.OVERDUE, ("bob",), cause=late.due.mark)

        assert told in difference(late, flagged)
        assert SetTimer(TimerKind.OVERDUE, None) in difference(late, flagged)

    def test_an_occurrence_made_by_its_series_assigns_silently(self):
        """Who is assigned was told when the series began."""
        following = new_task(
            TaskRef("w", "t"),
            title="A",
            by=SYSTEM_UID,
            at=NOW,
            details={"assignee_ids": ("bob",), "series_id": "s", "created_by": "ann"},
        )

        found = difference(None, following)

        assert [EventType.CREATED] == [each.type for each in found if isinstance(each, Happened)]

    def test_whatever_happens_to_its_place_is_an_event_for_nobody(self):
        """Moved, archived, thrown away, and each back again."""
        old = task(assignee_ids=("bob",))
        ways = {
            EventType.MOVED: (old, changed(old, project_id="p")),
            EventType.EDITED: (old, changed(old, rank="V")),
            EventType.ARCHIVED: (old, archived := old.archived(by="ann", at=NOW)),
            EventType.UNARCHIVED: (archived, archived.unarchived(by="ann", at=NOW)),
            EventType.DELETED: (old, deleted := old.deleted(by="ann", at=NOW)),
            EventType.RESTORED: (deleted, deleted.restored(by="ann", at=NOW)),
        }

        found = {name: _happened(*states) for name, states in ways.items()}

        assert {name: [Happened(name)] for name in ways} == found

    def test_the_trash_is_emptied_after_thirty_days(self):
        """Unless the task is restored, or thrown away anew, which begins them again."""
        old = task()
        deleted = old.deleted(by="ann", at=NOW)
        restored = deleted.restored(by="ann", at=NOW + timedelta(days=1))
        later = restored.deleted(by="ann", at=NOW + timedelta(days=2))

        states = [(old, deleted), (deleted, restored), (deleted, later)]
        timers = [each for pair in states for each in difference(*pair) if _is_timer(each)]

        assert [
            SetTimer(TimerKind.TRASH, NOW + timedelta(days=30)),
            SetTimer(TimerKind.TRASH, None),
            SetTimer(TimerKind.TRASH, NOW + timedelta(days=32)),
        ] == timers


edits = some.fixed_dictionaries(
    {},
    optional={
        "title": some.sampled_from(["A", "B"]),
        "status": some.sampled_from(list(Status)),
        "priority": some.sampled_from(list(Priority)),
        "is_overdue": some.booleans(),
        "archived_at": some.sampled_from([None, NOW]),
        "deleted_at": some.sampled_from([None, NOW]),
        "assignee_ids": some.lists(some.sampled_from(PEOPLE), unique=True).map(tuple),
        "due": some.sampled_from([None, TOMORROW]),
    },
)


class TestSequences:
    """Any sequence of changes, reacted to one by one or some at a time."""

    @given(some.lists(some.tuples(edits, some.sampled_from(PEOPLE), some.booleans())))
    def test_counters_equal_a_recount(self, steps: list[tuple[dict[str, Any], str, bool]]):
        """However many changes a reaction sums up."""
        current, seen = task(), None
        counters = Counter[str]()
        for changes, by, is_reacted_to in [*steps, ({}, "ann", True)]:
            current = changed(current, by=by, **changes)
            if is_reacted_to:
                for each in difference(seen, current):
                    if isinstance(each, Count):
                        counters.update(each.by)
                seen = current

        assert totals(current) == counters

    @given(some.lists(some.tuples(edits, some.sampled_from(PEOPLE))))
    def test_nobody_hears_of_their_own_deed(self, steps: list[tuple[dict[str, Any], str]]):
        """Whatever they did."""
        seen = None
        current = task()
        for changes, by in steps:
            current = changed(current, by=by, **changes)
            for each in difference(seen, current):
                if isinstance(each, Happened):
                    assert current.updated_by not in each.audience
            seen = current


def _happened(old: Task, new: Task) -> list[Happened]:
    return [each for each in difference(old, new) if isinstance(each, Happened)]


def _is_timer(consequence: object) -> bool:
    return isinstance(consequence, SetTimer)
