"""Where a task may be put: project, board, list, parent. Attacks 36 and 54."""

from typing import Any

import pytest

from tests.rules.documents import PAST, edit
from tests.rules.task_cases import ALLOWED, DENIED
from tests.rules.work_documents import STORED, new_board, new_list, new_project

CARD = {"boardId": "b1", "listId": "l1", "rank": "V"}

# Every case as a create and as an update of a task that is nowhere.
PLACES = {
    "nowhere": ({"projectId": None, "boardId": None, "listId": None, "parentId": None}, ALLOWED),
    "project": ({"projectId": "p1"}, ALLOWED),
    "board": ({"boardId": "b1"}, ALLOWED),
    "archived-board": ({"boardId": "archived"}, ALLOWED),
    "card": (CARD, ALLOWED),
    "card-in-another-project-than-its-board": (CARD | {"projectId": "p1"}, ALLOWED),
    "parent": ({"parentId": "t1"}, ALLOWED),
    "a36-no-such-project": ({"projectId": "p9"}, DENIED),
    "a36-no-such-board": ({"boardId": "b9"}, DENIED),
    "a36-no-such-list": (CARD | {"listId": "l9"}, DENIED),
    "a36-no-such-parent": ({"parentId": "t9"}, DENIED),
    "a36-project-of-w2": ({"projectId": "only-in-w2"}, DENIED),
    "a36-board-of-w2": ({"boardId": "only-in-w2"}, DENIED),
    "a36-list-of-w2": (CARD | {"listId": "only-in-w2"}, DENIED),
    "a36-parent-of-w2": ({"parentId": "only-in-w2"}, DENIED),
    "a36-project-that-is-a-board": ({"projectId": "b1"}, DENIED),
    "a54-list-of-another-board": (CARD | {"listId": "of-b2"}, DENIED),
    "a54-board-of-another-list": (CARD | {"boardId": "b2"}, DENIED),
    "a54-list-without-board": ({"listId": "l1"}, DENIED),
    "project-number": ({"projectId": 7}, DENIED),
    "project-empty": ({"projectId": ""}, DENIED),
    "project-path": ({"projectId": "p1/x/y"}, DENIED),
    "board-number": ({"boardId": 7}, DENIED),
    "board-map": ({"boardId": {}}, DENIED),
    "board-dots": ({"boardId": ".."}, DENIED),
    "board-path": ({"boardId": "b1/x/y"}, DENIED),
    "list-number": (CARD | {"listId": 7}, DENIED),
    "list-list": (CARD | {"listId": ["l1"]}, DENIED),
    "list-path": (CARD | {"listId": "l1/x/y"}, DENIED),
    "parent-number": ({"parentId": 7}, DENIED),
    "parent-that-is-a-comment": ({"parentId": "t1/comments/c1"}, DENIED),
    "parent-path": ({"parentId": "t1/x/y"}, DENIED),
    "parent-dots": ({"parentId": "../tasks/t1"}, DENIED),
}


@pytest.fixture(scope="module", autouse=True)
def _beside(world) -> None:
    """Store what lies in the other workspace only, and what only an odd id would reach."""
    other = "someone-else"
    for odd in ("{}1/x/y", "7"):  # A number in a path is written as a string.
        world.store(f"{world.w1}/projects/{odd.format('p')}", new_project(other, **STORED))
        world.store(f"{world.w1}/boards/{odd.format('b')}", new_board(other, **STORED))
        world.store(f"{world.w1}/lists/{odd.format('l')}", new_list(other, **STORED))
        world.store(f"{world.w1}/tasks/{odd.format('t')}", world.new_task("owner", **STORED)[1])
    world.store(f"{world.w2}/projects/only-in-w2", new_project(other, **STORED))
    world.store(f"{world.w2}/boards/only-in-w2", new_board(other, **STORED))
    world.store(f"{world.w2}/lists/only-in-w2", new_list(other, **STORED))
    world.store(f"{world.w2}/tasks/only-in-w2", world.new_task("owner", **STORED)[1])


class TestPlace:
    """What a task refers to must be there, in the same workspace."""

    @pytest.mark.parametrize(("place", "expected"), PLACES.values(), ids=PLACES)
    def test_of_a_new_task(self, world, place, expected):
        """Each reference is looked up."""
        path, task = world.new_task("member", **place)

        assert expected == world.as_("member").create(path, task).verdict

    @pytest.mark.parametrize(("place", "expected"), PLACES.values(), ids=PLACES)
    def test_of_a_moved_task(self, world, place, expected):
        """Each reference that changes is looked up."""
        changes = edit(world.uid("member"), **place)

        assert expected == world.as_("member").update(world.store_task(), changes).verdict

    def test_what_stays_is_not_looked_up(self, world):
        """A task whose project, list or parent is gone can still be edited, and taken out."""
        gone = {"projectId": "gone", "boardId": "gone", "listId": "gone", "parentId": "gone"}
        task, uid = world.store_task(**gone), world.uid("member")

        answers = [
            world.as_("member").update(task, edit(uid, title="Repot")),
            world.as_("member").update(task, edit(uid, rev=5, **dict.fromkeys(gone))),
        ]

        assert [ALLOWED, ALLOWED] == [answer.verdict for answer in answers]

    @pytest.mark.parametrize("move", [{"boardId": "b2"}, {"boardId": None}, {"listId": "of-b2"}])
    def test_a_card_changes_board_and_list_together(self, world, move):
        """Attack 54: neither half of the move alone."""
        task = world.store_task(**CARD)

        answer = world.as_("member").update(task, edit(world.uid("member"), **move))

        assert answer.verdict == DENIED

    def test_a_card_is_dragged(self, world):
        """To another place, another list, another board, and off the board."""
        task, uid = world.store_task(**CARD), world.uid("member")
        moves: list[dict[str, Any]] = [
            {"rank": "k"},
            {"listId": "l2", "rank": "b"},
            {"boardId": "b2", "listId": "of-b2", "rank": "c"},
            {"boardId": None, "listId": None, "rank": None},
        ]

        verdicts = [
            world.as_("member").update(task, edit(uid, rev=4 + number, **move)).verdict
            for number, move in enumerate(moves)
        ]

        assert [ALLOWED] * 4 == verdicts


class TestParents:
    """`parentId`: only below what is below nothing, so that no circle comes about."""

    def test_a_task_is_not_below_itself(self, world):
        """Neither a new one nor one that was there."""
        app, uid = world.as_("member"), world.uid("member")
        path, task = world.new_task("member")
        stored = world.store_task()

        answers = [
            app.create(path, task | {"parentId": _id(path)}),
            app.update(stored, edit(uid, parentId=_id(stored))),
        ]

        assert {DENIED} == {answer.verdict for answer in answers}

    def test_below_what_is_below_something_is_refused(self, world):
        """Whether that makes a circle, only the API can tell, which knows all ancestors."""
        app, uid = world.as_("member"), world.uid("member")
        child = _id(world.store_task(parentId="t1"))
        path, task = world.new_task("member", parentId=child)

        answers = [
            app.create(path, task),
            app.update(world.store_task(), edit(uid, parentId=child)),
        ]

        assert {DENIED} == {answer.verdict for answer in answers}

    def test_a_task_with_children_may_go_below_another(self, world):
        """Its children come along: they name it as before."""
        app, uid, top = world.as_("member"), world.uid("member"), world.store_task()
        child = world.store_task(parentId=_id(top))

        answers = [
            app.update(top, edit(uid, parentId="t1")),
            app.update(child, edit(uid, parentId="t1")),
            app.update(child, edit(uid, rev=5, parentId=None)),
        ]

        assert [ALLOWED, ALLOWED, ALLOWED] == [answer.verdict for answer in answers]

    def test_below_what_is_in_the_trash_is_refused(self, world):
        """Nobody would see it there. What is there stays until the server has seen to it."""
        app, uid = world.as_("member"), world.uid("member")
        gone = _id(world.store_task(deletedAt=PAST))
        path, task = world.new_task("member", parentId=gone)

        answers = [
            app.create(path, task),
            app.update(world.store_task(), edit(uid, parentId=gone)),
            app.update(world.store_task(parentId=gone), edit(uid, title="Repot")),
        ]

        assert [DENIED, DENIED, ALLOWED] == [answer.verdict for answer in answers]

    @pytest.mark.parametrize("count", [2, 3, 5])
    def test_no_order_of_writes_closes_a_circle(self, world, count):
        """One after another, the last is refused: what it would go below has a parent by then."""
        app, uid = world.as_("member"), world.uid("member")
        tasks = [world.store_task() for _ in range(count)]
        below = [*tasks[1:], tasks[0]]

        verdicts = [
            app.update(task, edit(uid, parentId=_id(parent))).verdict
            for task, parent in reversed(list(zip(tasks, below, strict=True)))
        ]

        assert DENIED in verdicts
        assert ALLOWED == verdicts[0]

    @pytest.mark.parametrize("count", [2, 3])
    @pytest.mark.parametrize("is_new", [True, False], ids=["created", "changed"])
    def test_no_batch_closes_a_circle(self, world, count, is_new):
        """All at once, each sees the others as they will be."""
        app, uid = world.as_("member"), world.uid("member")
        paths = [
            world.new_task("member")[0] if is_new else world.store_task() for _ in range(count)
        ]
        below = [_id(path) for path in [*paths[1:], paths[0]]]
        writes = [
            app.writing(path, world.new_task("member", parentId=parent)[1], exists=False)
            if is_new
            else app.updating(path, edit(uid, parentId=parent))
            for path, parent in zip(paths, below, strict=True)
        ]

        assert app.commit(writes).verdict == DENIED

    def test_parent_and_child_in_one_batch(self, world):
        """References are looked up as they are after the commit."""
        app = world.as_("member")
        parent, task = world.new_task("member")
        child = world.new_task("member", parentId=_id(parent))

        answer = app.commit(
            [app.writing(*child, exists=False), app.writing(parent, task, exists=False)]
        )

        assert answer.verdict == ALLOWED


def _id(path: str) -> str:
    return path.rpartition("/")[2]
