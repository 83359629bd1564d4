"""GET /api/v1/workspaces/{w}/search: by word or prefix, best first, never from elsewhere."""

import random
from typing import Any

import pytest

from backend.kit.documents import Create
from backend.search.entries import Entry, Kind, entry_fields, entry_path
from backend.search.model import Sought, score_of
from backend.search.service import MOST_READ
from tests.api.factories import app_task
from tests.api.world import Caller, World, cost_of

WORDS = ["plan", "planet", "plane", "launch", "lunch", "Crème", "creme", "crew", "東京都", "東京"]


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


def _search(caller: Caller, workspace_id: str, q: str, **query: Any) -> list[dict[str, Any]]:
    answer = caller.get(f"/workspaces/{workspace_id}/search", params={"q": q, **query})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def _titles(caller: Caller, workspace_id: str, q: str, **query: Any) -> list[str]:
    return [hit["title"] for hit in _search(caller, workspace_id, q, **query)]


def _store(world: World, *entries: Entry) -> None:
    """Write entries without what they follow from."""
    assert world.services.ports.store.attempt(
        [
            Create(entry_path(each.kind, each.workspace_id, each.id), entry_fields(each))
            for each in entries
        ]
    )


def _entry(world: World, workspace_id: str, number: int, title: str, text: str = "") -> Entry:
    return Entry(
        kind=Kind.TASK,
        workspace_id=workspace_id,
        id=f"t{number}",
        title=title,
        text=text,
        is_archived=False,
        updated_at=world.clock.now(),
    )


class TestTasks:
    """Tasks by title and description, whoever wrote them."""

    def test_a_task_is_found_soon_after_it_was_written(self, world: World, ann: Caller):
        """Through the API or by an app itself; by any word of title or description."""
        made = ann.post(
            "/workspaces/me/tasks",
            {"title": "Prepare the Crème brûlée", "description": "Vanilla from\nMadagascar."},
        ).json()
        app_task(world, ann.uid, by=ann, title="Buy vanilla")
        world.settle()

        assert ["Prepare the Crème brûlée"] == _titles(ann, "me", "creme")
        assert ["Buy vanilla", "Prepare the Crème brûlée"] == _titles(ann, "me", "VANI")
        (hit,) = _search(ann, "me", "vanilla madagas")
        assert {
            "kind": "task",
            "id": made["id"],
            "title": "Prepare the Crème brûlée",
            "snippet": "Vanilla from Madagascar.",
            "taskId": None,
            "boardId": None,
            "isArchived": False,
        } == {name: value for name, value in hit.items() if name != "updatedAt"}

    def test_changes_are_followed(self, world: World, ann: Caller):
        """Renamed, archived, thrown away."""
        task_id = app_task(world, ann.uid, by=ann, title="First name")
        path = f"workspaces/{ann.uid}/tasks/{task_id}"
        world.settle()
        found = [_titles(ann, "me", "name")]
        for rev, change in enumerate(
            [
                {"title": "Second name"},
                {"archivedAt": world.clock.now()},
                {"deletedAt": world.clock.now()},
                {"deletedAt": None},
            ],
            start=2,
        ):
            fields = world.document(path) or {}
            stamp = {"rev": rev, "updatedAt": world.clock.now(), "updatedBy": ann.uid}
            world.write(path, fields | change | stamp)
            world.settle()
            found.append(_titles(ann, "me", "name"))

        assert [["First name"], ["Second name"], ["Second name"], [], ["Second name"]] == found
        assert [] == _titles(ann, "me", "first")

    def test_reacting_again_changes_nothing(self, world: World, ann: Caller):
        """Late, doubled, or after the sweep has been there."""
        task_id = app_task(world, ann.uid, by=ann, title="Once")
        world.settle()
        before = world.documents("searchEntries")
        for _ in range(3):
            world.ring(ann.uid, task_id)
        world.settle(times=2)

        assert before == world.documents("searchEntries")
        assert 1 == len(before)

    def test_a_change_of_something_else_writes_no_entry(self, world: World, ann: Caller):
        """The entry says when its words changed, and is left alone otherwise."""
        task = ann.post("/workspaces/me/tasks", {"title": "Steady"}).json()
        world.settle()
        (before,) = world.database.collection("searchEntries").stream()
        ann.patch(f"/workspaces/me/tasks/{task['id']}", {"priority": "high"})
        world.settle()
        (after,) = world.database.collection("searchEntries").stream()

        assert before.update_time == after.update_time


class TestWhoMaySee:
    """Nothing ever comes from a workspace the caller is not in."""

    @pytest.mark.parametrize("seed", range(2))
    def test_only_the_workspace_asked_for_is_searched(
        self, world: World, ann: Caller, bob: Caller, seed: int
    ):
        """Random entries in three workspaces, of which the callers share one."""
        chance = random.Random(seed)
        places = [ann.uid, bob.uid, world.team(ann, bob)]
        for place in places:
            _store(
                world,
                *(
                    _entry(world, place, number, f"{place[:6]} {' '.join(chance.sample(WORDS, 3))}")
                    for number in range(30)
                ),
            )
        for word in WORDS:
            for caller, own, place in [(ann, places[0], "me"), (bob, places[2], places[2])]:
                titles = _titles(caller, place, word, pageSize=50)

                assert titles
                assert {own[:6]} == {title.split()[0] for title in titles}
        assert [404, 404] == [
            ann.get(f"/workspaces/{places[1]}/search?q=plan").status_code,
            ann.get("/workspaces/nowhere/search?q=plan").status_code,
        ]

    def test_who_has_left_finds_nothing_any_more(self, world: World, ann: Caller, bob: Caller):
        """From the moment they leave."""
        team = world.team(ann, bob)
        _store(world, _entry(world, team, 1, "Plan"))
        before = _titles(bob, team, "plan")
        assert bob.post(f"/workspaces/{team}:leave").status_code == 204

        assert ["Plan"] == before
        assert 404 == bob.get(f"/workspaces/{team}/search?q=plan").status_code


class TestAgainstAllOfIt:
    """What is found is what looking at every entry would find, in the same order."""

    @pytest.mark.parametrize("seed", range(3))
    def test_random_entries_and_questions(self, world: World, ann: Caller, seed: int):
        """Words whole, begun and in the middle of others, in titles and texts."""
        chance = random.Random(seed)
        entries = [
            _entry(
                world,
                ann.uid,
                number,
                " ".join(chance.choices(WORDS, k=2)),
                " ".join(chance.choices(WORDS, k=chance.randrange(4))),
            )
            for number in range(60)
        ]
        _store(world, *entries)
        questions = [*WORDS, "p", "pl", "plan lun", "cre 東", "東京 plan", "京都", "la lu"]
        for question in questions:
            terms = Sought.in_words(question).terms
            scores = {each.id: score_of(each, terms) for each in entries}
            expected = {name: score for name, score in scores.items() if score is not None}
            found = [hit["id"] for hit in _search(ann, "me", question, pageSize=50)]

            assert len(found) == min(50, len(expected))
            ordered = sorted(expected, key=lambda name: (expected[name], name), reverse=True)
            assert (question, ordered[:50]) == (question, found)


class TestHostileQueries:
    """Whatever somebody types, it is words or nothing."""

    @pytest.mark.parametrize(
        "q",
        [
            "plan.*",
            "^plan$",
            "(plan",
            "[plan",
            "plan\\",
            "plan' OR '1'='1",
            '"plan"',
            "<b>plan</b>",
            "${plan}",
            "../../plan",
            "plan%00",
            "\u202eplan\u202c",
            "p\u200blan",
            "ｐｌａｎ",  # noqa: RUF001 - full-width letters are the point.
            "plan " * 40,
        ],
    )
    def test_marks_are_no_commands(self, world: World, ann: Caller, q: str):
        """They separate words at the most."""
        _store(
            world,
            _entry(world, ann.uid, 1, "Plan or b or 1 00 b"),
            _entry(world, ann.uid, 2, "Something else"),
        )

        assert ["Plan or b or 1 00 b"] == _titles(ann, "me", q)

    @pytest.mark.parametrize(
        "q", ["", " ", "\u200b", "\u202e\u202c", ".*", "\\", "!?", "😀", "a\x00b", "x" * 201, None]
    )
    def test_what_is_no_question(self, ann: Caller, q: str | None):
        """422 with a pointer, and nothing is asked of the database."""
        answer = ann.get("/workspaces/me/search", params={} if q is None else {"q": q})

        assert (422, "validation-failed") == (answer.status_code, answer.json()["code"])
        assert ["/q"] == [fault["pointer"] for fault in answer.json()["errors"]]

    @pytest.mark.parametrize(
        ("query", "pointer"),
        [("kind=user", "/kind"), ("pageSize=51", "/pageSize"), ("pageSize=0", "/pageSize")],
    )
    def test_what_is_no_value(self, ann: Caller, query: str, pointer: str):
        """There are four kinds, and a bound."""
        answer = ann.get(f"/workspaces/me/search?q=plan&{query}")

        assert (422, [pointer]) == (
            answer.status_code,
            [fault["pointer"] for fault in answer.json()["errors"]],
        )

    @pytest.mark.parametrize("text", ["שלום עולם", "مرحبا بالعالم", "हिन्दी में", "ข้อความภาษาไทย"])
    def test_every_script_is_searched(self, world: World, ann: Caller, text: str):
        """From right to left, with marks, and without blanks."""
        ann.post("/workspaces/me/tasks", {"title": text})
        world.settle()

        assert [text] == _titles(ann, "me", text)
        assert [text] == _titles(ann, "me", text[:3])


class TestCost:
    """One round trip and at most a hundred reads, however much is stored."""

    def test_a_search_costs_what_it_looks_at(self, world: World, ann: Caller):
        """The membership, one of each, is cached. What is written elsewhere costs nothing."""
        _store(world, *(_entry(world, ann.uid, n, f"plan {n}") for n in range(MOST_READ + 40)))
        _store(world, *(_entry(world, "elsewhere", n, f"rare plan {n}") for n in range(50)))
        _store(world, _entry(world, ann.uid, 999, "rare plan"))
        search = "/workspaces/me/search"
        assert ann.get(search, params={"q": "zebra"}).json() == {"items": [], "isComplete": True}

        costs = {
            q: cost_of(ann.get(search, params={"q": q, "pageSize": 1}))
            for q in ("plan", "rare", "rare plan", "zebra")
        }

        assert {
            "plan": (1, MOST_READ, 0),
            "rare": (1, 1, 0),
            "zebra": (1, 1, 0),
        } == {q: cost for q, cost in costs.items() if q != "rare plan"}
        assert (1, 0) == costs["rare plan"][::2]
        assert costs["rare plan"][1] <= MOST_READ

    def test_it_says_when_there_may_be_more(self, world: World, ann: Caller):
        """More hits than asked for, or more entries than were looked at."""
        _store(world, *(_entry(world, ann.uid, n, f"plan {n}") for n in range(MOST_READ)))
        _store(world, _entry(world, ann.uid, 999, "rare"), _entry(world, ann.uid, 998, "rarely"))
        search = "/workspaces/me/search"

        found = [
            ann.get(search, params=params).json()["isComplete"]
            for params in ({"q": "plan"}, {"q": "rare"}, {"q": "rare", "pageSize": 1})
        ]

        assert [False, True, False] == found
