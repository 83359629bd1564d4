"""Several schedulers of one service: one works, and whatever becomes of it, nothing is lost."""

import random
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from google.cloud import tasks_v2

from backend.bootstrap.ticks import TICKS
from backend.timers.model import TimerState
from backend.workspaces.documents import workspace_path
from tests.api.factories import app_task
from tests.api.wishes import prefers
from tests.api.world import Caller, World
from tests.faults.chains import Chain, Chains
from tests.faults.herd import Herd, wait_until

LEASE = "leases/scheduler"
# What the contract with whoever operates it allows above the time to live.
TAKEN_WITHIN_S = 2.0


class TestTakeover:
    """From a holder that dies, sleeps, or stops in good order."""

    def test_a_killed_holder_is_followed_within_its_time_to_live(self, world: World, herd: Herd):
        """Measured between its last renewal and the take-over, by Firestore's own clock."""
        herd.start(3)
        took = []
        for _ in range(2):
            leader = herd.leader()
            fence = herd.fences()[-1]
            herd.kill(leader)
            renewed_at = written_at(world, LEASE)
            wait_until(lambda fence=fence: fence_of(world) > fence)
            took.append((written_at(world, LEASE) - renewed_at).total_seconds())

        # The better of two: a busy machine may keep a process waiting for longer than that.
        assert min(took) <= herd.ttl_s + TAKEN_WITHIN_S
        assert all(each > herd.ttl_s for each in took)

    def test_one_that_stops_in_good_order_hands_over(self, world: World, herd: Herd):
        """It finishes what it does, gives the lease back, and nobody waits for it to run out."""
        herd.start(2)
        leader = herd.leader()
        leader.terminate()

        assert 0 == leader.ended()
        assert ["lease.released", "scheduler.stopped"] == [
            line["message"] for line in leader.lines("lease.released", "scheduler.stopped")
        ]
        wait_until(lambda: len(herd.fences()) == 2)
        assert herd.leader() is not leader

    def test_one_that_wakes_from_a_long_sleep_writes_nothing_as_before(
        self, world: World, herd: Herd
    ):
        """Its fence is outdated: it learns so, and the other goes on."""
        herd.start(2)
        sleeper = herd.leader()
        herd.suspend(sleeper, for_s=0)
        wait_until(lambda: len(herd.fences()) == 2)
        herd.wake_all()
        sleeper.wait_until(lambda: sleeper.lines("lease.lost"))

        assert sleeper is not herd.leader()
        assert [1, 2] == herd.fences()


class TestWhoTicks:
    """Our scheduler, or Cloud Scheduler: a setting says which, and both together do no harm."""

    def test_a_scheduler_that_is_not_meant_to_tick_refuses_to_start(self, herd: Herd):
        """It says why, instead of standing by for ever."""
        process = herd.launch(TICKS="cloudScheduler")

        assert 2 == process.ended()
        assert "TICKS=cloudScheduler" in process.output()

    def test_both_at_once_do_each_thing_once(self, world: World, herd: Herd):
        """The cursors that the sweeps leave bear the fence of the scheduler all the same."""
        chains = Chains(world, *(Chain(f"both{n}", 8, 0.5, TimerState.WAITING) for n in range(4)))
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        herd.start()
        wait_until(herd.fences)
        chains.begin()
        app_task(world, team, by=ann, assignees=[bob])

        def both_have_ticked() -> bool:
            for tick in TICKS:
                call(world, f"/internal/ticks/{tick}")
            return chains.effects().keys() == chains.expected().keys() and unread(world, bob) > 0

        wait_until(both_have_ticked)
        world.tasks.settle()

        assert (chains.expected(), 1) == (chains.effects(), unread(world, bob))
        assert {200} == {each["status"] for each in attempts(world, "/internal/ticks/")}
        assert [1] == herd.fences()
        assert [] == herd.lines("tick.broken")


class TestTrouble:
    """Killed and put to sleep at random."""

    def test_each_thing_happens_once(
        self,
        world: World,
        herd: Herd,
        request: pytest.FixtureRequest,
        record_property: Callable[[str, object], None],
    ):
        """Slots, lost jobs and missed changes, with one holder to a fence that only rises."""
        is_long = request.config.getoption("--long")
        record_property("seed", seed := secrets.randbits(32))
        for_s = 240.0 if is_long else 8.0
        chains = Chains(
            world,
            *(Chain(f"due{n}", int(for_s), 0.5, TimerState.WAITING) for n in range(4)),
            *(Chain(f"lost{n}", int(for_s / 4), 1, TimerState.PROMOTED) for n in range(2)),
        )
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        prefers(world, bob, bundleMinutes=0)  # What is counted below is counted one by one.
        herd.start(8, ready=2)
        chains.begin()
        task_ids = [app_task(world, team, by=ann, assignees=[bob]) for _ in range(10)]

        herd.trouble(random.Random(seed), for_s=for_s, replace=is_long)
        wait_until(lambda: chains.effects().keys() == chains.expected().keys())
        wait_until(lambda: unread(world, bob) >= len(task_ids))
        world.tasks.settle()

        assert chains.expected() == chains.effects()
        assert sorted(task_ids) == sorted(assigned(world, team))
        assert (len(task_ids), len(task_ids)) == (open_tasks(world, team), unread(world, bob))
        # The built-in jobs have been set up, and wait for their time.
        assert {"job"} >= {timer["kind"] for timer in world.documents("timers")}
        assert sorted(set(herd.fences())) == herd.fences()
        assert [] == herd.lines("tick.broken")


def assigned(world: World, workspace_id: str) -> list[str]:
    """The tasks that somebody was told to do, as often as they were."""
    found = world.documents(f"workspaces/{workspace_id}/events")
    return [event["subject"]["id"] for event in found if event["type"] == "task.assigned"]


def open_tasks(world: World, workspace_id: str) -> int:
    """What is counted up once for each new task."""
    return int((world.document(workspace_path(workspace_id)) or {})["counters"]["openTasks"])


def unread(world: World, person: Caller) -> int:
    """What is counted up once for each notification."""
    return int((world.document(f"users/{person.uid}/counters/inbox") or {"unread": 0})["unread"])


def call(world: World, path: str) -> None:
    """Have somebody with our service account call an internal address, as Cloud Scheduler does."""
    settings, client = world.services.settings, world.services.ports.jobs._client
    token = tasks_v2.OidcToken(
        service_account_email=settings.worker_service_account, audience=settings.worker_url
    )
    request = tasks_v2.HttpRequest(
        http_method=tasks_v2.HttpMethod.POST, url=f"{world.url}{path}", oidc_token=token
    )
    client.create_task(parent=settings.queue_path, task=tasks_v2.Task(http_request=request))


def attempts(world: World, path: str) -> list[dict[str, Any]]:
    """The calls of such addresses that were answered."""
    url = f"{world.tasks.control_url}/control/attempts"
    found = requests.get(url, timeout=30).json()["attempts"]
    return [each for each in found if path in each["url"] and each["status"]]


def fence_of(world: World) -> int:
    """The fencing token in the lease."""
    return int((world.document(LEASE) or {"fence": 0})["fence"])


def written_at(world: World, path: str) -> datetime:
    """When a document was last written, by Firestore's clock."""
    written = world.database.document(path).get().update_time
    return datetime.fromtimestamp(written.timestamp(), UTC)
