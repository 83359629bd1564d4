"""Scheduled jobs over the API: a workspace's by its owner, the platform's by its admins."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.admin.model import StaffRole
from backend.jobs.built_in import BUILT_IN
from backend.jobs.model import MOST_JOBS
from tests.api.access_scene import NIGHTLY
from tests.api.world import Caller, World, cost_of

HOME = "/workspaces/me/jobs"
WEEKDAYS = {"kind": "cron", "expression": "30 6 * * mon-fri", "tz": "Europe/Berlin"}
CREATE_TASK = {
    "name": "Plan the week",
    "handler": "createTask",
    "arguments": {"title": "Plan the week"},
    "schedule": {"kind": "interval", "everyMinutes": 60},
}


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def ada(world: World) -> Caller:
    """An admin of the platform."""
    ada = world.person("Ada")
    world.services.admin.appoint_first(ada.uid, StaffRole.ADMIN)
    return ada


def created(caller: Caller, home: str = HOME, **wanted: Any) -> dict[str, Any]:
    """Set up a job."""
    answer = caller.post(home, {**NIGHTLY, **wanted})
    assert 201 == answer.status_code, answer.text
    return answer.json()


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


class TestSettingUp:
    """POST, GET, PATCH, DELETE"""

    def test_a_job_says_when_it_runs_next(self, ann: Caller):
        """Five times, in UTC, each at half past six in Berlin on a workday."""
        job = created(ann, schedule=WEEKDAYS)
        found = ann.get(f"{HOME}/{job['id']}")
        hours = {instant(each).strftime("%H:%M") for each in job["nextRuns"]}

        assert job == found.json()
        assert '"1"' == found.headers["ETag"]
        assert (5, job["nextRuns"][0]) == (len(job["nextRuns"]), job["nextRunAt"])
        assert hours <= {"04:30", "05:30"}
        assert {True} == {instant(each).isoweekday() < 6 for each in job["nextRuns"]}
        assert "30 6 * * MON-FRI" == job["schedule"]["expression"]

    def test_it_is_listed_newest_first(self, world: World, ann: Caller):
        """By pages; those of others are not among them."""
        ids = []
        for name in ("A", "B", "C"):
            world.clock.advance(timedelta(seconds=1))
            ids.append(created(ann, name=name)["id"])
        created(world.person("Bob"))
        first = ann.get(HOME, params={"pageSize": 2}).json()
        rest = ann.get(HOME, params={"pageToken": first["nextPageToken"]}).json()

        assert ids[::-1] == [job["id"] for job in first["items"] + rest["items"]]

    @pytest.mark.parametrize(
        ("wanted", "code", "pointer"),
        [
            ({"handler": "backup"}, "validation-failed", "/handler"),
            ({"handler": "rm"}, "validation-failed", "/handler"),
            ({"arguments": {}}, "validation-failed", "/arguments/olderThanDays"),
            (
                {"arguments": {"olderThanDays": "x"}},
                "validation-failed",
                "/arguments/olderThanDays",
            ),
            ({"arguments": {"olderThanDays": 1, "x": 1}}, "validation-failed", "/arguments/x"),
            (
                {"schedule": {"kind": "cron", "expression": "* * * * *"}},
                "invalid-schedule",
                "/schedule/expression",
            ),
            (
                {"schedule": {"kind": "interval", "everyMinutes": 4}},
                "invalid-schedule",
                "/schedule/everyMinutes",
            ),
            (
                {"schedule": {"kind": "once", "at": "2020-01-01T09:00"}},
                "invalid-schedule",
                "/schedule/at",
            ),
            ({"schedule": {"kind": "never"}}, "validation-failed", "/schedule/kind"),
            ({"retries": 6}, "validation-failed", "/retries"),
        ],
    )
    def test_what_is_refused(self, ann: Caller, wanted: Any, code: str, pointer: str):
        """Handlers of the platform, arguments of others, schedules too dense or that passed."""
        answer = ann.post(HOME, {**NIGHTLY, **wanted})
        (fault,) = answer.json()["errors"]

        assert (422, code) == (answer.status_code, answer.json()["code"])
        assert pointer == fault["pointer"]

    def test_there_may_be_twenty(self, ann: Caller):
        """Of a workspace."""
        for _ in range(MOST_JOBS):
            created(ann)
        answer = ann.post(HOME, NIGHTLY)

        assert (422, "limit-exceeded") == (answer.status_code, answer.json()["code"])

    def test_changing_it_moves_its_next_run(self, ann: Caller):
        """Only with the revision that was seen; what is left out stays."""
        job = created(ann)
        path = f"{HOME}/{job['id']}"
        changed = ann.patch(path, {"schedule": WEEKDAYS}, headers={"If-Match": '"1"'})
        stale = ann.patch(path, {"name": "C"}, headers={"If-Match": '"1"'})

        assert (200, 2) == (changed.status_code, changed.json()["rev"])
        assert job["nextRunAt"] != changed.json()["nextRunAt"]
        assert job["arguments"] == changed.json()["arguments"]
        assert (412, 2) == (stale.status_code, stale.json()["current"]["rev"])

    def test_pausing_and_resuming(self, ann: Caller):
        """While it is paused nothing is planned; again changes nothing."""
        path = f"{HOME}/{created(ann)['id']}"
        paused, again = ann.post(f"{path}/pause").json(), ann.post(f"{path}/pause").json()
        resumed = ann.delete(f"{path}/pause").json()

        assert ("paused", None, []) == (paused["state"], paused["nextRunAt"], paused["nextRuns"])
        assert paused == again
        assert ("active", 5, 3) == (resumed["state"], len(resumed["nextRuns"]), resumed["rev"])

    def test_deleting_it_leaves_nothing_to_fire(self, world: World, ann: Caller):
        """Its timers go with it."""
        job = created(ann)
        ann.post(f"{HOME}/{job['id']}:run")
        deleted = ann.delete(f"{HOME}/{job['id']}")
        timers = [each["subject"].get("jobId") for each in world.documents("timers")]

        assert 204 == deleted.status_code
        assert 404 == ann.get(f"{HOME}/{job['id']}").status_code
        assert job["id"] not in timers

    def test_each_change_is_taken_back(self, world: World, ann: Caller):
        """Set up, changed, paused, deleted: after the undo it is as it was before."""
        path = f"{HOME}/{created(ann)['id']}"
        hourly = {"schedule": {"kind": "interval", "everyMinutes": 60}, "retries": 0}
        for act in (
            lambda: ann.patch(path, hourly),
            lambda: ann.post(f"{path}/pause"),
            lambda: ann.delete(path),
        ):
            before = ann.get(path).json()
            done = act()
            undone = ann.post("/undo", {"token": done.headers["Undo-Token"]})
            after = ann.get(path).json()

            assert (200, []) == (undone.status_code, undone.json()["kept"])
            stamps = {"rev": after["rev"], "updatedAt": after["updatedAt"]}
            assert {**before, **stamps} == after
        new = ann.post(HOME, NIGHTLY)
        undone = ann.post("/undo", {"token": new.headers["Undo-Token"]})
        assert 404 == ann.get(f"{HOME}/{new.json()['id']}").status_code

    def test_handlers_say_what_they_take(self, ann: Caller):
        """With a JSON Schema of their arguments; those of the platform are not among them."""
        found = {each["name"]: each for each in ann.get(f"{HOME}:handlers").json()["items"]}

        assert {"archiveDone", "createTask", "emptyTrash", "remindMembers"} == set(found)
        schema = found["emptyTrash"]["arguments"]
        assert ["olderThanDays"] == schema["required"]
        assert "integer" == schema["properties"]["olderThanDays"]["type"]

    def test_what_acts_cost(self, ann: Caller):
        """Authorisation takes nothing once the cache holds the membership."""
        ann.get("/workspaces/me")
        made = ann.post(HOME, NIGHTLY)
        path = f"{HOME}/{made.json()['id']}"
        costs = {
            "create": cost_of(made),  # A count, then the job and its timer.
            "get": cost_of(ann.get(path)),
            "list": cost_of(ann.get(HOME)),
            "rename": cost_of(ann.patch(path, {"name": "B"})),
            "pause": cost_of(ann.post(f"{path}/pause")),
            "runs": cost_of(ann.get(f"{path}/runs")),
            "run": cost_of(ann.post(f"{path}:run")),
            "delete": cost_of(ann.delete(f"{HOME}/{created(ann)['id']}")),
        }

        assert {
            "create": (2, 1, 2),
            "get": (1, 1, 0),
            "list": (1, 1, 0),
            "rename": (2, 1, 1),
            "pause": (2, 1, 2),
            "runs": (2, 2, 0),
            "run": (2, 2, 3),
            "delete": (2, 1, 2),
        } == costs


class TestRunning:
    """`:run`, `:rehearse`, `:backfill`, `/runs` and `:retry`, with handlers that do something."""

    def test_by_its_schedule(self, world: World, ann: Caller):
        """Each run makes its task, and says so."""
        job = created(ann, **CREATE_TASK)
        world.pass_time(timedelta(minutes=61))
        world.pass_time(timedelta(minutes=60))
        runs = ann.get(f"{HOME}/{job['id']}/runs").json()["items"]
        tasks = ann.get("/workspaces/me/tasks").json()["items"]
        after = ann.get(f"{HOME}/{job['id']}").json()

        assert [("done", "schedule", 1)] * 2 == [
            (run["outcome"], run["triggeredBy"], run["items"]) for run in runs
        ]
        assert ["Plan the week"] * 2 == [task["title"] for task in tasks]
        assert (runs[0]["id"], "done") == (after["lastRun"]["runId"], after["lastRun"]["outcome"])

    def test_now(self, world: World, ann: Caller):
        """202, with the run; also of a paused job. It says who ran it."""
        job = created(ann, **CREATE_TASK)
        ann.post(f"{HOME}/{job['id']}/pause")
        begun = ann.post(f"{HOME}/{job['id']}:run")
        again = ann.post(f"{HOME}/{job['id']}:run")
        world.settle()
        (run,) = ann.get(f"{HOME}/{job['id']}/runs").json()["items"]

        assert (202, "running", ann.uid) == (
            begun.status_code,
            begun.json()["outcome"],
            begun.json()["triggeredBy"],
        )
        assert 409 == again.status_code  # Its overlap is "skip", and it was at work.
        assert (begun.json()["id"], "done") == (run["id"], run["outcome"])
        assert 1 == len(ann.get("/workspaces/me/tasks").json()["items"])

    def test_looking_ahead(self, ann: Caller):
        """As many instants as asked for, also while it is paused; nothing runs."""
        job = created(ann, schedule=WEEKDAYS)
        ann.post(f"{HOME}/{job['id']}/pause")
        found = ann.post(f"{HOME}/{job['id']}:rehearse", {"count": 12}).json()["items"]

        assert (12, job["nextRuns"]) == (len(found), found[:5])
        assert [] == ann.get(f"{HOME}/{job['id']}/runs").json()["items"]

    def test_back_filling(self, world: World, ann: Caller):
        """Slots of yesterday that were never run are, once, one after the other."""
        job = created(
            ann, **CREATE_TASK | {"schedule": {"kind": "cron", "expression": "0 * * * *"}}
        )
        now = world.clock.now()
        yesterday = {
            "from": f"{now - timedelta(hours=5):%Y-%m-%dT%H:%M:%SZ}",
            "to": f"{now - timedelta(hours=2):%Y-%m-%dT%H:%M:%SZ}",
        }
        path = f"{HOME}/{job['id']}"
        begun = ann.post(f"{path}:backfill", yesterday)
        world.settle()
        again = ann.post(f"{path}:backfill", yesterday)
        runs = ann.get(f"{path}/runs").json()["items"]

        assert (202, []) == (begun.status_code, again.json()["items"])
        assert 3 <= len(begun.json()["items"]) == len(runs)
        assert {("done", ann.uid)} == {(run["outcome"], run["triggeredBy"]) for run in runs}
        assert len(runs) == len(ann.get("/workspaces/me/tasks").json()["items"])

    def test_a_back_fill_is_bounded(self, world: World, ann: Caller):
        """Not of what is to come, not of long ago, not of too much."""
        path = f"{HOME}/{created(ann, schedule={'kind': 'cron', 'expression': '0 * * * *'})['id']}"
        now = world.clock.now()
        stretches = [(0, 1), (-61 * 24, -60 * 24), (-200, 0), (-1, -2)]
        answers = [
            ann.post(
                f"{path}:backfill",
                {
                    "from": f"{now + timedelta(hours=since):%Y-%m-%dT%H:%M:%SZ}",
                    "to": f"{now + timedelta(hours=until):%Y-%m-%dT%H:%M:%SZ}",
                },
            )
            for since, until in stretches
        ]

        assert [422] * 4 == [answer.status_code for answer in answers]
        assert ["/to", "/from", "/to", "/from"] == [
            answer.json()["errors"][0]["pointer"] for answer in answers
        ]

    def test_once_more(self, world: World, ann: Caller):
        """A run that failed goes on under its own id; one that ended well is left alone."""
        nowhere = {"arguments": {"title": "A", "projectId": "gone"}}
        path = f"{HOME}/{created(ann, **CREATE_TASK | nowhere)['id']}"
        good = f"{HOME}/{created(ann)['id']}"
        begun = [ann.post(f"{each}:run").json()["id"] for each in (path, good)]
        world.settle()
        ended = [ann.get(f"{each}/runs").json()["items"][0] for each in (path, good)]
        retried = [
            ann.post(f"{each}/runs/{run}:retry")
            for each, run in zip((path, good), begun, strict=True)
        ]

        assert [("failed", "validation-failed"), ("done", None)] == [
            (run["outcome"], run["error"]) for run in ended
        ]
        assert [202, 409] == [answer.status_code for answer in retried]
        assert (begun[0], "running") == (retried[0].json()["id"], retried[0].json()["outcome"])


class TestPlatform:
    """`/jobs`"""

    def test_only_admins_find_them(self, world: World, ann: Caller, ada: Caller):
        """Support may see people, not jobs; others learn of nothing."""
        support = world.person("Sue")
        world.services.admin.appoint_first(support.uid, StaffRole.SUPPORT)

        assert [200, 403, 404] == [each.get("/jobs").status_code for each in (ada, support, ann)]

    def test_a_job_of_one_is_none_of_the_others(self, ann: Caller, ada: Caller):
        """Neither by the platform's routes nor by another workspace's."""
        ours = created(ann)["id"]
        theirs = created(ada, "/jobs", handler="recountTotals", arguments={})["id"]

        assert [404] * 3 == [
            ada.get(f"/jobs/{ours}").status_code,
            ada.get(f"{HOME}/{ours}").status_code,
            ann.get(f"{HOME}/{theirs}").status_code,
        ]

    def test_where_a_sweep_has_come_is_no_job(self, world: World, ann: Caller, ada: Caller):
        """Such notes lie beside the jobs; whoever guesses their names finds nothing."""
        world.write("jobs/sweepReactions", {"updatedAt": world.clock.now(), "fence": 1})

        assert [404] * 4 == [
            ann.get(f"{HOME}/sweepReactions").status_code,
            ada.get("/jobs/sweepReactions").status_code,
            ada.get("/jobs/sweepReactions/runs").status_code,
            ada.post("/jobs/sweepReactions:run").status_code,
        ]

    def test_the_built_in_ones_are_set_up_once(self, world: World, ada: Caller):
        """By any number of processes; what an admin has changed of them stays."""
        seeded = [world.services.job_sweep.run() for _ in range(2)]
        paused = ada.post("/jobs/recountTotals/pause")
        deleted = ada.delete("/jobs/recountTotals")
        world.services.job_sweep._has_seeded = False  # As in a process that has just started.
        again = world.services.job_sweep.run()
        found = {job["id"]: job for job in ada.get("/jobs").json()["items"]}

        assert ([len(BUILT_IN), 0], 0) == (seeded, again)
        assert {each.handler for each in BUILT_IN} == set(found)
        assert (200, "paused") == (paused.status_code, found["recountTotals"]["state"])
        assert (409, True) == (deleted.status_code, found["recountTotals"]["isBuiltIn"])

    def test_what_admins_do_is_recorded(self, ada: Caller):
        """In the audit log, with the job and the act; there is no other way back."""
        job = ada.post("/jobs", {**NIGHTLY, "handler": "recountTotals", "arguments": {}})
        path = f"/jobs/{job.json()['id']}"
        ada.post(f"{path}/pause")
        ada.post(f"{path}:run")
        entries = ada.get("/admin/audit", params={"action": "job.kept"}).json()["items"]

        assert "Undo-Token" not in job.headers
        assert {"created", "paused", "run"} == {each["details"]["act"] for each in entries}
        assert {job.json()["id"]} == {each["details"]["jobId"] for each in entries}


class TestPurging:
    """Jobs do not lie below their workspace, and go with it all the same."""

    def test_a_workspace_takes_its_jobs_along(self, world: World, ann: Caller, ada: Caller):
        """With their runs, whose arguments hold what people wrote, and their timers."""
        team = world.team(ann)
        job_id = created(ann, f"/workspaces/{team}/jobs")["id"]
        ann.post(f"/workspaces/{team}/jobs/{job_id}:run")
        world.settle()
        other = created(ada, "/jobs", handler="recountTotals", arguments={})["id"]
        world.services.purge.empty_workspace(team)
        timers = [each["subject"].get("jobId") for each in world.documents("timers")]

        assert ([], None) == (
            world.documents(f"jobs/{job_id}/runs"),
            world.document(f"jobs/{job_id}"),
        )
        assert (False, True) == (job_id in timers, other in timers)
