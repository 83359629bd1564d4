"""Pausing a series, letting it go on, and letting go of what was missed."""

import pytest

from tests.api.ledgers import DAILY, FIRST, FOURTH, SECOND, THIRD, Recurring, begun, on
from tests.api.undoing import undone
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def paused(world: World, ann: Caller, **changes) -> Recurring:
    """A series whose first was done before the pause began, which is on the second at noon."""
    series = begun(world, ann, **changes)
    assert 200 == ann.post(f"/{series.path}/pause").status_code
    series.completed(FIRST)
    series.go_to(on(3, 12))
    return series


class TestPause:
    """While it is paused nothing is made."""

    @pytest.mark.parametrize("catch_up", ["skip", "latest", "all"])
    def test_nothing_comes(self, world: World, ann: Caller, catch_up: str):
        """Neither by time nor by completion; and the series names no next."""
        series = paused(world, ann, catchUp=catch_up)

        assert {FIRST: "done"} == series.ledger()
        assert ([], None, "active") == (
            series.timers(),
            series.series["nextAt"],
            series.series["state"],
        )

    @pytest.mark.parametrize(
        ("catch_up", "ledger"),
        [
            ("skip", {FIRST: "done", SECOND: "missed", THIRD: "missed", FOURTH: "open"}),
            ("latest", {FIRST: "done", SECOND: "missed", THIRD: "open"}),
            ("all", {FIRST: "done", SECOND: "open", THIRD: "open"}),
        ],
    )
    def test_resumed_it_catches_up_as_it_says(
        self, world: World, ann: Caller, catch_up: str, ledger: dict
    ):
        """On the third at noon, at once."""
        series = paused(world, ann, catchUp=catch_up)

        resumed = ann.delete(f"/{series.path}/pause")
        world.settle(times=2)

        assert 200 == resumed.status_code
        assert ledger == series.ledger()

    def test_resumed_while_one_is_open_it_waits_for_that(self, world: World, ann: Caller):
        """One is open at a time."""
        series = begun(world, ann)
        for call in (ann.post, ann.delete):
            assert 200 == call(f"/{series.path}/pause").status_code
        world.settle()
        waiting = series.ledger()

        series.completed(FIRST)

        assert {FIRST: "open"} == waiting
        assert {FIRST: "done", SECOND: "open"} == series.ledger()

    def test_from_completion_it_counts_from_now(self, world: World, ann: Caller):
        """Resumed on the third at noon: tomorrow."""
        series = paused(world, ann, mode="afterCompletion")

        ann.delete(f"/{series.path}/pause")

        assert {FIRST: "done", FOURTH: "open"} == series.ledger()

    @pytest.mark.parametrize("catch_up", ["skip", "latest"])
    def test_going_on_is_taken_back(self, world: World, ann: Caller, catch_up: str):
        """What came goes, and comes again once the series goes on for good."""
        series = paused(world, ann, catchUp=catch_up)
        before = series.entries(), series.series["lastKey"], series.series["pausedAt"]
        answer = ann.delete(f"/{series.path}/pause")
        world.settle(times=2)
        came = series.entries()

        undone(ann, answer)
        world.settle(times=2)
        back = series.entries(), series.series["lastKey"], series.series["pausedAt"]
        ann.delete(f"/{series.path}/pause")
        world.settle(times=2)

        assert before == back
        assert came == series.entries()

    def test_doing_either_again_changes_nothing(self, world: World, ann: Caller):
        """And offers nothing to take back."""
        series = begun(world, ann)
        calls = [ann.post, ann.post, ann.delete, ann.delete]

        answers = [call(f"/{series.path}/pause") for call in calls]

        assert [2, 2, 3, 3] == [each.json()["rev"] for each in answers]
        assert [True, False, True, False] == ["Undo-Token" in each.headers for each in answers]

    def test_only_at_its_revision(self, world: World, ann: Caller):
        """Somebody else has paused it meanwhile."""
        series = begun(world, ann)
        tag = ann.get(f"/{series.path}").headers["ETag"]

        codes = [
            ann.call(method, f"/{series.path}/pause", headers={"If-Match": tag}).status_code
            for method in ("POST", "DELETE")
        ]

        assert [200, 412] == codes

    def test_what_has_ended_cannot_be_paused(self, world: World, ann: Caller):
        """Nor go on."""
        series = begun(world, ann)
        ann.delete(f"/{series.path}")

        answers = [call(f"/{series.path}/pause") for call in (ann.post, ann.delete)]

        assert [(409, "invalid-transition")] * 2 == [
            (each.status_code, each.json()["code"]) for each in answers
        ]

    def test_a_pause_is_taken_back(self, world: World, ann: Caller):
        """As if it had never been."""
        series = begun(world, ann, catchUp="all")
        answer = ann.post(f"/{series.path}/pause")

        undone(ann, answer)

        assert (None, on(2, 9), [on(2, 9)]) == (
            series.series["pausedAt"],
            series.series["nextAt"],
            series.timers(),
        )


class TestSkippingMissed:
    """`:skipMissed`"""

    @pytest.mark.parametrize("catch_up", ["skip", "latest"])
    def test_the_overdue_one_is_skipped(self, world: World, ann: Caller, catch_up: str):
        """Its task is cancelled, what passed is missed, and the first to come is there."""
        series = begun(world, ann, catchUp=catch_up)
        series.go_to(on(3, 12))

        answer = ann.post(f"/{series.path}:skipMissed")
        at_once = series.ledger()
        world.settle(times=2)

        assert 200 == answer.status_code
        assert {
            FIRST: "skipped",
            SECOND: "missed",
            THIRD: "missed",
            FOURTH: "open",
        } == at_once
        assert at_once == series.ledger()
        assert ("cancelled", ann.uid) == (
            series.task(FIRST)["status"],
            series.task(FIRST)["updatedBy"],
        )

    def test_where_all_came_all_that_are_late_are_skipped(self, world: World, ann: Caller):
        """And the next comes early."""
        series = begun(world, ann, catchUp="all")
        series.go_to(on(3, 12))
        series.completed(SECOND)

        ann.post(f"/{series.path}:skipMissed")
        world.settle(times=2)

        assert {
            FIRST: "skipped",
            SECOND: "done",
            THIRD: "skipped",
            FOURTH: "open",
        } == series.ledger()
        assert [on(5, 9)] == series.timers()

    def test_one_that_was_moved_to_before_its_time(self, world: World, ann: Caller):
        """It is late, though the rule has it come only now."""
        series = begun(
            world, ann, rule="FREQ=WEEKLY", start={**DAILY["start"], "date": "2027-03-05"}
        )
        key = "20270305T0900"
        ann.patch(f"/{series.path}/occurrences/{key}", {"date": "2027-03-02"})
        series.go_to(on(3, 12))

        ann.post(f"/{series.path}:skipMissed")
        world.settle(times=2)

        assert {key: "skipped", "20270312T0900": "open"} == series.ledger()

    def test_where_nothing_is_late_nothing_changes(self, world: World, ann: Caller):
        """The one open is still to be done in time."""
        series = begun(world, ann)

        answer = ann.post(f"/{series.path}:skipMissed")

        assert (200, False) == (answer.status_code, "Undo-Token" in answer.headers)
        assert {FIRST: "open"} == series.ledger()

    def test_taken_back_it_is_as_before(self, world: World, ann: Caller):
        """Task, ledger and series; the one that came is gone."""
        series = begun(world, ann)
        series.go_to(on(3, 12))
        before = series.entries(), series.series["lastKey"]
        answer = ann.post(f"/{series.path}:skipMissed")
        world.settle(times=2)

        undone(ann, answer)
        world.settle(times=2)

        assert before == (series.entries(), series.series["lastKey"])
        assert ("open", None) == (series.task(FIRST)["status"], series.task(FOURTH))
