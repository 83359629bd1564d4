"""What each occurrence starts with: people, places, and all below it."""

import pytest

from tests.api.ledgers import FIRST, SECOND, THIRD, Recurring, begun
from tests.api.undoing import undone, without_zeros
from tests.api.world import Caller, World

TREE = [
    {"title": "Pack", "subtasks": [{"title": "Boots", "estimateMin": 5}]},
    {"title": "Leave", "checklist": [{"id": "c1", "text": "Keys", "isDone": True}]},
]


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


@pytest.fixture
def hike(world: World, ann: Caller) -> Recurring:
    return begun(world, ann, subtasks=TREE)


class TestSubtree:
    """A hike with what has to be packed."""

    def test_each_occurrence_has_its_own(self, world: World, hike: Recurring):
        """Nothing of the next is done, whatever was of the first; and the tree counts itself."""
        for number in (1, 2, 3):
            hike.owner.post(f"/{hike.task_path(FIRST)}-{number}/completion")
        hike.completed(FIRST)

        found = below(hike, SECOND)
        assert [("1", "Pack"), ("2", "Boots"), ("3", "Leave")] == [
            (key, task["title"]) for key, task in found.items()
        ]
        assert {"open"} == {task["status"] for task in found.values()}
        assert [1, 2, 1] == [task["depth"] for task in found.values()]
        assert [{"id": "c1", "text": "Keys", "isDone": False}] == found["3"]["checklist"]
        assert 2 == (hike.task(SECOND) or {})["counters"]["subtasks"]

    def test_done_steps_bring_no_occurrence(self, world: World, hike: Recurring):
        """Only the hike itself belongs to the series."""
        hike.owner.post(f"/{hike.task_path(FIRST)}-2/completion")
        world.settle(times=2)

        assert {FIRST: "open"} == hike.ledger()

    def test_untouched_it_is_withdrawn_whole(self, world: World, hike: Recurring):
        """With all that was counted of it."""
        before = count(world, hike)
        answer = hike.complete(FIRST)
        world.settle(times=3)

        undone(hike.owner, answer)
        world.settle(times=3)

        assert ({}, None) == (below(hike, SECOND), hike.task(SECOND))
        assert before == count(world, hike)

    @pytest.mark.parametrize("how", ["a step changed", "a step added"])
    def test_a_touched_step_keeps_it(self, world: World, hike: Recurring, how: str):
        """Somebody has begun with the next one."""
        answer = hike.complete(FIRST)
        world.settle(times=3)
        if how == "a step changed":
            hike.owner.patch(f"/{hike.task_path(SECOND)}-2", {"title": "Shoes"})
        else:
            step = {"title": "Hat", "parentId": f"{hike.id}-{SECOND}-1"}
            assert 201 == hike.owner.post("/workspaces/me/tasks", step).status_code
        world.settle(times=2)

        undone(hike.owner, answer)
        world.settle(times=3)

        assert {FIRST: "open", SECOND: "open"} == hike.ledger()
        assert ["1", "2", "3"] == list(below(hike, SECOND))

    def test_fifty_come_and_go(self, world: World, ann: Caller):
        """As many as there may be, in one commit each time."""
        wide = begun(world, ann, subtasks=[{"title": str(number)} for number in range(50)])
        answer = wide.complete(FIRST)
        world.settle(times=3)
        came = len(below(wide, SECOND))

        undone(ann, answer)
        world.settle(times=3)

        assert (50, 0) == (came, len(below(wide, SECOND)))
        assert {FIRST: "open"} == wide.ledger()


class TestWhatIsGone:
    """Named by the template, and not there any more when the next comes."""

    def test_who_has_left_is_not_named(self, world: World, ann: Caller, bob: Caller):
        """Neither on the task nor below it; everybody else is."""
        team = world.team(ann, bob)
        both = [ann.uid, bob.uid]
        steps = [{"title": "Pack", "assigneeIds": both}]
        series = begun(world, ann, team, assigneeIds=both, watcherIds=[bob.uid], subtasks=steps)
        assert 204 == ann.delete(f"/workspaces/{team}/members/{bob.uid}").status_code
        world.settle()

        series.completed(FIRST)

        task = series.task(SECOND) or {}
        assert ([ann.uid], []) == (task["assigneeIds"], task["watcherIds"])
        assert [ann.uid] == below(series, SECOND)["1"]["assigneeIds"]

    def test_labels_and_places_that_are_gone_are_left_out(self, world: World, ann: Caller):
        """The task comes all the same, where it still has a place."""
        home = "/workspaces/me"
        label, other = (
            ann.post(f"{home}/labels", {"name": name, "color": "#aabbcc"}).json()["id"]
            for name in ("A", "B")
        )
        project = ann.post(f"{home}/projects", {"name": "House"}).json()["id"]
        board = ann.post(f"{home}/boards", {"name": "Week"}).json()["id"]
        place = {"boardId": board, "projectId": project, "labelIds": [label, other]}
        series = begun(world, ann, **place)
        series.completed(FIRST)
        whole = _place(series, SECOND)
        for path in (f"labels/{other}", f"boards/{board}"):
            assert ann.delete(f"{home}/{path}").status_code in (200, 202, 204)
        world.settle(times=3)

        series.completed(SECOND)

        assert (board, project, [label, other]) == whole
        assert (None, project, [label]) == _place(series, THIRD)


def below(series: Recurring, key: str) -> dict[str, dict]:
    """What lies below an occurrence's task and was copied with it, by number."""
    found = series.world.database.collection(f"workspaces/{series.workspace}/tasks").stream()
    top = f"{series.id}-{key}-"
    named = {each.id.removeprefix(top): each.to_dict() for each in found if top in each.id}
    return dict(sorted(named.items(), key=lambda each: int(each[0])))


def count(world: World, series: Recurring) -> dict:
    """What the workspace counts, and how many documents follow from its tasks."""
    workspace = world.document(f"workspaces/{series.workspace}") or {}
    kinds = ("shadows", "searchEntries")
    return without_zeros(workspace["counters"]) | {
        kind: len(world.documents(kind)) for kind in kinds
    }


def _place(series: Recurring, key: str) -> tuple:
    task = series.task(key) or {}
    return task["boardId"], task["projectId"], task["labelIds"]
