"""After somebody left: assigned to nothing, watching nothing, whatever fails on the way."""

from datetime import timedelta

import pytest

from backend.kit.documents import Create
from backend.workspaces.departed import BATCH, LAST_LOOK
from local.cloudtasks import Fault, FaultKind
from tests.api.factories import app_task, task_fields
from tests.api.test_membership import people
from tests.api.test_spaces import space_in
from tests.api.world import Caller, World, cost_of

FIRE = "/internal/jobs/fire"


def named_in(world: World, workspace: str, person: Caller) -> list[str]:
    """The tasks that somebody is assigned to, or watches."""
    return sorted(
        task["title"]
        for task in world.documents(f"workspaces/{workspace}/tasks")
        if person.uid in (*task["assigneeIds"], *task["watcherIds"])
    )


def many_tasks(world: World, workspace: str, owner: Caller, person: Caller, count: int) -> None:
    """Tasks of somebody, without waiting for what follows."""
    fields = task_fields(world, by=owner, assignees=[person])
    writes = [
        Create(f"workspaces/{workspace}/tasks/task-{number:04}", fields) for number in range(count)
    ]
    for first in range(0, count, 400):
        assert world.services.ports.store.attempt(writes[first : first + 400])


class TestAssignments:
    """What the departure's job does."""

    def test_they_go_shortly_after(self, world: World):
        """Assignments and watches, also of what is archived or in the trash; others stay."""
        ann, bob, cid = people(world, "Ann", "Bob", "Cid")
        team = world.team(ann, bob, cid)
        path = f"/workspaces/{team}/tasks"
        ids = [
            ann.post(path, {"title": title, **named}).json()["id"]
            for title, named in (
                ("both", {"assigneeIds": [cid.uid, bob.uid], "watcherIds": [bob.uid, ann.uid]}),
                ("watched", {"watcherIds": [bob.uid]}),
                ("trash", {"assigneeIds": [bob.uid]}),
                ("theirs", {"assigneeIds": [cid.uid]}),
            )
        ]
        ann.delete(f"{path}/{ids[2]}")
        world.settle()

        bob.post(f"/workspaces/{team}:leave")
        world.settle(times=2)

        assert [] == named_in(world, team, bob)
        both = world.document(f"workspaces/{team}/tasks/{ids[0]}")
        assert ([cid.uid], [ann.uid]) == (both["assigneeIds"], both["watcherIds"])
        assert (2, bob.uid) == (both["rev"], both["updatedBy"])
        assert 1 == world.document(f"workspaces/{team}/tasks/{ids[3]}")["rev"]
        history = world.documents(f"workspaces/{team}/tasks/{ids[0]}/history")
        assert {"assigneeIds", "watcherIds"} <= {name for each in history for name in each["patch"]}

    def test_it_is_a_change_by_whoever_removed_them(self, world: World):
        """As the history of each task says."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        task_id = app_task(world, team, by=bob, assignees=[bob])

        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.settle()

        task = world.document(f"workspaces/{team}/tasks/{task_id}")
        assert ([], 2, ann.uid) == (task["assigneeIds"], task["rev"], task["updatedBy"])

    def test_spaces_are_included(self, world: World):
        """With everything that was assigned there."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        space = space_in(world, team, ann, bob)
        app_task(world, space, by=ann, assignees=[bob])

        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.settle()

        assert [] == named_in(world, space, bob)

    def test_other_workspaces_are_not_touched(self, world: World):
        """Neither their own nor another team's."""
        ann, bob = people(world, "Ann", "Bob")
        team, other = world.team(ann, bob), world.team(ann, bob)
        for workspace in (other, bob.uid):
            app_task(world, workspace, by=bob, assignees=[bob])

        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.settle(times=2)

        assert [["A task"]] * 2 == [named_in(world, each, bob) for each in (other, bob.uid)]

    def test_an_end_takes_them_too(self, world: World):
        """By nobody: the system."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        until = world.clock.now().replace(microsecond=0) + timedelta(hours=1)
        ann.patch(f"/workspaces/{team}/members/{bob.uid}", {"expireAt": f"{until:%FT%TZ}"})
        task_id = app_task(world, team, by=ann, assignees=[bob])
        world.settle()

        world.pass_time(timedelta(hours=1))

        task = world.document(f"workspaces/{team}/tasks/{task_id}")
        assert ([], "system") == (task["assigneeIds"], task["updatedBy"])

    def test_an_unreadable_task_lets_them_go_too(self, world: World):
        """And does not keep the job busy for ever."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        task_id = app_task(world, team, by=ann, assignees=[bob])
        document = world.database.document(f"workspaces/{team}/tasks/{task_id}")
        document.update({"status": "undecided"})

        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.settle()
        world.pass_time(LAST_LOOK)

        assert [] == document.get().get("assigneeIds")
        assert [] == world.documents("timers")

    def test_a_series_goes_on_without_them(self, world: World):
        """Its next task is nobody's."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        weekly = {"rule": "FREQ=WEEKLY", "start": {"date": "2027-03-01", "tz": "UTC"}}
        series = ann.post(
            f"/workspaces/{team}/series",
            {"title": "A", "assigneeIds": [bob.uid, ann.uid], "watcherIds": [bob.uid], **weekly},
        ).json()
        world.settle()
        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.settle()

        ann.post(f"/workspaces/{team}/tasks/{series['firstTaskId']}/completion")
        world.settle()

        following = world.document(f"workspaces/{team}/tasks/{series['id']}-20270308")
        assert ([ann.uid], []) == (following["assigneeIds"], following["watcherIds"])


class TestFailures:
    """The queue and the clock at their worst."""

    @pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one after the other"])
    def test_a_doubled_job_changes_each_task_once(self, world: World, at_once: bool):
        """The second finds nothing."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        many_tasks(world, team, ann, bob, 30)
        world.settle()
        fault = Fault(FaultKind.DUPLICATE, path=FIRE, count=0, copies=3, concurrent=at_once)
        world.tasks.script(fault)

        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.settle()

        tasks = world.documents(f"workspaces/{team}/tasks")
        assert {("[]", 2)} == {(repr(task["assigneeIds"]), task["rev"]) for task in tasks}

    def test_a_lost_job_is_healed(self, world: World):
        """Access has ended all the same; the assignments follow."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        app_task(world, team, by=ann, assignees=[bob])
        world.settle()
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=1))

        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.settle()
        before = bob.get(f"/workspaces/{team}").status_code, named_in(world, team, bob)
        world.pass_time(timedelta(minutes=3))

        assert (404, ["A task"]) == before
        assert [] == named_in(world, team, bob)

    def test_the_request_costs_the_same_with_hundreds(self, world: World):
        """Membership, timer and record: the tasks are the job's, in bounded commits."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        many_tasks(world, team, ann, bob, 2 * BATCH + 50)

        removed = ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.tasks.settle()

        assert (204, 3) == (removed.status_code, cost_of(removed)[2])
        assert [] == named_in(world, team, bob)

    def test_a_job_goes_on_where_another_was_killed(self, world: World, monkeypatch):
        """After any of its commits."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        many_tasks(world, team, ann, bob, 3 * BATCH)
        store = world.services.ports.store
        commit, commits = type(store)._commit, []

        def killed_after_one(self, writes):
            found = commit(self, writes)
            if any(getattr(write, "of", None) and "/tasks/" in write.of.path for write in writes):
                commits.append(len(writes))
                if len(commits) == 1:
                    raise KeyboardInterrupt
            return found

        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=0))
        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        (timer,) = world.database.collection("timers").stream()
        body = {"timerId": timer.id, "kind": "departure", **timer.get("subject")}
        monkeypatch.setattr(type(store), "_commit", killed_after_one)
        with pytest.raises(KeyboardInterrupt):
            world.services.firing.fire(body)
        left = len(named_in(world, team, bob))
        world.services.firing.fire(body)

        assert 2 * BATCH == left
        assert [] == named_in(world, team, bob)
        assert all(size <= 400 for size in commits)

    def test_more_than_one_job_has_time_for(self, world: World, monkeypatch):
        """Another job goes on, at once."""
        monkeypatch.setattr("backend.workspaces.departed.ROUNDS", 1)
        monkeypatch.setattr("backend.workspaces.departed.BATCH", 10)
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        many_tasks(world, team, ann, bob, 45)
        world.settle()

        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.settle(times=2)
        world.pass_time(LAST_LOOK * 2)

        assert [] == named_in(world, team, bob)
        assert [] == world.documents("timers")

    def test_what_was_assigned_late_goes_too(self, world: World):
        """By a process that still held the membership: the job looks once more."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.settle()
        app_task(world, team, by=ann, assignees=[bob])  # As if it had been let through.
        world.settle()
        late = named_in(world, team, bob)

        world.pass_time(LAST_LOOK)

        assert ["A task"] == late
        assert [] == named_in(world, team, bob)
        assert [] == world.inbox(bob)
        assert [] == world.documents("timers")

    def test_who_is_back_before_the_job_keeps_theirs(self, world: World):
        """A late alarm takes nothing from a member."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        app_task(world, team, by=ann, assignees=[bob])
        world.settle()
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=1))
        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.join(team, bob)

        world.pass_time(timedelta(minutes=3))
        world.pass_time(timedelta(minutes=3))

        assert ["A task"] == named_in(world, team, bob)
        assert [] == world.documents("timers")


class TestNonMembers:
    """What else must never reach or name somebody who has left."""

    def test_nobody_outside_is_assigned_or_told(self, world: World):
        """The API refuses it; what the app writes all the same notifies nobody."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.settle()

        refused = ann.post(f"/workspaces/{team}/tasks", {"title": "A", "assigneeIds": [bob.uid]})
        app_task(world, team, by=ann, assignees=[bob])
        world.settle()

        assert (422, "not-a-member") == (refused.status_code, refused.json()["errors"][0]["code"])
        assert [] == world.inbox(bob)
