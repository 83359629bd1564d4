"""A task that stays overdue is brought before others, as the workspace has settled it."""

from datetime import timedelta
from typing import Any

import pytest

from backend.adapters.firestore import metered
from backend.timers.documents import timer_fields, timer_path
from backend.timers.model import Timer, TimerKind, TimerState
from tests.api.factories import stored_tasks
from tests.api.lateness import heard, mails_pass, new_task, soon, until, window_passes, zoned
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.world import World

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


class Office:
    """A team of four: Ann owns it, Bob makes tasks, Cid should do them, Dora watches."""

    def __init__(self, world: World, hours: int | None = 4) -> None:
        self.world = world
        self.ann, self.bob, self.cid, self.dora = map(world.person, ("Ann", "Bob", "Cid", "Dora"))
        self.people = (self.ann, self.bob, self.cid, self.dora)
        self.team = world.team(*self.people)
        self.settle_on(hours)

    def settle_on(self, hours: int | None) -> None:
        """Have overdue tasks escalated after so many hours; who looked before sees it, too."""
        settings = {"settings": {"escalateAfterHours": hours}}
        answer = self.ann.patch(f"/workspaces/{self.team}", settings)
        assert (200, hours) == (answer.status_code, answer.json()["settings"]["escalateAfterHours"])

    def task(self, **fields: Any) -> str:
        """Make a task of Cid's that falls due in some hours; return its path."""
        due = zoned(soon(self.world))
        people = {"assigneeIds": [self.cid.uid], "watcherIds": [self.dora.uid, self.cid.uid]}
        path = new_task(self.bob, self.team, **{"due": due, **people, **fields})
        self.world.settle(times=2)
        return path

    def wait(self, path: str, by: timedelta) -> None:
        """Let time pass until the task has been late for so long, and the moments after that."""
        until(self.world, self.due_at(path))
        if by:
            until(self.world, self.due_at(path) + by)
        window_passes(self.world)

    def due_at(self, path: str) -> Any:
        return self.world.document(path)["dueAt"]

    def heard(self) -> list[list[str]]:
        """What each was told of escalations, by person."""
        return [
            [one["title"] for one in heard(self.world, each, "escalated")] for each in self.people
        ]


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)


TOLD = ["Still overdue: A task"]


def test_others_hear_of_it_after_the_hours(world: World, office: Office):
    """The owner, who made it and who watches it; not who should have done it, who knows."""
    path = office.task()

    until(world, office.due_at(path))
    until(world, office.due_at(path) + 4 * HOUR - 61 * SECOND)
    window_passes(world)
    before = office.heard()
    office.wait(path, 4 * HOUR)
    after = office.heard()
    world.pass_time(timedelta(days=2))

    assert [[], [], [], []] == before
    assert [TOLD, TOLD, [], TOLD] == after == office.heard()
    (event,) = (
        each
        for each in world.documents(f"workspaces/{office.team}/events")
        if each["type"] == "task.escalated"
    )
    others = sorted(each.uid for each in (office.ann, office.bob, office.dora))
    assert (office.due_at(path) + 4 * HOUR, others) == (event["at"], event["audience"])
    assert [] == world.documents("timers")


def test_unless_the_workspace_has_settled_on_it_nobody_does(world: World):
    """That is how workspaces begin."""
    office = Office(world, None)
    path = office.task()
    until(world, office.due_at(path))

    kinds = {each["kind"] for each in world.documents("timers")}
    office.wait(path, timedelta(days=31))

    assert "escalation" not in kinds
    assert [[], [], [], []] == office.heard()


@pytest.mark.parametrize("act", ["completed", "put off", "thrown away", "archived"])
def test_what_is_no_longer_overdue_is_not_escalated(world: World, office: Office, act: str):
    """The timer goes with the flag."""
    path = office.task()
    until(world, office.due_at(path))
    set_before = [each for each in world.documents("timers") if each["kind"] == "escalation"]
    later = {"due": zoned(soon(world, 24 * 9))}
    {
        "completed": lambda: office.cid.post(f"/{path}/completion"),
        "put off": lambda: office.cid.patch(f"/{path}", later),
        "thrown away": lambda: office.bob.delete(f"/{path}"),
        "archived": lambda: office.bob.post(f"/{path}/archive"),
    }[act]()
    world.settle()
    left = [each for each in world.documents("timers") if each["kind"] == "escalation"]
    world.pass_time(timedelta(days=1))
    window_passes(world)

    assert (1, []) == (len(set_before), left)
    assert [[], [], [], []] == office.heard()


def test_who_asked_for_more_patience_gets_it(world: World, office: Office):
    """What the settings say when the time has come counts."""
    path = office.task()
    until(world, office.due_at(path))
    office.settle_on(10)
    office.wait(path, 4 * HOUR)
    early = office.heard()
    office.wait(path, 10 * HOUR)

    assert ([[], [], [], []], [TOLD, TOLD, [], TOLD]) == (early, office.heard())


def test_who_settled_on_none_meanwhile_hears_nothing(world: World, office: Office):
    """The timer fires into nothing."""
    path = office.task()
    until(world, office.due_at(path))
    office.settle_on(None)
    office.wait(path, 4 * HOUR)
    mails_pass(world)

    assert [[], [], [], []] == office.heard()
    assert [] == world.documents("timers")


def test_opened_again_it_is_escalated_once(world: World, office: Office):
    """It is late for the same date, and everybody knows."""
    path = office.task()
    office.wait(path, 4 * HOUR)
    office.cid.post(f"/{path}/completion")
    world.settle(times=2)
    office.cid.delete(f"/{path}/completion")
    world.settle(times=3)
    window_passes(world)
    window_passes(world)

    assert world.document(path)["isOverdue"]
    assert [TOLD, TOLD, [], TOLD] == office.heard()


def test_what_an_undo_makes_overdue_again_is_escalated(world: World, office: Office):
    """It was put off, and that was taken back."""
    path = office.task()
    until(world, office.due_at(path))
    answer = office.cid.patch(f"/{path}", {"due": zoned(soon(world, 24 * 9))})
    world.settle()
    undone = office.cid.post("/undo", {"token": answer.headers["Undo-Token"]})
    world.settle(times=2)
    office.wait(path, 4 * HOUR)

    assert 200 == undone.status_code
    assert [TOLD, TOLD, [], TOLD] == office.heard()


def test_several_at_once_are_one_notification(world: World, office: Office):
    """As what is overdue is."""
    paths = [office.task(title=f"Task {number}") for number in range(3)]
    office.wait(paths[0], 4 * HOUR)

    assert ["3 tasks are still overdue"] == office.heard()[0]


def test_what_is_settled_holds_at_once(world: World):
    """Also where it was looked up a moment ago, and for what was overdue before."""
    office = Office(world, None)
    past = zoned(world.clock.now() - HOUR)
    before = office.task(due=past)
    office.settle_on(4)
    after = office.task(due=past)

    assert [True, True] == [world.document(each)["isOverdue"] for each in (before, after)]
    assert {each.rpartition("/")[2] for each in (before, after)} == {
        each["subject"]["taskId"]
        for each in world.documents("timers")
        if each["kind"] == "escalation"
    }


def test_an_app_settles_it_under_the_rules(world: World, office: Office):
    """Within a minute every worker has seen it."""
    office.settle_on(None)
    workspace = world.database.document(f"workspaces/{office.team}")
    settings = {"timezone": None, "weekStart": None, "escalateAfterHours": 2}
    workspace.update({"settings": settings})
    world.clock.advance(timedelta(minutes=1))
    path = office.task()
    office.wait(path, 2 * HOUR)

    assert [TOLD, TOLD, [], TOLD] == office.heard()


@pytest.mark.parametrize("hours", [0, -1, 721, 1.5, "4", True])
def test_hours_that_cannot_be(office: Office, hours: object):
    """From 1 to 720, and whole."""
    settings = {"settings": {"escalateAfterHours": hours}}
    answer = office.ann.patch(f"/workspaces/{office.team}", settings)

    assert 422 == answer.status_code
    assert "/settings/escalateAfterHours" == answer.json()["errors"][0]["pointer"]


def test_the_setting_can_be_taken_back(office: Office):
    """As any other."""
    settings = {"settings": {"escalateAfterHours": 8}}
    answer = office.ann.patch(f"/workspaces/{office.team}", settings)
    office.ann.post("/undo", {"token": answer.headers["Undo-Token"]})

    now = office.ann.get(f"/workspaces/{office.team}").json()["settings"]
    assert 4 == now["escalateAfterHours"]


@pytest.mark.parametrize("kind", [TimerKind.OVERDUE, TimerKind.ESCALATION])
@pytest.mark.parametrize("moment", [1, 2])
def test_a_worker_that_is_killed(world: World, office: Office, kind: TimerKind, moment: int):
    """Before and behind the commit; the alarm comes again, late and twice."""
    path = office.task()
    task_id = path.rpartition("/")[2]
    world.clock.move_to(office.due_at(path))
    if kind is TimerKind.ESCALATION:
        world.pass_time(timedelta())
        world.clock.move_to(office.due_at(path) + 4 * HOUR)
    (timer,) = (
        each
        for each in world.database.collection("timers").stream()
        if each.to_dict()["kind"] == kind.value
    )
    alarm = {"timerId": timer.id, "kind": kind.value, "workspaceId": office.team, "taskId": task_id}
    services = mortal_services(world, Fate(moment), MortalAtEveryCommit)
    with pytest.raises(Killed):
        services.firing.fire(alarm)

    for _ in range(2):
        world.services.firing.fire(alarm)
    office.wait(path, 4 * HOUR)
    world.pass_time(timedelta(hours=1))
    window_passes(world)

    assert [TOLD, TOLD, [], TOLD] == office.heard()
    assert 1 == len(heard(world, office.cid))


def test_what_it_costs(world: World, office: Office):
    """To flag a task: one read more in a minute for the settings, one write for the timer."""
    at = world.clock.now().replace(second=0, microsecond=0)
    due = {"due": zoned(at), "dueAt": at, "dueDay": f"{at:%F}"}
    flags = [_cost(world, office.ann.uid, each, "overdue") for each in _tasks(world, office, due)]
    office.settle_on(None)
    path = office.task()
    office.settle_on(1)
    until(world, office.due_at(path))
    office.world.clock.advance(HOUR)
    escalated = _cost(world, office.team, path.rpartition("/")[2], "escalation")

    assert [(3, 3, 2), (2, 2, 2)] == flags
    # Timer, task and settings; event, notice and timer.
    assert (2, 3, 3) == escalated


def _tasks(world: World, office: Office, state: dict[str, Any]) -> list[str]:
    return stored_tasks(world, office.ann, [state] * 2)


def _cost(world: World, workspace_id: str, task_id: str, kind: str) -> tuple[int, int, int]:
    subject = {"workspaceId": workspace_id, "taskId": task_id}
    timer = Timer(f"cost-{task_id}", TimerKind(kind), subject, world.clock.now())
    world.write(timer_path(timer.id), timer_fields(timer, TimerState.PROMOTED))
    with metered() as usage:
        world.services.firing.fire({"timerId": timer.id, "kind": kind, **subject})
    return usage.rpcs, usage.reads, usage.writes
