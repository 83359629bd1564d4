"""Reminders whatever happens around their instant: exactly once for each person, none skipped."""

from datetime import datetime, timedelta
from threading import Thread
from typing import Any

import pytest

from backend.bootstrap import Services
from backend.reactions.reminding import moving_reminders
from backend.tasks.documents import task_of
from backend.tasks.model import TaskRef
from tests.api.factories import app_task, task_fields
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.reminding import (
    HOUR,
    at,
    before,
    new_task,
    on_the_minute,
    reminded_at,
    reminders_of,
)
from tests.api.world import Caller, World


def timer_of_reminders(world: World) -> dict[str, Any] | None:
    """The one timer of reminders there is, with its id."""
    found = [
        each for each in world.database.collection("timers").get() if each.get("kind") == "reminder"
    ]
    return {"id": found[0].id, **found[0].to_dict()} if found else None


def fire(services: Services, timer: dict[str, Any]) -> None:
    """What a job of the timer does, whenever it comes."""
    services.firing.fire({"timerId": timer["id"], "kind": "reminder", **timer["subject"]})


def app_changes(world: World, path: str, **fields: Any) -> None:
    """Change a task as an app does, at this instant."""
    stored = world.document(path) or {}
    stamps = {"rev": stored["rev"] + 1, "updatedAt": world.clock.now()}
    world.database.document(path).update({**stamps, **fields})


def stored_at(instant: datetime, uid: str | None = None) -> dict[str, Any]:
    """An absolute reminder as apps write it."""
    fields = {"kind": "absolute", "minutesBefore": None, "at": instant}
    return fields if uid is None else {**fields, "uid": uid}


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


class TestOnce:
    """Twice, late, out of order, killed, and several at once."""

    @pytest.mark.parametrize("moment", [1, 2])
    def test_killed_around_the_commit(self, world: World, ann: Caller, moment: int):
        """Before it nothing has happened, after it everything: the next job goes on."""
        first = on_the_minute(world, HOUR)
        new_task(world, ann, ann.uid, reminders=[at(first), at(first + HOUR)])
        timer = timer_of_reminders(world) or {}
        world.clock.move_to(first)

        services = mortal_services(world, Fate(moment), MortalAtEveryCommit)
        with pytest.raises(Killed):
            fire(services, timer)
        fire(world.services, timer)
        world.pass_time(timedelta(minutes=10))
        once = reminders_of(world, ann)
        world.pass_time(2 * HOUR)

        assert ["Reminder: Pay"] == once
        assert [first, first + HOUR] == reminded_at(world, ann.uid)
        assert [] == world.documents("timers")

    @pytest.mark.parametrize("moment", [1, 2])
    def test_a_reactor_killed_around_its_commit(self, world: World, ann: Caller, moment: int):
        """The reminder that an app has set is told all the same."""
        instant = on_the_minute(world, HOUR)
        task_id = app_task(world, ann.uid, by=ann, title="Pay")
        world.settle()
        app_changes(world, f"workspaces/{ann.uid}/tasks/{task_id}", reminders=[stored_at(instant)])

        services = mortal_services(world, Fate(moment), MortalAtEveryCommit)
        with pytest.raises(Killed):
            services.reactor.react(TaskRef(ann.uid, task_id))
        world.settle(times=2)
        world.pass_time(2 * HOUR)

        assert [instant] == reminded_at(world, ann.uid)

    def test_alarms_doubled_late_and_of_before(self, world: World, ann: Caller):
        """Whatever jobs come, and in which order: one reminder for each instant."""
        first = on_the_minute(world, HOUR)
        new_task(world, ann, ann.uid, reminders=[at(first + n * HOUR) for n in range(3)])
        timers = []

        for n in range(3):
            timers.append(timer_of_reminders(world) or {})
            fire(world.services, timers[-1])
            world.clock.move_to(first + n * HOUR)
            for timer in reversed(timers):
                fire(world.services, timer)
                fire(world.services, timer)
            world.tasks.wake()
            world.settle()

        assert [first, first + HOUR, first + 2 * HOUR] == reminded_at(world, ann.uid)
        assert 3 == len(reminders_of(world, ann))

    def test_several_workers_at_once(self, world: World, ann: Caller):
        """One of them is first; the others find nothing left to do."""
        instant = on_the_minute(world, HOUR)
        new_task(world, ann, ann.uid, reminders=[at(instant), at(instant + HOUR)])
        timer = timer_of_reminders(world) or {}
        world.clock.move_to(instant)

        workers = [Thread(target=fire, args=(world.services, timer)) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        world.settle()

        assert [instant] == reminded_at(world, ann.uid)
        assert instant + HOUR == (timer_of_reminders(world) or {})["fireAt"]

    def test_a_timer_set_back_tells_nothing_twice(self, world: World, ann: Caller):
        """What was told once is left out, and what comes next still comes."""
        first = on_the_minute(world, HOUR)
        new_task(world, ann, ann.uid, reminders=[at(first), at(first + 5 * HOUR)])
        world.pass_time(2 * HOUR)
        timer = timer_of_reminders(world) or {}
        document = world.database.document(f"timers/{timer['id']}")

        document.update({"fireAt": first, "state": "promoted"})
        fire(world.services, timer)
        world.settle()

        assert [first] == reminded_at(world, ann.uid)
        assert ["Reminder: Pay"] == reminders_of(world, ann)
        assert ["reminder"] == [each["kind"] for each in world.documents("timers")]
        assert first + 5 * HOUR == (timer_of_reminders(world) or {})["fireAt"]


class TestEditsInBetween:
    """Between the instant and its alarm, or between the edit and its reaction."""

    def test_an_edit_does_not_pass_over_a_late_one(self, world: World, ann: Caller):
        """The alarm is late, and others come and go meanwhile: it is told, and so are they."""
        first = on_the_minute(world, HOUR)
        task_id = new_task(world, ann, ann.uid, reminders=[at(first)])["id"]
        path = f"workspaces/{ann.uid}/tasks/{task_id}"
        world.clock.move_to(first + timedelta(seconds=20))  # The job did not come.

        more = [stored_at(first), stored_at(first + HOUR), stored_at(first + 2 * HOUR)]
        app_changes(world, path, title="Pay now", reminders=more)
        world.services.reactor.react(TaskRef(ann.uid, task_id))
        app_changes(world, path, reminders=more[:2])
        world.services.reactor.react(TaskRef(ann.uid, task_id))
        world.pass_time(timedelta(minutes=10))
        world.pass_time(3 * HOUR)

        assert [first, first + HOUR] == reminded_at(world, ann.uid)

    def test_a_late_reaction(self, world: World, ann: Caller):
        """Nobody had looked at the task when the instants came: both are told."""
        first = on_the_minute(world, HOUR)
        task_id = app_task(world, ann.uid, by=ann, title="Pay")
        world.settle()
        path = f"workspaces/{ann.uid}/tasks/{task_id}"
        app_changes(world, path, reminders=[stored_at(first), stored_at(first + HOUR)])
        world.clock.move_to(first + timedelta(minutes=5))
        app_changes(world, path, title="Pay now")  # Two changes, of which one alone set them.

        world.clock.move_to(first + 2 * HOUR)
        world.settle(times=2)

        assert [first, first + HOUR] == reminded_at(world, ann.uid)

    def test_one_that_is_taken_away_in_time(self, world: World, ann: Caller):
        """The alarm comes before the reaction does: it goes by the task as it is."""
        first = on_the_minute(world, HOUR)
        task_id = new_task(world, ann, ann.uid, reminders=[at(first), at(first + HOUR)])["id"]
        path, timer = f"workspaces/{ann.uid}/tasks/{task_id}", timer_of_reminders(world) or {}

        app_changes(world, path, reminders=[stored_at(first + 2 * HOUR)])
        world.clock.move_to(first)
        fire(world.services, timer)
        world.settle()
        world.pass_time(3 * HOUR)

        assert [first + 2 * HOUR] == reminded_at(world, ann.uid)

    def test_fifty_on_five_tasks(self, world: World, ann: Caller):
        """As many as tasks may have, edited back and forth: each instant once."""
        start = on_the_minute(world, HOUR)
        instants = [start + n * timedelta(minutes=6) for n in range(50)]
        ids = []
        for n in range(5):
            fields = task_fields(world, by=ann) | {
                "reminders": [stored_at(each) for each in instants[n::5]]
            }
            ids.append(f"t{n}")
            world.write(f"workspaces/{ann.uid}/tasks/t{n}", fields)
        world.settle()

        for hour in range(6):
            world.pass_time(HOUR)
            for each in ids:
                app_changes(world, f"workspaces/{ann.uid}/tasks/{each}", title=f"Pay {hour}")
        world.settle(times=2)

        assert instants == reminded_at(world, ann.uid)
        assert 50 == len(reminders_of(world, ann))

    def test_what_changes_nothing_moves_nothing(self, world: World, ann: Caller):
        """An edit of something else leaves the timer as it is: no read, no write."""
        due = on_the_minute(world, 5 * HOUR)
        made = new_task(world, ann, ann.uid, due=due, reminders=[at(due - HOUR), before(30)])
        stored = world.services.ports.store.get(f"workspaces/{ann.uid}/tasks/{made['id']}")
        assert stored is not None
        task = task_of(stored)
        edited = task.edited({"title": "B"}, by=ann.uid, at=world.clock.now())

        assert None is moving_reminders(world.services.ports.store, task, edited)
