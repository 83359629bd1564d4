"""The ledger of a series, whoever closes an occurrence and however."""

import pytest

from tests.api.bulk import batch
from tests.api.intents import asked
from tests.api.ledgers import FIRST, FOURTH, SECOND, THIRD, Recurring, begun, on
from tests.api.relocating import moved
from tests.api.undoing import undone
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def daily(world: World, ann: Caller) -> Recurring:
    return begun(world, ann)


def by_api(daily: Recurring) -> None:
    assert 200 == daily.complete(FIRST).status_code


def by_app(daily: Recurring) -> None:
    now = daily.world.clock.now()
    daily.app_writes(FIRST, status="done", completedAt=now, completedBy=daily.owner.uid)


def by_bulk(daily: Recurring) -> None:
    act = {"op": "complete", "taskId": f"{daily.id}-{FIRST}"}
    assert 200 == batch(daily.owner, [act]).status_code


def by_intent(daily: Recurring) -> None:
    args = {"workspaceId": daily.workspace, "taskId": f"{daily.id}-{FIRST}"}
    assert "done" == asked(daily.world, daily.owner, "task.complete", **args)["state"]


class TestDone:
    """Completed, in every way that there is."""

    @pytest.mark.parametrize("complete", [by_api, by_app, by_bulk, by_intent])
    def test_the_next_comes_whoever_completes_it(self, world: World, daily: Recurring, complete):
        """One, and the ledger says when the first was done."""
        complete(daily)
        world.settle(times=2)

        assert {FIRST: "done", SECOND: "open"} == daily.ledger()
        assert [FIRST, SECOND] == daily.tasks()
        entries = daily.entries()
        assert (on(1, 8, 30), FIRST, on(2, 9)) == (
            entries[FIRST]["completedAt"],
            entries[SECOND]["after"],
            entries[SECOND]["scheduledAt"],
        )

    def test_thrown_away_afterwards_it_stays_done(self, world: World, daily: Recurring):
        """Nor does the next one go."""
        daily.completed(FIRST)

        daily.owner.delete(f"/{daily.task_path(FIRST)}")
        world.settle(times=2)

        assert {FIRST: "done", SECOND: "open"} == daily.ledger()
        assert daily.task(SECOND) is not None


def cancelling(daily: Recurring) -> None:
    answer = daily.owner.patch(f"/{daily.task_path(FIRST)}", {"status": "cancelled"})
    assert 200 == answer.status_code


def deleting(daily: Recurring) -> None:
    assert 204 == daily.owner.delete(f"/{daily.task_path(FIRST)}").status_code


def archiving(daily: Recurring) -> None:
    assert 200 == daily.owner.post(f"/{daily.task_path(FIRST)}/archive").status_code


def app_deleting(daily: Recurring) -> None:
    daily.app_writes(FIRST, deletedAt=daily.world.clock.now())


PUT_ASIDE = [cancelling, deleting, archiving, app_deleting]


class TestPutAside:
    """Closed without being done: the series goes on all the same."""

    @pytest.mark.parametrize("put_aside", PUT_ASIDE)
    def test_it_is_skipped_and_the_next_comes(self, world: World, daily: Recurring, put_aside):
        """Whether it was cancelled, thrown away or archived."""
        put_aside(daily)
        world.settle(times=2)

        assert {FIRST: "skipped", SECOND: "open"} == daily.ledger()
        assert daily.entries()[FIRST]["completedAt"] is None

    @pytest.mark.parametrize("put_aside", PUT_ASIDE)
    def test_brought_back_the_next_is_withdrawn(self, world: World, daily: Recurring, put_aside):
        """As long as nobody has touched it."""
        put_aside(daily)
        world.settle(times=2)

        daily.app_writes(FIRST, status="open", deletedAt=None, archivedAt=None)
        world.settle(times=2)

        assert {FIRST: "open"} == daily.ledger()
        assert (None, FIRST) == (daily.task(SECOND), daily.series["lastKey"])

    def test_moved_to_another_workspace_it_is_skipped_here(self, world: World, daily: Recurring):
        """The series stays, and so goes on; the task is one of its own over there."""
        bob = world.person("Bob")
        team = world.team(daily.owner, bob)

        moved(daily.owner, daily.workspace, f"{daily.id}-{FIRST}", team)
        world.settle(times=2)

        assert {FIRST: "skipped", SECOND: "open"} == daily.ledger()
        (there,) = world.documents(f"workspaces/{team}/tasks")
        assert (None, None) == (there["seriesId"], there["occurrenceKey"])


class TestMoved:
    """An open occurrence whose date somebody moves."""

    @pytest.mark.parametrize("how", ["patch", "app"])
    def test_the_ledger_says_so_until_it_is_back(self, world: World, daily: Recurring, how: str):
        """And the next one comes at its own time, from the rule."""
        at_noon = {"kind": "zoned", "date": "2027-03-01", "time": "12:00", "tz": "UTC"}
        before = (daily.task(FIRST) or {})["due"]
        states = []
        for due in (at_noon, before):
            if how == "patch":
                daily.owner.patch(f"/{daily.task_path(FIRST)}", {"due": due})
            else:
                daily.app_writes(FIRST, due=due)
            world.settle(times=2)
            states.append(daily.ledger()[FIRST])

        daily.completed(FIRST)

        assert ["moved", "open"] == states
        assert {FIRST: "done", SECOND: "open"} == daily.ledger()


class TestMissed:
    """What passed while the one before was open."""

    @pytest.mark.parametrize(
        ("catch_up", "ledger"),
        [
            ("skip", {FIRST: "done", SECOND: "missed", THIRD: "missed", FOURTH: "open"}),
            ("latest", {FIRST: "done", SECOND: "missed", THIRD: "open"}),
        ],
    )
    def test_it_is_recorded_as_the_series_says(
        self, world: World, ann: Caller, catch_up: str, ledger: dict
    ):
        """Completed on the third at noon; what was missed has no task."""
        series = begun(world, ann, catchUp=catch_up)
        series.go_to(on(3, 12))

        series.completed(FIRST)

        assert ledger == series.ledger()
        assert [key for key, state in ledger.items() if state != "missed"] == series.tasks()
        assert series.entries()[SECOND]["taskId"] is None

    def test_taken_back_it_is_as_if_nothing_had_been_missed(self, world: World, ann: Caller):
        """Undoing the completion takes those entries back too."""
        series = begun(world, ann)
        series.go_to(on(3, 12))
        before = series.entries()
        answer = series.complete(FIRST)
        world.settle(times=2)

        undone(ann, answer)
        world.settle(times=2)

        assert before == series.entries()

    def test_a_year_missed_is_one_entry(self, world: World, ann: Caller):
        """From its key to the one in `through`: a commit holds so much and no more."""
        series = begun(world, ann)
        series.go_to(on(1).replace(year=2028))

        series.completed(FIRST)

        entries = series.entries()
        assert [FIRST, SECOND, "20280301T0900"] == list(entries)
        assert ("missed", "20280229T0900") == (
            entries[SECOND]["state"],
            entries[SECOND]["through"],
        )


class TestTheEnd:
    """Nothing more can come."""

    def test_a_series_ends_with_its_last(self, world: World, ann: Caller):
        """Once that is done, not before; and opened again, it goes on."""
        series = begun(world, ann, rule="FREQ=DAILY;COUNT=2")
        states = []
        for key in (FIRST, SECOND):
            series.completed(key)
            states.append(series.series["state"])
        ann.delete(f"/{series.task_path(SECOND)}/completion")
        world.settle(times=2)

        assert ["active", "ended", "active"] == [*states, series.series["state"]]
        assert {FIRST: "done", SECOND: "open"} == series.ledger()

    def test_ended_by_somebody_it_stays_so(self, world: World, daily: Recurring):
        """Also where an occurrence is opened again, and what followed it is withdrawn."""
        daily.completed(FIRST)
        daily.owner.delete(f"/{daily.path}")
        daily.owner.delete(f"/{daily.task_path(FIRST)}/completion")
        world.settle(times=2)
        reopened = daily.ledger()

        daily.completed(FIRST)

        assert ({FIRST: "open"}, "ended") == (reopened, daily.series["state"])
        assert {FIRST: "done"} == daily.ledger()
