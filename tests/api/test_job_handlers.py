"""What the jobs of workspaces do: each twice, late, and on behalf of who may."""

from datetime import timedelta
from typing import Any, ClassVar

import pytest

from backend.accounts.model import DISABLED
from backend.adapters.firestore import metered
from backend.jobs.doing.reminding import PAGE
from backend.kit.errors import InvalidArgument, NotFound, PermissionDenied
from tests.api.job_runs import a_run, carried_out, handler_of, one_step
from tests.api.world import Caller, World

DAY = timedelta(days=1)


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def made(caller: Caller, workspace_id: str = "me", **body: Any) -> dict[str, Any]:
    answer = caller.post(f"/workspaces/{workspace_id}/tasks", {"title": "Report", **body})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def done(caller: Caller, **body: Any) -> str:
    task = made(caller, **body)
    caller.post(f"/workspaces/me/tasks/{task['id']}/completion")
    return str(task["id"])


def fields_of(world: World, workspace_id: str, task_id: str) -> dict[str, Any] | None:
    return world.document(f"workspaces/{workspace_id}/tasks/{task_id}")


class TestArchiveDone:
    """archiveDone {olderThanDays, boardId?}"""

    def test_it_archives_what_was_done_long_enough_ago(self, world: World, ann: Caller):
        """What is open, or was done lately, stays."""
        old = done(ann)
        world.clock.advance(15 * DAY)
        new, open_one = done(ann), made(ann)["id"]
        handler = handler_of(world, "archiveDone")

        items, _ = carried_out(handler, a_run(world, handler, ann, olderThanDays=14))
        world.settle()

        archived = [fields_of(world, ann.uid, each)["archivedAt"] for each in (old, new, open_one)]
        assert (1, [world.clock.now(), None, None]) == (items, archived)
        history = ann.get(f"/workspaces/me/tasks/{old}/history").json()["items"]
        assert [ann.uid] == sorted({each["actorUid"] for each in history})

    def test_a_board_limits_it(self, world: World, ann: Caller):
        """Done tasks elsewhere stay."""
        board = ann.post("/workspaces/me/boards", {"name": "Sprint"}).json()["id"]
        on_board, elsewhere = done(ann, boardId=board), done(ann)
        world.clock.advance(DAY)
        handler = handler_of(world, "archiveDone")

        carried_out(handler, a_run(world, handler, ann, olderThanDays=0, boardId=board))

        assert fields_of(world, ann.uid, on_board)["archivedAt"] is not None
        assert fields_of(world, ann.uid, elsewhere)["archivedAt"] is None

    def test_a_second_run_of_the_same_finds_nothing(self, world: World, ann: Caller):
        """Killed behind its commit, the step is done again."""
        task = done(ann)
        world.clock.advance(DAY)
        handler = handler_of(world, "archiveDone")
        run = a_run(world, handler, ann, olderThanDays=0)
        carried_out(handler, run)
        before = fields_of(world, ann.uid, task)
        world.clock.advance(DAY)

        items, _ = carried_out(handler, run)

        assert (0, before) == (items, fields_of(world, ann.uid, task))

    def test_it_reads_only_what_it_archives(self, world: World, ann: Caller):
        """A read and a write for each, and whoever it acts for; what stays costs nothing."""
        for _ in range(3):
            done(ann)
        for _ in range(5):
            made(ann)
        world.clock.advance(DAY)
        handler = handler_of(world, "archiveDone")
        run = a_run(world, handler, ann, olderThanDays=0)
        ann.get("/workspaces/me/tasks")  # The membership is in the cache.

        with metered() as usage:
            carried_out(handler, run)

        assert (3, 4, 3) == (usage.rpcs, usage.reads, usage.writes)


class TestEmptyTrash:
    """emptyTrash {olderThanDays}"""

    def test_it_deletes_what_was_thrown_away_long_enough_ago(self, world: World, ann: Caller):
        """With all that belongs to it, before its 30 days are over."""
        old, new, kept = (made(ann)["id"] for _ in range(3))
        ann.patch(f"/workspaces/me/tasks/{old}", {"description": "d"})
        ann.delete(f"/workspaces/me/tasks/{old}")
        world.settle()
        world.clock.advance(8 * DAY)
        ann.delete(f"/workspaces/me/tasks/{new}")
        world.settle()
        handler = handler_of(world, "emptyTrash")

        items, _ = carried_out(handler, a_run(world, handler, ann, olderThanDays=7))
        world.settle(times=2)

        there = [fields_of(world, ann.uid, each) is not None for each in (old, new, kept)]
        assert (1, [False, True, True]) == (items, there)
        assert [] == world.documents(f"workspaces/{ann.uid}/tasks/{old}/history")
        assert {"allTasks": 2, "openTasks": 1} == {
            name: world.document(f"workspaces/{ann.uid}")["counters"][name]
            for name in ("allTasks", "openTasks")
        }

    def test_what_is_restored_in_time_stays(self, world: World, ann: Caller):
        """Restored between the look and the commit: the person wins."""
        task = made(ann)["id"]
        ann.delete(f"/workspaces/me/tasks/{task}")
        ann.post(f"/workspaces/me/tasks/{task}:restore")
        handler = handler_of(world, "emptyTrash")

        items, _ = carried_out(handler, a_run(world, handler, ann, olderThanDays=0))

        assert (0, None) == (items, fields_of(world, ann.uid, task)["deletedAt"])

    def test_a_change_that_nobody_reacted_to_comes_first(self, world: World, ann: Caller):
        """Else the totals would keep a task that is gone."""
        task = made(ann)["id"]
        ann.delete(f"/workspaces/me/tasks/{task}")  # No doorbell, no sweep.
        world.clock.advance(DAY)
        handler = handler_of(world, "emptyTrash")
        run = a_run(world, handler, ann, olderThanDays=0)

        items, _ = carried_out(handler, run)
        again, _ = carried_out(handler, run)
        world.settle(times=2)

        assert (1, 0, None) == (items, again, fields_of(world, ann.uid, task))
        assert 0 == world.document(f"workspaces/{ann.uid}")["counters"]["allTasks"]


class TestCreateTask:
    """createTask {title, …}"""

    ARGUMENTS: ClassVar[dict[str, Any]] = {
        "title": "Water the plants",
        "priority": "high",
        "checklist": [{"id": "a", "text": "Ficus", "isDone": False}],
        "due": {"inDays": 2, "time": "09:00", "tz": "Europe/Berlin"},
    }

    def test_it_creates_one_task_a_run(self, world: World, ann: Caller):
        """However often the step runs; the next run makes another."""
        handler = handler_of(world, "createTask")
        run = a_run(world, handler, ann, **self.ARGUMENTS)

        first, second = one_step(handler, run), one_step(handler, run)
        world.clock.advance(DAY)
        third = one_step(handler, a_run(world, handler, ann, **self.ARGUMENTS))

        assert (1, None) == (first.items, first.cursor)
        assert first.result == second.result != third.result
        tasks = world.documents(f"workspaces/{ann.uid}/tasks")
        assert [("Water the plants", ann.uid, 3)] * 2 == [
            (each["title"], each["createdBy"], each["priority"]) for each in tasks
        ]

    def test_it_costs_what_a_request_would(self, world: World, ann: Caller):
        """And two reads: for whom it acts, and whether it was made already."""
        handler = handler_of(world, "createTask")
        run = a_run(world, handler, ann, title="T")
        ann.get("/workspaces/me/tasks")  # The membership is in the cache.

        with metered() as usage:
            one_step(handler, run)

        assert (3, 2, 1) == (usage.rpcs, usage.reads, usage.writes)

    def test_it_is_due_by_the_day_of_the_run(self, world: World, ann: Caller):
        """In the zone of the arguments: a run that comes late means the same day."""
        handler = handler_of(world, "createTask")
        run = a_run(world, handler, ann, **self.ARGUMENTS)
        world.clock.advance(5 * DAY)

        step = one_step(handler, run)

        due = fields_of(world, ann.uid, str(step.result["taskId"]))["due"]
        assert ("zoned", "09:00", "Europe/Berlin") == (due["kind"], due["time"], due["tz"])
        assert due["date"] in {(run.slot + days * DAY).date().isoformat() for days in (2, 3)}

    def test_who_has_left_is_assigned_nothing(self, world: World, ann: Caller):
        """The others are: a job goes on when people go, and says whom it has left out."""
        bob, eve = world.person("Bob"), world.person("Eve")
        handler = handler_of(world, "createTask")
        people = {"assigneeIds": [ann.uid, bob.uid], "watcherIds": [eve.uid, ann.uid]}

        step = one_step(handler, a_run(world, handler, ann, title="T", **people))
        world.clock.advance(DAY)
        whole = one_step(handler, a_run(world, handler, ann, title="T", assigneeIds=[ann.uid]))

        task = fields_of(world, ann.uid, str(step.result["taskId"]))
        assert ([ann.uid], [ann.uid]) == (task["assigneeIds"], task["watcherIds"])
        assert {"assigneeIds": [bob.uid], "watcherIds": [eve.uid]} == step.result["leftOut"]
        assert {"taskId"} == set(whole.result)

    def test_it_is_set_up_for_members_alone(self, world: World, ann: Caller):
        """Whoever is named must belong to the workspace, as in a task that somebody creates."""
        eve, home = world.person("Eve"), "/workspaces/me/jobs"
        daily = {"kind": "interval", "everyMinutes": 1440}
        job = {"name": "A", "handler": "createTask", "arguments": {"title": "T"}, "schedule": daily}
        strangers = {"title": "T", "assigneeIds": [ann.uid, eve.uid], "watcherIds": [eve.uid]}
        path = f"{home}/{ann.post(home, job).json()['id']}"

        refused = [
            ann.post(home, {**job, "arguments": strangers}),
            ann.patch(path, {"arguments": strangers}),
        ]
        taken = ann.patch(path, {"arguments": {"title": "T", "assigneeIds": [ann.uid]}})

        pointers = ["/arguments/assigneeIds/1", "/arguments/watcherIds/0"]
        assert [422, 422, 200] == [each.status_code for each in (*refused, taken)]
        assert [[(each, "not-a-member") for each in pointers]] * 2 == [
            [(fault["pointer"], fault["code"]) for fault in each.json()["errors"]]
            for each in refused
        ]
        assert 2 == taken.json()["rev"]

    def test_what_it_refers_to_must_be_there(self, world: World, ann: Caller):
        """The run fails, and its owner hears of it."""
        handler = handler_of(world, "createTask")

        with pytest.raises(InvalidArgument):
            one_step(handler, a_run(world, handler, ann, title="T", boardId="gone"))

    @pytest.mark.parametrize(
        ("arguments", "pointer"),
        [
            ({}, "/arguments/title"),
            ({"title": "T", "status": "done"}, "/arguments/status"),
            ({"title": "T", "due": {"inDays": -1, "tz": "UTC"}}, "/arguments/due/inDays"),
            ({"title": "T", "due": {"inDays": 1, "tz": "Mars"}}, "/arguments/due/tz"),
            ({"title": "T", "due": {"inDays": 1, "tz": "UTC", "time": "9"}}, "/arguments/due/time"),
        ],
    )
    def test_other_arguments_are_refused(
        self, world: World, ann: Caller, arguments: dict[str, Any], pointer: str
    ):
        """When the job is set up, and not when it first runs."""
        handler = handler_of(world, "createTask")

        with pytest.raises(InvalidArgument) as refused:
            one_step(handler, a_run(world, handler, ann, **arguments))

        assert [pointer] == [fault.pointer for fault in refused.value.faults]


class TestRemindMembers:
    """remindMembers {message, title?, roles?}"""

    def test_every_member_is_told_once_a_run(self, world: World, ann: Caller):
        """In the inbox and on the phone, in the words of the arguments."""
        bob, eve = world.person("Bob"), world.person("Eve")
        team = world.team(ann, bob)
        phone = bob.has_phone()
        handler = handler_of(world, "remindMembers")
        run = a_run(world, handler, ann, team, title="Stand-up", message="In {{ five }} minutes")

        first, _ = carried_out(handler, run)
        carried_out(handler, run)
        world.settle()

        told = [
            [(each["category"], each["title"], each["body"]) for each in world.inbox(person)]
            for person in (ann, bob, eve)
        ]
        announced = [("announcement", "Stand-up", "In {{ five }} minutes")]
        assert (2, [announced, announced, []]) == (first, told)
        assert 1 == len(world.fcm.messages(phone))

    def test_roles_limit_it(self, world: World, ann: Caller):
        """Also whose membership is over hears nothing."""
        bob, eve, zoe = (world.person(name) for name in ("Bob", "Eve", "Zoe"))
        team = world.team(ann, bob)
        world.join(team, eve, "viewer")
        world.join(team, zoe, "viewer", expire_at=world.clock.now() - DAY)
        handler = handler_of(world, "remindMembers")

        items, _ = carried_out(
            handler, a_run(world, handler, ann, team, message="M", roles=["viewer"])
        )

        assert (1, [0, 0, 1, 0]) == (
            items,
            [len(world.inbox(person)) for person in (ann, bob, eve, zoe)],
        )

    def test_many_members_are_told_in_pages(self, world: World, ann: Caller):
        """A commit holds at most 450 writes; each person has six."""
        team = world.team(ann)
        batch = world.database.batch()
        stored = world.document(f"workspaces/{team}/members/{ann.uid}")
        for number in range(PAGE):
            uid = f"person-{number:03}"
            path = f"workspaces/{team}/members/{uid}"
            batch.set(world.database.document(path), {**stored, "uid": uid, "role": "member"})
        batch.commit()
        handler = handler_of(world, "remindMembers")
        run = a_run(world, handler, ann, team, message="M")

        first = one_step(handler, run)
        second = one_step(handler, run, first.cursor)

        assert [(PAGE, True), (1, False)] == [
            (each.items, each.cursor is not None) for each in (first, second)
        ]


class TestOnWhoseBehalf:
    """`run.by`, as they stand when the run comes."""

    ARGUMENTS: ClassVar[dict[str, Any]] = {
        "archiveDone": {"olderThanDays": 1},
        "createTask": {"title": "T"},
        "remindMembers": {"message": "M"},
        "emptyTrash": {"olderThanDays": 1},
    }

    @pytest.mark.parametrize("name", ARGUMENTS)
    def test_who_has_left_does_nothing_any_more(self, world: World, ann: Caller, name: str):
        """Their job fails, which the owner hears of."""
        bob, handler = world.person("Bob"), handler_of(world, name)

        with pytest.raises(NotFound):
            one_step(handler, a_run(world, handler, bob, ann.uid, **self.ARGUMENTS[name]))

    @pytest.mark.parametrize("name", ARGUMENTS)
    def test_who_may_only_look_does_nothing(self, world: World, ann: Caller, name: str):
        """As in a request of their own."""
        bob = world.person("Bob")
        team = world.team(ann)
        world.join(team, bob, "viewer")
        handler = handler_of(world, name)

        with pytest.raises(PermissionDenied):
            one_step(handler, a_run(world, handler, bob, team, **self.ARGUMENTS[name]))

    @pytest.mark.parametrize("name", ARGUMENTS)
    def test_who_is_locked_out_does_nothing(self, world: World, ann: Caller, name: str):
        """Not even in what is their own, until staff let them in again."""
        handler = handler_of(world, name)
        world.database.document(f"users/{ann.uid}").update({"state": DISABLED})

        with pytest.raises(PermissionDenied) as refused:
            one_step(handler, a_run(world, handler, ann, **self.ARGUMENTS[name]))

        assert "account-disabled" == refused.value.code
