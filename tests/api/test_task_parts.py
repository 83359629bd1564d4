"""…/tasks/{t}/assignees/{uid}, watchers/{uid}, labels/{l}, archive, and :restore"""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.world import Caller, World, cost_of

PARTS = {"assignees": "assigneeIds", "watchers": "watcherIds", "labels": "labelIds"}


class Scene:
    """A team of Ann and Bob with a task and a label."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ann, self.bob = world.person("Ann"), world.person("Bob")
        self.team = world.team(self.ann, self.bob)
        world.write(f"workspaces/{self.team}/labels/red", {"name": "Red"})
        self.path = self.task(self.ann)

    def task(self, by: Caller) -> str:
        made = by.post(f"/workspaces/{self.team}/tasks", {"title": "A"})
        return f"/workspaces/{self.team}/tasks/{made.json()['id']}"

    def name_in(self, part: str) -> str:
        return "red" if part == "labels" else self.bob.uid

    @property
    def document(self) -> dict:
        return self.world.document(self.path.removeprefix("/")) or {}


@pytest.fixture
def scene(world: World) -> Scene:
    return Scene(world)


class TestParts:
    """PUT and DELETE"""

    def test_one_comes_and_goes(self, scene: Scene):
        """As often as one likes: only what changes something is a revision, and can be undone."""
        for part, field in PARTS.items():
            path = scene.task(scene.ann)
            one = f"{path}/{part}/{scene.name_in(part)}"

            answers = [scene.ann.call(method, one) for method in ("PUT", "PUT", "DELETE", "DELETE")]

            assert [200] * 4 == [answer.status_code for answer in answers]
            assert [2, 2, 3, 3] == [answer.json()["rev"] for answer in answers]
            there = [scene.name_in(part)]
            assert [there, there, [], []] == [answer.json()[field] for answer in answers]
            assert [True, False, True, False] == ["Undo-Token" in each.headers for each in answers]
            assert ['"2"', '"3"'] == [answers[each].headers["ETag"] for each in (0, 2)]

    def test_me_is_whoever_calls(self, scene: Scene):
        """Taking a task, and watching it."""
        scene.bob.put(f"{scene.path}/assignees/me")
        task = scene.bob.put(f"{scene.path}/watchers/me").json()

        assert ([scene.bob.uid], [scene.bob.uid]) == (task["assigneeIds"], task["watcherIds"])

    def test_the_assignee_is_told(self, scene: Scene):
        """Once, however often it is said."""
        for _ in range(2):
            scene.ann.put(f"{scene.path}/assignees/{scene.bob.uid}")
            scene.world.settle()

        assert ["assigned"] == [each["category"] for each in scene.world.inbox(scene.bob)]

    def test_who_does_not_belong_is_not_put_there(self, scene: Scene):
        """A stranger, somebody who has left, a label of nowhere, an id that is none."""
        eve = scene.world.person("Eve")
        refused = [
            scene.ann.put(f"{scene.path}/{part}")
            for part in (f"assignees/{eve.uid}", f"watchers/{eve.uid}", "labels/blue")
        ]
        hostile = [scene.ann.put(f"{scene.path}/{part}/a.b") for part in PARTS]

        assert [422] * 3 == [answer.status_code for answer in refused]
        assert ["not-a-member", "not-a-member", "unknown-reference"] == [
            answer.json()["errors"][0]["code"] for answer in refused
        ]
        assert [404] * 3 == [answer.status_code for answer in hostile]
        assert 1 == scene.document["rev"]

    def test_who_has_left_can_still_be_taken_off(self, scene: Scene):
        """By name, before the departure's job comes."""
        scene.ann.put(f"{scene.path}/assignees/{scene.bob.uid}")
        scene.ann.delete(f"/workspaces/{scene.team}/members/{scene.bob.uid}")

        answer = scene.ann.delete(f"{scene.path}/assignees/{scene.bob.uid}")

        assert (200, []) == (answer.status_code, answer.json()["assigneeIds"])

    def test_a_full_list_takes_nobody_more(self, scene: Scene):
        """Twenty labels; who is among them may be put there again."""
        full = [f"l{number}" for number in range(20)]
        task = scene.world.database.document(scene.path.removeprefix("/"))
        task.update({"labelIds": full})
        for label in ("l0", "red"):
            scene.world.write(f"workspaces/{scene.team}/labels/{label}", {"name": "A"})

        answers = [scene.ann.put(f"{scene.path}/labels/{label}") for label in ("l0", "red")]

        assert [200, 422] == [answer.status_code for answer in answers]
        assert "limit-exceeded" == answers[1].json()["code"]

    def test_two_at_once_both_stay(self, scene: Scene, crowd: ThreadPoolExecutor):
        """Each changes its own entry, of whatever list there is by then."""
        labels = [f"l{number}" for number in range(8)]
        for label in labels:
            scene.world.write(f"workspaces/{scene.team}/labels/{label}", {"name": "A"})

        answers = list(
            crowd.map(lambda label: scene.ann.put(f"{scene.path}/labels/{label}"), labels)
        )

        assert {200} == {answer.status_code for answer in answers}
        assert set(labels) == set(scene.document["labelIds"])

    def test_a_stale_tag_is_refused(self, scene: Scene):
        """Also where nothing would change."""
        scene.ann.put(f"{scene.path}/watchers/me")

        answers = [
            scene.ann.call(method, f"{scene.path}/watchers/me", headers={"If-Match": '"1"'})
            for method in ("PUT", "DELETE")
        ]

        assert [412, 412] == [answer.status_code for answer in answers]

    def test_what_it_costs(self, scene: Scene):
        """A change as any other; the label is looked up with the task."""
        scene.ann.put(f"{scene.path}/assignees/{scene.bob.uid}")
        costs = {
            "person": cost_of(scene.ann.put(f"{scene.path}/watchers/{scene.bob.uid}")),
            "label": cost_of(scene.ann.put(f"{scene.path}/labels/red")),
            "nothing": cost_of(scene.ann.put(f"{scene.path}/labels/red")),
            "off": cost_of(scene.ann.delete(f"{scene.path}/labels/red")),
        }

        assert {
            "person": (2, 1, 2),
            "label": (2, 2, 2),
            "nothing": (1, 2, 0),
            "off": (2, 1, 2),
        } == costs


class TestArchive:
    """POST and DELETE …/archive"""

    def test_a_task_goes_and_comes_back(self, scene: Scene):
        """Out of every list but its own, and as it was."""
        tasks = f"/workspaces/{scene.team}/tasks"
        away = [scene.ann.post(f"{scene.path}/archive") for _ in range(2)]
        listed = [
            scene.ann.get(tasks, params=q).json()["items"] for q in ({}, {"archived": "true"})
        ]
        back = [scene.ann.delete(f"{scene.path}/archive") for _ in range(2)]

        assert [200] * 4 == [answer.status_code for answer in (*away, *back)]
        assert [2, 2, 3, 3] == [answer.json()["rev"] for answer in (*away, *back)]
        assert [0, 1] == [len(items) for items in listed]
        assert (None, "open") == tuple(back[0].json()[each] for each in ("archivedAt", "status"))

    def test_events_say_who_put_it_where(self, scene: Scene):
        """And nobody is told: there is nothing to do."""
        scene.ann.put(f"{scene.path}/watchers/{scene.bob.uid}")
        scene.world.settle()
        for method, part in (("POST", "/archive"), ("DELETE", "/archive"), ("DELETE", "")):
            scene.bob.call(method, f"{scene.path}{part}")
            scene.world.settle()
        scene.ann.post(f"{scene.path}:restore")
        scene.world.settle()

        events = scene.world.documents(f"workspaces/{scene.team}/events")
        found = sorted((each["rev"], each["type"], each["actorUid"]) for each in events)
        bob, ann = scene.bob.uid, scene.ann.uid
        assert [
            (3, "task.archived", bob),
            (4, "task.unarchived", bob),
            (5, "task.deleted", bob),
            (6, "task.restored", ann),
        ] == [each for each in found if each[0] > 2]
        assert [] == scene.world.inbox(scene.bob)


class TestRestore:
    """POST …:restore"""

    def test_a_deleted_task_comes_back(self, scene: Scene):
        """With what it was, at a revision of its own, and off the timer that would end it."""
        scene.ann.patch(scene.path, {"description": "d"})
        scene.ann.delete(scene.path)
        scene.world.settle()
        gone = scene.ann.get(scene.path)
        answer = scene.ann.post(f"{scene.path}:restore")
        scene.world.settle()

        task = scene.ann.get(scene.path).json()
        assert (404, 200) == (gone.status_code, answer.status_code)
        assert answer.json() == task
        assert (4, "d", None) == tuple(task[each] for each in ("rev", "description", "deletedAt"))
        assert [] == [each for each in scene.world.documents("timers") if each["kind"] == "trash"]

    def test_what_is_not_in_the_trash_stays(self, scene: Scene):
        """200, no revision, no token; what was never there is 404."""
        answer = scene.ann.post(f"{scene.path}:restore")
        nothing = scene.ann.post(f"/workspaces/{scene.team}/tasks/none:restore")

        assert (200, 1) == (answer.status_code, answer.json()["rev"])
        assert "Undo-Token" not in answer.headers
        assert 404 == nothing.status_code

    def test_what_it_costs(self, scene: Scene):
        """A change, and a look for subtasks that went along."""
        scene.ann.delete(scene.path)

        assert (3, 2, 2) == cost_of(scene.ann.post(f"{scene.path}:restore"))
