"""…/series/{s}/preview and …/series:preview: when tasks will come."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.world import Caller, World, cost_of

BERLIN = "Europe/Berlin"
NIGHTLY = {"title": "Back up", "rule": "FREQ=DAILY"}
SPRING = {"date": "2027-03-27", "time": "02:30", "tz": BERLIN}
SERIES = "/workspaces/me/series"


@pytest.fixture
def ann(world: World) -> Caller:
    """A person, some days before clocks go forward."""
    world.clock.move_to(datetime(2027, 3, 20, 12, tzinfo=UTC))
    return world.person("Ann")


def begin(ann: Caller, **more: Any) -> str:
    """The address of a new series of hers."""
    answer = ann.post(SERIES, {**NIGHTLY, "start": SPRING, **more})
    assert answer.status_code == 201, answer.text
    return f"{SERIES}/{answer.json()['id']}"


def keys(answer: Any) -> list[str]:
    """The keys that an answer lists."""
    assert answer.status_code == 200, answer.text
    return [each["key"] for each in answer.json()["items"]]


class TestOfARule:
    """POST …/series:preview"""

    def test_a_rule_is_previewed_before_it_is_a_series(self, ann: Caller):
        """With the instant, the due date, the offset, and what clocks do there."""
        answer = ann.post(f"{SERIES}:preview", {"rule": "FREQ=DAILY", "start": SPRING, "count": 2})

        due = {"kind": "zoned", "date": "2027-03-28", "time": "02:30", "tz": BERLIN}
        assert ["20270327T0230", "20270328T0230"] == keys(answer)
        assert {
            "key": "20270328T0230",
            "scheduledAt": "2027-03-28T01:00:00.000Z",
            "due": due,
            "utcOffset": "+02:00",
            "note": "gap",
        } == answer.json()["items"][1]

    def test_words_do_as_well(self, ann: Caller):
        """A time in them is that of the start, if that has none; `!` counts from completion."""
        start = {"date": "2027-04-05", "tz": BERLIN}
        said = ann.post(
            f"{SERIES}:preview", {"repeat": "every! 3 days at 9:00", "start": start, "count": 3}
        )
        both = {"rule": "FREQ=DAILY;INTERVAL=3", "mode": "afterCompletion", "count": 3}
        ruled = ann.post(f"{SERIES}:preview", {**both, "start": {**start, "time": "09:00"}})

        assert ["20270405T0900", "20270408T0900", "20270411T0900"] == keys(said)
        assert said.json() == ruled.json()

    @pytest.mark.parametrize(
        ("repeat", "rule", "said", "mode"),
        [
            (
                "every 2nd friday",
                "FREQ=MONTHLY;BYDAY=2FR",
                "every month on the 2nd Friday",
                "fixed",
            ),
            ("every! 3 days", "FREQ=DAILY;INTERVAL=3", "every! 3 days", "afterCompletion"),
        ],
    )
    def test_it_says_how_words_were_read(
        self, ann: Caller, repeat: str, rule: str, said: str, mode: str
    ):
        """What could be meant otherwise is seen before it is begun."""
        wanted = {"repeat": repeat, "start": {"date": "2027-04-05", "tz": BERLIN}}

        answer = ann.post(f"{SERIES}:preview", wanted).json()

        assert (rule, said, mode) == (answer["rule"], answer["repeat"], answer["mode"])

    def test_exceptions_are_heeded(self, ann: Caller):
        """Left out and added."""
        wanted = {
            "repeat": "every Monday",
            "start": {"date": "2027-04-05", "tz": BERLIN},
            "exdates": ["20270412"],
            "rdates": ["20270414"],
        }

        found = keys(ann.post(f"{SERIES}:preview", wanted))
        assert ["20270405", "20270414", "20270419"] == found[:3]
        assert 10 == len(found)

    def test_a_previewed_series_begins_as_previewed(self, world: World, ann: Caller):
        """The first of the preview is its first task."""
        wanted = {"repeat": "every last Friday at 9 pm", "start": {**SPRING, "time": None}}
        [first] = ann.post(f"{SERIES}:preview", {**wanted, "count": 1}).json()["items"]
        begun = ann.post(SERIES, {"title": "A", **wanted}).json()

        task = ann.get(f"/workspaces/me/tasks/{begun['firstTaskId']}").json()
        assert first["due"] == task["due"]
        assert "20270430T2100" == first["key"]

    @pytest.mark.parametrize(
        ("wanted", "pointer"),
        [
            ({"rule": "FREQ=SECONDLY;COUNT=10000"}, "/rule"),
            ({"rule": "FREQ=DAILY;UNTIL=99991231"}, "/rule"),
            ({"rule": "FREQ=DAILY;INTERVAL=7;BYDAY=TU"}, "/rule"),
            ({"repeat": "every blue moon"}, "/repeat"),
            ({"rule": "FREQ=DAILY", "exdates": ["20270412"]}, "/exdates"),
            ({"rule": "FREQ=DAILY;COUNT=1", "exdates": ["20270327T0230"]}, "/exdates"),
            ({"rule": "FREQ=DAILY", "rdates": ["20200101T0900"]}, "/rdates"),
            ({"rule": "FREQ=DAILY;COUNT=2", "mode": "afterCompletion"}, "/rule"),
            ({"rule": "FREQ=HOURLY", "start": {"date": "2027-04-05", "tz": BERLIN}}, "/start/time"),
        ],
    )
    def test_what_no_series_can_be_begun_with_is_no_preview(self, ann: Caller, wanted, pointer):
        """422 `invalid-recurrence`, and the place."""
        answer = ann.post(f"{SERIES}:preview", {"start": SPRING, **wanted})

        problem = answer.json()
        assert (422, "invalid-recurrence") == (answer.status_code, problem["code"])
        assert [pointer] == [fault["pointer"] for fault in problem["errors"]]

    @pytest.mark.parametrize(
        "wanted",
        [{}, {"rule": "FREQ=DAILY", "repeat": "every day"}, {"rule": "FREQ=DAILY", "count": 101}],
    )
    def test_a_malformed_body_is_refused(self, ann: Caller, wanted):
        """No rule, two, or more than a hundred occurrences."""
        answer = ann.post(f"{SERIES}:preview", {"start": SPRING, **wanted})

        assert (422, "validation-failed") == (answer.status_code, answer.json()["code"])


class TestOfASeries:
    """GET …/series/{s}/preview"""

    def test_it_lists_those_that_have_no_task_yet(self, ann: Caller):
        """The first has one."""
        series = begin(ann)

        assert ["20270328T0230", "20270329T0230"] == keys(ann.get(f"{series}/preview?count=2"))

    def test_those_whose_time_has_passed_are_not_among_them(self, world: World, ann: Caller):
        """Whatever the series makes of them."""
        series = begin(ann)
        world.clock.move_to(datetime(2027, 4, 2, 12, tzinfo=UTC))

        assert ["20270403T0230"] == keys(ann.get(f"{series}/preview?count=1"))

    def test_today_has_not_passed(self, world: World, ann: Caller):
        """Of whole days: it comes as soon as the one before is done."""
        series = begin(ann, start={**SPRING, "time": None})
        world.clock.move_to(datetime(2027, 4, 2, 12, tzinfo=UTC))
        previewed = keys(ann.get(f"{series}/preview?count=2"))
        world.settle()
        ann.post(f"/workspaces/me/tasks/{series.rpartition('/')[2]}-20270327/completion")
        world.settle()

        assert ["20270402", "20270403"] == previewed
        assert "20270402" == ann.get(series).json()["lastKey"]

    def test_counted_from_completion_the_open_one_is_taken_to_be_done_in_time(
        self, world: World, ann: Caller
    ):
        """Or now, if its time has passed."""
        series = begin(ann, rule="FREQ=DAILY;INTERVAL=3", mode="afterCompletion")
        before = keys(ann.get(f"{series}/preview?count=2"))
        world.clock.move_to(datetime(2027, 4, 2, 12, tzinfo=UTC))
        after = keys(ann.get(f"{series}/preview?count=2"))

        assert ["20270330T0230", "20270402T0230"] == before
        assert ["20270405T0230", "20270408T0230"] == after

    def test_a_series_that_has_ended_has_none(self, ann: Caller):
        """Whatever its rule says."""
        series = begin(ann)
        assert ann.delete(series).status_code == 204

        assert [] == keys(ann.get(f"{series}/preview"))

    @pytest.mark.parametrize("count", ["0", "101", "-1", "x", "10000"])
    def test_another_number_is_refused(self, ann: Caller, count):
        """From one to a hundred."""
        answer = ann.get(f"{begin(ann)}/preview?count={count}")

        assert (422, "validation-failed") == (answer.status_code, answer.json()["code"])

    def test_it_costs_one_document(self, world: World, ann: Caller):
        """The series; and of a rule, none. A hundred occurrences cost what one does."""
        series = begin(ann)
        ann.get("/workspaces/me")
        wanted = {"rule": "FREQ=DAILY", "start": SPRING, "count": 100}

        assert (1, 1, 0) == cost_of(ann.get(f"{series}/preview?count=100"))
        assert (0, 0, 0) == cost_of(ann.post(f"{SERIES}:preview", wanted))
