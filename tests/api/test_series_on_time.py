"""Series of which every occurrence comes at its own time, whether or not the one before is done."""

from datetime import timedelta

import pytest

from backend.timers.model import TimerKind
from tests.api.ledgers import DAILY, FIRST, FOURTH, SECOND, THIRD, Recurring, begun, on
from tests.api.undoing import undone
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def daily(world: World, ann: Caller) -> Recurring:
    return begun(world, ann, catchUp="all")


class TestOnTime:
    """A report a day."""

    def test_each_comes_when_it_is_time(self, daily: Recurring):
        """At nine, and not before; the timer is set for the one after it."""
        made = []
        for moment in (on(2, 8, 59), on(2, 9), on(3, 9)):
            daily.go_to(moment)
            made.append(daily.tasks())

        assert [[FIRST], [FIRST, SECOND], [FIRST, SECOND, THIRD]] == made
        assert [on(4, 9)] == daily.timers()
        assert {FIRST: "open", SECOND: "open", THIRD: "open"} == daily.ledger()

    def test_each_comes_in_time_for_its_reminders(self, world: World, ann: Caller):
        """Five minutes before the first; the reminder is told, and the timer of the next is set."""
        reminders = [{"kind": "relative", "minutesBefore": each} for each in (0, 60)]
        series = begun(world, ann, catchUp="all", reminders=reminders)
        made = []
        for moment in (on(2, 7, 54), on(2, 7, 55), on(2, 8), on(3, 7)):
            series.go_to(moment)
            made.append(series.tasks())
        told = [each["createdAt"] for each in world.inbox(ann) if each["category"] == "reminder"]

        assert [[FIRST], [FIRST, SECOND], [FIRST, SECOND], [FIRST, SECOND]] == made
        assert [on(3, 7, 55)] == series.timers()
        assert on(2, 8) in told

    def test_reminders_given_later_bring_the_next_forward(self, daily: Recurring):
        """And without them it comes at its own time again."""
        timers = []
        for reminders in ([{"kind": "relative", "minutesBefore": 60}], []):
            daily.owner.patch(f"/{daily.path}", {"reminders": reminders})
            timers += daily.timers()

        assert [on(2, 7, 55), on(2, 9)] == timers

    def test_done_early_the_next_comes_early(self, daily: Recurring):
        """And its own time brings no second one."""
        daily.completed(FIRST)
        early = daily.tasks(), daily.timers()
        daily.go_to(on(2, 12))

        assert ([FIRST, SECOND], [on(3, 9)]) == early
        assert [FIRST, SECOND] == daily.tasks()

    def test_an_older_one_done_late_brings_none(self, daily: Recurring):
        """What follows it is there."""
        daily.go_to(on(3, 12))

        daily.completed(FIRST, SECOND)

        assert {FIRST: "done", SECOND: "done", THIRD: "open"} == daily.ledger()

    def test_after_a_time_without_service_all_come(self, world: World, daily: Recurring):
        """Forty of them, in batches; each with its own date, none twice."""
        daily.go_to(on(1, 12) + timedelta(days=40))
        for _ in range(3):
            world.settle()

        whole = [f"{on(1) + timedelta(days=day):%Y%m%d}T0900" for day in range(41)]
        assert whole == daily.tasks()
        assert whole == list(daily.entries())

    def test_it_does_not_begin_with_a_heap(self, world: World, ann: Caller):
        """Years ago, every hour: neither so, nor by an edit of one of which one alone is open."""
        past = {"title": "Report", "start": {**DAILY["start"], "date": "1970-01-01"}}
        recent = {**past, "start": {**DAILY["start"], "date": "2027-02-20"}}
        world.clock.move_to(on(1, 12))
        series = begun(world, ann, **past)
        answers = [
            ann.post("/workspaces/me/series", {**past, "rule": "FREQ=HOURLY", "catchUp": "all"}),
            ann.patch(f"/{series.path}", {"catchUp": "all"}),
            ann.patch(
                f"/{series.path}/occurrences/19700109T0900?scope=following", {"catchUp": "all"}
            ),
        ]
        few = ann.post("/workspaces/me/series", {**recent, "rule": "FREQ=DAILY", "catchUp": "all"})

        assert [(422, "limit-exceeded", "/start")] * 3 == [
            (each.status_code, each.json()["code"], each.json()["errors"][0]["pointer"])
            for each in answers
        ]
        assert (201, 200) == (
            few.status_code,
            ann.patch(f"/{series.path}", {"title": "B"}).status_code,
        )

    def test_it_ends_once_the_last_is_closed(self, world: World, ann: Caller):
        """The last has come by then, and no timer is left."""
        twice = begun(world, ann, catchUp="all", rule="FREQ=DAILY;COUNT=2")
        twice.go_to(on(5))
        active, timers = twice.series["state"], twice.timers()

        twice.completed(FIRST, SECOND)

        assert ("active", [], "ended") == (active, timers, twice.series["state"])
        assert [FIRST, SECOND] == twice.tasks()

    def test_ended_by_somebody_its_timer_goes(self, daily: Recurring):
        """And what has come stays."""
        daily.owner.delete(f"/{daily.path}")
        daily.go_to(on(4))

        assert ([], [FIRST]) == (daily.timers(), daily.tasks())

    def test_a_completion_taken_back_takes_the_early_one_back(self, world: World, daily: Recurring):
        """It comes again at its own time."""
        answer = daily.complete(FIRST)
        world.settle(times=2)

        undone(daily.owner, answer)
        world.settle(times=2)
        taken_back = daily.tasks(), daily.timers()
        daily.go_to(on(2, 9))

        assert ([FIRST], [on(2, 9)]) == taken_back
        assert [FIRST, SECOND] == daily.tasks()

    def test_one_whose_time_has_come_stays(self, world: World, daily: Recurring):
        """Taken back, it would come again at once."""
        daily.completed(FIRST)
        daily.go_to(on(2, 12))

        daily.owner.delete(f"/{daily.task_path(FIRST)}/completion")
        world.settle(times=2)

        assert {FIRST: "open", SECOND: "open"} == daily.ledger()


class TestJobs:
    """The alarms of its timer, as the queue delivers them."""

    def test_doubled_and_late_they_make_one_of_each(self, world: World, daily: Recurring):
        """Ten of them for the same second, and the first again a day later."""
        world.clock.move_to(on(2, 9))
        body = _alarm(world)

        for _ in range(10):
            world.services.firing.fire(body)
        world.clock.move_to(on(3, 9))
        world.services.firing.fire(body)

        assert [FIRST, SECOND] == daily.tasks()

    def test_too_early_they_make_none(self, world: World, daily: Recurring):
        """A queue may have another clock than we do."""
        world.services.firing.fire(_alarm(world))

        assert [FIRST] == daily.tasks()

    def test_lost_with_their_timer_they_are_found(self, world: World, daily: Recurring):
        """By the tick that looks for series whose next is late."""
        for timer in world.database.collection("timers").where("kind", "==", "occurrence").stream():
            timer.reference.delete()
        world.clock.move_to(on(3, 12))
        repair = world.services.occurrence_repair

        found = [repair.run(), repair.run()]
        world.settle()

        assert [1, 0] == found
        assert [FIRST, SECOND, THIRD] == daily.tasks()
        assert [on(4, 9)] == daily.timers()

    def test_an_unreadable_series_stops_only_itself(self, world: World, ann: Caller):
        """Its timer is kept as a record, and another series goes on."""
        bad = begun(world, ann, catchUp="all")
        good = begun(world, ann, catchUp="all")
        world.database.document(bad.path).update({"rule": "FREQ=SECONDLY"})

        good.go_to(on(2, 12))

        assert [FIRST, SECOND] == good.tasks()
        assert ([FIRST], "failed") == (bad.tasks(), _timer_of(world, bad)["state"])

    def test_mended_it_goes_on(self, world: World, daily: Recurring):
        """What could not be read as its time came, and can be read by now."""
        world.database.document(daily.path).update({"rule": "FREQ=SECONDLY"})
        daily.go_to(on(2, 12))
        repair, found = world.services.occurrence_repair, []
        found.append(repair.run())
        world.database.document(daily.path).update({"rule": "FREQ=DAILY"})
        found += [repair.run(), repair.run()]
        world.settle()

        assert [0, 1, 0] == found
        assert [FIRST, SECOND] == daily.tasks()


class TestForgetting:
    """What a planned occurrence was to be, where nobody looked any more."""

    def test_a_plan_for_one_that_is_missed_goes(self, world: World, ann: Caller):
        """It has no task that could be as planned."""
        series = begun(world, ann)
        ann.patch(f"/{series.path}/occurrences/{SECOND}", {"title": "Special"})
        series.go_to(on(3, 12))

        series.completed(FIRST)

        assert {FIRST: "done", SECOND: "missed", THIRD: "missed", FOURTH: "open"} == series.ledger()
        assert None is series.entries()[SECOND]["changes"]


def _alarm(world: World) -> dict[str, str]:
    (timer,) = world.database.collection("timers").where("kind", "==", "occurrence").stream()
    fields = timer.to_dict()
    kind = TimerKind.OCCURRENCE.value
    at = f"{fields['fireAt']:%Y%m%dT%H%M%S%fZ}-{fields['attempts']}"
    return {"timerId": timer.id, "kind": kind, "timerGeneration": at, **fields["subject"]}


def _timer_of(world: World, series: Recurring) -> dict:
    found = world.documents("timers")
    (timer,) = [
        each
        for each in found
        if each["kind"] == "occurrence" and each["subject"]["seriesId"] == series.id
    ]
    return timer
