"""Overdue: flagged at the due instant, told once, and together with what comes at that time."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from backend.adapters.firestore import metered
from backend.kit.documents import Adjust
from backend.notifications import bundling
from backend.notifications.bundling import bundle_path
from backend.notifications.model import Category
from backend.tasks.model import TaskRef
from backend.timers.documents import timer_fields, timer_path
from backend.timers.model import Timer, TimerKind, TimerState
from local.cloudtasks import Fault, FaultKind
from tests.api.factories import app_task, stored_tasks
from tests.api.lateness import (
    heard,
    mails_pass,
    new_task,
    soon,
    until,
    window_passes,
    zoned,
)
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def late(world: World, person: Caller, number: int, workspace_id: str | None = None) -> list[str]:
    """Make tasks that fall due at one instant, and let it come; return their paths."""
    at = soon(world)
    where = workspace_id or person.uid
    paths = [new_task(person, where, title=f"Task {each}", due=zoned(at)) for each in range(number)]
    world.settle(times=2)
    until(world, at + timedelta(seconds=1))
    return paths


def events_of(world: World, workspace_id: str) -> list[dict[str, Any]]:
    found = world.documents(f"workspaces/{workspace_id}/events")
    return [each for each in found if each["type"] == "task.overdue"]


def test_three_at_once_are_one_notification(world: World, ann: Caller):
    """One line in the app, one push, one on the badge; each event once."""
    phone = ann.has_phone()
    paths = late(world, ann, 3)
    early = heard(world, ann)
    flags = [world.document(path)["isOverdue"] for path in paths]
    window_passes(world)

    (told,) = heard(world, ann)
    assert ([], [True] * 3) == (early, flags)
    assert ("3 tasks are overdue", 3) == (told["title"], told["count"])
    assert {"Task 0", "Task 1", "Task 2"} == set(told["body"].split(", "))
    assert f"/workspaces/{ann.uid}/tasks?overdue=true" == told["link"]
    assert (ann.uid, None, "overdue") == (told["workspaceId"], told["taskId"], told["groupKey"])
    assert {each["subject"]["id"] for each in events_of(world, ann.uid)} == {
        path.rpartition("/")[2] for path in paths
    }
    assert 3 == len(set(told["events"]))
    assert 1 == _badge(world, ann)["unreadByCategory"]["overdue"]
    titles = [each.message["notification"]["title"] for each in world.fcm.messages(phone)]
    assert 1 == titles.count("3 tasks are overdue")
    (shown, *_) = world.fcm.tray(phone)
    assert "3 tasks are overdue" == shown.title
    assert "default" == shown.push.fields["apns"]["payload"]["aps"]["sound"]
    assert not [title for title in titles if title.startswith("Overdue")]
    mails_pass(world)
    assert [] == world.documents("timers")


def _badge(world: World, person: Caller) -> dict[str, Any]:
    return world.document(f"users/{person.uid}/counters/inbox") or {}


def test_the_decisions_say_why(world: World, ann: Caller):
    """One for each channel of the one notification."""
    late(world, ann, 2)
    window_passes(world)

    inbox, push = (_decision(world, ann, each) for each in ("inbox", "push"))
    assert [("sent", "default"), ("noDevice", "noDevice")] == [
        (each["decision"], each["reason"]) for each in (inbox, push)
    ]


def _decision(world: World, person: Caller, channel: str) -> dict[str, Any]:
    collection = f"users/{person.uid}/notifications"
    (found,) = (
        each
        for each in world.database.collection(collection).stream()
        if each.to_dict()["category"] == "overdue"
    )
    return world.document(f"{collection}/{found.id}/decisions/{channel}") or {}


def test_one_alone_is_told_as_itself(world: World, ann: Caller):
    """With its title, its date and its link."""
    (path,) = late(world, ann, 1)
    window_passes(world)

    (told,) = heard(world, ann)
    assert ("Overdue: Task 0", 1, f"/{path}") == (told["title"], told["count"], told["link"])
    assert (f"task:{path.rpartition('/')[2]}", 1) == (told["groupKey"], len(told["events"]))
    assert told["body"].startswith("It was due ")


def test_of_many_three_are_named(world: World, ann: Caller):
    """The others are counted."""
    late(world, ann, 5)
    window_passes(world)

    (told,) = heard(world, ann)
    assert "5 tasks are overdue" == told["title"]
    assert told["body"].endswith(" and 2 more")


def test_each_person_has_their_own(world: World, ann: Caller):
    """And hears of what is theirs to do, from every workspace."""
    bob = world.person("Bob")
    team, at = world.team(ann, bob), soon(world)
    for title, people in {"Both": [ann, bob], "Bob": [bob], "Ann": [ann]}.items():
        uids = [each.uid for each in people]
        new_task(ann, team, title=title, due=zoned(at), assigneeIds=uids)
    new_task(ann, ann.uid, title="Own", due=zoned(at))
    world.settle(times=2)
    until(world, at)
    window_passes(world)

    (of_ann,), (of_bob,) = heard(world, ann), heard(world, bob)
    assert ("3 tasks are overdue", "2 tasks are overdue") == (of_ann["title"], of_bob["title"])
    assert (None, team) == (of_ann["workspaceId"], of_bob["workspaceId"])
    assert ("/tasks?overdue=true", f"/workspaces/{team}/tasks?overdue=true") == (
        of_ann["link"],
        of_bob["link"],
    )


def test_what_was_done_within_the_minute_is_not_told(world: World, ann: Caller):
    """Nor what was put off, or thrown away."""
    paths = late(world, ann, 4)
    ann.post(f"/{paths[0]}/completion")
    ann.patch(f"/{paths[1]}", {"due": zoned(soon(world, 48))})
    ann.delete(f"/{paths[2]}")
    window_passes(world)

    (told,) = heard(world, ann)
    assert "Overdue: Task 3" == told["title"]


def test_who_left_within_the_minute_hears_nothing(world: World, ann: Caller):
    """Membership is looked at when the notification is filed."""
    bob = world.person("Bob")
    team, at = world.team(ann, bob), soon(world)
    new_task(ann, team, due=zoned(at), assigneeIds=[bob.uid])
    world.settle(times=2)
    until(world, at)
    assert 204 == ann.delete(f"/workspaces/{team}/members/{bob.uid}").status_code
    window_passes(world)

    assert [] == heard(world, bob)


def test_opened_again_it_is_not_told_again(world: World, ann: Caller):
    """It is still late for the same date; only another date is another notice."""
    (path,) = late(world, ann, 1)
    window_passes(world)
    ann.post(f"/{path}/completion")
    world.settle(times=2)
    ann.delete(f"/{path}/completion")
    world.settle(times=2)
    window_passes(world)
    again = (world.document(path)["isOverdue"], len(heard(world, ann)))
    at = soon(world, 3)
    ann.patch(f"/{path}", {"due": zoned(at)})
    world.settle(times=2)
    until(world, at)
    window_passes(world)

    assert (True, 1) == again
    assert 2 == len(heard(world, ann))


def test_after_an_outage_all_is_told_in_one(world: World, ann: Caller):
    """Tasks that fell due hour by hour while nothing ran."""
    for hours in (2, 3, 4):
        app_task(world, ann.uid, by=ann, due_at=world.clock.now() + timedelta(hours=hours))
    world.settle(times=2)

    world.clock.advance(timedelta(days=1))
    world.settle(times=3)
    window_passes(world)

    assert ["3 tasks are overdue"] == [each["title"] for each in heard(world, ann)]


def test_doubled_deliveries_at_once(world: World, ann: Caller):
    """Every job comes twice, side by side, and nobody hears of anything twice."""
    phone = ann.has_phone()
    world.tasks.script(Fault(FaultKind.DUPLICATE, count=0, copies=1, concurrent=True))
    at = soon(world)
    fields = {"due": zoned(at), "dueAt": at, "dueDay": f"{at:%F}"}
    stored_tasks(world, ann, [fields] * 20)
    world.settle(times=2)
    until(world, at)
    window_passes(world)

    titles = [each.message["notification"]["title"] for each in world.fcm.messages(phone)]
    assert ["20 tasks are overdue"] == [each["title"] for each in heard(world, ann)]
    assert {"20 tasks are overdue"} == {each for each in titles if each.endswith("are overdue")}
    assert 20 == len(events_of(world, ann.uid))
    mails_pass(world)
    assert [] == world.documents("timers")


def test_what_each_more_costs(world: World, ann: Caller):
    """Three looks at a task that falls due: flagged, reacted to, put with the others."""
    world.tasks.script(Fault(FaultKind.DROP, count=0))  # Nobody else fires them.
    at = world.clock.now().replace(second=0, microsecond=0)
    ids = stored_tasks(world, ann, [{"due": zoned(at), "dueAt": at, "dueDay": f"{at:%F}"}] * 2)
    costs = []
    for task_id in ids:
        world.services.reactor.react(TaskRef(ann.uid, task_id))
        at_rest = [_metered(world, ann, task_id, kind) for kind in ("overdue", "notify")]
        costs.append(at_rest)

    # Flag: timer and task (and, once a minute, the settings); both written. Notice: timer, event,
    # task and membership; bundle, its timer, and the notice gone.
    assert [[(3, 3, 2), (3, 4, 3)], [(2, 2, 2), (3, 4, 3)]] == costs


def _metered(world: World, ann: Caller, task_id: str, kind: str) -> tuple[int, int, int]:
    """Fire a timer of a task, and return what that took."""
    alarm = _alarm(world, task_id, kind)
    with metered() as usage:
        world.services.firing.fire(alarm)
    world.services.reactor.react(TaskRef(ann.uid, task_id))
    return usage.rpcs, usage.reads, usage.writes


def _alarm(world: World, task_id: str, kind: str) -> dict[str, str]:
    """Return what the job of a task's timer says."""
    found = ((each.id, each.to_dict()) for each in world.database.collection("timers").stream())
    (alarm,) = (
        {"timerId": timer_id, "kind": kind, **timer["subject"]}
        for timer_id, timer in found
        if timer["kind"] == kind and timer["subject"].get("taskId") == task_id
    )
    return alarm


@pytest.mark.parametrize("moment", [1, 2])
def test_killed_as_it_joins_the_others(world: World, ann: Caller, moment: int):
    """Before and behind the commit; the alarm comes again, twice."""
    world.tasks.script(Fault(FaultKind.DROP, count=0))
    (task_id,) = stored_tasks(world, ann, [_overdue(world)])
    world.services.reactor.react(TaskRef(ann.uid, task_id))
    alarm = _alarm(world, task_id, "notify")
    services = mortal_services(world, Fate(moment), MortalAtEveryCommit)
    with pytest.raises(Killed):
        services.firing.fire(alarm)
    for _ in range(2):
        world.services.firing.fire(alarm)
    world.services.firing.fire(_close_by(world, ann, 0))

    assert [1] == [each["count"] for each in heard(world, ann)]


class TestClosing:
    """The end of a window, in all its orders."""

    def test_more_than_one_notification_holds(
        self, world: World, ann: Caller, monkeypatch: pytest.MonkeyPatch
    ):
        """The next one follows at once."""
        monkeypatch.setattr(bundling, "MOST", 4)
        late(world, ann, 6)
        window_passes(world)

        assert ["2 tasks are overdue", "4 tasks are overdue"] == sorted(
            each["title"] for each in heard(world, ann)
        )

    def test_at_once_and_twice(self, world: World, ann: Caller, crowd: ThreadPoolExecutor):
        """Several close one bundle under different timers, while others add to it."""
        ids = stored_tasks(world, ann, [_overdue(world)] * 12)
        timers = [_close_by(world, ann, number) for number in range(4)]
        running = [crowd.submit(_wait_for, world, ann, task_id) for task_id in ids]
        running += [crowd.submit(world.services.firing.fire, each) for each in timers * 2]
        for one in running:
            one.result()
        world.services.firing.fire(_close_by(world, ann, 9))

        told = [each for one in heard(world, ann) for each in one["events"]]
        assert sorted(f"event-{each}" for each in ids) == sorted(told)
        assert len(told) == sum(each["count"] for each in heard(world, ann))

    @pytest.mark.parametrize("moment", [1, 2])
    def test_a_worker_that_is_killed(self, world: World, ann: Caller, moment: int):
        """Before and behind the one commit; then the alarm comes again."""
        for task_id in stored_tasks(world, ann, [_overdue(world)] * 3):
            _wait_for(world, ann, task_id)
        alarm = _close_by(world, ann, 0)
        services = mortal_services(world, Fate(moment), MortalAtEveryCommit)
        with pytest.raises(Killed):
            services.firing.fire(alarm)

        for _ in range(2):
            world.services.firing.fire(alarm)

        assert [3] == [each["count"] for each in heard(world, ann)]

    @pytest.mark.parametrize(
        ("number", "cost"), [(1, (6, 8, 9)), (20, (6, 27, 9)), (40, (7, 48, 9))]
    )
    def test_what_it_costs(self, world: World, ann: Caller, number: int, cost: Sequence[int]):
        """A read for each task, and what one notification writes."""
        for task_id in stored_tasks(world, ann, [_overdue(world)] * number):
            _wait_for(world, ann, task_id)
        alarm = _close_by(world, ann, 0)
        with metered() as usage:
            world.services.firing.fire(alarm)

        # Read: timer, bundle, the ledger (one for thirty), tasks, membership, account and settings,
        # and what is published of templates. Written: the notification, three decisions, badge,
        # push, mail, bundle, timer.
        assert cost == (usage.rpcs, usage.reads, usage.writes)
        assert [number] == [each["count"] for each in heard(world, ann)]


def _overdue(world: World) -> dict[str, Any]:
    at = world.clock.now().replace(second=0, microsecond=0)
    due = {"due": zoned(at), "dueAt": at, "dueDay": f"{at:%F}"}
    return {**due, "isOverdue": True}


def _wait_for(world: World, person: Caller, task_id: str) -> None:
    """Put an event about a task into somebody's bundle."""
    waiting = {f"event-{task_id}": {"workspaceId": person.uid, "taskId": task_id}}
    path = bundle_path(person.uid, Category.OVERDUE)
    fields = {"uid": person.uid, "waiting": waiting}
    assert world.services.ports.store.attempt([Adjust(path, fields)])


def _close_by(world: World, person: Caller, number: int) -> dict[str, str]:
    """Set a timer that closes somebody's bundle; return what its job would say."""
    subject = {"uid": person.uid, "category": "overdue"}
    timer = Timer(f"close-{number}", TimerKind.BUNDLE, subject, world.clock.now())
    world.write(timer_path(timer.id), timer_fields(timer, TimerState.PROMOTED))
    return {"timerId": timer.id, "kind": "bundle", **subject}


def test_windows_are_those_of_the_clock(world: World):
    """Whoever comes within one sets the same timer."""
    now = world.clock.now().replace(second=0, microsecond=0)
    ends = [bundling.window_end(now + timedelta(seconds=each)) for each in (0, 1, 9.9, 10, 59)]

    assert [now + timedelta(seconds=each) for each in (10, 10, 10, 20, 60)] == ends
