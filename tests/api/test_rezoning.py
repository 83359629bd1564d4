"""Somebody travels: what is due wherever they are follows them, and all that hangs on it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.adapters.firestore import Store, metered
from backend.bootstrap import build_services
from backend.kit.documents import Stored
from backend.reactions import rezoning
from backend.tasks.model import TaskRef
from backend.timers.alarm import Alarm
from backend.timers.documents import timer_fields, timer_path
from backend.timers.model import Timer, TimerKind, TimerState
from tests.api.factories import stored_tasks
from tests.api.lateness import (
    all_day,
    floating,
    heard,
    lives_in,
    new_task,
    until,
    window_passes,
)
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.world import Caller, World

TOKYO, LOS_ANGELES, BERLIN = "Asia/Tokyo", "America/Los_Angeles", "Europe/Berlin"


@pytest.fixture
def ann(world: World) -> Caller:
    """Somebody in Berlin."""
    person = world.person("Ann")
    lives_in(world, person, BERLIN)
    return person


def many(world: World, ann: Caller, number: int, **state: Any) -> list[str]:
    """Write tasks of Ann's, all due at the end of one day; return their paths."""
    due = {**all_day("2027-02-01", BERLIN), "time": None}
    at = datetime(2027, 2, 1, 23, tzinfo=UTC)
    fields = {"due": due, "dueAt": at, "dueDay": "2027-02-01", **state}
    ids = stored_tasks(world, ann, [fields] * number)
    return [f"workspaces/{ann.uid}/tasks/{each}" for each in ids]


def zones(world: World, paths: list[str]) -> set[str]:
    return {world.document(path)["due"]["tz"] for path in paths}


def test_due_dates_and_timers_follow(world: World, ann: Caller):
    """Of what Ann is to do, and of what she made and nobody was asked to do; of nothing else."""
    bob = world.person("Bob")
    team = world.team(ann, bob)
    lives_in(world, bob, "Asia/Kolkata")
    hers = new_task(bob, team, due=all_day("2027-02-01"), assigneeIds=[ann.uid, bob.uid])
    made = new_task(ann, team, due=floating("2027-02-01", "09:00"))
    of_bob = new_task(ann, team, due=all_day("2027-02-01"), assigneeIds=[bob.uid, ann.uid])
    done = new_task(ann, team, due=all_day("2027-02-01"))
    ann.post(f"/{done}/completion")
    world.settle(times=2)

    lives_in(world, ann, TOKYO)

    found = [world.document(path) for path in (hers, made, of_bob, done)]
    assert [TOKYO, TOKYO, "Asia/Kolkata", "UTC"] == [each["due"]["tz"] for each in found]
    assert datetime(2027, 2, 1, 15, tzinfo=UTC) == found[0]["dueAt"]
    assert datetime(2027, 2, 1, 0, tzinfo=UTC) == found[1]["dueAt"]
    timers = {
        each["subject"]["taskId"]: each["fireAt"]
        for each in world.documents("timers")
        if each["kind"] == "overdue"
    }
    assert [found[0]["dueAt"], found[1]["dueAt"]] == [
        timers[path.rpartition("/")[2]] for path in (hers, made)
    ]


def test_who_flies_west_is_late_later_and_told_once(world: World, ann: Caller):
    """The day was over in Berlin, and is not yet in Los Angeles."""
    day = world.clock.now() + timedelta(days=2)
    path = new_task(ann, ann.uid, due=all_day(f"{day:%F}", BERLIN))
    world.settle()
    until(world, world.document(path)["dueAt"])
    window_passes(world)
    late = world.document(path)["isOverdue"]

    lives_in(world, ann, LOS_ANGELES)
    on_time = world.document(path)["isOverdue"]
    until(world, world.document(path)["dueAt"])
    window_passes(world)

    assert (True, False, True) == (late, on_time, world.document(path)["isOverdue"])
    assert 1 == len(heard(world, ann))


def test_who_flies_east_is_late_at_once(world: World, ann: Caller):
    """Where she is now, the day is over."""
    lives_in(world, ann, LOS_ANGELES)
    now = world.clock.now()
    evening = now.replace(hour=20, minute=0, second=0, microsecond=0) + timedelta(days=3)
    until(world, evening)  # Noon in Los Angeles, the next morning in Tokyo.
    path = new_task(ann, ann.uid, due=all_day(f"{evening:%F}", LOS_ANGELES))
    world.settle()
    on_time = world.document(path)["isOverdue"]

    lives_in(world, ann, TOKYO)
    world.settle(times=2)
    window_passes(world)

    assert (False, True) == (on_time, world.document(path)["isOverdue"])
    assert 1 == len(heard(world, ann))


def test_utc_says_nothing(world: World, ann: Caller):
    """It is what every account begins with."""
    path = new_task(ann, ann.uid, due=all_day("2027-02-01", BERLIN))

    lives_in(world, ann, "UTC")

    assert {BERLIN} == zones(world, [path])


def test_page_after_page(world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch):
    """Also where more fall due at one instant than there are on a page."""
    monkeypatch.setattr(rezoning, "PAGE", 3)
    paths = many(world, ann, 11)

    lives_in(world, ann, TOKYO)

    assert {TOKYO} == zones(world, paths)
    assert {2} == {world.document(path)["rev"] for path in paths}


@pytest.mark.parametrize("moment", range(1, 11))
def test_a_worker_that_is_killed(
    world: World, ann: Caller, moment: int, monkeypatch: pytest.MonkeyPatch
):
    """Before and behind each commit; the next attempt does what is left, and nothing twice."""
    monkeypatch.setattr(rezoning, "PAGE", 3)
    paths = many(world, ann, 5)
    ann.patch("/users/me", {"timezone": TOKYO})
    is_reaction = moment <= 2
    fate = Fate(moment if is_reaction else moment - 2)
    services = mortal_services(world, fate, MortalAtEveryCommit)
    alarm = {} if is_reaction else set_timer(world, ann)
    react, fire = services.reactors.accounts.react, services.firing.fire

    with pytest.raises(Killed):
        _ = react(ann.uid) if is_reaction else fire(alarm)
    world.clock.advance(timedelta(minutes=10))
    world.settle(times=3)

    assert {TOKYO} == zones(world, paths)
    assert {2} == {world.document(path)["rev"] for path in paths}
    assert [] == [each for each in world.documents("timers") if each["kind"] == "rezoning"]


def set_timer(world: World, ann: Caller) -> dict[str, str]:
    """Set the timer, and tell no queue of it; return what its job would say."""
    timer = Timer("rezoning", TimerKind.REZONING, {"uid": ann.uid}, world.clock.now())
    world.write(timer_path(timer.id), timer_fields(timer, TimerState.PROMOTED))
    return {"timerId": timer.id, "kind": "rezoning", "uid": ann.uid}


def test_it_costs_what_is_still_to_be_done(world: World, ann: Caller):
    """However much was done, thrown away, archived, or has no date."""
    world.settle()
    many(world, ann, 4)
    ann.patch("/users/me", {"timezone": TOKYO})
    set_timer(world, ann)
    costs = [_cost_of_a_look(world, ann)]
    fields = world.document(f"workspaces/{ann.uid}/tasks/task-000")
    for number, state in enumerate(_nothing_to_do(world.clock.now())):
        for each in range(20):
            path = f"workspaces/{ann.uid}/tasks/more-{number}-{each}"
            world.write(path, {**fields, "assigneeIds": [ann.uid], **state})
    costs.append(_cost_of_a_look(world, ann))

    # Timer and account; the four found as hers by who made them, none by who is assigned.
    assert [(3, 2 + 4 + 1), (3, 2 + 4 + 1)] == costs


def _nothing_to_do(at: datetime) -> list[dict[str, Any]]:
    dateless = {"due": None, "dueAt": None, "dueDay": None}
    return [{"status": "done"}, {"deletedAt": at}, {"archivedAt": at}, dateless]


def _cost_of_a_look(world: World, ann: Caller) -> tuple[int, int]:
    """Return what it takes to look, without writing: round trips and documents read."""
    handler = rezoning.Rezoning(_Lookers(world), world.clock, world.services.reactors.tasks)
    with metered() as usage:
        handler.fire(Alarm("rezoning", {"uid": ann.uid}))
    return usage.rpcs, usage.reads


class _Lookers(Store):
    """A store that shows everything and writes nothing."""

    def __init__(self, world: World) -> None:
        super().__init__(world.project_id, world.clock, emulated=True)

    def _commit(self, writes: Any) -> list[datetime]:
        return []


class _Slow(Store):
    """A store behind which something happens once somebody's account has been read."""

    def __init__(self, world: World, meanwhile: Any) -> None:
        super().__init__(world.project_id, world.clock, emulated=True)
        self._meanwhile = meanwhile

    def get(self, path: str) -> Stored | None:
        found = super().get(path)
        if path.startswith("users/"):
            meanwhile, self._meanwhile = self._meanwhile, lambda: None
            meanwhile()
        return found


def test_a_reaction_that_has_read_the_old_zone(world: World, ann: Caller):
    """The zone was changed, and what follows has followed, before the reaction commits."""
    path = new_task(ann, ann.uid, due=all_day("2027-02-01", TOKYO))
    store = _Slow(world, lambda: lives_in(world, ann, TOKYO))
    ports = replace(world.services.ports, store=store)
    slow = build_services(world.services.settings, ports)

    slow.reactor.react(TaskRef(ann.uid, path.rpartition("/")[2]))
    world.settle(times=2)

    assert {TOKYO} == zones(world, [path])
