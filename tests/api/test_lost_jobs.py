"""The queue loses, doubles, delays and reorders; the documents know better."""

from datetime import timedelta

import pytest
import requests

from backend.adapters.jobs import Job
from local.cloudtasks import Fault, FaultKind
from tests.api.factories import app_task
from tests.api.lateness import mails_pass, window_passes
from tests.api.world import World

FIRE, REACT = "/internal/jobs/fire", "/internal/jobs/react"


class TestQueueFaults:
    """One effect, whatever the queue does."""

    def test_a_lost_job_is_healed(self, world: World):
        """Its timer is still there, and the repair queues it again."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=2))

        app_task(world, team, by=ann, assignees=[bob])
        world.settle()
        before = world.inbox(bob)
        world.pass_time(timedelta(minutes=2))
        world.pass_time(timedelta(minutes=2))

        assert [] == before
        assert ["assigned"] == [each["category"] for each in world.inbox(bob)]
        assert "sent" == world.only_decision(bob, "inbox")["decision"]
        assert [] == world.documents("timers")

    @pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one after the other"])
    def test_a_doubled_job_has_one_effect(self, world: World, at_once: bool):
        """Five deliveries of everything."""
        ann, bob = world.person("Ann"), world.person("Bob")
        phone, team = bob.has_phone(), world.team(ann, bob)
        world.tasks.script(Fault(FaultKind.DUPLICATE, count=0, copies=4, concurrent=at_once))

        task_id = app_task(world, team, by=ann, assignees=[bob])
        world.ring(team, task_id)
        world.tasks.settle()

        assert 1 == len(world.inbox(bob))
        assert 1 == world.document(f"users/{bob.uid}/counters/inbox")["unread"]
        assert 1 == world.document(f"workspaces/{team}")["counters"]["openTasks"]
        assert 1 == len(world.fcm.tray(phone))

    def test_reordered_doorbells_end_the_same(self, world: World):
        """They carry no meaning, so their order has none."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        world.tasks.script(Fault(FaultKind.REORDER, path=REACT, size=3))
        task_id = app_task(world, team, by=ann, assignees=[bob])

        for title in ("one", "two", "three"):
            ann.patch(f"/workspaces/{team}/tasks/{task_id}", {"title": title})
            world.ring(team, task_id)
        world.tasks.settle()

        assert 4 == world.document(f"workspaces/{team}/tasks/{task_id}")["rev"]
        assert 1 == len(world.inbox(bob))
        assert 1 == world.document(f"workspaces/{team}")["counters"]["openTasks"]

    @pytest.mark.parametrize(
        "job",
        [
            Job("react", {"workspaceId": "a/b", "taskId": "c"}, key="1"),
            Job("react", {}, key="2"),
            Job("react", {"workspaceId": "nobody", "taskId": "nothing"}, key="3"),
            Job("fire", {"timerId": "t", "kind": "unknown"}, key="4"),
            Job("fire", {"timerId": "nothing", "kind": "push"}, key="5"),
            Job(
                "fire",
                {"timerId": "gone", "kind": "overdue", "workspaceId": "w", "taskId": "t"},
                key="6",
            ),
        ],
        ids=lambda job: f"{job.handler} {dict(job.body)}",
    )
    def test_a_job_that_can_never_succeed_ends(self, world: World, job: Job):
        """Recorded and answered 204: the queue does not bring it a hundred times."""
        world.services.ports.jobs.enqueue(job)

        world.tasks.settle()

        waiting = requests.get(f"{world.tasks.control_url}/control/tasks", timeout=5).json()
        assert [] == waiting["tasks"]

    def test_an_early_alarm_does_nothing(self, world: World):
        """The handler looks at the timer, not at the job."""
        ann = world.person("Ann")
        world.tasks.script(Fault(FaultKind.EARLY, path=FIRE, count=0))

        app_task(world, ann.uid, by=ann, due_at=world.clock.now() + timedelta(minutes=2))
        world.settle(times=2)
        early = world.inbox(ann)
        world.pass_time(timedelta(minutes=4))
        world.pass_time(timedelta(minutes=4))

        assert [] == early
        assert ["overdue"] == [each["category"] for each in world.inbox(ann)]

    def test_a_timer_far_ahead_waits_in_its_document(self, world: World):
        """The queue takes nothing beyond thirty days; promotion hands over what is near."""
        ann = world.person("Ann")
        task_id = app_task(world, ann.uid, by=ann, due_at=world.clock.now() + timedelta(days=60))

        world.settle()
        waiting = {timer["state"] for timer in world.documents("timers")}
        world.pass_time(timedelta(days=61))

        assert {"waiting"} == waiting
        assert world.document(f"workspaces/{ann.uid}/tasks/{task_id}")["isOverdue"]

    def test_after_a_long_outage_each_notice_comes_once(self, world: World):
        """Nothing ran while two instants passed."""
        ann = world.person("Ann")
        app_task(world, ann.uid, by=ann, due_at=world.clock.now() + timedelta(hours=3))
        world.settle()

        world.clock.advance(timedelta(days=2))
        world.settle(times=3)
        window_passes(world)
        mails_pass(world)

        # What is late is no longer due soon.
        assert "overdue" == world.inbox(ann)[-1]["category"]
        assert 1 == [each["category"] for each in world.inbox(ann)].count("overdue")
        assert [] == world.documents("timers")
