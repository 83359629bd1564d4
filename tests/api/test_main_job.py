"""The main job: a change, whoever made it, reaches the people it concerns, once."""

from datetime import timedelta

from tests.api.factories import app_task
from tests.api.lateness import mails_pass, window_passes
from tests.api.world import World


class TestAssignment:
    """From a task the app wrote itself to the assignee's phone."""

    def test_a_direct_write_reaches_the_assignee(self, world: World):
        """No doorbell rang, so the sweep finds it: inbox, badge, decisions and push follow."""
        ann, bob = world.person("Ann"), world.person("Bob")
        phone = bob.has_phone()
        team = world.team(ann, bob)

        app_task(world, team, by=ann, title="Ship it", assignees=[bob])
        world.settle()

        assert [each["category"] for each in world.inbox(bob)] == ["assigned"]
        assert world.inbox(bob)[0]["title"] == "Ann assigned you a task"
        assert world.inbox(bob)[0]["body"] == "Ship it"
        assert world.document(f"users/{bob.uid}/counters/inbox") == {
            "unread": 1,
            "unreadByCategory": {"assigned": 1},
        }
        assert _pushed(world, phone) == ["Ann assigned you a task"]
        assert world.only_decision(bob, "push")["decision"] == "sent"
        assert world.inbox(ann) == []

    def test_everything_may_run_twice(self, world: World):
        """Doorbells, sweeps and jobs again and again leave one of each."""
        ann, bob = world.person("Ann"), world.person("Bob")
        phone = bob.has_phone()
        team = world.team(ann, bob)

        task_id = app_task(world, team, by=ann, assignees=[bob])
        for _ in range(3):
            world.ring(team, task_id)
        world.settle(times=3)

        assert len(world.inbox(bob)) == 1
        assert len(_pushed(world, phone)) == 1
        assert world.document(f"workspaces/{team}")["counters"]["openTasks"] == 1
        events = world.documents(f"workspaces/{team}/events")
        assert sorted(each["type"] for each in events) == ["task.assigned", "task.created"]

    def test_who_left_the_workspace_hears_nothing(self, world: World):
        """Membership is looked at when the notice is filed, not when the task was written."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)

        app_task(world, team, by=ann, assignees=[bob])
        assert ann.delete(f"/workspaces/{team}/members/{bob.uid}").status_code == 204
        world.settle()

        assert world.inbox(bob) == []


class TestCompletion:
    """POST and DELETE …/tasks/{t}/completion"""

    def test_watchers_hear_once_and_the_actor_never(self, world: World):
        """A repeated call changes nothing and tells nobody again."""
        ann, bob, eve = world.person("Ann"), world.person("Bob"), world.person("Eve")
        team = world.team(ann, bob, eve)
        body = {"title": "Ship it", "assigneeIds": [bob.uid], "watcherIds": [eve.uid, bob.uid]}
        task = ann.post(f"/workspaces/{team}/tasks", body).json()
        world.settle()
        path = f"/workspaces/{team}/tasks/{task['id']}/completion"

        answers = [bob.post(path) for _ in range(2)]
        world.settle(times=2)

        assert [answer.status_code for answer in answers] == [200, 200]
        assert [answer.json()["rev"] for answer in answers] == [2, 2]
        assert [each["category"] for each in world.inbox(ann)] == ["completed"]
        assert [each["category"] for each in world.inbox(eve)] == ["completed"]
        assert [each["category"] for each in world.inbox(bob)] == ["assigned"]
        counters = world.document(f"workspaces/{team}")["counters"]
        assert (0, 1) == (counters["openTasks"], counters["doneTasks"])

    def test_reopening_takes_the_counters_back(self, world: World):
        """What was done is open again, stamps included."""
        ann = world.person("Ann")
        task = ann.post("/workspaces/me/tasks", {"title": "Read"}).json()
        path = f"/workspaces/me/tasks/{task['id']}/completion"
        ann.post(path)
        world.settle()

        reopened = ann.delete(path).json()
        world.settle()

        assert tuple(reopened[name] for name in ("status", "completedAt", "completedBy")) == (
            "open",
            None,
            None,
        )
        counters = world.document(f"workspaces/{ann.uid}")["counters"]
        assert (1, 0) == (counters["openTasks"], counters["doneTasks"])


class TestTime:
    """What time alone brings about."""

    def test_an_overdue_task_is_flagged_and_told_once(self, world: World):
        """One notice for the due instant, however often anything looks at it."""
        ann, bob = world.person("Ann"), world.person("Bob")
        phone = bob.has_phone()
        team = world.team(ann, bob)
        due_at = world.clock.now() + timedelta(hours=5)
        task_id = app_task(world, team, by=ann, title="Pay", assignees=[bob], due_at=due_at)
        world.settle()

        world.pass_time(timedelta(hours=4, minutes=30))
        soon = [each["category"] for each in world.inbox(bob)]
        world.pass_time(timedelta(hours=1))
        world.pass_time(timedelta(hours=1))

        assert soon == ["assigned", "dueSoon"]
        assert [e["category"] for e in world.inbox(bob)] == ["assigned", "dueSoon", "overdue"]
        assert _pushed(world, phone)[-1] == "Overdue: Pay"
        assert world.document(f"workspaces/{team}/tasks/{task_id}")["isOverdue"]
        mails_pass(world)
        assert world.documents("timers") == []

    def test_completing_withdraws_what_was_to_come(self, world: World):
        """Nobody is told that a task is late which is done."""
        ann = world.person("Ann")
        due_at = world.clock.now() + timedelta(hours=5)
        task_id = app_task(world, ann.uid, by=ann, due_at=due_at)
        world.settle()

        ann.post(f"/workspaces/me/tasks/{task_id}/completion")
        world.settle()
        timers = world.documents("timers")
        world.pass_time(timedelta(hours=6))

        assert timers == []
        assert world.inbox(ann) == []

    def test_moving_the_due_date_moves_the_notice(self, world: World):
        """The old instant passes in silence."""
        ann = world.person("Ann")
        now = world.clock.now()
        task_id = app_task(world, ann.uid, by=ann, due_at=now + timedelta(minutes=30))
        world.settle()
        later = now + timedelta(hours=8)
        due = {"kind": "zoned", "date": f"{later:%Y-%m-%d}", "time": f"{later:%H:%M}", "tz": "UTC"}

        ann.patch(f"/workspaces/me/tasks/{task_id}", {"due": due})
        world.settle()
        world.pass_time(timedelta(hours=1))
        early = world.inbox(ann)
        # Not in one leap: of what is overdue already nobody is told that it is due soon.
        world.pass_time(timedelta(hours=6, minutes=30))
        world.pass_time(timedelta(hours=1, minutes=30))
        window_passes(world)

        assert early == []
        assert [each["category"] for each in world.inbox(ann)] == ["dueSoon", "overdue"]

    def test_a_wrong_due_instant_of_the_app_is_corrected(self, world: World):
        """`due` is what the person meant; rules cannot compute `dueAt` from it."""
        ann = world.person("Ann")
        due_at = world.clock.now().replace(second=0, microsecond=0) + timedelta(days=2)
        task_id = app_task(world, ann.uid, by=ann, due_at=due_at, wrong_by=timedelta(hours=3))

        world.settle(times=2)

        task = world.document(f"workspaces/{ann.uid}/tasks/{task_id}")
        assert due_at == task["dueAt"]
        assert (2, ann.uid) == (task["rev"], task["updatedBy"])


def _pushed(world: World, token: str) -> list[str]:
    return [push.message["notification"]["title"] for push in world.fcm.messages(token)]
