"""Tasks with subtasks in the trash: what goes along, what goes up, and what comes back."""

from datetime import timedelta

import pytest

from backend.tasks.deleting import MOST_AT_ONCE
from backend.tasks.model import MAX_DEPTH
from tests.api.test_trees import AT, app_writes, below, grow, line, place_of, progress
from tests.api.world import Caller, World, cost_of

SECOND = timedelta(seconds=1)
LOST = timedelta(minutes=3)  # After which the job of a timer is taken for lost.


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def lying(world: World, ann: Caller, *task_ids: str) -> list[bool]:
    """Whether each lies in the trash."""
    path = f"workspaces/{ann.uid}/tasks"
    return [(world.document(f"{path}/{each}") or {})["deletedAt"] is not None for each in task_ids]


def settle(world: World) -> None:
    """Let everything follow, at an instant of its own: two timers of one instant are one."""
    world.settle()
    world.clock.advance(SECOND)


def settle_wholly(world: World) -> None:
    """
    Let everything follow, also what goes on page by page.

    While the clock stands, a reaction may set the timer of the first page anew at the very instant
    at which that has just fired. Its job is the same, and gone: the repair finds it.
    """
    settle(world)
    world.pass_time(LOST)


class TestCascade:
    """DELETE, and `?children=cascade`: everything below goes along."""

    @pytest.mark.parametrize("query", [{}, {"children": "cascade"}], ids=["default", "said"])
    def test_at_once(self, world: World, ann: Caller, query: dict):
        """In the very commit, with the same instant; what lies beside stays."""
        top, middle, low = line(ann, 3)
        other = grow(ann)

        answer = ann.delete(f"{AT}/{top}", params=query)

        assert 204 == answer.status_code
        assert [True, True, True, False] == lying(world, ann, top, middle, low, other)
        trash = ann.get(AT, params={"deleted": "true"}).json()["items"]
        assert 1 == len({task["deletedAt"] for task in trash})

    def test_undone_with_everything(self, world: World, ann: Caller):
        """One token brings all of it back, with progress and all."""
        top, middle, low = line(ann, 3)
        settle(world)

        token = ann.delete(f"{AT}/{top}").headers["Undo-Token"]
        settle(world)
        gone = progress(ann, middle) if ann.get(f"{AT}/{middle}").ok else None
        undone = ann.post("/undo", {"token": token})
        settle(world)

        assert 200 == undone.status_code, undone.text
        assert gone is None
        assert [False, False, False] == lying(world, ann, top, middle, low)
        assert [(0, 1), (0, 1), (0, 0)] == [progress(ann, each) for each in (top, middle, low)]
        assert [middle, low] == below(ann, top)

    def test_restored_with_what_went_along(self, world: World, ann: Caller):
        """`:restore` brings back what went with it, and leaves what lay there before."""
        top, middle, low = line(ann, 3)
        before = grow(ann, middle)
        ann.delete(f"{AT}/{before}")
        settle(world)
        ann.delete(f"{AT}/{top}")
        settle(world)

        ann.post(f"{AT}/{top}:restore")
        settle(world)

        assert [False, False, False, True] == lying(world, ann, top, middle, low, before)
        assert [middle, low] == below(ann, top)

    def test_by_apps(self, world: World, ann: Caller):
        """An app deletes one task and brings it back; what is below follows both times."""
        top, middle, low = line(ann, 3)
        settle(world)
        seen = []

        for deleted_at in (world.clock.now(), None):
            app_writes(world, ann, top, deletedAt=deleted_at)
            settle(world)
            seen.append(lying(world, ann, top, middle, low))

        assert [[True] * 3, [False] * 3] == seen

    def test_many(self, world: World, ann: Caller):
        """Of very many some follow by reactions; undo brings back those as well."""
        top = grow(ann)
        middle = grow(ann, top)
        for number in range(MOST_AT_ONCE + 5):
            app_writes(
                world,
                ann,
                f"low-{number}",
                parentId=middle,
                ancestorIds=[top, middle],
                depth=2,
            )
        lows = [f"low-{number}" for number in range(MOST_AT_ONCE + 5)]

        token = ann.delete(f"{AT}/{top}").headers["Undo-Token"]
        at_once = sum(lying(world, ann, *lows))
        settle_wholly(world)
        later = sum(lying(world, ann, *lows))
        ann.post("/undo", {"token": token})
        settle_wholly(world)

        assert [MOST_AT_ONCE - 1, len(lows), 0] == [
            at_once,
            later,
            sum(lying(world, ann, *lows)),
        ]

    def test_what_was_moved_away_stays(self, world: World, ann: Caller):
        """Also where it has not been seen by reactions yet."""
        top, middle, low = line(ann, 3)
        ann.patch(f"{AT}/{middle}", {"parentId": None})

        ann.delete(f"{AT}/{top}")
        settle(world)

        assert [True, False, False] == lying(world, ann, top, middle, low)

    def test_restored_alone(self, world: World, ann: Caller):
        """A subtask that comes back while its parent lies in the trash comes to the top."""
        top, middle, low = line(ann, 3)
        ann.delete(f"{AT}/{top}")
        settle(world)

        ann.post(f"{AT}/{middle}:restore")
        settle(world)

        assert [True, False, False] == lying(world, ann, top, middle, low)
        assert [(None, [], 0), (middle, [middle], 1)] == [
            place_of(world, ann, each) for each in (middle, low)
        ]

    def test_added_by_an_app_at_the_same_time(self, world: World, ann: Caller):
        """It went below a task that was there, and comes to the top or goes along: never unseen."""
        top = grow(ann)
        settle(world)
        app_writes(world, ann, "late", parentId=top)
        ann.delete(f"{AT}/{top}")
        settle(world)

        parent, _, _ = place_of(world, ann, "late")
        assert parent is None or lying(world, ann, "late") == [True]


class TestPromote:
    """`?children=promote`: what is right below goes up."""

    def test_to_the_task_above(self, world: World, ann: Caller):
        """With all that is below it."""
        top, middle, low = line(ann, 3)
        lowest, beside = grow(ann, low), grow(ann, middle)
        settle(world)

        ann.delete(f"{AT}/{middle}", params={"children": "promote"})
        settle(world)

        assert [False, True, False, False, False] == lying(
            world, ann, top, middle, low, lowest, beside
        )
        assert {low, beside, lowest} == set(below(ann, top))
        assert (low, [top, low], 2) == place_of(world, ann, lowest)
        assert (0, 2) == progress(ann, top)

    def test_to_the_top_and_back(self, world: World, ann: Caller):
        """Where nothing is above it; undone, all is as it was."""
        top, middle, low = line(ann, 3)
        settle(world)

        token = ann.delete(f"{AT}/{top}", params={"children": "promote"}).headers["Undo-Token"]
        settle(world)
        promoted = place_of(world, ann, middle)
        undone = ann.post("/undo", {"token": token})
        settle(world)

        assert (200, []) == (undone.status_code, undone.json().get("kept")), undone.text
        assert (None, [], 0) == promoted
        assert [middle, low] == below(ann, top)
        assert [False] == lying(world, ann, top)

    def test_at_the_greatest_depth(self, world: World, ann: Caller):
        """Nobody gets deeper by it."""
        tasks = line(ann, MAX_DEPTH + 1)

        answer = ann.delete(f"{AT}/{tasks[-2]}", params={"children": "promote"})

        assert 204 == answer.status_code
        assert MAX_DEPTH - 1 == place_of(world, ann, tasks[-1])[2]


class TestRefuse:
    """`?children=refuse`: a task with subtasks stays."""

    def test_with_and_without_subtasks(self, world: World, ann: Caller):
        """409, until there are none but in the trash."""
        top, low = line(ann, 2)
        path, query = f"{AT}/{top}", {"children": "refuse"}

        refused = ann.delete(path, params=query)
        ann.delete(f"{AT}/{low}")
        deleted = ann.delete(path, params=query)

        assert (409, "invalid-transition") == (refused.status_code, refused.json()["code"])
        assert 204 == deleted.status_code

    def test_nothing_else_is_understood(self, ann: Caller):
        """The query is checked as every other."""
        answer = ann.delete(f"{AT}/{grow(ann)}", params={"children": "orphan"})

        assert (422, "/children") == (
            answer.status_code,
            answer.json()["errors"][0]["pointer"],
        )


class TestCosts:
    """What deleting takes."""

    def test_one_query_more(self, world: World, ann: Caller):
        """A leaf; a tree of three, each with its history; a promotion."""
        leaf, (top, *_), (up, *_) = grow(ann), line(ann, 3), line(ann, 2)

        assert [(3, 2, 2), (3, 3, 6), (3, 2, 4)] == [
            cost_of(ann.delete(f"{AT}/{each}", params={"children": how}))
            for each, how in ((leaf, "cascade"), (top, "cascade"), (up, "promote"))
        ]
