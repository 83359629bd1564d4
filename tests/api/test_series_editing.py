"""PATCH /api/v1/workspaces/{w}/series/{s}: what is to come follows, and so does the open one."""

from tests.api.weekly import FIRST, SECOND, due_of, weekly
from tests.api.world import World


class TestEditing:
    """A weekly report."""

    def test_the_open_one_and_the_next_have_the_new_words(self, world: World):
        """The template is that of the open one, and of all to come."""
        series = weekly(world)

        edited = series.ann.patch(series.path, {"title": "Minutes", "priority": "high"})
        series.complete(FIRST)

        assert (200, "Minutes") == (edited.status_code, edited.json()["template"]["title"])
        assert ["Minutes", "Minutes"] == [task["title"] for task in series.tasks()]
        assert 3 == series.task(SECOND)["priority"]

    def test_what_somebody_changed_of_the_open_one_stays(self, world: World):
        """What the series says is for those who have not said otherwise."""
        series = weekly(world)
        series.ann.patch(series.at_task(FIRST), {"title": "Mine", "due": {"date": "2027-03-03"}})

        series.ann.patch(
            series.path, {"title": "Theirs", "description": "Both", "repeat": "every Tuesday"}
        )

        open_one = series.task("20270302T0900")
        assert ("Mine", "Both") == (open_one["title"], open_one["description"])
        assert ("2027-03-03", "09:00") == due_of(open_one)

    def test_another_rule_moves_the_open_one_to_its_next_day(self, world: World):
        """Its task is the same, under another key; and only one follows from it."""
        series = weekly(world)
        task_id = series.task_id(FIRST)

        edited = series.ann.patch(series.path, {"rule": "FREQ=WEEKLY;BYDAY=WE"})
        series.complete("20270303T0900")

        assert ("FREQ=WEEKLY;BYDAY=WE", "every Wednesday", "20270303T0900") == tuple(
            edited.json()[name] for name in ("rule", "repeat", "lastKey")
        )
        assert task_id == series.task_id("20270303T0900")
        assert ("2027-03-03", "09:00") == due_of(series.task("20270303T0900"))
        assert {"20270303T0900": "done", "20270310T0900": "open"} == series.ledger()

    def test_another_time_takes_exceptions_along(self, world: World):
        """An EXDATE is about a day; the open one and all later ones are at another time."""
        series = weekly(world, exdates=[SECOND])

        edited = series.ann.patch(series.path, {"start": _at("2027-03-01", "17:30")})
        series.complete("20270301T1730")

        assert ["20270308T1730"] == edited.json()["exdates"]
        assert {"20270301T1730": "done", "20270315T1730": "open"} == series.ledger()

    def test_a_time_in_words_is_that_of_the_start(self, world: World):
        """Who says "at 17:30" means it, also where the start had a time before."""
        series = weekly(world)

        edited = series.ann.patch(series.path, {"repeat": "every Monday at 17:30"})
        series.complete("20270301T1730")

        assert ("every Monday", _at("2027-03-01", "17:30")) == tuple(
            edited.json()[name] for name in ("repeat", "start")
        )
        assert {"20270301T1730": "done", "20270308T1730": "open"} == series.ledger()

    def test_a_day_of_the_new_rule_stays(self, world: World):
        """Daily instead of weekly: what is due on Monday is still due on Monday."""
        series = weekly(world)

        edited = series.ann.patch(series.path, {"repeat": "every day"})
        series.complete(FIRST)

        assert FIRST == edited.json()["lastKey"]
        assert {FIRST: "done", "20270302T0900": "open"} == series.ledger()

    def test_an_ended_series_goes_on_with_a_longer_rule(self, world: World):
        """COUNT=1 was meant to be 3."""
        series = weekly(world, rule="FREQ=WEEKLY;BYDAY=MO;COUNT=1")
        series.complete(FIRST)
        ended = series.now()["state"]

        longer = series.ann.patch(series.path, {"rule": "FREQ=WEEKLY;BYDAY=MO;COUNT=3"})

        assert ("ended", "active") == (ended, longer.json()["state"])
        assert {FIRST: "done", SECOND: "open"} == series.ledger()

    def test_only_at_its_revision(self, world: World):
        """412 says how the series is now."""
        series = weekly(world)
        tag = series.ann.get(series.path).headers["ETag"]

        codes = [
            series.ann.patch(series.path, {"title": title}, headers={"If-Match": tag}).status_code
            for title in ("A", "B")
        ]

        assert [200, 412] == codes
        assert "A" == series.now()["template"]["title"]

    def test_an_edit_is_taken_back(self, world: World):
        """Series, ledger and the open task are as they were."""
        series = weekly(world)
        before = series.picture()

        edited = series.ann.patch(
            series.path, {"title": "Else", "rule": "FREQ=WEEKLY;BYDAY=WE", "catchUp": "latest"}
        )
        changed = series.picture()
        undone = series.undo(edited)

        assert [] == undone["kept"]
        assert before != changed
        assert before == series.picture()

    def test_an_edit_done_with_is_not_taken_back_by_halves(self, world: World):
        """Once it was completed the open one keeps its new day; the rule alone goes back."""
        series = weekly(world)

        edited = series.ann.patch(series.path, {"rule": "FREQ=WEEKLY;BYDAY=WE"})
        series.complete("20270303T0900")
        series.undo(edited)

        assert "FREQ=WEEKLY;BYDAY=MO" == series.now()["rule"]
        assert {"20270303T0900": "done", "20270310T0900": "open"} == series.ledger()
        assert "20270303T0900" == series.task("20270303T0900")["occurrenceKey"]


def _at(day: str, time: str) -> dict[str, str]:
    return {"date": day, "time": time, "tz": "Europe/Berlin"}


class TestTimers:
    """Where all are to come at their own time."""

    def test_the_next_one_moves_with_the_rule(self, world: World):
        """Its timer is set, moved and withdrawn with what the series says."""
        series = weekly(world)
        changes = [{"catchUp": "all"}, {"rule": "FREQ=WEEKLY;BYDAY=WE"}, {"catchUp": "skip"}]
        found = []

        for change in changes:
            answer = series.ann.patch(series.path, change)
            world.settle()
            timers = world.documents("timers")
            mine = [each for each in timers if each["subject"].get("seriesId") == series.id]
            found.append((answer.json()["nextAt"], [each["fireAt"].day for each in mine]))

        assert [
            ("2027-03-08T08:00:00.000Z", [8]),
            ("2027-03-10T08:00:00.000Z", [10]),
            ("2027-03-10T08:00:00.000Z", []),
        ] == found

    def test_a_paused_one_is_changed_and_makes_nothing(self, world: World):
        """Neither by a new rule nor by parting it; its open one follows all the same."""
        series = weekly(world)
        series.ann.post(f"{series.path}/pause")

        edited = series.ann.patch(series.path, {"rule": "FREQ=WEEKLY;BYDAY=WE"})
        parted = series.ann.patch(
            series.occurrence("20270310T0900", "?scope=following"), {"title": "B"}
        )

        assert (None, 409) == (edited.json()["nextAt"], parted.status_code)
        assert {"20270303T0900": "open"} == series.ledger()
