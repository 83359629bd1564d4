"""What a task holds besides its title: each field through the API, and back from the document."""

from typing import Any

import pytest
import requests

from tests.api.world import Caller, World

ALL_DAY = {"kind": "allDay", "date": "2026-12-24", "time": None, "tz": "Europe/Berlin"}
FLOATING = {"kind": "floating", "date": "2026-12-24", "time": "18:00", "tz": "Europe/Berlin"}
ZONED = {**FLOATING, "kind": "zoned"}
RELATIVE = {"kind": "relative", "minutesBefore": 30, "at": None, "anchor": "due", "uid": None}
ABSOLUTE = {
    "kind": "absolute",
    "minutesBefore": None,
    "at": "2026-12-01T08:00:00.000Z",
    "anchor": None,
    "uid": None,
}
ITEM = {"id": "a", "text": "Milk", "isDone": False}


def made(world: World, person: Caller) -> dict[str, str]:
    """A project, a board with a list, and a label of somebody's own workspace, by kind."""
    home = f"workspaces/{person.uid}"
    world.write(f"{home}/projects/p1", {"name": "Moving"})
    world.write(f"{home}/boards/b1", {"name": "Board"})
    world.write(f"{home}/boards/b2", {"name": "Other"})
    world.write(f"{home}/lists/l1", {"name": "List", "boardId": "b1"})
    world.write(f"{home}/labels/red", {"name": "Red"})
    return {"projectId": "p1", "boardId": "b1", "listId": "l1"}


class TestFields:
    """POST and PATCH"""

    def test_each_field_is_kept(self, world: World):
        """What was said is answered, stored, and found again."""
        ann = world.person("Ann")
        said = {
            **made(world, ann),
            "labelIds": ["red"],
            "rank": "Vz",
            "startAt": "2026-12-20T08:00:00.000Z",
            "due": ZONED,
            "reminders": [RELATIVE, ABSOLUTE],
            "checklist": [ITEM, {**ITEM, "id": "b", "isDone": True}],
            "estimateMin": 90,
        }

        created = ann.post("/workspaces/me/tasks", {"title": "A", **said}).json()
        empty = ann.post("/workspaces/me/tasks", {"title": "B"}).json()
        path = f"/workspaces/me/tasks/{empty['id']}"
        changed = ann.patch(path, said).json()

        for task in (created, changed, ann.get(path).json()):
            assert said == {name: task[name] for name in said}
        document = world.document(f"workspaces/{ann.uid}/tasks/{created['id']}")
        assert {"kind": "relative", "minutesBefore": 30, "at": None} == document["reminders"][0]
        assert said["checklist"] == document["checklist"]

    def test_each_field_is_cleared(self, world: World):
        """By null, or an empty list."""
        ann = world.person("Ann")
        body = {
            **made(world, ann),
            "title": "A",
            "labelIds": ["red"],
            "rank": "V",
            "startAt": "2026-12-20T08:00:00Z",
            "reminders": [ABSOLUTE],
            "checklist": [ITEM],
            "estimateMin": 0,
        }
        path = f"/workspaces/me/tasks/{ann.post('/workspaces/me/tasks', body).json()['id']}"
        empty: dict[str, Any] = {
            **dict.fromkeys(("projectId", "boardId", "listId", "rank", "startAt", "estimateMin")),
            **{name: [] for name in ("labelIds", "reminders", "checklist")},
        }

        cleared = ann.patch(path, empty).json()

        assert empty == {name: cleared[name] for name in empty}

    @pytest.mark.parametrize(
        ("due", "due_at"),
        [
            (ALL_DAY, "2026-12-24T23:00:00.000Z"),
            (FLOATING, "2026-12-24T17:00:00.000Z"),
            (ZONED, "2026-12-24T17:00:00.000Z"),
            ({**ZONED, "tz": "America/New_York"}, "2026-12-24T23:00:00.000Z"),
            ({**ALL_DAY, "date": "2026-10-25"}, "2026-10-25T23:00:00.000Z"),
        ],
    )
    def test_the_instant_follows_from_what_was_meant(self, world: World, due: dict, due_at: str):
        """All day: the end of that day there, also of a day of 25 hours."""
        task = world.person("Ann").post("/workspaces/me/tasks", {"title": "A", "due": due}).json()

        assert (due, due_at, due["date"]) == (task["due"], task["dueAt"], task["dueDay"])

    def test_a_task_begins_before_it_is_due(self, world: World):
        """Whichever of the two is moved; all-day it may begin on that day."""
        ann = world.person("Ann")
        body = {"title": "A", "startAt": "2026-12-24T16:59:00Z", "due": ZONED}
        task = ann.post("/workspaces/me/tasks", body)
        path = f"/workspaces/me/tasks/{task.json()['id']}"

        answers = [
            ann.post("/workspaces/me/tasks", {**body, "startAt": "2026-12-24T17:01:00Z"}),
            ann.patch(path, {"startAt": "2026-12-24T17:01:00Z"}),
            ann.patch(path, {"due": {"date": "2026-12-23"}}),
        ]
        on_time = ann.patch(path, {"startAt": "2026-12-24T20:00:00Z", "due": ALL_DAY})

        assert [201, 200] == [task.status_code, on_time.status_code]
        assert {422} == {answer.status_code for answer in answers}
        assert {"/startAt"} == {answer.json()["errors"][0]["pointer"] for answer in answers}

    def test_what_an_app_wrote_does_not_stop_other_edits(self, world: World):
        """The rules do not compare the two."""
        ann = world.person("Ann")
        task = ann.post("/workspaces/me/tasks", {"title": "A", "due": ZONED}).json()
        late = world.clock.now().replace(year=2027)
        document = world.database.document(f"workspaces/{ann.uid}/tasks/{task['id']}")
        document.update({"startAt": late, "rev": 2})

        assert 200 == ann.patch(f"/workspaces/me/tasks/{task['id']}", {"title": "B"}).status_code

    def test_a_list_answers_for_its_board(self, world: World):
        """Named alone it brings its board; another board leaves it behind."""
        ann = world.person("Ann")
        made(world, ann)
        task = ann.post("/workspaces/me/tasks", {"title": "A", "listId": "l1"}).json()
        path = f"/workspaces/me/tasks/{task['id']}"

        moved = ann.patch(path, {"boardId": "b2"}).json()
        wrong = ann.post("/workspaces/me/tasks", {"title": "B", "boardId": "b2", "listId": "l1"})

        assert ("b1", "l1") == (task["boardId"], task["listId"])
        assert ("b2", None) == (moved["boardId"], moved["listId"])
        assert (422, "/listId") == (wrong.status_code, wrong.json()["errors"][0]["pointer"])


REFUSED: list[tuple[str, Any, str]] = [
    ("projectId", "nowhere", "/projectId"),
    ("projectId", "a/b", "/projectId"),
    ("projectId", "", "/projectId"),
    ("boardId", 7, "/boardId"),
    ("boardId", "nowhere", "/boardId"),
    ("listId", "nowhere", "/listId"),
    ("labelIds", ["red", "blue"], "/labelIds/1"),
    ("labelIds", ["red", "red"], "/labelIds"),
    ("labelIds", [f"l{n}" for n in range(21)], "/labelIds"),
    ("labelIds", None, "/labelIds"),
    ("labelIds", "red", "/labelIds"),
    ("rank", "", "/rank"),
    ("rank", "a b", "/rank"),
    ("rank", "V\n", "/rank"),
    ("rank", "é", "/rank"),
    ("rank", "a" * 65, "/rank"),
    ("startAt", "2026-12-20", "/startAt"),
    ("startAt", "2026-12-20T08:00:00", "/startAt"),
    ("startAt", "1969-12-31T23:59:59Z", "/startAt"),
    ("startAt", 1766217600, "/startAt"),
    ("estimateMin", -1, "/estimateMin"),
    ("estimateMin", 100_001, "/estimateMin"),
    ("estimateMin", 1.5, "/estimateMin"),
    ("estimateMin", "90", "/estimateMin"),
    ("estimateMin", True, "/estimateMin"),
    ("reminders", [RELATIVE] * 2, "/reminders"),
    ("reminders", [{**RELATIVE, "minutesBefore": n} for n in range(11)], "/reminders"),
    ("reminders", [{**RELATIVE, "minutesBefore": -1}], "/reminders/0/minutesBefore"),
    ("reminders", [{**RELATIVE, "minutesBefore": 43_201}], "/reminders/0/minutesBefore"),
    ("reminders", [{**RELATIVE, "minutesBefore": "30"}], "/reminders/0/minutesBefore"),
    ("reminders", [{"kind": "relative"}], "/reminders/0/minutesBefore"),
    ("reminders", [{"kind": "absolute"}], "/reminders/0/at"),
    ("reminders", [{**RELATIVE, "at": ABSOLUTE["at"]}], "/reminders/0/at"),
    ("reminders", [{**ABSOLUTE, "minutesBefore": 5}], "/reminders/0/minutesBefore"),
    ("reminders", [{**ABSOLUTE, "at": "tomorrow"}], "/reminders/0/at"),
    ("reminders", [{**RELATIVE, "kind": "sometime"}], "/reminders/0/kind"),
    ("reminders", [{**RELATIVE, "sound": "loud"}], "/reminders/0/sound"),
    ("reminders", [{**RELATIVE, "anchor": "end"}], "/reminders/0/anchor"),
    ("reminders", [{**ABSOLUTE, "anchor": "start"}], "/reminders/0/anchor"),
    ("reminders", [RELATIVE, {**ABSOLUTE, "uid": "nobody"}], "/reminders/1"),
    ("reminders", [{**RELATIVE, "uid": "a/b"}], "/reminders/0/uid"),
    ("reminders", [{**RELATIVE, "uid": 7}], "/reminders/0/uid"),
    ("reminders", ["soon"], "/reminders/0"),
    ("reminders", None, "/reminders"),
    ("checklist", [ITEM, {**ITEM, "text": "Bread"}], "/checklist"),
    ("checklist", [{**ITEM, "id": f"i{n}"} for n in range(51)], "/checklist"),
    ("checklist", [{**ITEM, "id": "a/b"}], "/checklist/0/id"),
    ("checklist", [{**ITEM, "id": "__a__"}], "/checklist/0/id"),
    ("checklist", [{"text": "Milk"}], "/checklist/0/id"),
    ("checklist", [{**ITEM, "text": ""}], "/checklist/0/text"),
    ("checklist", [{**ITEM, "text": "\u200b"}], "/checklist/0/text"),
    ("checklist", [{**ITEM, "text": "a\nb"}], "/checklist/0/text"),
    ("checklist", [{**ITEM, "text": "x" * 501}], "/checklist/0/text"),
    ("checklist", [{**ITEM, "isDone": 1}], "/checklist/0/isDone"),
    ("checklist", [{**ITEM, "doneBy": "ann"}], "/checklist/0/doneBy"),
    ("checklist", {"a": ITEM}, "/checklist"),
]


class TestRefusals:
    """422, with a pointer to what is wrong."""

    def test_a_bad_value_is_named(self, world: World):
        """In a new task and in an edit, and nothing is written."""
        ann = world.person("Ann")
        made(world, ann)
        task = ann.post("/workspaces/me/tasks", {"title": "A"}).json()
        path, named = f"/workspaces/me/tasks/{task['id']}", []

        for field, value, pointer in REFUSED:
            answers = [
                ann.post("/workspaces/me/tasks", {"title": "B", field: value}),
                ann.patch(path, {field: value}),
            ]
            named.append(
                (field, value, pointer)
                if all(_names(each, pointer) for each in answers)
                else (field, value, [each.text for each in answers])
            )

        assert REFUSED == named
        assert [1] == [each["rev"] for each in world.documents(f"workspaces/{ann.uid}/tasks")]

    def test_the_greatest_values_are_taken(self, world: World):
        """Every limit includes itself."""
        body = {
            "title": "A",
            "rank": "z" * 64,
            "estimateMin": 100_000,
            "reminders": [{**RELATIVE, "minutesBefore": 43_200 - n} for n in range(10)],
            "checklist": [{"id": f"i{n}", "text": "x" * 500} for n in range(50)],
        }

        answer = world.person("Ann").post("/workspaces/me/tasks", body)

        assert 201 == answer.status_code, answer.text


def _names(answer: requests.Response, pointer: str) -> bool:
    faults = answer.json().get("errors", [])
    return answer.status_code == 422 and pointer in [each["pointer"] for each in faults]
