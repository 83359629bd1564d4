"""Tasks that wait for others: PUT and DELETE …/blockers/{t2}, and what keeps `isBlocked` true."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from backend.reactions.dependents import PAGE
from backend.tasks.dependencies import MOST_AHEAD
from backend.tasks.model import MAX_BLOCKERS
from tests.api.test_trees import AT, app_writes, grow
from tests.api.world import Caller, World, cost_of

SECOND = timedelta(seconds=1)


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def block(ann: Caller, task_id: str, by: str) -> Any:
    return ann.put(f"{AT}/{task_id}/blockers/{by}")


def is_blocked(world: World, ann: Caller, task_id: str) -> bool:
    return (world.document(f"workspaces/{ann.uid}/tasks/{task_id}") or {})["isBlocked"]


def blocks(world: World, ann: Caller, task_id: str) -> int:
    fields = world.document(f"workspaces/{ann.uid}/tasks/{task_id}") or {}
    return fields["counters"].get("blocks", 0)


def outcome(answer: Any) -> tuple[int, str | None]:
    return answer.status_code, answer.json().get("code")


class TestBlocking:
    """What a task waits for."""

    def test_a_blocked_task_is_not_completed(self, world: World, ann: Caller):
        """Until what it waits for is done; at once, not only when reactions have said so."""
        task, blocker = grow(ann), grow(ann)

        blocked = block(ann, task, blocker).json()
        refused = ann.post(f"{AT}/{task}/completion")
        by_edit = ann.patch(f"{AT}/{task}", {"status": "done"})
        ann.post(f"{AT}/{blocker}/completion")
        done = ann.post(f"{AT}/{task}/completion")

        assert ([blocker], True) == (blocked["blockedBy"], blocked["isBlocked"])
        assert [(409, "invalid-transition")] * 2 == [outcome(refused), outcome(by_edit)]
        assert (200, "done", False) == (
            done.status_code,
            done.json()["status"],
            done.json()["isBlocked"],
        )

    def test_a_blocked_task_is_started_and_cancelled(self, ann: Caller):
        """Only done it cannot be."""
        task = grow(ann)
        block(ann, task, grow(ann))

        answers = [ann.patch(f"{AT}/{task}", {"status": to}) for to in ("in_progress", "cancelled")]

        assert [200, 200] == [answer.status_code for answer in answers]

    def test_in_a_body(self, ann: Caller):
        """`blockedBy` of a new task and of an edit, as a list."""
        first, second = grow(ann), grow(ann)

        made = ann.post(AT, {"title": "A", "blockedBy": [first]}).json()
        path = f"{AT}/{made['id']}"
        changed = ann.patch(path, {"blockedBy": [first, second]}).json()
        freed = ann.patch(path, {"blockedBy": []}).json()
        born_done = ann.post(AT, {"title": "A", "blockedBy": [first], "status": "done"})

        assert [([first], True), ([first, second], True), ([], False)] == [
            (task["blockedBy"], task["isBlocked"]) for task in (made, changed, freed)
        ]
        assert (409, "invalid-transition") == outcome(born_done)

    def test_put_and_taken_again(self, ann: Caller):
        """Doing so a second time changes nothing, and offers nothing to undo."""
        task, blocker = grow(ann), grow(ann)

        answers = [
            ann.call(method, f"{AT}/{task}/blockers/{blocker}")
            for method in ("PUT", "PUT", "DELETE", "DELETE")
        ]

        assert [2, 2, 3, 3] == [answer.json()["rev"] for answer in answers]
        assert [True, False, True, False] == ["Undo-Token" in answer.headers for answer in answers]

    def test_what_is_not_there(self, world: World, ann: Caller):
        """Unknown, in the trash, of another workspace; an edit names the place in the list."""
        task, gone = grow(ann), grow(ann)
        ann.delete(f"{AT}/{gone}")

        answers = [block(ann, task, each) for each in ("x", gone, grow(world.person("Bob")))]

        assert [(422, "/blockedBy/0", "unknown-reference")] * 3 == [
            (answer.status_code, *map(answer.json()["errors"][0].get, ("pointer", "code")))
            for answer in answers
        ]

    def test_no_more_than_twenty(self, ann: Caller):
        """As many as there may be stand in its place."""
        blockers = [grow(ann) for _ in range(MAX_BLOCKERS + 1)]
        task = grow(ann, blockedBy=blockers[:-1])

        assert (422, "limit-exceeded") == outcome(block(ann, task, blockers[-1]))

    def test_if_match(self, ann: Caller):
        """A stale tag answers 412 with the task as it is."""
        task, blocker = grow(ann), grow(ann)

        answer = ann.put(f"{AT}/{task}/blockers/{blocker}", headers={"If-Match": '"7"'})

        assert (412, 1) == (answer.status_code, answer.json()["current"]["rev"])


class TestCircles:
    """No task waits for itself in the end."""

    @pytest.mark.parametrize("length", [1, 2, 5])
    def test_refused(self, ann: Caller, length: int):
        """However long the way back is."""
        tasks = [grow(ann) for _ in range(length)]
        for task, blocker in pairwise(tasks):
            block(ann, task, blocker)

        answer = block(ann, tasks[-1], tasks[0])

        assert (422, "cycle-detected") == outcome(answer)
        assert "/blockedBy" == answer.json()["errors"][0]["pointer"]

    def test_also_through_the_trash(self, ann: Caller):
        """What lies there comes back with all that it waits for."""
        first, second, third = (grow(ann) for _ in range(3))
        block(ann, first, second)
        block(ann, second, third)
        ann.delete(f"{AT}/{second}")

        assert (422, "cycle-detected") == outcome(block(ann, third, first))

    def test_at_the_same_time(self, world: World, ann: Caller, crowd: ThreadPoolExecutor):
        """Of a ring of commands at once, not all succeed."""
        for _ in range(5):
            tasks = [grow(ann) for _ in range(3)]
            ring = list(zip(tasks, [*tasks[1:], tasks[0]], strict=True))

            answers = list(crowd.map(lambda pair: block(ann, *pair), ring))

            assert {200, 422} == {answer.status_code for answer in answers}

    def test_a_bounded_look(self, ann: Caller, world: World):
        """What waits for too many in the end is refused, rather than looked through."""
        root, tasks = grow(ann), [grow(ann)]
        for _ in range(MOST_AHEAD // MAX_BLOCKERS):
            few = [grow(ann) for _ in range(MAX_BLOCKERS - 1)]
            tasks.append(grow(ann, blockedBy=[tasks[-1], *few]))

        assert (422, "limit-exceeded") == outcome(block(ann, root, tasks[-1]))
        assert 200 == block(ann, root, tasks[-3]).status_code


class TestFollowing:
    """`isBlocked`, kept by reactions to what others do with the blocker."""

    @pytest.mark.parametrize(
        ("away", "back"),
        [
            (("POST", "/completion", None), ("DELETE", "/completion", None)),
            (("PATCH", "", {"status": "cancelled"}), ("PATCH", "", {"status": "open"})),
            (("POST", "/archive", None), ("DELETE", "/archive", None)),
            (("DELETE", "", None), ("POST", ":restore", None)),
        ],
        ids=["done", "cancelled", "archived", "deleted"],
    )
    def test_what_is_out_of_the_way_blocks_nothing(self, world: World, ann: Caller, away, back):
        """And blocks again when it is back."""
        task, blocker, other = grow(ann), grow(ann), grow(ann)
        both = grow(ann)
        for waiting, by in ((task, blocker), (both, blocker), (both, other)):
            block(ann, waiting, by)
        world.settle()
        seen = []

        for method, path, body in (away, back):
            world.clock.advance(SECOND)  # Two timers of one instant would be one.
            ann.call(method, f"{AT}/{blocker}{path}", json=body)
            world.settle()
            seen.append([is_blocked(world, ann, each) for each in (task, both)])

        assert [[False, True], [True, True]] == seen

    def test_by_apps_as_well(self, world: World, ann: Caller):
        """Whoever completes the blocker, and on whichever way."""
        task, blocker = grow(ann), grow(ann)
        block(ann, task, blocker)
        world.settle()

        world.clock.advance(SECOND)
        now = world.clock.now()
        app_writes(world, ann, blocker, status="done", completedAt=now, completedBy=ann.uid)
        world.settle()

        assert not is_blocked(world, ann, task)

    def test_before_the_first_reaction(self, world: World, ann: Caller):
        """The blocker is done before anybody has counted that a task waits for it."""
        task, blocker = grow(ann), grow(ann)
        block(ann, task, blocker)
        ann.post(f"{AT}/{blocker}/completion")
        world.ring(ann.uid, blocker)
        world.tasks.settle()

        world.settle()

        assert not is_blocked(world, ann, task)

    def test_how_many_wait(self, world: World, ann: Caller):
        """`counters.blocks`, without what lies in the trash."""
        blocker = grow(ann)
        tasks = [grow(ann, blockedBy=[blocker]) for _ in range(3)]
        seen = []

        def look() -> None:
            world.settle()
            seen.append(blocks(world, ann, blocker))

        look()
        ann.delete(f"{AT}/{tasks[0]}/blockers/{blocker}")
        look()
        ann.delete(f"{AT}/{tasks[1]}")
        look()
        ann.post(f"{AT}/{tasks[1]}:restore")
        look()

        assert [3, 2, 1, 2] == seen

    def test_more_than_a_page(self, world: World, ann: Caller):
        """Page by page, each with a job of its own."""
        blocker = grow(ann)
        tasks = [grow(ann, blockedBy=[blocker]) for _ in range(PAGE + 3)]
        world.settle()
        world.clock.advance(SECOND)

        ann.post(f"{AT}/{blocker}/completion")
        world.settle()

        assert {False} == {is_blocked(world, ann, each) for each in tasks}

    def test_a_parent_that_waits_for_its_subtask(self, world: World, ann: Caller):
        """Two counters of one task in one commit."""
        parent = grow(ann)
        child = grow(ann, parent)
        other = grow(ann, parent, blockedBy=[parent])
        block(ann, parent, child)
        world.settle()

        counters = ann.get(f"{AT}/{parent}").json()["counters"]

        assert {"subtasks": 2, "blocks": 1} == {
            name: counters[name] for name in ("subtasks", "blocks")
        }
        assert is_blocked(world, ann, other)


class TestCosts:
    """What blocking takes."""

    def test_one_round_trip_a_step(self, world: World, ann: Caller):
        """Both in one; what the blocker waits for, level by level; what is looked at is guarded."""
        task, first, second, third = (grow(ann) for _ in range(4))
        block(ann, second, third)

        lone = block(ann, task, first)
        behind = block(ann, task, second)
        completed = ann.post(f"{AT}/{task}/completion")
        freed = ann.delete(f"{AT}/{task}/blockers/{first}")

        assert [(2, 2, 3), (4, 4, 4), (2, 3, 0), (3, 2, 2)] == [
            cost_of(answer) for answer in (lone, behind, completed, freed)
        ]
