"""What projects, boards, lists, labels and cards cost: round trips, documents read and written."""

from backend.adapters.firestore import metered
from backend.tasks.model import TaskRef
from tests.api.groups import cards, made, move, place_of
from tests.api.world import World, cost_of


class TestRequests:
    """`Server-Timing` says what Firestore was asked."""

    def test_groups_stay_within_their_budget(self, world: World):
        """One read and one write a change; a new one also looks for the last, or has a rank."""
        ann = world.person("Ann")
        ann.get("/workspaces/me")
        for name in "AB":
            made(ann, "me", "projects", name=name)
        created = ann.post("/workspaces/me/projects", {"name": "C"})
        path = f"/workspaces/me/projects/{created.json()['id']}"
        costs = {
            "create": cost_of(created),
            "create with a rank": cost_of(
                ann.post("/workspaces/me/labels", {"name": "D", "rank": "V"})
            ),
            "create what belongs": cost_of(
                ann.post(
                    "/workspaces/me/boards",
                    {"name": "E", "rank": "V", "projectId": created.json()["id"]},
                )
            ),
            "get": cost_of(ann.get(path)),
            "change": cost_of(ann.patch(path, {"name": "F"})),
            "change nothing": cost_of(ann.patch(path, {"name": "F"})),
            "archive": cost_of(ann.post(f"{path}/archive")),
            "list three, one of them archived": cost_of(ann.get("/workspaces/me/projects")),
        }

        assert {
            "create": (2, 1, 1),
            "create with a rank": (1, 0, 1),
            "create what belongs": (2, 1, 1),
            "get": (1, 1, 0),
            "change": (2, 1, 1),
            "change nothing": (1, 1, 0),
            "archive": (2, 1, 1),
            "list three, one of them archived": (1, 2, 0),
        } == costs

    def test_a_board_costs_what_stands_on_it(self, world: World):
        """The board, its lists, its cards: a read each, in three round trips."""
        ann = world.person("Ann")
        given = made(ann, "me", "lists")
        cards(world, ann.uid, ann, [place_of(given, rank=f"{n:02}V") for n in range(30)])
        cards(world, ann.uid, ann, [{}] * 20, name="other")

        answer = ann.get(f"/workspaces/me/boards/{given['boardId']}/contents")

        assert (30, True) == (len(answer.json()["tasks"]), answer.json()["isWhole"])
        assert (3, 1 + 1 + 30, 0) == cost_of(answer)


class TestReactions:
    """Each place that counts a task differently is one write."""

    def test_a_card_that_moves_to_another_list(self, world: World):
        """Shadow, event, and the two lists; the board counts it as before."""
        ann = world.person("Ann")
        board = made(ann, "me", "boards")["id"]
        here, there = (made(ann, "me", "lists", boardId=board) for _ in range(2))
        (task_id,) = cards(world, ann.uid, ann, [place_of(here, rank="V")])
        world.settle()
        move(ann, task_id, listId=there["id"], rank="V")

        with metered() as usage:
            world.services.reactor.react(TaskRef(ann.uid, task_id))
        with metered() as again:
            world.services.reactor.react(TaskRef(ann.uid, task_id))

        assert (2, 2, 4) == (usage.rpcs, usage.reads, usage.writes)
        assert (1, 2, 0) == (again.rpcs, again.reads, again.writes)
