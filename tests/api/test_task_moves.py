"""POST …/tasks/{t}:move: boards, lists, projects and ranks."""

from itertools import pairwise

import pytest

from backend.kit.ranks import LONG_RANK, MAX_RANK, TIDY_RANK
from tests.api.groups import cards, listed, made, move, place_of, undo
from tests.api.world import Caller, World, cost_of


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


class TestWhere:
    """Behind, before, between, at the end, at a rank."""

    def test_within_a_list(self, world: World, ann: Caller):
        """One task is written, whatever is said of the place."""
        given = made(ann, "me", "lists")
        a, b, c, d = cards(world, ann.uid, ann, [place_of(given, rank=rank) for rank in "AFVk"])
        orders, costs = [], []
        for task_id, to in [
            (a, {"after": c}),
            (d, {"before": b}),
            (c, {"after": d, "before": b}),
            (d, {}),
            (b, {"rank": "0V"}),
        ]:
            answer = move(ann, task_id, **to)
            assert 200 == answer.status_code, answer.text
            costs.append(cost_of(answer))
            orders.append(
                "".join(
                    "abcd"[(a, b, c, d).index(each)] for each in listed(world, ann, given["id"])
                )
            )

        assert ["bcad", "dbca", "dcba", "cbad", "bcad"] == orders
        # The task and those named are read, and a neighbour or two that are not; written are the
        # task and its history. Named on both sides, or at a rank, nothing else is asked.
        assert [(3, 3, 2), (3, 3, 2), (2, 3, 2), (3, 3, 2), (2, 1, 2)] == costs

    def test_to_another_list_it_goes_to_the_end(self, world: World, ann: Caller):
        """The list brings its board along; leaving the board leaves the list."""
        here, there = made(ann, "me", "lists"), made(ann, "me", "lists")
        a, b, _ = cards(
            world,
            ann.uid,
            ann,
            [place_of(here, rank="A"), place_of(there, rank="V"), place_of(there, rank="k")],
        )

        moved = move(ann, a, listId=there["id"])
        end = listed(world, ann, there["id"])[-1]
        back = undo(ann, moved)
        off = move(ann, b, boardId=None)

        assert (there["boardId"], a) == (moved.json()["boardId"], end)
        assert 200 == back.status_code
        assert [a] == listed(world, ann, here["id"])
        assert (None, None) == (off.json()["boardId"], off.json()["listId"])

    def test_in_a_project_and_below_a_task(self, world: World, ann: Caller):
        """Each has an order of its own."""
        project = made(ann, "me", "projects")["id"]
        a, b, c, d = cards(
            world,
            ann.uid,
            ann,
            [{"projectId": project, "rank": "V"}, {}, {"rank": "V"}, {"rank": "k"}],
        )
        move(ann, c, parentId=b, rank="V")

        in_project = move(ann, d, projectId=project, before=a)
        below = move(ann, d, projectId=None, parentId=b, before=c)

        assert (project, True) == (
            in_project.json()["projectId"],
            in_project.json()["rank"] < "V",
        )
        assert (None, b, True) == (
            below.json()["projectId"],
            below.json()["parentId"],
            below.json()["rank"] < "V",
        )

    def test_what_is_not_there_or_elsewhere(self, world: World, ann: Caller):
        """422, with a pointer; nothing moves."""
        here, there = made(ann, "me", "lists"), made(ann, "me", "lists")
        a, b, c = cards(
            world, ann.uid, ann, [place_of(here, rank="V"), place_of(there, rank="V"), {}]
        )
        wanted = [
            ({"after": b}, "/after"),
            ({"before": "nobody"}, "/before"),
            ({"listId": "nowhere"}, "/listId"),
            ({"boardId": made(ann, "me", "boards")["id"], "listId": there["id"]}, "/listId"),
            ({"after": a, "rank": "V"}, "/rank"),
            ({"rank": ""}, "/rank"),
            ({"listId": None, "boardId": None, "after": c}, "/after"),
        ]

        answers = [move(ann, a, **to) for to, _ in wanted]

        assert [422] * len(wanted) == [answer.status_code for answer in answers]
        assert [pointer for _, pointer in wanted] == [
            answer.json()["errors"][0]["pointer"] for answer in answers
        ]
        assert 1 == ann.get(f"/workspaces/me/tasks/{a}").json()["rev"]

    def test_many_into_one_gap_at_once(self, world: World, ann: Caller, crowd):
        """All of them get there, between the two, in one order that stays."""
        given = made(ann, "me", "lists")
        low, high, *others = cards(
            world,
            ann.uid,
            ann,
            [place_of(given, rank="V"), place_of(given, rank="W"), *([{}] * 8)],
        )
        to = {"listId": given["id"], "after": low, "before": high}

        answers = list(crowd.map(lambda task_id: move(ann, task_id, **to), others))
        orders = [listed(world, ann, given["id"]) for _ in range(2)]

        assert [200] * 8 == [answer.status_code for answer in answers]
        assert orders[0] == orders[1]
        first, *between, last = orders[0]
        assert (low, sorted(others), high) == (first, sorted(between), last)

    def test_with_a_stale_tag(self, world: World, ann: Caller):
        """412."""
        (a,) = cards(world, ann.uid, ann, [{}])

        answer = ann.post(
            f"/workspaces/me/tasks/{a}:move", {"rank": "V"}, headers={"If-Match": '"7"'}
        )

        assert 412 == answer.status_code


class TestRoom:
    """Ranks stay short, whatever is done."""

    def test_where_there_is_none_neighbours_move_too(self, world: World, ann: Caller):
        """Equal ranks, a rank next to the one before, none at all: by an app, or long ago."""
        given = made(ann, "me", "lists")
        ranks = [None, "V", "V", "V", "V0", "k"]
        ids = cards(world, ann.uid, ann, [place_of(given, rank=rank) for rank in ranks])
        (new,) = cards(world, ann.uid, ann, [{}], name="new")
        before = listed(world, ann, given["id"])
        found = []
        for left, right in pairwise(ids):
            answer = move(ann, new, listId=given["id"], after=left, before=right)
            assert 200 == answer.status_code, answer.text
            order = listed(world, ann, given["id"])
            found.append((order.index(left) + 1, order.index(new), order.index(right) - 1))

        assert all(left == mine == right for left, mine, right in found), found
        assert before == [each for each in listed(world, ann, given["id"]) if each != new]

    def test_always_at_the_same_gap(self, world: World, ann: Caller):
        """However often: no rank comes near its greatest length."""
        given = made(ann, "me", "lists")
        ids = cards(
            world,
            ann.uid,
            ann,
            [place_of(given, rank="0" * (LONG_RANK - 2) + digit) for digit in "123"],
        )
        lengths = []
        for number in range(12):
            answer = move(ann, ids[(number + 1) % 3], before=ids[number % 3])
            assert 200 == answer.status_code, answer.text
            lengths.append(len(answer.json()["rank"]))

        assert max(lengths) <= LONG_RANK < MAX_RANK

    def test_an_app_that_drags_into_one_gap_for_ever(self, world: World, ann: Caller):
        """It writes one task each time; the ranks it makes longer are mended behind its back."""
        given = made(ann, "me", "lists")
        ids = cards(world, ann.uid, ann, [place_of(given, rank=rank) for rank in "AVVV"])
        order = listed(world, ann, given["id"])
        rank = "A" + "0" * LONG_RANK + "1"
        world.database.document(f"workspaces/{ann.uid}/tasks/{order[1]}").update(
            {"rank": rank, "rev": 2, "updatedAt": world.clock.now()}
        )
        world.settle(times=2)

        found = [world.document(f"workspaces/{ann.uid}/tasks/{each}") for each in order]
        assert order == listed(world, ann, given["id"])
        assert sorted(ids) == sorted(order)
        assert max(len(task["rank"]) for task in found) <= TIDY_RANK
        assert 4 == len({task["rank"] for task in found})
        assert "A" == found[0]["rank"]
        assert [] == [timer for timer in world.documents("timers") if timer["kind"] == "ranks"]
