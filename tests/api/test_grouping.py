"""Several changes in one place are one notification and one push, and none is lost in the count."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from backend.adapters.firestore import metered
from backend.tasks.model import TaskRef
from tests.api.commenting import new_task, say
from tests.api.factories import app_task
from tests.api.firebase_person import hold_jobs_back
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.wishes import decision, ids, prefers
from tests.api.world import Caller, World

WINDOW = timedelta(minutes=5)


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


@pytest.fixture
def team(world: World, ann: Caller, bob: Caller) -> str:
    """A workspace called Launch."""
    return world.team(ann, bob)


def assign(world: World, team: str, ann: Caller, bob: Caller, count: int = 1, **more: Any) -> None:
    """Ann gives tasks to Bob, straight from her app."""
    for _ in range(count):
        task_id = app_task(world, team, by=ann, assignees=[bob])
        world.database.document(f"workspaces/{team}/tasks/{task_id}").update(more or {"rev": 1})
        world.ring(team, task_id)
        world.settle()


def react(world: World, team: str, ann: Caller, bob: Caller) -> None:
    """Ann gives Bob a task, and who is to hear of it is known; nobody has been told."""
    task_id = app_task(world, team, by=ann, assignees=[bob])
    world.services.reactor.react(TaskRef(team, task_id))


def shown(world: World, person: Caller) -> list[tuple[str, int]]:
    return [(each["title"], each["count"]) for each in world.inbox(person)]


def notify_bodies(world: World) -> list[dict[str, str]]:
    """The jobs that would tell of what has happened."""
    found = world.database.collection("timers").where("kind", "==", "notify").stream()
    return [{"timerId": each.id, "kind": "notify", **each.get("subject")} for each in found]


def told_at_the_cost_of(world: World, team: str, ann: Caller, bob: Caller) -> tuple[int, int, int]:
    """Ann gives Bob one more task; return what telling him took: calls, reads and writes."""
    react(world, team, ann, bob)
    (body,) = notify_bodies(world)
    with metered() as usage:
        world.services.firing.fire(body)
    return usage.rpcs, usage.reads, usage.writes


class TestOneOfMany:
    """M104."""

    def test_five_changes_are_one_notification(
        self, world: World, team: str, ann: Caller, bob: Caller
    ):
        """With one push that replaces the one before it on the phone, and a badge of one."""
        phone = bob.has_phone()

        assign(world, team, ann, bob, count=5)
        world.pass_time(timedelta(seconds=10))

        assert [("5 changes in Launch", 5)] == shown(world, bob)
        assert ["5 changes in Launch"] == [each.title for each in world.fcm.tray(phone)]
        assert 1 == (world.document(f"users/{bob.uid}/counters/inbox") or {})["unread"]
        assert 5 == len(world.inbox(bob)[0]["events"])

    def test_the_window_closes(self, world: World, team: str, ann: Caller, bob: Caller):
        """It began with the first; what comes after it begins another."""
        assign(world, team, ann, bob, count=2)
        world.clock.advance(WINDOW)

        assign(world, team, ann, bob)

        assert [2, 1] == [count for _, count in shown(world, bob)]

    def test_it_does_not_hang_on_the_clock(self, world: World, team: str, ann: Caller, bob: Caller):
        """Wherever in the hour the first falls, what follows within the window joins it."""
        for _ in range(4):
            assign(world, team, ann, bob)
            world.clock.advance(WINDOW - timedelta(seconds=30))
            assign(world, team, ann, bob)
            world.clock.advance(timedelta(seconds=97))

        assert [2, 2, 2, 2] == [count for _, count in shown(world, bob)]

    def test_what_was_read_is_not_added_to(self, world: World, team: str, ann: Caller, bob: Caller):
        """Else the person would miss what came after they looked."""
        for _ in range(3):
            assign(world, team, ann, bob, count=2)
            last = ids(world, bob)[-1]
            path = f"users/{bob.uid}/notifications/{last}"
            world.database.document(path).update({"readAt": world.clock.now()})
            world.pass_time(timedelta(seconds=1))

        assert [2, 2, 2] == [count for _, count in shown(world, bob)]

    def test_places_and_categories_are_apart(
        self, world: World, team: str, ann: Caller, bob: Caller
    ):
        """Two projects, and what is done in one of them."""
        one, two = (
            ann.post(f"/workspaces/{team}/projects", {"name": name}).json()["id"]
            for name in ("One", "Two")
        )
        assign(world, team, ann, bob, count=2, projectId=one)
        assign(world, team, ann, bob, count=3, projectId=two)

        assert {("2 changes in One", 2), ("3 changes in Two", 3)} == {*shown(world, bob)}

    def test_it_leads_to_where_all_of_it_happened(
        self, world: World, team: str, ann: Caller, bob: Caller
    ):
        """To the task that several comments are on; to the place, once there is another task."""
        one, two = (new_task(ann, team, assigneeIds=[bob.uid]) for _ in range(2))
        world.settle(times=2)
        links = []
        for task in (one, one, one, two):
            comment = say(ann, task)
            world.settle(times=2)
            links += [each["link"] for each in world.inbox(bob) if each["category"] == "comment"]

        assert [one, one, f"/workspaces/{team}"] == links[1:]
        assert comment not in links

    def test_one_by_one_if_that_is_wanted(self, world: World, team: str, ann: Caller, bob: Caller):
        """A window of no minutes."""
        prefers(world, bob, bundleMinutes=0)

        assign(world, team, ann, bob, count=3)

        assert [1, 1, 1] == [count for _, count in shown(world, bob)]

    def test_what_is_muted_is_not_joined(self, world: World, team: str, ann: Caller, bob: Caller):
        """Each lies in the archive, and tells why."""
        prefers(world, bob, matrix={"assigned": {"inbox": False, "push": False}})

        assign(world, team, ann, bob, count=2)

        assert [1, 1] == [count for _, count in shown(world, bob)]
        reasons = [decision(world, bob, each, "inbox") for each in ids(world, bob)]
        assert ["/matrix/assigned/inbox"] * 2 == [each["setting"] for each in reasons]

    def test_a_muted_workspace_costs_no_more_each_time(
        self, world: World, team: str, ann: Caller, bob: Caller
    ):
        """What lies in the archive is not gone through to see whether it can be joined."""
        prefers(world, bob, workspaces={team: "none"})
        hold_jobs_back(world)

        costs = [told_at_the_cost_of(world, team, ann, bob) for _ in range(4)]

        assert [1, 1, 1, 1] == [count for _, count in shown(world, bob)]
        assert {(4, 7)} == {(rpcs, reads) for rpcs, reads, _ in costs[1:]}


class TestExact:
    """Whoever files, however often, however many at once."""

    def test_all_at_once(
        self, world: World, team: str, ann: Caller, bob: Caller, crowd: ThreadPoolExecutor
    ):
        """Twelve workers tell of twelve tasks, each of them twice."""
        hold_jobs_back(world)
        for _ in range(12):
            react(world, team, ann, bob)
        bodies = notify_bodies(world)

        [*crowd.map(world.services.firing.fire, bodies * 2)]

        assert 12 == len(bodies)
        assert [12] == [count for _, count in shown(world, bob)]
        assert 1 == (world.document(f"users/{bob.uid}/counters/inbox") or {})["unread"]

    @pytest.mark.parametrize("at", [1, 2])
    def test_killed(self, world: World, team: str, ann: Caller, bob: Caller, at: int):
        """Before and behind the commit that joins the second to the first."""
        assign(world, team, ann, bob)
        hold_jobs_back(world)
        react(world, team, ann, bob)
        (body,) = notify_bodies(world)
        mortal = mortal_services(world, Fate(at), MortalAtEveryCommit)

        with pytest.raises(Killed):
            mortal.firing.fire(body)
        world.pass_time(timedelta(seconds=12))

        assert [("2 changes in Launch", 2)] == shown(world, bob)

    def test_what_it_costs(self, world: World, team: str, ann: Caller, bob: Caller):
        """One more is written as cheaply as the second; the first asks what is published, too."""
        hold_jobs_back(world)

        costs = [told_at_the_cost_of(world, team, ann, bob) for _ in range(3)]

        assert [(6, 10, 7), (6, 10, 5), (6, 10, 5)] == costs
