"""How many open tasks may stand in a list: `wipLimit`, by what reactions have counted."""

from typing import Any
from uuid import uuid4

import pytest

from tests.rules.documents import PAST, edit, without
from tests.rules.task_cases import ALLOWED, DENIED
from tests.rules.wire import REQUEST_TIME
from tests.rules.work_documents import STORED, new_list

DONE = {"status": "done", "completedAt": PAST, "completedBy": "someone"}
NOT_DONE = {"completedAt": None, "completedBy": None}


@pytest.fixture
def listed(world):
    """Return a function that stores a list of b1 and returns what puts a card there."""

    def store(open_tasks: int | None, limit: int | None, *missing: str) -> dict[str, Any]:
        list_id = uuid4().hex
        counters = {} if open_tasks is None else {"openTasks": open_tasks, "doneTasks": 9}
        fields = new_list("someone", **STORED, wipLimit=limit) | {"counters": counters}
        world.store(f"{world.w1}/lists/{list_id}", without(fields, *missing))
        return {"boardId": "b1", "listId": list_id}

    return store


ROOM = {
    "none-given": (7, None, ALLOWED),
    "none-there-yet": (None, 1, ALLOWED),
    "one-left": (2, 3, ALLOWED),
    "full": (3, 3, DENIED),
    "more-than-full": (4, 3, DENIED),
}


@pytest.mark.parametrize(("open_tasks", "limit", "expected"), ROOM.values(), ids=ROOM)
class TestRoom:
    """To get in, there must be room."""

    def test_for_a_new_task(self, world, listed, open_tasks, limit, expected):
        """Made in the list."""
        path, task = world.new_task("member", **listed(open_tasks, limit))

        assert expected == world.as_("member").create(path, task).verdict

    def test_for_a_task_from_elsewhere(self, world, listed, open_tasks, limit, expected):
        """From no board, and from another list."""
        place, uid = listed(open_tasks, limit), world.uid("member")
        before = [{}, {"boardId": "b1", "listId": "l1"}]

        verdicts = {
            world.as_("member").update(world.store_task(**task), edit(uid, **place)).verdict
            for task in before
        }

        assert {expected} == verdicts

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (DONE, {"status": "open", **NOT_DONE}),
            ({"status": "cancelled"}, {"status": "in_progress"}),
            ({"archivedAt": PAST}, {"archivedAt": None}),
            ({"deletedAt": PAST}, {"deletedAt": None}),
        ],
        ids=["done", "cancelled", "archived", "deleted"],
    )
    def test_for_a_task_that_opens_again(
        self, world, listed, open_tasks, limit, expected, before, after
    ):
        """There already, but not counted as open until now."""
        task = world.store_task(**listed(open_tasks, limit), **before)

        answer = world.as_("member").update(task, edit(world.uid("member"), **after))

        assert expected == answer.verdict


class TestFull:
    """What a full list lets happen."""

    def test_what_stands_there_stays(self, world, listed):
        """Edited, dragged within, done, put away."""
        full, uid = listed(3, 3), world.uid("member")
        changes = [
            {"title": "Repot"},
            {"rank": "k"},
            {"status": "in_progress"},
            {"status": "done", "completedAt": REQUEST_TIME, "completedBy": uid},
            {"archivedAt": REQUEST_TIME},
        ]

        verdicts = [
            world.as_("member").update(world.store_task(**full), edit(uid, **change)).verdict
            for change in changes
        ]

        assert [ALLOWED] * 5 == verdicts

    @pytest.mark.parametrize(
        "state",
        [DONE, {"status": "cancelled"}, {"archivedAt": PAST}, {"deletedAt": PAST}],
        ids=["done", "cancelled", "archived", "deleted"],
    )
    def test_what_is_not_open_takes_no_room(self, world, listed, state):
        """It may be moved there, and edited there."""
        full, uid = listed(3, 3), world.uid("member")
        app = world.as_("member")

        answers = [
            app.update(world.store_task(**state), edit(uid, **full)),
            app.update(world.store_task(**state, **full), edit(uid, title="Repot")),
        ]

        assert [ALLOWED, ALLOWED] == [answer.verdict for answer in answers]

    def test_a_list_from_before_there_were_limits(self, world, listed):
        """It has none."""
        path, task = world.new_task("member", **listed(3, 3, "wipLimit"))

        assert ALLOWED == world.as_("member").create(path, task).verdict

    def test_a_list_that_counts_nothing(self, world, listed):
        """Attack 84: what the rules do not know denies, and does not open."""
        path, task = world.new_task("member", **listed(3, 3, "counters"))

        assert DENIED == world.as_("member").create(path, task).verdict

    @pytest.mark.parametrize(
        ("state", "change"),
        [
            (DONE | {"boardId": "gone"}, {"status": "open", **NOT_DONE}),
            (DONE | {"boardId": "gone", "listId": "gone"}, {"title": "Repot"}),
        ],
        ids=["opened-on-a-board-that-is-gone", "done-in-a-list-that-is-gone"],
    )
    def test_where_no_room_is_asked_for_nothing_is_looked_up(self, world, state, change):
        """What it stood on was deleted a moment ago; the server takes it off."""
        answer = world.as_("member").update(
            world.store_task(**state), edit(world.uid("member"), **change)
        )

        assert ALLOWED == answer.verdict
