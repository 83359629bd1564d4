"""…/series/{s}/occurrences: changing one alone, skipping one, and the ledger's pages."""

from typing import Any

import pytest

from tests.api.weekly import FIRST, SECOND, THIRD, due_of, weekly
from tests.api.world import World

EVERY_SIX_HOURS = {
    "rule": "FREQ=HOURLY;INTERVAL=6",
    "start": {"date": "2027-03-02", "time": "08:00", "tz": "Asia/Tokyo"},
}
IN_THE_MORNING = "20270302T2300Z"  # The 3rd of March, 8:00 in Tokyo.


class TestThisOne:
    """PATCH …/occurrences/{key}."""

    def test_an_open_one_moves_alone(self, world: World):
        """Its task is due then, the ledger says so, and the next comes on its own day."""
        series = weekly(world)

        moved = series.ann.patch(
            series.occurrence(FIRST), {"date": "2027-03-02", "time": "11:00", "title": "Once"}
        )
        series.complete(FIRST)

        assert (200, "moved", FIRST) == (
            moved.status_code,
            moved.json()["state"],
            moved.json()["key"],
        )
        assert ("2027-03-02", "11:00") == due_of(series.task(FIRST))
        assert ["Once", "Report"] == [task["title"] for task in series.tasks()]
        assert ("2027-03-08", "09:00") == due_of(series.task(SECOND))

    def test_one_to_come_is_made_as_planned(self, world: World):
        """What was changed before its time is there when its time comes."""
        series = weekly(world)

        planned = series.ann.patch(
            series.occurrence(SECOND), {"title": "In the hall", "date": "2027-03-09"}
        )
        again = series.ann.patch(series.occurrence(SECOND), {"priority": "low"})
        ledger = series.ledger()
        series.complete(FIRST)
        series.complete(SECOND)

        due = {"kind": "zoned", "date": "2027-03-09", "time": "09:00", "tz": "Europe/Berlin"}
        assert ("moved", None, {"title": "In the hall", "due": due}) == tuple(
            planned.json()[name] for name in ("state", "taskId", "changes")
        )
        assert "low" == again.json()["changes"]["priority"]
        assert {FIRST: "open", SECOND: "moved"} == ledger
        task = series.task(SECOND)
        assert ("In the hall", 1, ("2027-03-09", "09:00")) == (
            task["title"],
            task["priority"],
            due_of(task),
        )
        assert "Report" == series.task(THIRD)["title"]

    def test_a_planned_one_follows_another_time(self, world: World):
        """Plans are about a day: they stay when all come at another time."""
        series = weekly(world)
        series.ann.patch(series.occurrence(SECOND), {"title": "In the hall"})

        start = {"date": "2027-03-01", "time": "17:00", "tz": "Europe/Berlin"}
        series.ann.patch(series.path, {"start": start})
        series.complete("20270301T1700")

        assert "In the hall" == series.task("20270308T1700")["title"]

    def test_a_closed_one_does_not_change(self, world: World):
        """409, and nothing of it is otherwise."""
        series = weekly(world)
        series.complete(FIRST)
        before = series.picture()

        answers = [
            series.ann.patch(series.occurrence(FIRST, query), {"title": "Too late"})
            for query in ("", "?scope=following", "?scope=all")
        ]
        answers.append(series.ann.post(series.occurrence(FIRST, ":skip")))

        assert [(409, "invalid-transition")] * 4 == [
            (each.status_code, each.json()["code"]) for each in answers
        ]
        assert before == series.picture()

    def test_what_is_no_occurrence_is_not_there(self, world: World):
        """Not a Tuesday, not the past, not nonsense."""
        series = weekly(world)
        keys = ["20270302T0900", "20270222T0900", "20270301", "x", "20270308T0700Z"]

        codes = [
            series.ann.patch(series.occurrence(key), {"title": "A"}).status_code for key in keys
        ]

        assert [404] * 5 == codes

    def test_one_alone_has_no_rule(self, world: World):
        """422 names each field that is about more than one."""
        series = weekly(world)

        refused = series.ann.patch(
            series.occurrence(FIRST), {"repeat": "every day", "catchUp": "all"}
        )

        assert (422, ["/repeat", "/catchUp"]) == (
            refused.status_code,
            [each["pointer"] for each in refused.json()["errors"]],
        )

    def test_what_is_not_there_is_not_planned(self, world: World):
        """Labels, lists and people are those of the workspace."""
        series = weekly(world)
        wrong = [{"labelIds": ["none"]}, {"listId": "none"}, {"assigneeIds": ["nobody"]}]

        pointers = [
            series.ann.patch(series.occurrence(SECOND), each).json()["errors"][0]["pointer"]
            for each in wrong
        ]

        assert ["/labelIds/0", "/listId", "/assigneeIds/0"] == pointers
        assert {FIRST: "open"} == series.ledger()

    def test_changes_are_taken_back(self, world: World):
        """Of an open one, and of one to come."""
        series = weekly(world)
        before = series.picture()

        for key in (FIRST, SECOND):
            changed = series.ann.patch(
                series.occurrence(key), {"title": "Once", "date": "2027-03-11"}
            )
            assert before != series.picture()
            series.undo(changed)

            assert before == series.picture()


class TestSkipping:
    """POST …/occurrences/{key}:skip."""

    def test_an_open_one_makes_way_for_the_next(self, world: World):
        """Its task is cancelled, and the series leaves the day out."""
        series = weekly(world)

        skipped = series.ann.post(series.occurrence(FIRST, ":skip"))
        world.settle(times=2)
        again = series.ann.post(series.occurrence(FIRST, ":skip"))

        assert (200, "skipped") == (skipped.status_code, skipped.json()["state"])
        assert (200, None) == (again.status_code, again.headers.get("Undo-Token"))
        assert [("cancelled", FIRST), ("open", SECOND)] == [
            (task["status"], task["occurrenceKey"]) for task in series.tasks()
        ]
        assert {FIRST: "skipped", SECOND: "open"} == series.ledger()
        assert [FIRST] == series.now()["exdates"]

    def test_one_to_come_is_left_out(self, world: World):
        """The one after it follows."""
        series = weekly(world)

        skipped = series.ann.post(series.occurrence(SECOND, ":skip"))
        series.complete(FIRST)

        assert "skipped" == skipped.json()["state"]
        assert {FIRST: "done", SECOND: "skipped", THIRD: "open"} == series.ledger()

    def test_counted_from_completion(self, world: World):
        """The next is an interval from now."""
        series = weekly(world, rule="FREQ=DAILY;INTERVAL=3", mode="afterCompletion")

        series.ann.post(series.occurrence(FIRST, ":skip"))
        world.settle(times=2)

        assert {FIRST: "skipped", "20270303T0900": "open"} == series.ledger()
        assert [] == series.now()["exdates"]

    def test_skipping_is_taken_back(self, world: World):
        """Of an open one with the next one it brought, and of one to come."""
        series = weekly(world)
        before = series.picture()

        for key in (FIRST, SECOND):
            skipped = series.ann.post(series.occurrence(key, ":skip"))
            world.settle(times=2)
            assert before != series.picture()
            series.undo(skipped)

            assert before == series.picture()


class TestLedger:
    """GET …/occurrences."""

    def test_pages_the_last_first(self, world: World):
        """Each as the ledger has it; no other series is among them."""
        series = weekly(world)
        series.complete(FIRST)
        series.ann.patch(series.occurrence(THIRD), {"title": "Planned"})

        first = series.ann.get(f"{series.path}/occurrences?pageSize=2").json()
        token = first["nextPageToken"]
        second = series.ann.get(f"{series.path}/occurrences?pageSize=2&pageToken={token}").json()

        assert [(THIRD, "planned"), (SECOND, "open"), (FIRST, "done")] == [
            (each["key"], each["state"]) for each in first["items"] + second["items"]
        ]
        assert [{"title": "Planned"}, None, None] == [
            each["changes"] for each in first["items"] + second["items"]
        ]
        assert [None, FIRST, None] == [each["after"] for each in first["items"] + second["items"]]

    def test_of_no_series(self, world: World):
        """404, as everywhere."""
        ann = world.person("Ann")

        assert 404 == ann.get("/workspaces/me/series/none/occurrences").status_code


class TestEverySixHours:
    """One of an hourly rule, of which UTC says another day and time than people do."""

    @pytest.mark.parametrize(
        ("changes", "state", "due"),
        [
            ({"time": "09:00"}, "moved", ("2027-03-03", "09:00")),
            ({"date": "2027-03-04"}, "moved", ("2027-03-04", "08:00")),
            ({"date": "2027-03-03"}, "planned", ("2027-03-03", "08:00")),
            ({"time": None}, "moved", ("2027-03-03", None)),
        ],
        ids=str,
    )
    def test_it_is_where_people_say(
        self, world: World, changes: dict[str, Any], state: str, due: tuple[str, str | None]
    ):
        """Day and time are those of the series' zone."""
        series = weekly(world, **EVERY_SIX_HOURS)

        answer = series.ann.patch(series.occurrence(IN_THE_MORNING), changes)

        assert (200, state) == (answer.status_code, answer.json().get("state"))
        planned = answer.json()["changes"]
        assert (due, "Asia/Tokyo") == (due_of(planned), planned["due"]["tz"])

    def test_those_that_follow_begin_there(self, world: World):
        """Not a day before."""
        series = weekly(world, **EVERY_SIX_HOURS)

        answer = series.ann.patch(
            series.occurrence(IN_THE_MORNING, "?scope=following"), {"time": "09:00"}
        )

        assert (200, "20270303T0000Z") == (answer.status_code, answer.json().get("key"))
