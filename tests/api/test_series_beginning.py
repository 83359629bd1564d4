"""POST /api/v1/workspaces/{w}/series: what a series begins with, and tasks that become one."""

from typing import Any

import pytest

from tests.api.weekly import FIRST, ME, SECOND, WEEKLY, Weekly, due_of, weekly
from tests.api.world import Caller, World


class TestTemplates:
    """What each task of a series starts with."""

    def test_everything_a_task_has(self, world: World):
        """The first and the next have labels, place, reminders, checklist, and what is below."""
        ann = world.person("Ann")
        label = ann.post(f"{ME}/labels", {"name": "Home", "color": "#336699"}).json()["id"]
        board = ann.post(f"{ME}/boards", {"name": "Chores"}).json()["id"]
        column = ann.post(f"{ME}/lists", {"name": "To do", "boardId": board}).json()["id"]
        reminder = {"kind": "relative", "minutesBefore": 30}
        fields = {
            "labelIds": [label],
            "listId": column,
            "reminders": [reminder],
            "checklist": [{"id": "a", "text": "Gloves"}],
            "estimateMin": 20,
            "subtasks": [{"title": "Fill can", "subtasks": [{"title": "Find can"}]}],
        }

        begun = ann.post(f"{ME}/series", {**WEEKLY, **fields})
        world.settle()
        series = Weekly(world, ann, begun.json()["id"])
        series.complete(FIRST)

        for key in (FIRST, SECOND):
            task = ann.get(series.at_task(key)).json()
            assert ([label], column, board, 20) == (
                task["labelIds"],
                task["listId"],
                task["boardId"],
                task["estimateMin"],
            )
            assert [("relative", 30)] == [
                (each["kind"], each["minutesBefore"]) for each in task["reminders"]
            ]
            assert ["Gloves"] == [item["text"] for item in task["checklist"]]
            below = ann.get(series.at_task(key, "/tree")).json()["items"]
            assert [("Fill can", 1), ("Find can", 2)] == [
                (each["title"], each["depth"]) for each in below
            ]
        template = begun.json()["template"]
        assert ("Find can", board) == (
            template["subtasks"][0]["subtasks"][0]["title"],
            template["boardId"],
        )

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"labelIds": ["none"]}, "/labelIds/0"),
            ({"listId": "none"}, "/listId"),
            ({"subtasks": [{"title": "A", "assigneeIds": ["x"]}]}, "/subtasks/0/assigneeIds/0"),
            ({"subtasks": [{"title": ""}]}, "/subtasks/0/title"),
            ({"subtasks": [{"title": "A"}] * 51}, "/subtasks"),
            ({"reminders": [{"kind": "absolute", "at": "2027-01-01T00:00:00Z"}]}, "/reminders"),
            ({"repeat": "every Monday"}, "/repeat"),
            ({"rdates": ["20270302"]}, "/rdates"),
            ({"taskId": "x"}, "/title"),
        ],
        ids=str,
    )
    def test_what_is_not_there_or_too_much(self, world: World, change: Any, pointer: str):
        """422 names it, and nothing is begun."""
        ann = world.person("Ann")

        refused = ann.post(f"{ME}/series", {**WEEKLY, **change})

        assert 422 == refused.status_code, refused.text
        assert pointer in [each["pointer"] for each in refused.json()["errors"]]
        assert [] == world.documents(f"workspaces/{ann.uid}/series")


class TestWords:
    """`repeat` says in words when it comes."""

    @pytest.mark.parametrize(
        ("repeat", "rule", "mode", "time", "said"),
        [
            ("every weekday", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "fixed", None, "every weekday"),
            ("every! 3 days", "FREQ=DAILY;INTERVAL=3", "afterCompletion", None, "every! 3 days"),
            ("every day at 7:30", "FREQ=DAILY", "fixed", "07:30", "every day"),
        ],
    )
    def test_begun_in_words(
        self, world: World, repeat: str, rule: str, mode: str, time: str | None, said: str
    ):
        """The rule, its mode and its time are those of the words, and the words come back."""
        ann = world.person("Ann")
        start = {"date": "2027-03-01", "tz": "Europe/Berlin"}

        begun = ann.post(f"{ME}/series", {"title": "A", "repeat": repeat, "start": start}).json()

        assert (rule, mode, time, said) == (
            begun["rule"],
            begun["mode"],
            begun["start"]["time"],
            begun["repeat"],
        )

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"repeat": "now and then"}, "/repeat"),
            ({"repeat": "every day at 8:00"}, "/repeat"),
            ({"repeat": "every day", "mode": "afterCompletion"}, "/mode"),
        ],
        ids=str,
    )
    def test_what_words_do_not_say(self, world: World, change: dict[str, str], pointer: str):
        """Neither guessed, nor against the rest of the request."""
        ann = world.person("Ann")
        body = {name: value for name, value in WEEKLY.items() if name != "rule"}

        refused = ann.post(f"{ME}/series", {**body, **change})

        assert (422, pointer) == (refused.status_code, refused.json()["errors"][0]["pointer"])


class TestTasksThatAreThere:
    """`taskId`: a task becomes the first occurrence."""

    def test_it_comes_again_with_all_it_has(self, world: World):
        """The next is like it, with what is below it, unticked and open."""
        ann = world.person("Ann")
        task_id = _task(ann, title="Water", priority="high", checklist=[_ticked("Gloves")])
        _task(ann, title="Fill can", parentId=task_id)
        world.settle()

        begun = ann.post(f"{ME}/series", {"taskId": task_id, "rule": "FREQ=WEEKLY"})
        world.settle()
        series = Weekly(world, ann, begun.json()["id"])
        series.complete(FIRST)

        assert (201, task_id) == (begun.status_code, begun.json()["firstTaskId"])
        assert task_id == series.task_id(FIRST)
        following = ann.get(series.at_task(SECOND)).json()
        assert ("Water", "high", [False]) == (
            following["title"],
            following["priority"],
            [item["isDone"] for item in following["checklist"]],
        )
        below = ann.get(series.at_task(SECOND, "/tree")).json()["items"]
        assert [("Fill can", "open")] == [(each["title"], each["status"]) for each in below]

    def test_it_moves_to_the_first_day_of_the_rule(self, world: World):
        """Due on a Monday, it is to come on Fridays."""
        ann = world.person("Ann")
        task_id = _task(ann, title="Water")

        begun = ann.post(f"{ME}/series", {"taskId": task_id, "repeat": "every Friday"}).json()

        assert "20270305T0900" == begun["lastKey"]
        assert ("2027-03-05", "09:00") == due_of(ann.get(f"{ME}/tasks/{task_id}").json())

    def test_a_time_in_words_is_when_it_is_due(self, world: World):
        """Due at 9:00, it is to come at 7:30."""
        ann = world.person("Ann")
        task_id = _task(ann, title="Water")
        wanted = {"taskId": task_id, "repeat": "every Monday at 7:30"}

        begun = ann.post(f"{ME}/series", wanted).json()

        assert "20270301T0730" == begun["lastKey"]
        assert ("2027-03-01", "07:30") == due_of(ann.get(f"{ME}/tasks/{task_id}").json())

    def test_what_cannot_become_one(self, world: World):
        """What is done, a subtask, a part of a series, undated, or not there."""
        series = weekly(world)
        ann = series.ann
        parent = _task(ann, title="Parent")
        done = _task(ann, title="Done", status="done")
        below = _task(ann, title="Below", parentId=parent)
        undated = ann.post(f"{ME}/tasks", {"title": "Some day"}).json()["id"]
        ids = [done, below, series.task_id(FIRST), undated, "none"]

        codes = [
            ann.post(f"{ME}/series", {"taskId": each, "rule": "FREQ=DAILY"}).status_code
            for each in ids
        ]

        assert [409, 409, 409, 422, 404] == codes

    def test_it_is_taken_back(self, world: World):
        """The task is one as any other again, due when it was."""
        ann = world.person("Ann")
        task_id = _task(ann, title="Water")
        world.settle()
        names = ("seriesId", "occurrenceKey", "due", "status", "deletedAt")

        begun = ann.post(f"{ME}/series", {"taskId": task_id, "repeat": "every Friday"})
        world.settle()
        series = Weekly(world, ann, begun.json()["id"])
        undone = series.undo(begun)

        task = ann.get(f"{ME}/tasks/{task_id}").json()
        due = {"kind": "zoned", "date": "2027-03-01", "time": "09:00", "tz": "Europe/Berlin"}
        assert [None, None, due, "open", None] == [task[name] for name in names]
        assert ([], {}, "ended") == (undone["kept"], series.ledger(), series.now()["state"])


def _task(ann: Caller, **fields: Any) -> str:
    due = {"kind": "zoned", "date": "2027-03-01", "time": "09:00", "tz": "Europe/Berlin"}
    made = ann.post(f"{ME}/tasks", {"due": due, **fields})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def _ticked(text: str) -> dict[str, Any]:
    return {"id": "a", "text": text, "isDone": True}
