"""Series whose documents are not as they should be: nothing is stuck, nothing is made twice."""

import pytest

from backend.recurrence.turning import Turning
from backend.tasks.documents import task_of
from tests.api.ledgers import FIRST, SECOND, Recurring, begun, on
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def daily(world: World, ann: Caller) -> Recurring:
    return begun(world, ann)


class TestWhatIsThere:
    """The place of the next occurrence is taken, after a backup was restored, say."""

    def test_an_entry_becomes_that_of_the_next(self, world: World, daily: Recurring):
        """Missed once, and then made after all; what was planned for it is done."""
        entry = {**daily.entries()[FIRST], "key": SECOND, "state": "missed", "taskId": None}
        world.write(f"{daily.path}/occurrences/{SECOND}", {**entry, "changes": {"title": "B"}})

        daily.completed(FIRST)

        assert {FIRST: "done", SECOND: "open"} == daily.ledger()
        assert "B" == (daily.task(SECOND) or {})["title"]

    def test_a_task_stays_as_it_is(self, world: World, daily: Recurring):
        """It is the next one, whatever has become of it."""
        world.write(daily.task_path(SECOND), {**(daily.task(FIRST) or {}), "title": "Found"})
        world.database.document(daily.task_path(SECOND)).update({"occurrenceKey": SECOND})
        world.settle()

        daily.completed(FIRST)

        assert {FIRST: "done", SECOND: "open"} == daily.ledger()
        assert "Found" == (daily.task(SECOND) or {})["title"]

    def test_a_place_that_many_take_is_found_out_once(self, world: World, ann: Caller):
        """Where all come: of three that come together, one is there."""
        series = begun(world, ann, catchUp="all")
        entry = {**series.entries()[FIRST], "key": SECOND, "state": "missed", "taskId": None}
        world.write(f"{series.path}/occurrences/{SECOND}", entry)

        series.go_to(on(3, 12))

        assert ["open", "open", "open"] == list(series.ledger().values())


class TestOvertaken:
    """The reactor has read a series, and somebody changes it before the reactor writes."""

    @pytest.mark.parametrize("scope", ["following", "all"])
    def test_no_entry_is_left_under_the_former_key(
        self, world: World, daily: Recurring, scope: str
    ):
        """The task was moved by an app; its occurrence is another by now."""
        daily.completed(FIRST)
        before = daily.task(SECOND) or {}
        daily.app_writes(SECOND, due={**before["due"], "time": "12:00"})
        store, now = world.services.ports.store, world.clock.now()
        moved = task_of(store.get(daily.task_path(SECOND)))
        reaction = Turning(store, world.services.workspaces).turning(moved, now=now)
        answer = daily.owner.patch(
            f"/{daily.path}/occurrences/{SECOND}?scope={scope}", {"time": "10:00"}
        )

        assert (200, False) == (answer.status_code, store.attempt(reaction.writes))
        assert SECOND not in daily.ledger()


class TestUnreadable:
    """A series that no one can make sense of."""

    def test_its_task_is_a_task_all_the_same(self, world: World, daily: Recurring):
        """Completed and counted; the series stays as it is, and somebody is told."""
        world.database.document(daily.path).update({"rule": "FREQ=SECONDLY"})

        daily.completed(FIRST)

        workspace = world.document(f"workspaces/{daily.workspace}") or {}
        assert 1 == workspace["counters"]["doneTasks"]
        assert ({FIRST: "open"}, [FIRST]) == (daily.ledger(), daily.tasks())

    def test_a_key_that_is_none(self, world: World, daily: Recurring):
        """What else follows from the task does."""
        world.database.document(daily.task_path(FIRST)).update({"occurrenceKey": "none"})

        daily.completed(FIRST)

        workspace = world.document(f"workspaces/{daily.workspace}") or {}
        assert (1, [FIRST]) == (workspace["counters"]["doneTasks"], [*daily.ledger()])

    def test_a_series_that_is_gone_brings_nothing(self, world: World, daily: Recurring):
        """Its tasks are tasks."""
        world.database.document(daily.path).delete()

        daily.completed(FIRST)

        assert [FIRST] == daily.tasks()

    def test_one_of_an_earlier_version_goes_on(self, world: World, daily: Recurring):
        """It has none of the fields that came later, and gets them as it goes on."""
        old = {
            name: value
            for name, value in daily.series.items()
            if name not in ("rdates", "exdates", "catchUp", "nextAt", "pausedAt", "follows")
            and name not in ("planned", "taskIds")
        }
        world.write(daily.path, old)

        daily.completed(FIRST)

        assert {FIRST: "done", SECOND: "open"} == daily.ledger()
        assert ("skip", on(3, 9)) == (daily.series["catchUp"], daily.series["nextAt"])
