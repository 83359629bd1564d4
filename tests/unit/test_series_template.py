"""The template of a series, its document, and the tasks made from it."""

import pytest

from backend.kit.documents import Stored
from backend.kit.errors import InvalidArgument
from backend.recurrence.copying import tasks_of
from backend.recurrence.documents import series_fields, series_of
from backend.recurrence.series import CatchUp, SubtaskTemplate, TaskTemplate
from backend.recurrence.template import MAX_SUBTASKS
from backend.tasks.details import ChecklistItem, Reminder, ReminderKind
from backend.tasks.model import Priority
from tests.unit.serieses import at, series, template

TREE = (
    SubtaskTemplate(
        "Pack",
        priority=Priority.HIGH,
        assignee_ids=("bob",),
        subtasks=(SubtaskTemplate("Boots", subtasks=(SubtaskTemplate("Laces"),)),),
    ),
    SubtaskTemplate("Leave", checklist=(ChecklistItem("c1", "Keys", is_done=True),)),
)
FULL = template(
    title="Hike",
    description="Every month",
    priority=Priority.LOW,
    assignee_ids=("ann",),
    watcher_ids=("cid",),
    label_ids=("l1",),
    project_id="p1",
    board_id="b1",
    list_id="li1",
    reminders=(Reminder(ReminderKind.RELATIVE, 30, None),),
    checklist=(ChecklistItem("c0", "Map", is_done=True),),
    estimate_min=90,
    subtasks=TREE,
)


class TestDocument:
    """A series as it is kept."""

    def test_it_reads_back_as_it_was(self):
        """With all that lies below, in order."""
        whole = series(
            template=FULL,
            catch_up=CatchUp.ALL,
            paused_at=at(2),
            follows="s0",
            planned=("20260105T0900",),
        )

        assert whole == series_of(_stored(series_fields(whole)))

    def test_one_from_before_it_could_be_paused_reads_too(self):
        """It skips what is missed, and was split from none."""
        fields = dict(series_fields(series()))
        for name in ("rdates", "exdates", "catchUp", "nextAt", "pausedAt", "follows", "planned"):
            del fields[name]
        del fields["taskIds"]
        fields["template"] = {
            name: fields["template"][name]
            for name in ("title", "description", "priority", "assigneeIds", "watcherIds")
        }

        old = series_of(_stored(fields))

        assert (template(), CatchUp.SKIP, None, None) == (
            old.template,
            old.catch_up,
            old.next_at,
            old.follows,
        )

    def test_everybody_it_names_is_among_its_people(self):
        """So that whoever leaves for good is found in it."""
        assert ["ann", "bob", "cid"] == series_fields(series(template=FULL))["people"]


class TestBounds:
    """What one document and one commit hold."""

    @pytest.mark.parametrize(
        "subtasks",
        [
            tuple(SubtaskTemplate("A") for _ in range(MAX_SUBTASKS + 1)),
            (SubtaskTemplate("A", description="ä" * 80_000),),
        ],
        ids=["too many", "too long"],
    )
    def test_what_is_too_much_is_refused(self, subtasks: tuple[SubtaskTemplate, ...]):
        """With the code for it."""
        with pytest.raises(InvalidArgument) as refused:
            template(subtasks=subtasks)

        assert "limit-exceeded" == refused.value.code

    @pytest.mark.parametrize(("deep", "is_refused"), [(8, False), (9, True)])
    def test_no_deeper_than_tasks_may_lie(self, deep: int, is_refused: bool):
        """Eight below each other, and no ninth."""
        assert is_refused == _refuses(deep)


class TestCopies:
    """The tasks of one occurrence."""

    def test_the_subtree_is_copied_under_derived_ids(self):
        """Each before what lies below it, and at its depth."""
        whole = series(template=FULL)

        tasks = tasks_of(whole, whole.recurrence.first(), by="system")

        top = "s-20260101T0900"
        assert [
            (top, "Hike", None, ()),
            (f"{top}-1", "Pack", top, (top,)),
            (f"{top}-2", "Boots", f"{top}-1", (top, f"{top}-1")),
            (f"{top}-3", "Laces", f"{top}-2", (top, f"{top}-1", f"{top}-2")),
            (f"{top}-4", "Leave", top, (top,)),
        ] == [(each.id, each.title, each.parent_id, each.ancestor_ids) for each in tasks]
        assert str(tasks[1].rank) < str(tasks[4].rank)
        assert [0, 1, 2, 3, 1] == [each.depth for each in tasks]

    def test_all_fields_are_copied_and_nothing_is_ticked(self):
        """Nothing of an occurrence is done when it comes."""
        whole = series(template=FULL)

        top, pack, *_, leave = tasks_of(whole, whole.recurrence.first(), by="system")

        assert ("Every month", Priority.LOW, ("ann",), ("cid",), ("l1",), 90) == (
            top.description,
            top.priority,
            top.assignee_ids,
            top.watcher_ids,
            top.label_ids,
            top.estimate_min,
        )
        assert ("p1", "b1", "li1", FULL.reminders) == (
            top.project_id,
            top.board_id,
            top.list_id,
            top.reminders,
        )
        assert [False, False] == [top.checklist[0].is_done, leave.checklist[0].is_done]
        assert (("bob",), Priority.HIGH) == (pack.assignee_ids, pack.priority)

    def test_only_the_top_belongs_to_the_series(self):
        """Else ticking off a step would bring the next occurrence."""
        whole = series(template=FULL)

        top, *below = tasks_of(whole, whole.recurrence.first(), by="system")

        assert ("s", "20260101T0900") == (top.series_id, top.occurrence_key)
        assert {(None, None)} == {(each.series_id, each.occurrence_key) for each in below}

    def test_what_was_changed_ahead_is_applied(self):
        """Fields that nobody may set are not."""
        due = {"kind": "zoned", "date": "2026-01-02", "time": "10:00", "tz": "UTC"}
        changes = {"title": "Trip", "due": due, "rev": 7, "status": "done"}
        whole = series()

        (task,) = tasks_of(whole, whole.recurrence.first(), by="system", changes=changes)

        assert ("Trip", at(2, 10), 1, None) == (
            task.title,
            task.due_at,
            task.rev,
            task.completed_at,
        )


def _stored(fields) -> Stored:
    return Stored("workspaces/w/series/s", fields, at(1))


def _refuses(deep: int) -> bool:
    inner = SubtaskTemplate("A")
    for _ in range(deep - 1):
        inner = SubtaskTemplate("A", subtasks=(inner,))
    try:
        made: TaskTemplate = template(subtasks=(inner,))
    except InvalidArgument:
        return True
    return not made.subtasks
