"""PATCH …/occurrences/{key}?scope=following|all: a series of their own, or the whole."""

import pytest

from tests.api.weekly import FIRST, SECOND, THIRD, Weekly, due_of, weekly
from tests.api.world import World


class TestFollowing:
    """This one and those that follow."""

    def test_from_the_open_one_on(self, world: World):
        """The new series takes the task over; the old one ends before it and stays as it was."""
        series = weekly(world, rule="FREQ=WEEKLY;BYDAY=MO;COUNT=4", catchUp="latest")
        series.complete(FIRST)
        task_id = series.task_id(SECOND)

        answer = _following(series, SECOND, title="Minutes", time="10:30")
        world.settle()
        after = series.another(answer["seriesId"])

        assert ("open", "20270308T1030", task_id) == (
            answer["state"],
            answer["key"],
            answer["taskId"],
        )
        assert ("ended", "FREQ=WEEKLY;UNTIL=20270308T075959Z;BYDAY=MO") == _is(series)
        assert ("active", "FREQ=WEEKLY;COUNT=3;BYDAY=MO") == _is(after)
        assert (series.id, "latest") == (after.now()["follows"], after.now()["catchUp"])
        assert {FIRST: "done"} == series.ledger()
        assert {"20270308T1030": "open"} == after.ledger()
        task = after.task("20270308T1030")
        assert ("Minutes", ("2027-03-08", "10:30")) == (task["title"], due_of(task))
        assert ["Report"] == [each["title"] for each in series.tasks()]

    def test_each_goes_on_by_itself(self, world: World):
        """The new one brings its next; the old one brings none."""
        series = weekly(world)
        series.complete(FIRST)

        after = series.another(_following(series, SECOND, title="Minutes")["seriesId"])
        world.settle()
        after.complete(SECOND)

        assert {SECOND: "done", THIRD: "open"} == after.ledger()
        assert {FIRST: "done"} == series.ledger()
        assert ["Minutes", "Minutes"] == [task["title"] for task in after.tasks()]

    @pytest.mark.parametrize("scope", ["following", "all"])
    def test_a_time_in_words(self, world: World, scope: str):
        """The words are about all that change, and so is their time."""
        series = weekly(world)

        answer = series.ann.patch(
            f"{series.occurrence(FIRST)}?scope={scope}", {"repeat": "every Monday at 10:30"}
        )
        series.complete("20270301T1030")

        assert (200, "20270301T1030") == (answer.status_code, answer.json()["key"])
        assert {"20270301T1030": "done", "20270308T1030": "open"} == series.ledger()

    def test_a_time_beside_another_in_words(self, world: World):
        """Neither is guessed to be the one that was meant."""
        series = weekly(world)
        changes = {"repeat": "every Monday at 10:30", "time": "11:00"}

        refused = series.ann.patch(f"{series.occurrence(FIRST)}?scope=all", changes)

        assert (422, "/repeat") == (refused.status_code, refused.json()["errors"][0]["pointer"])

    def test_from_one_to_come(self, world: World):
        """The new series begins with a task of its own; plans for its occurrences go along."""
        series = weekly(world, exdates=["20270322T0900"])
        series.ann.patch(series.occurrence(SECOND), {"title": "Second"})
        series.ann.patch(series.occurrence("20270329T0900"), {"title": "Fifth"})

        after = series.another(_following(series, THIRD, priority="high")["seriesId"])
        world.settle()
        series.complete(FIRST)
        series.complete(SECOND)
        after.complete(THIRD)

        assert ("ended", {FIRST: "done", SECOND: "done"}) == (_is(series)[0], series.ledger())
        assert {THIRD: "done", "20270329T0900": "open"} == after.ledger()
        assert ["Report", "Second", "Report", "Fifth"] == [
            task["title"] for task in series.tasks() + after.tasks()
        ]
        assert 3 == after.task(THIRD)["priority"]

    def test_plans_for_the_one_it_begins_with(self, world: World):
        """Its task has what somebody had changed of it before."""
        series = weekly(world)
        series.ann.patch(series.occurrence(SECOND), {"title": "In the hall"})

        after = series.another(_following(series, SECOND, priority="low")["seriesId"])

        task = after.task(SECOND)
        assert ("In the hall", 1) == (task["title"], task["priority"])
        assert {FIRST: "open"} == series.ledger()

    def test_from_the_first_on_is_all(self, world: World):
        """Nothing would be left of the old one, so it changes itself."""
        series = weekly(world)

        answer = _following(series, FIRST, title="Minutes")

        assert (series.id, "Minutes") == (answer["seriesId"], series.task(FIRST)["title"])
        assert 1 == len(series.ann.get("/workspaces/me/series").json()["items"])

    def test_on_another_day_by_another_rule(self, world: World):
        """The open one moves with its series, whatever it was due before."""
        series = weekly(world)
        series.complete(FIRST)

        after = series.another(
            _following(series, SECOND, date="2027-03-09", repeat="every Tuesday")["seriesId"]
        )
        world.settle()

        assert ("active", "FREQ=WEEKLY;BYDAY=TU") == _is(after)
        assert ("2027-03-09", "09:00") == due_of(after.task("20270309T0900"))

    @pytest.mark.parametrize("scope", ["following", "all"])
    def test_another_day_needs_another_rule(self, world: World, scope: str):
        """Mondays do not move to Tuesday by themselves."""
        series = weekly(world)
        path = series.occurrence(FIRST, f"?scope={scope}")

        refused = series.ann.patch(path, {"date": "2027-03-02"})

        assert (422, "/date") == (refused.status_code, refused.json()["errors"][0]["pointer"])

    @pytest.mark.parametrize("key", [SECOND, THIRD])
    def test_it_is_taken_back(self, world: World, key: str):
        """From the open one on, and from one to come: one series again, as it was."""
        series = weekly(world)
        series.complete(FIRST)
        series.ann.patch(series.occurrence("20270322T0900"), {"title": "Planned"})
        before = series.picture()

        path = series.occurrence(key, "?scope=following")
        parted = series.ann.patch(path, {"title": "Minutes", "time": "10:30"})
        world.settle()
        after = series.another(parted.json()["seriesId"])
        undone = series.undo(parted)

        assert [] == undone["kept"]
        assert before == series.picture()
        assert "ended" == after.now()["state"]
        assert [] == [task for task in after.tasks() if task["deletedAt"] is None]


class TestAll:
    """All that are to be done."""

    def test_the_open_one_and_the_rest(self, world: World):
        """What is said of this one is said of it, too, though somebody had changed that."""
        series = weekly(world)
        series.ann.patch(series.at_task(FIRST), {"title": "Mine"})

        answer = series.ann.patch(
            series.occurrence(FIRST, "?scope=all"), {"title": "Ours", "time": "08:15"}
        )
        world.settle()
        series.complete("20270301T0815")

        assert (200, "20270301T0815") == (answer.status_code, answer.json()["key"])
        assert [("Ours", ("2027-03-01", "08:15")), ("Ours", ("2027-03-08", "08:15"))] == [
            (task["title"], due_of(task)) for task in series.tasks()
        ]

    def test_an_interval_moves_with_its_day(self, world: World):
        """A rule that names no day counts from the new one."""
        series = weekly(world, rule="FREQ=WEEKLY")

        series.ann.patch(series.occurrence(FIRST, "?scope=all"), {"date": "2027-03-03"})
        world.settle()
        series.complete("20270303T0900")

        assert {"20270303T0900": "done", "20270310T0900": "open"} == series.ledger()

    def test_said_of_one_to_come(self, world: World):
        """Another time is that of all, the open one first; a day moves with the open one alone."""
        series = weekly(world, rule="FREQ=WEEKLY;COUNT=3")
        path = series.occurrence(THIRD, "?scope=all")

        codes = [
            series.ann.patch(path, change).status_code
            for change in ({"date": "2027-03-17"}, {"time": "08:15"})
        ]
        world.settle()
        series.complete("20270301T0815")

        assert [422, 200] == codes
        assert {"20270301T0815": "done", "20270308T0815": "open"} == series.ledger()

    def test_what_is_left_of_a_count_stays_so(self, world: World):
        """Moved to another day after the first of three, two are left."""
        series = weekly(world, rule="FREQ=WEEKLY;COUNT=3")
        series.complete(FIRST)

        series.ann.patch(series.occurrence(SECOND, "?scope=all"), {"date": "2027-03-10"})

        assert ("active", "FREQ=WEEKLY;COUNT=2") == _is(series)
        assert {FIRST: "done", "20270310T0900": "open"} == series.ledger()

    def test_to_an_earlier_day_and_back_to_the_old_one(self, world: World):
        """The day it had comes again later, with a task of its own."""
        series = weekly(world, rule="FREQ=DAILY", start={"date": "2027-03-04", "tz": "UTC"})

        series.ann.patch(series.occurrence("20270304", "?scope=all"), {"date": "2027-03-03"})
        world.settle()
        series.complete("20270303")
        series.complete("20270304")

        assert {"20270303": "done", "20270304": "done", "20270305": "open"} == series.ledger()
        assert 3 == len({series.task_id(key) for key in series.ledger()})

    def test_it_is_taken_back(self, world: World):
        """Another day and time and words, and back."""
        series = weekly(world, rule="FREQ=WEEKLY")
        before = series.picture()

        path = series.occurrence(FIRST, "?scope=all")
        changed = series.ann.patch(path, {"date": "2027-03-03", "time": "07:00", "title": "Ours"})
        world.settle()
        series.undo(changed)

        assert before == series.picture()


def _following(series: Weekly, key: str, **changes: str) -> dict[str, str]:
    answer = series.ann.patch(series.occurrence(key, "?scope=following"), changes)
    assert 200 == answer.status_code, answer.text
    found: dict[str, str] = answer.json()
    return found


def _is(series: Weekly) -> tuple[str, str]:
    now = series.now()
    return now["state"], now["rule"]
