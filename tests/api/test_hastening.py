"""Other settings of a workspace hold for what is overdue there already."""

from datetime import timedelta
from typing import Any

import pytest
import requests

from backend.adapters.firestore import metered
from backend.kit.documents import Create
from backend.reactions import hastening
from backend.timers.documents import timer_fields, timer_path
from backend.timers.model import Timer, TimerKind, TimerState
from tests.api.factories import task_fields
from tests.api.lateness import heard, soon, until, window_passes, zoned
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.test_escalation import HOUR, SECOND, TOLD, Office
from tests.api.undoing import undone
from tests.api.world import World, cost_of

NOBODY: list[list[str]] = [[], [], [], []]
EVERYBODY = [TOLD, TOLD, [], TOLD]


def settled_on(office: Office, hours: int | None) -> requests.Response:
    """Settle on other hours; what is overdue has followed, and those are told who are at once."""
    office.world.clock.advance(SECOND)  # Else the job has the name of the one before.
    answer = office.ann.patch(
        f"/workspaces/{office.team}", {"settings": {"escalateAfterHours": hours}}
    )
    assert answer.status_code == 200, answer.text
    office.world.settle(times=2)
    window_passes(office.world)
    return answer


def escalations(world: World) -> dict[str, Any]:
    """When the timers fire that are set, by task."""
    return {
        each["subject"]["taskId"]: each["fireAt"]
        for each in world.documents("timers")
        if each["kind"] == "escalation"
    }


def overdue(office: Office, by: timedelta = timedelta(), **fields: Any) -> str:
    """Make a task, and let it be overdue for so long."""
    path = office.task(**fields)
    office.wait(path, by)
    return path


@pytest.mark.parametrize("before", [10, None])
def test_told_at_the_new_time(world: World, before: int | None):
    """Lowered or switched on; once, and not again at the old time."""
    office = Office(world, before)
    path = overdue(office)
    settled_on(office, 4)
    until(world, office.due_at(path) + 4 * HOUR - 61 * SECOND)
    window_passes(world)
    early = office.heard()
    office.wait(path, 4 * HOUR)
    told = office.heard()
    world.pass_time(timedelta(days=1))
    window_passes(world)

    assert (NOBODY, EVERYBODY, EVERYBODY) == (early, told, office.heard())
    assert [] == world.documents("timers")


@pytest.mark.parametrize("before", [10, None])
def test_told_at_once_where_the_time_has_passed(world: World, before: int | None):
    """Several together, once; it happened when they were told, not hours ago."""
    office = Office(world, before)
    due = zoned(soon(world))
    for number in range(3):
        path = office.task(title=f"Task {number}", due=due)
    office.wait(path, 5 * HOUR)
    silent, since = office.heard(), world.clock.now()

    settled_on(office, 4)
    told = office.heard()
    world.pass_time(timedelta(days=1))
    window_passes(world)

    many = ["3 tasks are still overdue"]
    assert (NOBODY, [many, many, [], many]) == (silent, told)
    assert told == office.heard()
    events = world.documents(f"workspaces/{office.team}/events")
    escalated = [each["at"] for each in events if each["type"] == "task.escalated"]
    assert 3 == len(escalated)
    assert since < min(escalated) <= max(escalated) <= since + timedelta(minutes=1)


@pytest.mark.parametrize("act", ["left", "read", "deleted"])
def test_who_was_told_is_not_told_again(world: World, act: str):
    """Whatever they did with the notification: of a due date each hears once."""
    office = Office(world, 4)
    path = overdue(office, 4 * HOUR)
    (snapshot,) = (
        each
        for each in world.database.collection(f"users/{office.ann.uid}/notifications").stream()
        if each.to_dict()["category"] == "escalated"
    )
    notification = f"/users/me/notifications/{snapshot.id}"
    answers = {
        "left": list,
        "read": lambda: [office.ann.patch(notification, {"readAt": True})],
        "deleted": lambda: [office.ann.delete(notification)],
    }[act]()
    world.settle()
    before = office.heard()
    for hours in (2, None, 3):
        settled_on(office, hours)
    world.pass_time(timedelta(days=1))
    window_passes(world)

    assert all(each.ok for each in answers)
    assert [[] if act == "deleted" else TOLD, TOLD, [], TOLD] == before == office.heard()
    assert office.due_at(path) + 4 * HOUR < world.clock.now()
    assert {} == escalations(world)


@pytest.mark.parametrize("is_read", [False, True])
def test_a_timer_of_what_was_told(world: World, is_read: bool):
    """As one that is set while others are told: the same event, and nobody hears of it twice."""
    office = Office(world, 4)
    path = overdue(office, 4 * HOUR)
    if is_read:
        office.ann.post("/users/me/notifications:markAllRead")
        world.settle()
    subject = {"workspaceId": office.team, "taskId": path.rpartition("/")[2]}
    timer = Timer("another", TimerKind.ESCALATION, subject, world.clock.now())
    world.write(timer_path(timer.id), timer_fields(timer, TimerState.PROMOTED))
    world.services.firing.fire({"timerId": timer.id, "kind": "escalation", **subject})
    world.settle()
    window_passes(world)
    world.pass_time(HOUR)

    (first,) = heard(world, office.ann, "escalated")
    assert is_read == (first["readAt"] is not None)
    assert EVERYBODY == office.heard()
    assert [] == world.documents("timers")


def test_on_and_off_again(world: World):
    """Who takes it back hears nothing."""
    office = Office(world, None)
    path = overdue(office)
    settled_on(office, 4)
    settled_on(office, None)
    office.wait(path, 4 * HOUR)

    assert NOBODY == office.heard()
    assert [] == world.documents("timers")


def test_raised_and_lowered_again(world: World):
    """What counts in the end is the last word; no timer is moved that comes early enough."""
    office = Office(world, 4)
    path = overdue(office)
    task_id = path.rpartition("/")[2]
    before = escalations(world)
    settled_on(office, 10)
    raised = escalations(world)
    settled_on(office, 2)

    assert {task_id: office.due_at(path) + 4 * HOUR} == before == raised
    assert {task_id: office.due_at(path) + 2 * HOUR} == escalations(world)
    office.wait(path, 2 * HOUR)
    assert EVERYBODY == office.heard()


@pytest.mark.parametrize("other", [10, None])
def test_an_undo_has_the_same_consequence(world: World, other: int | None):
    """What was raised or switched off is as before, also for what would have been told since."""
    office = Office(world, 4)
    answer = settled_on(office, other)
    overdue(office, 5 * HOUR)
    silent = office.heard()
    undone(office.ann, answer)
    world.settle(times=2)
    window_passes(world)

    assert (NOBODY, EVERYBODY) == (silent, office.heard())


def test_what_is_no_longer_overdue_is_left_alone(world: World):
    """Done, thrown away, archived, or put off; another workspace's tasks, too."""
    office = Office(world, None)
    others = world.team(office.ann)
    due = zoned(soon(world))
    paths = [office.task(title=f"Task {number}", due=due) for number in range(5)]
    elsewhere = office.ann.post(f"/workspaces/{others}/tasks", {"title": "Other", "due": due})
    world.settle()
    office.wait(paths[0], timedelta())
    done, gone, away, put_off, left = paths
    answers = [
        elsewhere,
        office.cid.post(f"/{done}/completion"),
        office.bob.delete(f"/{gone}"),
        office.bob.post(f"/{away}/archive"),
        office.cid.patch(f"/{put_off}", {"due": zoned(soon(world, 24 * 9))}),
    ]
    world.settle(times=2)
    settled_on(office, 4)

    assert all(each.ok for each in answers)
    assert {left.rpartition("/")[2]: office.due_at(left) + 4 * HOUR} == escalations(world)


def test_page_by_page(world: World, monkeypatch: pytest.MonkeyPatch):
    """Each page is a commit of its own; all of them are told of, as one."""
    monkeypatch.setattr(hastening, "PAGE", 2)
    office = Office(world, None)
    due = zoned(soon(world))
    paths = [office.task(title=f"Task {number}", due=due) for number in range(5)]
    office.wait(paths[0], timedelta())
    settled_on(office, 4)

    assert {each.rpartition("/")[2] for each in paths} == escalations(world).keys()
    office.wait(paths[0], 4 * HOUR)
    assert ["5 tasks are still overdue"] == office.heard()[1]


def test_more_than_a_real_page(world: World):
    """A commit has room for a whole page, which none of ours makes smaller."""
    office = Office(world, None)
    count = hastening.PAGE + 3
    stored_overdue(office, count)
    body = _set(world, office)
    jobs = 0
    while body:
        world.services.firing.fire(body)
        jobs, body = jobs + 1, _job(world)
        if body.get("look") == "last":
            break

    assert (2, count) == (jobs, len(escalations(world)))


@pytest.mark.parametrize("moment", [1, 2, 3, 4])
def test_a_worker_that_is_killed(world: World, monkeypatch: pytest.MonkeyPatch, moment: int):
    """Before and behind each commit; alarms come again, late and twice."""
    monkeypatch.setattr(hastening, "PAGE", 2)
    office = Office(world, None)
    stored_overdue(office, 3)
    body, fate, bodies = _set(world, office), Fate(moment), []
    services = mortal_services(world, fate, MortalAtEveryCommit)
    if moment > 2:  # In the second page.
        world.services.firing.fire(body)
        bodies, body, fate.left = [body], _job(world), moment - 2
    with pytest.raises(Killed):
        services.firing.fire(body)

    for _ in range(3):
        bodies.append(_job(world))
        for each in bodies:
            world.services.firing.fire(each)
    assert 3 == len(escalations(world))
    assert "last" == _job(world)["look"]
    for _ in range(3):  # Its job is lost where the worker was killed before it queued it.
        world.pass_time(timedelta(minutes=2))
    assert 3 == len(escalations(world))
    assert {} == _job(world)


def test_flagged_by_a_process_that_knows_the_old_settings(world: World):
    """It looks once more when nobody can hold them any longer."""
    office = Office(world, 4)
    answer = settled_on(office, None)
    due = soon(world)
    path = office.task(due=zoned(due))
    until(world, due - 3 * SECOND)
    office.task(due=zoned(due - HOUR))  # To flag it the settings are looked up.
    undone(office.ann, answer)
    world.settle()
    task_id = path.rpartition("/")[2]
    until(world, due)
    flagged = world.document(path)["isOverdue"], task_id in escalations(world)
    world.pass_time(hastening.LAST_LOOK)

    assert (True, False) == flagged
    assert due + 4 * HOUR == escalations(world)[task_id]
    assert "patience" not in {each["kind"] for each in world.documents("timers")}


def test_what_it_costs(world: World):
    """One write more where there is something to follow, and nothing else ever."""
    office = Office(world, None)
    writes = [
        cost_of(office.ann.patch(f"/workspaces/{office.team}", {"settings": settings}))[2]
        for settings in (
            {"weekStart": 1},
            {"escalateAfterHours": 9},
            {"escalateAfterHours": 9},
            {"weekStart": 2, "escalateAfterHours": 9},
            {"escalateAfterHours": 8, "weekStart": 3},
            {"escalateAfterHours": None},
        )
    ]
    name = cost_of(office.ann.patch(f"/workspaces/{office.team}", {"name": "Garden"}))[2]

    assert [1, 2, 0, 1, 2, 1] == writes
    assert 1 == name


def test_what_a_page_costs(world: World):
    """The tasks, then timer and settings, and what is known of each; a write for each timer."""
    office = Office(world, None)
    stored_overdue(office, 5)
    body = _set(world, office)
    with metered() as first:
        world.services.firing.fire(body)
    world.clock.advance(hastening.LAST_LOOK)
    last = _job(world)
    with metered() as second:
        world.services.firing.fire(last)

    assert (3, 5 + 2 + 10, 5 + 1) == (first.rpcs, first.reads, first.writes)
    assert (3, 5 + 2 + 10, 1) == (second.rpcs, second.reads, second.writes)


def stored_overdue(office: Office, count: int) -> None:
    """Write tasks that have been overdue for an hour, without what follows from them."""
    at = soon(office.world, -1)
    state = {"isOverdue": True, "due": zoned(at), "dueAt": at, "dueDay": f"{at:%F}"}
    fields = {**task_fields(office.world, by=office.bob, assignees=[office.cid]), **state}
    tasks = f"workspaces/{office.team}/tasks"
    writes = [Create(f"{tasks}/late-{number:03}", fields) for number in range(count)]
    assert office.world.services.ports.store.attempt(writes)


def _set(world: World, office: Office) -> dict[str, str]:
    """Settle on four hours, whose job is lost; return what it would have said."""
    office.world.database.document(f"workspaces/{office.team}").update(
        {"settings.escalateAfterHours": 4}
    )
    subject = {"workspaceId": office.team, "look": "first"}
    timer = Timer("patience", TimerKind.PATIENCE, subject, world.clock.now())
    world.write(timer_path(timer.id), timer_fields(timer, TimerState.PROMOTED))
    return _job(world)


def _job(world: World) -> dict[str, str]:
    """Return what the job says of the timer as it is set now; nothing if it is not."""
    timer = world.document(timer_path("patience"))
    return {"timerId": "patience", "kind": "patience", **timer["subject"]} if timer else {}
