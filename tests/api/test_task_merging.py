"""Edits made on an older state of a task: `PATCH …/tasks/{t}?baseRev=`."""

import random
from typing import Any

import pytest

from tests.api.factories import app_task
from tests.api.test_task_history import edit_directly, history
from tests.api.world import Caller, World, cost_of


@pytest.fixture
def shared(world: World) -> tuple[Caller, Caller, str, str]:
    """Two people of a team, the team, and a task there that both know at revision 1."""
    ann, bob = world.person("Ann"), world.person("Bob")
    team = world.team(ann, bob)
    task = ann.post(f"/workspaces/{team}/tasks", {"title": "A"}).json()["id"]
    return ann, bob, team, f"/workspaces/{team}/tasks/{task}"


class TestMerging:
    """Feature D7."""

    def test_other_fields_keep_what_others_made_of_them(self, shared):
        """Nothing of either edit is lost."""
        ann, bob, _, path = shared
        ann.patch(path, {"title": "B"})

        merged = bob.patch(path, {"priority": "high"}, params={"baseRev": 1})

        assert 200 == merged.status_code
        assert ("B", "high", 3) == tuple(merged.json()[n] for n in ("title", "priority", "rev"))
        assert {} == bob.get(f"{path}/history").json()["items"][0]["lost"]

    def test_on_the_same_field_the_newer_holds_and_the_other_is_kept(self, shared):
        """In the history, from where it comes back."""
        ann, bob, _, path = shared
        ann.patch(path, {"title": "Ann's", "description": "Ann's words"})

        merged = bob.patch(path, {"title": "Bob's"}, params={"baseRev": 1}).json()
        entry = ann.get(f"{path}/history").json()["items"][0]
        back = ann.post(f"{path}/history/{entry['rev']}:revert", {"fields": ["title"]}).json()

        assert ("Bob's", "Ann's words") == (merged["title"], merged["description"])
        assert {"title": "Ann's"} == entry["lost"]
        assert ("Ann's", 4) == (back["title"], back["rev"])

    def test_what_was_seen_is_not_lost(self, shared):
        """Only values that its author had not seen."""
        ann, bob, _, path = shared
        ann.patch(path, {"title": "B"})
        bob.patch(path, {"title": "C"}, params={"baseRev": 2})

        assert {} == bob.get(f"{path}/history").json()["items"][0]["lost"]

    def test_an_app_that_wrote_meanwhile(self, world: World):
        """Also before the reactor has looked at what it wrote."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        task = app_task(world, team, by=ann, title="A")
        world.settle()
        edit_directly(world, f"workspaces/{team}/tasks/{task}", bob, 2, title="Bob's")

        ann.patch(f"/workspaces/{team}/tasks/{task}", {"title": "Ann's"}, params={"baseRev": 1})
        world.settle()

        found = history(world, team, task)
        assert [("Bob's", {}), ("Ann's", {"title": "Bob's"})] == [
            (each["patch"]["title"], each["lost"]) for each in found
        ]

    def test_half_of_a_date_is_meant_of_the_date_that_was_seen(self, shared):
        """A day of one person's and an hour of another's would be a date nobody chose."""
        ann, bob, _, path = shared
        due = {"kind": "zoned", "date": "2026-12-01", "time": "09:00", "tz": "UTC"}
        ann.patch(path, {"due": due})
        ann.patch(path, {"due": {"date": "2027-06-01"}})

        merged = bob.patch(path, {"due": {"time": "17:00"}}, params={"baseRev": 2}).json()

        assert {**due, "time": "17:00"} == merged["due"]
        lost = ann.get(f"{path}/history").json()["items"][0]["lost"]
        assert {**due, "date": "2027-06-01"} == lost["due"]

    def test_a_revision_that_never_was(self, shared):
        """Nothing is merged with the future, or with what is no number."""
        ann, _, _, path = shared
        answers = [
            ann.patch(path, {"title": "B"}, params={"baseRev": rev}) for rev in (2, 0, "x", -1)
        ]

        assert [422, 422, 422, 422] == [answer.status_code for answer in answers]
        assert ["/baseRev"] == [fault["pointer"] for fault in answers[0].json()["errors"]]
        assert 1 == ann.get(path).json()["rev"]

    def test_it_costs_a_look_at_the_history(self, shared):
        """One query more, a read for each change since."""
        ann, bob, _, path = shared
        for title in "BCD":
            ann.patch(path, {"title": title})
        bob.get(path)

        merged = bob.patch(path, {"title": "E"}, params={"baseRev": 1})

        assert (3, 4, 2) == cost_of(merged)


class TestModel:
    """Several clients, some of them offline: whatever was typed is there, or in the history."""

    @pytest.mark.parametrize("seed", range(3))
    def test_every_value_typed_is_current_or_in_the_history(self, world: World, seed: int):
        """Two to five people edit, wander off, and come back with what they wrote."""
        chance = random.Random(seed)
        people = [world.person(name) for name in "ABCDE"[: chance.randint(2, 5)]]
        team = world.team(*people)
        fields = ("title", "description")
        path = f"/workspaces/{team}/tasks"
        path += "/" + people[0].post(path, {"title": "A"}).json()["id"]
        seen = dict.fromkeys(people, 1)
        typed: set[tuple[str, str]] = set()

        for number in range(30):
            who = chance.choice(people)
            if chance.random() < 0.4:  # Back online for a moment: sees what there is.
                seen[who] = who.get(path).json()["rev"]
            value = chance.choice(fields), f"{who.name}{number}"
            typed.add(value)
            answer = who.patch(path, dict([value]), params={"baseRev": seen[who]})
            assert answer.status_code == 200, answer.text
            if chance.random() < 0.3:
                world.settle()
        world.settle()

        assert typed <= _kept(world, people[0], path)


def _kept(world: World, reader: Caller, path: str) -> set[tuple[str, str]]:
    """Every value that can still be read: in the task, or in what its history holds."""
    task: dict[str, Any] = reader.get(path).json()
    entries = reader.get(f"{path}/history", params={"pageSize": 100}).json()["items"]
    values = [task, *(entry["patch"] for entry in entries), *(e["previous"] for e in entries)]
    return {
        (name, value[name])
        for value in values
        for name in ("title", "description")
        if name in value
    }
