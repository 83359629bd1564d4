"""`wipLimit`: how many open tasks may stand in a list."""

import pytest

from tests.api.groups import cards, listed, made, move, place_of
from tests.api.world import Caller, World, cost_of


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


class TestLimits:
    """`wipLimit`: how many open tasks may stand in a list."""

    def test_a_full_list_refuses(self, world: World, ann: Caller):
        """To move in, to be made there, to be opened again there; what is done takes no room."""
        given = made(ann, "me", "lists", wipLimit=2)
        other = made(ann, "me", "lists")
        inside, second, outside = cards(
            world, ann.uid, ann, [place_of(given), place_of(given), place_of(other)]
        )
        tasks = "/workspaces/me/tasks"

        refused = [
            move(ann, outside, listId=given["id"]),
            ann.post(tasks, {"title": "A", "listId": given["id"]}),
            ann.patch(f"{tasks}/{outside}", {"listId": given["id"]}),
        ]
        within = move(ann, inside, after=second)
        ann.post(f"{tasks}/{inside}/completion")
        moved = move(ann, outside, listId=given["id"])
        reopened = ann.delete(f"{tasks}/{inside}/completion")
        raised = ann.patch(f"/workspaces/me/lists/{given['id']}", {"wipLimit": None})
        again = ann.delete(f"{tasks}/{inside}/completion")

        assert [(422, "limit-exceeded")] * 3 == [
            (answer.status_code, answer.json()["code"]) for answer in refused
        ]
        assert [200, 200, 422, 200, 200] == [
            answer.status_code for answer in (within, moved, reopened, raised, again)
        ]

    def test_of_many_at_once_as_many_get_in_as_there_is_room_for(
        self, world: World, ann: Caller, crowd
    ):
        """Counted exactly, whoever comes at the same instant."""
        given = made(ann, "me", "lists", wipLimit=3)
        ids = cards(world, ann.uid, ann, [{}] * 8)

        answers = list(crowd.map(lambda each: move(ann, each, listId=given["id"], rank="V"), ids))

        assert [200] * 3 + [422] * 5 == sorted(answer.status_code for answer in answers)
        assert 3 == len(listed(world, ann, given["id"]))

    def test_what_the_limit_costs(self, world: World, ann: Caller):
        """Nothing where there is none; else a count, and a document that nobody sees."""
        costs = []
        for limit in (None, 5):
            given = made(ann, "me", "lists", wipLimit=limit)
            (task_id,) = cards(world, ann.uid, ann, [{}], name=given["id"])
            costs.append(cost_of(move(ann, task_id, listId=given["id"], rank="V")))

        assert [(2, 2, 2), (4, 4, 3)] == costs
