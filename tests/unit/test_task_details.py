"""Reading tasks that apps wrote themselves: what is nonsense counts as none, and nothing raises."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from backend.kit.documents import Stored
from backend.tasks.details import (
    Anchor,
    ChecklistItem,
    Reminder,
    ReminderKind,
    checklist_of,
    reminders_of,
)
from backend.tasks.documents import says, task_fields, task_from, task_of
from backend.tasks.model import TaskRef, new_task

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
REF = TaskRef("w", "t")

# What Firestore can hold.
JUNK = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text() | some.just(NOW),
    lambda inner: some.lists(inner, max_size=4) | some.dictionaries(some.text(), inner, max_size=4),
    max_leaves=12,
)
ODD = (
    "labelIds", "projectId", "boardId", "listId", "rank", "parentId", "ancestorIds", "reminders",
    "checklist", "blockedBy",
)  # fmt: skip
LATER = {*ODD, "depth", "startAt", "estimateMin", "isBlocked", "counters", "expireAt"}

RELATIVE = {"kind": "relative", "minutesBefore": 30, "at": None}
ABSOLUTE = {"kind": "absolute", "minutesBefore": None, "at": NOW}
PLAIN = {"anchor": "due", "uid": None}
MILK = {"id": "a", "text": "Milk", "isDone": False}


def stored(**changes: Any) -> Stored:
    fields = dict(task_fields(new_task(REF, title="A", by="ann", at=NOW)))
    return Stored("workspaces/w/tasks/t", {**fields, **changes}, NOW)


class TestReminders:
    """`reminders_of(value)`"""

    def test_those_there_are(self):
        """Both kinds come back as they were."""
        found = reminders_of([RELATIVE, ABSOLUTE])

        assert (
            Reminder(ReminderKind.RELATIVE, 30, None),
            Reminder(ReminderKind.ABSOLUTE, None, NOW),
        ) == found
        assert [RELATIVE, ABSOLUTE] == [reminder.to_fields() for reminder in found]

    def test_what_is_said_at_times_only(self):
        """Another anchor and one person are kept; said where they say nothing, they are not."""
        own = RELATIVE | {"anchor": "start", "uid": "ann"}
        found = reminders_of([own, ABSOLUTE | {"uid": "ann"}, RELATIVE | PLAIN, ABSOLUTE | PLAIN])

        assert (
            Reminder(ReminderKind.RELATIVE, 30, None, Anchor.START, "ann"),
            Reminder(ReminderKind.ABSOLUTE, None, NOW, uid="ann"),
            Reminder(ReminderKind.RELATIVE, 30, None),
            Reminder(ReminderKind.ABSOLUTE, None, NOW),
        ) == found
        assert [own, ABSOLUTE | {"uid": "ann"}, RELATIVE, ABSOLUTE] == [
            reminder.to_fields() for reminder in found
        ]

    def test_what_is_none_is_passed_over(self):
        """The others stay, each once, ten at most."""
        odd = [
            RELATIVE | {"minutesBefore": -1},
            RELATIVE | {"minutesBefore": True},
            RELATIVE | {"minutesBefore": 30.0},
            RELATIVE | {"minutesBefore": 10**6},
            RELATIVE | {"at": NOW},
            ABSOLUTE | {"at": "tomorrow"},
            ABSOLUTE | {"kind": "sometime"},
            RELATIVE | {"extra": 1},
            RELATIVE | {"anchor": "end"},
            RELATIVE | {"anchor": None},
            RELATIVE | {"anchor": ["due"]},
            RELATIVE | {"uid": "a/b"},
            RELATIVE | {"uid": 7},
            ABSOLUTE | {"anchor": "start"},
            {"kind": "relative"},
            None,
            7,
        ]
        many = [RELATIVE | {"minutesBefore": minutes} for minutes in range(20)]

        assert reminders_of([RELATIVE]) == reminders_of([*odd, RELATIVE, RELATIVE])
        assert 10 == len(reminders_of(many))


class TestChecklist:
    """`checklist_of(value)`"""

    def test_those_there_are(self):
        """As they were, in their order."""
        found = checklist_of([MILK, MILK | {"id": "b", "isDone": True}])

        assert (ChecklistItem("a", "Milk", False), ChecklistItem("b", "Milk", True)) == found
        assert MILK == found[0].to_fields()

    def test_what_is_none_is_passed_over(self):
        """The others stay; of two with one id, the first."""
        odd = [
            MILK | {"id": "a/b"},
            MILK | {"text": ""},
            MILK | {"text": "x" * 501},
            MILK | {"isDone": 1},
            MILK | {"extra": 1},
            {"id": "a"},
            "milk",
        ]
        many = [MILK | {"id": f"i{number}"} for number in range(60)]

        assert checklist_of([MILK]) == checklist_of([*odd, MILK, MILK | {"text": "Bread"}])
        assert 50 == len(checklist_of(many))


class TestReading:
    """`task_of(stored)`"""

    @given(some.fixed_dictionaries(dict.fromkeys(ODD, JUNK)))
    def test_no_element_stops_the_reader(self, odd):
        """Whatever stands where the rules cannot look, the task can be read and written again."""
        task = task_of(stored(**odd))

        assert task == task_from(REF, task_fields(task))

    def test_a_number_is_nobody(self):
        """A member whose uid is "7" lets the rules pass the number as well."""
        task = task_of(stored(assigneeIds=[7, "ann"], watcherIds=["bob", "bob"]))

        assert (("ann",), ("bob",)) == (task.assignee_ids, task.watcher_ids)

    def test_a_document_of_an_earlier_version(self):
        """It lacks the later fields, and reads as a task that has them empty."""
        new = stored()
        old = Stored(new.path, {k: v for k, v in new.fields.items() if k not in LATER}, NOW)

        assert task_of(new) == task_of(old)
        assert [True, False] == [says(new, task_of(new)), says(old, task_of(old))]

    def test_what_was_passed_over_is_noticed(self):
        """So that the reactor can take it out of the document."""
        odd = stored(labelIds=["red", "red"], checklist=[MILK, 7])
        task = task_of(odd)

        assert (("red",), (ChecklistItem("a", "Milk", False),)) == (task.label_ids, task.checklist)
        assert not says(odd, task)
