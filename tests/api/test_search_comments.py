"""Comments are found by what they say, as long as their task is there to be opened."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count

import pytest

from backend.adapters.firestore import Store
from backend.kit.documents import Create, Write
from backend.kit.ids import derived_id
from backend.search.following import CommentEntries
from backend.tasks.model import TaskRef
from backend.timers.firing import Alarm
from local.cloudtasks import Fault, FaultKind
from tests.api.commenting import app_changes, app_says, new_task, say
from tests.api.mortality import Killed
from tests.api.world import Caller, World

MANY = 230  # More than two commits take.
# So that alarms are the test's to ring.
LOSING = Fault(FaultKind.DROP, path="/internal/jobs/fire", count=0)


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def task(ann: Caller) -> str:
    """A task of Ann's; its path."""
    return new_task(ann, ann.uid, title="Launch")


def _found(caller: Caller, q: str) -> list[str]:
    answer = caller.get("/workspaces/me/search", params={"q": q, "pageSize": 50})
    assert answer.status_code == 200, answer.text
    return [hit["id"] for hit in answer.json()["items"] if hit["kind"] == "comment"]


def _id(path: str) -> str:
    return path.rpartition("/")[2]


class TestComments:
    """Said on either way, changed, taken back."""

    def test_a_comment_is_found_by_its_words(self, world: World, ann: Caller, task: str):
        """With the task it belongs to, and a piece of it instead of a title."""
        by_api = say(ann, task, "The **Crème** brûlée burnt")
        by_app = app_says(world, ann, task, "More creme, please")
        world.settle()

        hits = ann.get("/workspaces/me/search?q=creme&kind=comment").json()["items"]

        assert {_id(by_api), _id(by_app)} == {hit["id"] for hit in hits}
        assert [(_id(task), "")] * 2 == [(hit["taskId"], hit["title"]) for hit in hits]
        assert {"The **Crème** brûlée burnt", "More creme, please"} == {
            hit["snippet"] for hit in hits
        }

    def test_changes_are_followed(self, world: World, ann: Caller, task: str):
        """Edited, then deleted."""
        path = app_says(world, ann, task, "before")
        world.settle()
        app_changes(world, ann, path, body="afterwards")
        world.settle()
        edited = [_found(ann, "before"), _found(ann, "afterwards")]
        assert ann.delete(path).status_code in (200, 204)
        world.settle()

        assert [[], [_id(path)]] == edited
        assert [] == _found(ann, "afterwards")


class TestWithTheirTask:
    """They go to the trash with their task, and come back with it."""

    def test_what_lies_in_the_trash_is_not_found(self, world: World, ann: Caller, task: str):
        """Neither the task nor what was said about it."""
        path = say(ann, task, "Countdown")
        world.settle()
        found = [_found(ann, "countdown")]
        ann.delete(task)
        world.settle(times=2)
        found.append(_found(ann, "countdown"))
        world.clock.advance(timedelta(seconds=1))
        ann.post(f"{task}:restore")
        world.settle(times=2)
        found.append(_found(ann, "countdown"))

        assert [[_id(path)], [], [_id(path)]] == found

    def test_what_is_archived_says_so(self, world: World, ann: Caller, task: str):
        """And comes after what is not."""
        say(ann, task, "Countdown")
        world.settle()
        stamp = {"archivedAt": world.clock.now(), "updatedAt": world.clock.now()}
        fields = world.document(task[1:]) or {}
        world.write(task[1:], {**fields, **stamp, "rev": fields["rev"] + 1})
        world.settle(times=2)

        hits = ann.get("/workspaces/me/search?q=countdown").json()["items"]

        assert [True] == [hit["isArchived"] for hit in hits]

    def test_a_long_thread_goes_page_by_page_and_may_be_killed(
        self, world: World, ann: Caller, task: str
    ):
        """A hundred in a commit; whoever dies anywhere leaves the rest to the next alarm."""
        _thread(world, ann, task)
        world.settle()
        assert _number(world) == MANY
        world.tasks.script(LOSING)

        ann.delete(task)
        taken = _fired_until_spared(world, _reacted(world, ann, task))
        without = _number(world)
        ann.post(f"{task}:restore")
        put_back = _fired_until_spared(world, _reacted(world, ann, task))

        assert taken == 3
        assert put_back == 6
        assert (0, MANY) == (without, _number(world))

    def test_who_is_overtaken_looks_again(self, world: World, ann: Caller, task: str):
        """A task that goes to the trash while its comments are put back leaves none behind."""
        _thread(world, ann, task)
        world.settle()
        ann.delete(task)
        world.settle()
        world.tasks.script(LOSING)
        ann.post(f"{task}:restore")
        alarm = _reacted(world, ann, task)
        store = OvertakenStore(world.project_id, world.clock, emulated=True)
        store.meanwhile = [
            lambda: None,
            lambda: ann.delete(task),
            lambda: _reacted(world, ann, task),
        ]

        CommentEntries(store, world.clock).fire(alarm)

        assert [] == store.meanwhile
        assert 0 == _number(world)
        assert world.document(f"timers/{alarm.timer_id}") is None


class DyingStore(Store):
    """A store whose worker is killed at the `left`-th moment: before or after a commit."""

    left = 0

    def _commit(self, writes: Sequence[Write]) -> list[datetime]:
        self._moment()
        done = super()._commit(writes)
        self._moment()
        return done

    def _moment(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


class OvertakenStore(Store):
    """A store before whose commits others do something."""

    meanwhile: list[Callable[[], object]]

    def _commit(self, writes: Sequence[Write]) -> list[datetime]:
        if self.meanwhile:
            self.meanwhile.pop(0)()
        return super()._commit(writes)


def _thread(world: World, ann: Caller, task: str) -> None:
    """Many comments of long ago, which nobody is told of."""
    at = world.clock.now() - timedelta(days=30)
    path = app_says(world, ann, task, "thread", createdAt=at, updatedAt=at)[1:]
    fields = world.document(path) or {}
    parent = path.rpartition("/")[0]
    store = world.services.ports.store
    assert store.attempt([Create(f"{parent}/c{n:03}", fields) for n in range(MANY - 1)])


def _reacted(world: World, ann: Caller, task: str) -> Alarm:
    """Let the reactor look at a task; return the alarm of the timer it has set."""
    world.services.reactor.react(TaskRef(ann.uid, _id(task)))
    subject = {"workspaceId": ann.uid, "taskId": _id(task)}
    alarm = Alarm(derived_id("commentEntries", ann.uid, _id(task)), subject)
    assert world.document(f"timers/{alarm.timer_id}") is not None
    return alarm


def _fired_until_spared(world: World, alarm: Alarm) -> int:
    """Fire an alarm by workers that are killed, each a moment later; return how many were."""
    for at in count(1):
        store = DyingStore(world.project_id, world.clock, emulated=True)
        store.left = at
        try:
            CommentEntries(store, world.clock).fire(alarm)
        except Killed:
            continue
        assert world.document(f"timers/{alarm.timer_id}") is None
        return at - 1
    raise AssertionError("unreachable")


def _number(world: World) -> int:
    """How many comments can be found."""
    entries = world.database.collection("searchEntries")
    return len([each for each in entries.stream() if each.get("kind") == "comment"])
