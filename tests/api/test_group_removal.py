"""Deleting projects, boards, lists and labels: nothing refers to them then; and back again."""

from datetime import timedelta

import pytest

from backend.boards.removing import AT_ONCE
from tests.api.factories import app_task
from tests.api.groups import KINDS, cards, counters, made, undo
from tests.api.world import Caller, World, cost_of

# How a task refers to a group of each kind, and what it has afterwards.
REFERRING = {
    "projects": (lambda group: {"projectId": group["id"]}, {"projectId": None}),
    "boards": (lambda group: {"boardId": group["id"]}, {"boardId": None}),
    "lists": (lambda group: {"listId": group["id"], "boardId": group["boardId"]}, {"listId": None}),
    "labels": (lambda group: {"labelIds": ["x", group["id"]]}, {"labelIds": ["x"]}),
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


def tasks(world: World, workspace_id: str) -> dict[str, dict]:
    """Return the documents of all tasks, by id."""
    found = world.database.collection(f"workspaces/{workspace_id}/tasks").stream()
    return {snapshot.id: snapshot.to_dict() for snapshot in found}


def states(kind: str, group: dict, count: int) -> list[dict]:
    """Return as many tasks in a group, in all states."""
    refer, _ = REFERRING[kind]
    return [refer(group) for _ in range(count)]


def waited(world: World) -> None:
    """Let the work of operations, and the last look at what was deleted, happen."""
    world.settle()
    world.pass_time(timedelta(minutes=5))


@EVERY_KIND
class TestDelete:
    """DELETE …/{kind}/{id}"""

    def test_it_is_taken_off_its_tasks_and_comes_back(self, world: World, kind: str):
        """Live, archived and thrown away alike; undo puts all of it back, counters too."""
        ann = world.person("Ann")
        group = made(ann, "me", kind)
        now = world.clock.now()
        refer, without = REFERRING[kind]
        ids = cards(
            world,
            ann.uid,
            ann,
            [
                refer(group),
                refer(group) | {"status": "done", "completedAt": now, "completedBy": ann.uid},
                refer(group) | {"archivedAt": now},
                refer(group) | {"deletedAt": now},
            ],
        )
        world.settle()
        before = tasks(world, ann.uid)
        path = f"/workspaces/me/{kind}/{group['id']}"

        deleted = ann.delete(path)
        without_it = tasks(world, ann.uid)
        world.settle()
        gone = ann.get(path)
        undone = undo(ann, deleted)
        waited(world)
        after = tasks(world, ann.uid)

        assert (200, {"tasks": 4, "operationId": None}) == (deleted.status_code, deleted.json())
        field = next(iter(without))
        assert [without[field]] * 4 == [without_it[task_id][field] for task_id in ids]
        assert 404 == gone.status_code
        assert (200, []) == (undone.status_code, undone.json()["kept"])
        assert [before[task_id][field] for task_id in ids] == [
            after[task_id][field] for task_id in ids
        ]
        back = ann.get(path).json()
        assert (group["name"], group["rank"]) == (back["name"], back["rank"])
        if kind != "labels":
            assert (1, 1) == counters(ann, "me", kind, group["id"])

    def test_more_than_fit_into_a_commit_go_one_after_the_other(self, world: World, kind: str):
        """Out of sight at once, with progress, and undone at length."""
        ann = world.person("Ann")
        group = made(ann, "me", kind)
        count = AT_ONCE + 30
        cards(world, ann.uid, ann, states(kind, group, count))
        world.settle()
        refer, without = REFERRING[kind]
        field, path = next(iter(without)), f"/workspaces/me/{kind}"

        deleted = ann.delete(f"{path}/{group['id']}")
        listed = [item["id"] for item in ann.get(path).json()["items"]]
        world.settle()
        operation = ann.get(f"/operations/{deleted.json()['operationId']}").json()
        found = tasks(world, ann.uid)
        gone = ann.get(f"{path}/{group['id']}").status_code
        undone = undo(ann, deleted)
        waited(world)
        back = tasks(world, ann.uid)

        assert kind == "labels" or group["id"] not in listed
        assert ("done", count) == (operation["state"], operation["done"])
        assert [without[field]] * count == [task[field] for task in found.values()]
        assert 404 == gone
        assert 202 == undone.status_code, undone.text
        assert [refer(group)[field]] * count == [task[field] for task in back.values()]
        found = ann.get(f"{path}/{group['id']}").json()
        assert (group["name"], None) == (found["name"], found.get("archivedAt"))
        if kind != "labels":
            assert (count, 0) == counters(ann, "me", kind, group["id"])

    def test_what_an_app_put_there_meanwhile_is_taken_off_later(self, world: World, kind: str):
        """Between the look and the commit anybody may write."""
        ann = world.person("Ann")
        group = made(ann, "me", kind)
        refer, without = REFERRING[kind]
        ann.delete(f"/workspaces/me/{kind}/{group['id']}")
        late = app_task(world, ann.uid, by=ann)
        document = world.database.document(f"workspaces/{ann.uid}/tasks/{late}")
        document.update({**refer(group), "rev": 2})
        world.settle()

        waited(world)

        field = next(iter(without))
        assert without[field] == tasks(world, ann.uid)[late][field]
        assert [] == [timer for timer in world.documents("timers") if timer["kind"] == "group"]

    def test_a_repeated_call_finds_nothing(self, world: World, kind: str):
        """404; the same key gets the same answer."""
        ann = world.person("Ann")
        path = f"/workspaces/me/{kind}/{made(ann, 'me', kind)['id']}"
        once = {"Idempotency-Key": "one"}

        answers = [ann.delete(path, headers=once), ann.delete(path, headers=once), ann.delete(path)]

        assert [200, 200, 404] == [answer.status_code for answer in answers]
        assert answers[0].headers["Undo-Token"] == answers[1].headers["Undo-Token"]


class TestWhatBelongs:
    """Boards of a project, lists of a board."""

    def test_a_project_leaves_its_boards(self, world: World):
        """And gets them back."""
        ann = world.person("Ann")
        project = made(ann, "me", "projects")["id"]
        board = made(ann, "me", "boards", projectId=project)["id"]

        deleted = ann.delete(f"/workspaces/me/projects/{project}")
        left = ann.get(f"/workspaces/me/boards/{board}").json()["projectId"]
        undo(ann, deleted)
        back = ann.get(f"/workspaces/me/boards/{board}").json()["projectId"]

        assert (None, project) == (left, back)

    def test_a_board_takes_its_lists_along(self, world: World):
        """Their cards stay, on no board; undo brings each to its list."""
        ann = world.person("Ann")
        board = made(ann, "me", "boards")["id"]
        lists = [made(ann, "me", "lists", boardId=board)["id"] for _ in range(2)]
        ids = cards(world, ann.uid, ann, [{"boardId": board, "listId": each} for each in lists])
        world.settle()

        deleted = ann.delete(f"/workspaces/me/boards/{board}")
        there = [ann.get(f"/workspaces/me/lists/{each}").status_code for each in lists]
        loose = tasks(world, ann.uid)
        undone = undo(ann, deleted)
        waited(world)
        back = tasks(world, ann.uid)

        assert [404, 404] == there
        assert [(None, None)] * 2 == [
            (loose[each]["boardId"], loose[each]["listId"]) for each in ids
        ]
        assert 200 == undone.status_code
        assert [(board, each) for each in lists] == [
            (back[each]["boardId"], back[each]["listId"]) for each in ids
        ]
        assert [(1, 0)] * 2 == [counters(ann, "me", "lists", each) for each in lists]

    def test_a_list_that_comes_back_without_its_board_goes_again(self, world: World):
        """Its board was deleted since."""
        ann = world.person("Ann")
        given = made(ann, "me", "lists")
        deleted = ann.delete(f"/workspaces/me/lists/{given['id']}")
        ann.delete(f"/workspaces/me/boards/{given['boardId']}")

        undo(ann, deleted)
        waited(world)

        assert 404 == ann.get(f"/workspaces/me/lists/{given['id']}").status_code

    def test_a_new_group_is_taken_back_with_what_was_put_there(self, world: World):
        """Undoing its creation takes it off the task that names it by now."""
        ann = world.person("Ann")
        answer = ann.post("/workspaces/me/projects", {"name": "New"})
        project = answer.json()["id"]
        (task_id,) = cards(world, ann.uid, ann, [{"projectId": project}])

        undone = undo(ann, answer)
        waited(world)

        assert 200 == undone.status_code
        assert None is tasks(world, ann.uid)[task_id]["projectId"]


class TestArchiveDone:
    """POST …/lists/{id}:archiveDone"""

    def scene(self, world: World, ann: Caller, done: int) -> dict:
        given = made(ann, "me", "lists")
        place = {"listId": given["id"], "boardId": given["boardId"]}
        now = world.clock.now()
        is_done = {"status": "done", "completedAt": now, "completedBy": ann.uid}
        cards(world, ann.uid, ann, [place] * 2 + [place | is_done] * done + [is_done])
        world.settle()
        return given

    @pytest.mark.parametrize("done", [0, 3, AT_ONCE + 1])
    def test_done_tasks_go_and_come_back(self, world: World, done: int):
        """Of this list, and no others."""
        ann = world.person("Ann")
        given = self.scene(world, ann, done)

        answer = ann.post(f"/workspaces/me/lists/{given['id']}:archiveDone")
        waited(world)
        archived = sum(task["archivedAt"] is not None for task in tasks(world, ann.uid).values())
        counted = counters(ann, "me", "lists", given["id"])
        if done:
            undo(ann, answer)
            waited(world)
        back = sum(task["archivedAt"] is None for task in tasks(world, ann.uid).values())

        assert 200 == answer.status_code
        assert (done > 0) == ("Undo-Token" in answer.headers)
        assert (done, (2, 0)) == (archived, counted)
        assert done + 3 == back
        assert (2, done) == counters(ann, "me", "lists", given["id"])


class TestCost:
    """What deleting and looking cost."""

    def test_deleting_costs_what_refers(self, world: World):
        """Group, its tasks (and none of the others), history, timer."""
        ann = world.person("Ann")
        group = made(ann, "me", "labels")["id"]
        cards(world, ann.uid, ann, [{"labelIds": [group]}] * 3 + [{}] * 20)

        answer = ann.delete(f"/workspaces/me/labels/{group}")

        # The group and three tasks are read; removed, 3 x (task, history), the timer are written.
        assert (3, 4, 8) == cost_of(answer)
