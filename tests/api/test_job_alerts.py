"""Runs that end badly are told of: to admins, and to owners of theirs; once, and counted."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.adapters.firestore import metered
from backend.admin.model import StaffRole
from backend.jobs.model import run_timer_id
from backend.kit.ids import derived_id
from tests.api.firebase_person import hold_jobs_back
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.world import Caller, World

DAILY = {"kind": "cron", "expression": "30 6 * * *", "tz": "UTC"}
GONE = {"title": "T", "boardId": "gone"}  # So that the run fails.


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def ada(world: World) -> Caller:
    """An admin, appointed from the command line."""
    ada = world.person("Ada")
    world.services.admin.appoint_first(ada.uid, StaffRole.ADMIN)
    world.settle()
    return ada


def set_up(owner: Caller, home: str, **body: Any) -> str:
    answer = owner.post(f"{home}/jobs", {"name": "Plants", "schedule": DAILY, **body})
    assert answer.status_code == 201, answer.text
    return f"{home}/jobs/{answer.json()['id']}"


def failing(owner: Caller, home: str = "/workspaces/me") -> str:
    return set_up(owner, home, handler="createTask", arguments=GONE)


def run(world: World, owner: Caller, job: str) -> None:
    assert owner.post(f"{job}:run").status_code == 202
    world.settle()


def alarm_of_a_failure(world: World, owner: Caller) -> dict[str, str]:
    """Let a run fail; return the alarm by which its owner is to hear of it."""
    job = failing(owner)
    hold_jobs_back(world)
    owner.post(f"{job}:run")
    run_id = owner.get(f"{job}/runs").json()["items"][0]["id"]
    subject = {"jobId": job.rsplit("/", 1)[1], "runId": run_id}
    fire = world.services.firing.fire
    fire({"timerId": run_timer_id(*subject.values()), "kind": "jobRun", **subject})
    return {"timerId": derived_id("jobAlert", *subject.values()), "kind": "jobAlert", **subject}


def told(world: World, person: Caller) -> list[tuple[str, str, str]]:
    return [
        (each["title"], each["body"], each["link"])
        for each in world.inbox(person)
        if each["category"] == "jobs"
    ]


class TestAlerts:
    """Alerting.fire"""

    def test_the_owner_hears_of_a_run_that_failed(self, world: World, ann: Caller):
        """In the inbox and on the phone; nobody else of the workspace, and no admin."""
        bob, team = world.person("Bob"), world.team(ann)
        world.join(team, bob, "admin")
        phone = ann.has_phone()
        job = failing(ann, f"/workspaces/{team}")

        run(world, ann, job)

        slot = ann.get(f"{job}/runs").json()["items"][0]["slot"]
        (title, body, link), *others = told(world, ann)
        assert ([], []) == (others, told(world, bob))
        assert ("A job failed", job) == (title, link)
        assert body.startswith("Plants, due ")
        assert body.endswith(f"{slot[11:16]} UTC")
        assert 1 == len(world.fcm.messages(phone))

    def test_admins_hear_of_the_platforms(self, world: World, ada: Caller, ann: Caller):
        """Each of them, and support does not: it may do nothing about it."""
        eve, sue = world.person("Eve"), world.person("Sue")
        world.services.admin.appoint_first(eve.uid, StaffRole.ADMIN)
        world.services.admin.appoint_first(sue.uid, StaffRole.SUPPORT)
        job = set_up(ada, "", handler="backup")  # No bucket is set.

        run(world, ada, job)

        expected = [("A job failed", f"/admin{job}")]
        assert [expected, expected, [], []] == [
            [(title, link) for title, _, link in told(world, each)] for each in (ada, eve, sue, ann)
        ]

    def test_a_run_is_told_of_once_each_time_it_fails(self, world: World, ann: Caller):
        """Alarms that come twice tell nothing new; a second failure by hand does."""
        job = failing(ann)
        run(world, ann, job)
        world.settle(times=2)
        once = len(told(world, ann))
        (first,) = ann.get(f"{job}/runs").json()["items"]
        world.clock.advance(timedelta(minutes=1))

        ann.post(f"{job}/runs/{first['id']}:retry")
        world.settle(times=2)

        assert (1, 2) == (once, len(told(world, ann)))

    def test_what_went_well_is_not_told(self, world: World, ann: Caller):
        """Nor counted."""
        job = set_up(ann, "/workspaces/me", handler="createTask", arguments={"title": "T"})

        run(world, ann, job)

        assert [] == told(world, ann)
        assert "taskflow_scheduled_runs_bad_total{" not in world.services.ports.metrics.text()

    def test_each_is_counted_by_handler_and_outcome(self, world: World, ann: Caller):
        """What Prometheus alerts by."""
        run(world, ann, failing(ann))

        line = 'taskflow_scheduled_runs_bad_total{handler="createTask",outcome="failed"} 1.0'
        assert line in world.services.ports.metrics.text()

    def test_what_it_costs_to_tell_one(self, world: World, ann: Caller):
        """Timer, job and run, who is concerned and what they want, whether they were told."""
        alert = alarm_of_a_failure(world, ann)

        with metered() as usage:
            world.services.firing.fire(alert)

        assert (6, 8, 7) == (usage.rpcs, usage.reads, usage.writes)

    def test_a_job_deleted_meanwhile_is_not_told_of(self, world: World, ann: Caller):
        """Nobody needs to hear of what is gone."""
        job = failing(ann)
        run(world, ann, job)
        before = len(told(world, ann))
        (first,) = ann.get(f"{job}/runs").json()["items"]
        assert ann.delete(job).status_code < 300

        world.write(
            "timers/t1",
            {
                "kind": "jobAlert",
                "subject": {"jobId": job.rsplit("/", 1)[1], "runId": first["id"]},
                "fireAt": world.clock.now(),
                "state": "promoted",
                "attempts": 0,
            },
        )
        world.services.firing.fire(
            {
                "timerId": "t1",
                "kind": "jobAlert",
                "jobId": job.rsplit("/", 1)[1],
                "runId": first["id"],
            }
        )

        assert (before, None) == (len(told(world, ann)), world.document("timers/t1"))


class TestKilled:
    """The worker that tells, before and behind each of its commits."""

    @pytest.mark.parametrize("at", [1, 2])
    def test_the_owner_is_told_once(self, world: World, ann: Caller, at: int):
        """Its timer comes again, and finds the notice or files it."""
        alert = alarm_of_a_failure(world, ann)
        mortal = mortal_services(world, Fate(at), MortalAtEveryCommit)

        with pytest.raises(Killed):
            mortal.firing.fire(alert)
        world.pass_time(timedelta(seconds=2))

        assert ["A job failed"] == [title for title, _, _ in told(world, ann)]


class TestMissed:
    """Slots that nothing started in time."""

    def test_a_missed_slot_is_told_of(self, world: World, ann: Caller):
        """After downtime, with the catch-up policy that lets it pass."""
        job = set_up(
            ann,
            "/workspaces/me",
            handler="createTask",
            arguments={"title": "T"},
            catchUp="skip",
        )

        slot = datetime.fromisoformat(ann.get(job).json()["nextRunAt"])
        world.clock.advance(slot + timedelta(hours=3) - world.clock.now())
        world.services.timers.promote()
        world.services.timers.repair()
        world.settle(times=2)

        assert ["A job was missed"] == [title for title, _, _ in told(world, ann)]
        assert "missed" in {each["outcome"] for each in ann.get(f"{job}/runs").json()["items"]}
