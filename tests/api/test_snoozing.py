"""`POST …/tasks/{t}:snooze`: being reminded later, oneself alone."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.intents import asked
from tests.api.reminding import HOUR, at, before, new_task, on_the_minute, reminders_of
from tests.api.undoing import undo
from tests.api.world import Caller, World, cost_of


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def snooze(person: Caller, task: dict[str, Any], **wanted: Any) -> Any:
    """Snooze a task, and return the answer."""
    return person.post(f"/workspaces/{task['workspaceId']}/tasks/{task['id']}:snooze", wanted)


class TestSnoozing:
    """A reminder of one's own."""

    def test_until_an_instant_or_for_some_minutes(self, world: World, ann: Caller):
        """Only who snoozes hears of it, once each time."""
        bob = world.person("Bob")
        team = world.team(ann, bob)
        task = new_task(world, ann, team, assigneeIds=[ann.uid, bob.uid])
        until = on_the_minute(world, 2 * HOUR)

        answers = [snooze(bob, task, minutes=30), snooze(bob, task, until=at(until)["at"])]
        world.settle()
        heard = []
        for _ in range(3):
            world.pass_time(HOUR)
            heard.append(len(reminders_of(world, bob)))

        in_half_an_hour = at(world.clock.now() - 3 * HOUR + HOUR / 2, bob.uid)
        assert [200, 200] == [answer.status_code for answer in answers]
        assert [in_half_an_hour, at(until, bob.uid)] == answers[1].json()["reminders"]
        assert [1, 2, 2] == heard
        assert [] == reminders_of(world, ann)

    def test_again_and_again(self, world: World, ann: Caller):
        """However often: those that were told go, and there is always room."""
        due = on_the_minute(world, 500 * HOUR)
        others = [before(n) for n in range(9)]
        task = new_task(world, ann, ann.uid, due=due, reminders=others)

        for _ in range(12):
            answer = snooze(ann, task, minutes=30)
            assert 200 == answer.status_code, answer.text
            world.settle()
            world.pass_time(HOUR)

        assert 12 == len(reminders_of(world, ann))
        assert others == answer.json()["reminders"][:9]

    def test_it_can_be_taken_back(self, world: World, ann: Caller):
        """Undone, nobody is reminded."""
        task = new_task(world, ann, ann.uid)

        undone = undo(ann, snooze(ann, task, minutes=30))
        world.settle()
        world.pass_time(HOUR)

        assert 200 == undone.status_code
        assert [] == reminders_of(world, ann)

    def test_what_is_refused(self, world: World, ann: Caller):
        """With a code for an app, and a place in the body."""
        task = new_task(world, ann, ann.uid)
        full = new_task(world, ann, ann.uid, reminders=[before(n) for n in range(10)])
        done = new_task(world, ann, ann.uid, status="done")
        past = at(world.clock.now() - timedelta(seconds=1))["at"]
        later = at(world.clock.now() + HOUR)["at"]

        refused = {
            "nothing": snooze(ann, task),
            "both": snooze(ann, task, until=later, minutes=5),
            "no minute": snooze(ann, task, minutes=0),
            "too many": snooze(ann, task, minutes=43_201),
            "passed": snooze(ann, task, until=past),
            "no instant": snooze(ann, task, until="tomorrow"),
            "no room": snooze(ann, full, minutes=5),
            "closed": snooze(ann, done, minutes=5),
            "none": snooze(ann, {**task, "id": "nothing"}, minutes=5),
            "moved on": ann.post(
                f"/workspaces/me/tasks/{task['id']}:snooze",
                {"minutes": 5},
                headers={"If-Match": '"7"'},
            ),
        }

        assert {
            "nothing": (422, "validation-failed"),
            "both": (422, "validation-failed"),
            "no minute": (422, "validation-failed"),
            "too many": (422, "validation-failed"),
            "passed": (422, "validation-failed"),
            "no instant": (422, "validation-failed"),
            "no room": (422, "limit-exceeded"),
            "closed": (409, "invalid-transition"),
            "none": (404, "not-found"),
            "moved on": (412, "precondition-failed"),
        } == {name: (each.status_code, each.json()["code"]) for name, each in refused.items()}

    def test_what_it_costs(self, world: World, ann: Caller):
        """As any change of a task: one document read, and written with its history."""
        task = new_task(world, ann, ann.uid)
        edited = cost_of(ann.patch(f"/workspaces/me/tasks/{task['id']}", {"title": "B"}))

        assert edited == cost_of(snooze(ann, task, minutes=30))

    def test_from_a_phone_without_a_line(self, world: World, ann: Caller):
        """By an intent: the minutes count from when it is carried out."""
        task = new_task(world, ann, ann.uid)
        said = {"workspaceId": ann.uid, "taskId": task["id"], "body": {"minutes": 30}}

        assert "done" == asked(world, ann, "task.snooze", **said)["state"]
        world.settle()
        world.pass_time(HOUR)

        assert ["Reminder: Pay"] == reminders_of(world, ann)
