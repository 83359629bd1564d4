"""GET /workspaces/{w}/stats, and the command that counts again"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from google.cloud import firestore

from backend.reactions.documents import shadow_path
from backend.tasks.model import KEPT_IN_TRASH, TaskRef
from tests.api.command_line import run
from tests.api.factories import app_task, due_map
from tests.api.world import Caller, World, cost_of

STATUSES = ("open", "in_progress", "done", "cancelled")
PRIORITIES = ("none", "low", "medium", "high", "urgent")
SEEDS, LONG_SEEDS, STEPS = 2, 40, 30


def counted(world: World, workspace_id: str) -> dict[str, Any]:
    """What the answer must be, by hand: from every task there is."""
    tasks = world.documents(f"workspaces/{workspace_id}/tasks")
    live = [each for each in tasks if not each["deletedAt"] and not each["archivedAt"]]
    open_ones = [each for each in live if each["status"] in STATUSES[:2]]
    people = sorted({uid for each in live for uid in each["assigneeIds"]})
    members = [
        {
            "uid": uid,
            "open": sum(uid in each["assigneeIds"] for each in open_ones),
            "done": sum(uid in each["assigneeIds"] for each in live if each["status"] == "done"),
            "overdue": sum(uid in each["assigneeIds"] for each in open_ones if each["isOverdue"]),
        }
        for uid in people
    ]
    by_status = Counter(each["status"] for each in live)
    by_priority = Counter(PRIORITIES[each["priority"]] for each in open_ones)
    return {
        "total": len(live),
        "open": len(open_ones),
        "done": by_status["done"],
        "overdue": sum(each["isOverdue"] for each in open_ones),
        "byStatus": {name: by_status[name] for name in STATUSES},
        "byPriority": {name: by_priority[name] for name in PRIORITIES},
        "members": [each for each in members if each["open"] or each["done"]],
    }


def stats(person: Caller, workspace_id: str) -> dict[str, Any]:
    answer = person.get(f"/workspaces/{workspace_id}/stats")
    assert 200 == answer.status_code, answer.text
    return answer.json()


class Life:
    """What three people do with tasks, at random, through the API and in their apps."""

    def __init__(self, world: World, random: Random) -> None:
        self.world = world
        self.random = random
        self.people = [world.person(name) for name in ("Ann", "Bob", "Cid")]
        self.ann = self.people[0]
        self.team = world.team(*self.people)
        self.path = f"/workspaces/{self.team}/tasks"
        self.tasks: list[str] = []
        self.acts: list[Callable[[], Any]] = [
            self.create, self.create, self.app_creates, self.edit, self.edit, self.app_writes,
            self.app_writes, self.complete, self.reopen, self.archive, self.delete, self.restore,
            self.assign, self.time_passes, self.everything_follows,
        ]  # fmt: skip

    def live(self, steps: int) -> None:
        self.create()
        for _ in range(steps):
            self.random.choice(self.acts)()
        self.everything_follows()

    def details(self) -> dict[str, Any]:
        at = self.world.clock.now() + timedelta(minutes=self.random.randrange(-30, 90))
        return {
            "priority": self.random.choice(PRIORITIES),
            "status": self.random.choice(STATUSES),
            "assigneeIds": self.some_uids(),
            "due": self.random.choice([None, due_map(at)]),
        }

    def some_uids(self) -> list[str]:
        return [person.uid for person in self.people if self.random.random() < 0.4]

    def one(self) -> str:
        return self.random.choice(self.tasks)

    def create(self) -> None:
        body = {"title": "A", **self.details()}
        self.tasks.append(self.ann.post(self.path, body).json()["id"])

    def app_creates(self) -> None:
        due_at = self.world.clock.now() + timedelta(minutes=self.random.randrange(-30, 90))
        people = [person for person in self.people if self.random.random() < 0.4]
        made = app_task(self.world, self.team, by=self.ann, assignees=people, due_at=due_at)
        self.tasks.append(made)

    def edit(self) -> None:
        body = dict(self.random.sample(sorted(self.details().items(), key=str), 2))
        self.ann.patch(f"{self.path}/{self.one()}", body)

    def app_writes(self) -> None:
        document = self.world.database.document(f"{self.path}/{self.one()}".removeprefix("/"))
        if not document.get().exists:
            return
        now = self.world.clock.now()
        status = self.random.choice(STATUSES)
        is_done = status == "done"
        document.update(
            self.random.choice(
                [
                    {"priority": self.random.randrange(5)},
                    {"assigneeIds": self.some_uids()},
                    {"deletedAt": now},
                    {"deletedAt": None},
                    {"archivedAt": self.random.choice([now, None])},
                    {
                        "status": status,
                        "completedAt": now if is_done else None,
                        "completedBy": self.ann.uid if is_done else None,
                    },
                ]
            )
            | {"rev": firestore.Increment(1), "updatedAt": now, "updatedBy": self.ann.uid}
        )

    def complete(self) -> None:
        self.ann.post(f"{self.path}/{self.one()}/completion")

    def reopen(self) -> None:
        self.ann.delete(f"{self.path}/{self.one()}/completion")

    def archive(self) -> None:
        self.ann.call(self.random.choice(["POST", "DELETE"]), f"{self.path}/{self.one()}/archive")

    def delete(self) -> None:
        self.ann.delete(f"{self.path}/{self.one()}")

    def restore(self) -> None:
        self.ann.post(f"{self.path}/{self.one()}:restore")

    def assign(self) -> None:
        method, uid = self.random.choice(["PUT", "DELETE"]), self.random.choice(self.people).uid
        self.ann.call(method, f"{self.path}/{self.one()}/assignees/{uid}")

    def time_passes(self) -> None:
        self.world.clock.advance(timedelta(minutes=self.random.randrange(1, 40)))
        self.world.tasks.wake()

    def everything_follows(self) -> None:
        self.world.settle(times=2)


class TestStatistics:
    """GET"""

    def test_nothing_adds_up_to_nothing(self, world: World):
        """Of a new workspace: every name is there."""
        ann = world.person("Ann")

        found = stats(ann, "me")

        assert counted(world, ann.uid) == found
        assert (0, set(STATUSES), []) == (found["total"], set(found["byStatus"]), found["members"])

    def test_they_equal_a_count_by_hand(self, world: World, request: pytest.FixtureRequest):
        """After anything that people, their apps and time can do to tasks, in any order."""
        seeds = LONG_SEEDS if request.config.getoption("--long") else SEEDS
        for seed in range(seeds):
            life = Life(world, Random(seed))
            life.live(STEPS)

            found = stats(life.ann, life.team)

            assert (seed, counted(world, life.team)) == (seed, found)
            assert (
                found["open"] == world.document(f"workspaces/{life.team}")["counters"]["openTasks"]
            )

    def test_what_is_gone_for_good_counts_no_more(self, world: World):
        """Not even among all there are."""
        ann = world.person("Ann")
        task = ann.post("/workspaces/me/tasks", {"title": "A", "assigneeIds": [ann.uid]}).json()
        ann.delete(f"/workspaces/me/tasks/{task['id']}")
        world.settle()
        before = world.document(f"workspaces/{ann.uid}")["counters"]["allTasks"]
        world.pass_time(KEPT_IN_TRASH)

        assert (1, 0) == (before, world.document(f"workspaces/{ann.uid}")["counters"]["allTasks"])
        assert counted(world, ann.uid) == stats(ann, "me")

    def test_who_leaves_stands_in_no_totals(self, world: World):
        """Once nothing is assigned to them any more."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        for status in ("open", "done"):
            body = {"title": "A", "status": status, "assigneeIds": [bob.uid]}
            ann.post(f"/workspaces/{team}/tasks", body)
        world.settle()
        before = stats(ann, team)["members"]
        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.settle(times=2)

        assert [{"uid": bob.uid, "open": 1, "done": 1, "overdue": 0}] == before
        assert [] == stats(ann, team)["members"]
        assert counted(world, team) == stats(ann, team)

    def test_a_change_of_the_workspace_leaves_them(self, world: World):
        """Its document holds them, and people change its name."""
        ann = world.person("Ann")
        team = world.team(ann)
        ann.post(f"/workspaces/{team}/tasks", {"title": "A", "priority": "high"})
        world.settle()
        ann.patch(f"/workspaces/{team}", {"name": "B"})

        assert counted(world, team) == stats(ann, team)

    def test_they_cost_one_read(self, world: World):
        """However many tasks there are."""
        ann = world.person("Ann")
        for _ in range(3):
            app_task(world, ann.uid, by=ann)
        world.settle()

        ann.get("/workspaces/me")
        assert (1, 1, 0) == cost_of(ann.get("/workspaces/me/stats"))


class TestRecount:
    """python -m backend.cli recount"""

    def test_what_has_drifted_is_put_right(self, world: World):
        """Totals, shadows of what is gone, timers that were never set; again changes nothing."""
        ann = world.person("Ann")
        tasks = f"workspaces/{ann.uid}/tasks"
        kept, lost, thrown = (app_task(world, ann.uid, by=ann) for _ in range(3))
        now = world.clock.now()
        world.database.document(f"{tasks}/{thrown}").update({"deletedAt": now, "rev": 2})
        world.settle()
        world.database.document(f"{tasks}/{lost}").delete()
        for timer in world.database.collection("timers").stream():
            timer.reference.delete()
        wrong = {"openTasks": 9, "byStatus": {"open": -2}, "byMember": {"eve": {"open": 3}}}
        world.database.document(f"workspaces/{ann.uid}").update({"counters": wrong})

        first, second = run(world, "recount"), run(world, "recount", ann.uid)

        assert (0, f"{ann.uid}\t2 tasks\tput right\n") == (first.returncode, first.stdout)
        assert (0, f"{ann.uid}\t2 tasks\twas right\n") == (second.returncode, second.stdout)
        assert counted(world, ann.uid) == stats(ann, "me")
        assert None is world.document(shadow_path(TaskRef(ann.uid, lost)))
        assert ["trash"] == [each["kind"] for each in world.documents("timers")]
        assert 200 == ann.get(f"/workspaces/me/tasks/{kept}").status_code

    def test_a_workspace_that_is_none_is_said_to_be(self, world: World):
        """To the operator, without a trace of the program."""
        answer = run(world, "recount", "nowhere")

        assert (1, "") == (answer.returncode, answer.stdout)
        assert "There is no such thing" in answer.stderr
