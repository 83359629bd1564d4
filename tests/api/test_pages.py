"""Pages of every long list: links to follow, and nothing lost while others write."""

import random
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from backend.kit.documents import Adjust, Create, Write
from backend.kit.ids import random_id
from tests.api.factories import task_fields
from tests.api.world import Caller, World

LINK = re.compile(r'<([^>]*)>; rel="(\w+)"')
PATIENCE_S = 60


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


class TestLinks:
    """`Link` headers (RFC 8288)"""

    def test_they_lead_through_the_list(self, world: World, ann: Caller):
        """Filters and size go with them; the last page has no next."""
        for number in range(5):
            ann.post("/workspaces/me/tasks", {"title": f"{number}", "status": "done"})
        ann.post("/workspaces/me/tasks", {"title": "open"})
        query = {"status": "done,cancelled", "pageSize": 2, "sort": "-updatedAt"}

        answers = [ann.get("/workspaces/me/tasks", params=query)]
        while "next" in (links := _links(answers[-1])):
            answers.append(ann.get(links["next"].removeprefix("/api/v1")))

        assert [2, 2, 1] == [len(answer.json()["items"]) for answer in answers]
        assert 5 == len({task["id"] for answer in answers for task in answer.json()["items"]})
        for answer in answers:
            first = urlsplit(_links(answer)["first"])
            assert ("", "", "/api/v1/workspaces/me/tasks") == first[:3]
            assert {
                "status": ["done,cancelled"],
                "pageSize": ["2"],
                "sort": ["-updatedAt"],
            } == parse_qs(first.query)

    def test_the_token_in_the_link_is_the_one_in_the_body(self, world: World, ann: Caller):
        """Whichever a client prefers to follow."""
        for number in range(2):
            ann.post("/workspaces/me/tasks", {"title": f"{number}"})

        answer = ann.get("/workspaces/me/tasks", params={"pageSize": 1})

        (token,) = parse_qs(urlsplit(_links(answer)["next"]).query)["pageToken"]
        assert answer.json()["nextPageToken"] == token

    def test_what_a_caller_writes_stays_inside_its_link(self, ann: Caller):
        """Blanks, quotes, brackets, commas and line breaks are escaped."""
        query = "dueAfter=2026-01-01T00:00:00%2B01:00&status=open%2Cdone"

        answer = ann.get(f"/workspaces/me/tasks?{query}")

        assert (
            "</api/v1/workspaces/me/tasks?dueAfter=2026-01-01T00%3A00%3A00%2B01%3A00"
            '&status=open%2Cdone>; rel="first"'
        ) == answer.headers["Link"]


class TestOtherLists:
    """`{items, nextPageToken}` everywhere."""

    def test_members_are_paged(self, world: World, ann: Caller):
        """Who joined first comes first."""
        team = world.team(ann)
        joined = [f"member{number}" for number in range(5)]
        for number, uid in enumerate(joined):
            at = world.clock.now() + timedelta(minutes=number + 1)
            member = {"uid": uid, "role": "member", "displayName": uid, "photoUrl": None}
            world.write(
                f"workspaces/{team}/members/{uid}", {**member, "expireAt": None, "createdAt": at}
            )

        pages = list(_pages(ann, f"/workspaces/{team}/members", {"pageSize": 2}))

        assert [[ann.uid, *joined[:1]], joined[1:3], joined[3:], []] == [
            [member["uid"] for member in page] for page in pages
        ]

    def test_series_are_paged(self, world: World, ann: Caller):
        """The newest comes first."""
        made = []
        for number in range(3):
            weekly = {"rule": "FREQ=WEEKLY", "start": {"date": "2027-03-01", "tz": "UTC"}}
            made.append(ann.post("/workspaces/me/series", {"title": f"{number}", **weekly}).json())
            world.clock.advance(timedelta(seconds=1))

        pages = list(_pages(ann, "/workspaces/me/series", {"pageSize": 2}))

        assert [[made[2]["id"], made[1]["id"]], [made[0]["id"]]] == [
            [series["id"] for series in page] for page in pages
        ]

    @pytest.mark.parametrize("path", ["/users/me/workspaces", "/users/me/devices"])
    def test_short_lists_are_one_page(self, ann: Caller, path: str):
        """The same shape, so that one loop reads every list."""
        answer = ann.get(path).json()

        assert ({"items", "nextPageToken"}, None) == (set(answer), answer["nextPageToken"])

    @pytest.mark.parametrize("path", ["/workspaces/me/members", "/workspaces/me/series"])
    def test_a_token_belongs_to_its_list(self, ann: Caller, path: str):
        """As for tasks."""
        answer = ann.get(path, params={"pageToken": "x"})

        assert (422, "invalid-page-token") == (answer.status_code, answer.json()["code"])


@dataclass
class Writers:
    """Others at work on a list: they make, edit, move and throw away tasks until told to stop."""

    world: World
    owner: Caller
    edited: list[str]
    moved: list[str]
    order: str
    deeds: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        threads = [threading.Thread(target=self._work, args=(seed,)) for seed in range(3)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.stopping.set()
            for thread in threads:
                thread.join()

    def do_more(self) -> None:
        """Return once they have written five times more."""
        with self.changed:
            enough = self.deeds + 5
            assert self.changed.wait_for(lambda: self.deeds >= enough, PATIENCE_S)

    def _work(self, seed: int) -> None:
        chance = random.Random(seed)
        store = self.world.services.ports.store
        while not self.stopping.is_set():
            if store.attempt([self._deed(chance)]):
                with self.changed:
                    self.deeds += 1
                    self.changed.notify_all()

    def _deed(self, chance: random.Random) -> Write:
        tasks = f"workspaces/{self.owner.uid}/tasks"
        some = f"{tasks}/{chance.choice(self.moved)}"
        match chance.randrange(4):
            case 0:
                return Create(f"{tasks}/{random_id()}", _any_task(self.world, self.owner, chance))
            case 1:  # Not the key it is sorted by.
                return Adjust(
                    f"{tasks}/{chance.choice(self.edited)}", {"title": f"{chance.random()}"}
                )
            case 2:
                name = self.order.removeprefix("-")
                return Adjust(some, {name: _any_task(self.world, self.owner, chance)[name]})
            case _:
                return Adjust(some, {"deletedAt": self.world.clock.now()})


class TestWhileOthersWrite:
    """What did not move is there exactly once."""

    @pytest.mark.parametrize(
        "query",
        [
            {"sort": "-createdAt"},
            {"sort": "-updatedAt"},
            {"sort": "dueAt"},
            {"sort": "-dueAt", "status": "open,in_progress"},
            {"sort": "-priority", "assignee": "me"},
            {"sort": "-priority", "priority": "none,low,high,urgent", "status": "open"},
            {"sort": "dueAt", "assignee": "me", "status": "open,in_progress"},
        ],
    )
    def test_nothing_is_skipped_or_repeated(self, world: World, ann: Caller, query: dict[str, str]):
        """Between any two pages others write, before and behind the place that was reached."""
        chance = random.Random(7)
        tasks = {f"{random_id()}": _any_task(world, ann, chance) for _ in range(160)}
        store = world.services.ports.store
        assert store.attempt(
            [Create(f"workspaces/{ann.uid}/tasks/{key}", task) for key, task in tasks.items()]
        )
        resting, moved = list(tasks)[:100], list(tasks)[100:]
        if "none,low" in query.get("priority", ""):
            resting = [key for key in resting if tasks[key]["priority"] != 2]
        writers = Writers(world, ann, resting, moved, query["sort"])
        found: list[str] = []

        with writers.at_work():
            for page in _pages(ann, "/workspaces/me/tasks", {**query, "pageSize": 9}, at_most=400):
                found += [task["id"] for task in page]
                writers.do_more()
                if set(resting) <= set(found):
                    break

        times = Counter(found)
        assert {1: len(resting)} == dict(Counter(times[key] for key in resting))
        assert {1} == {times[key] for key in found if key not in moved}


def _any_task(world: World, owner: Caller, chance: random.Random) -> dict[str, Any]:
    """Open and its owner's, so that every filter of the test finds it; with many ties."""
    now = world.clock.now()
    return {
        **task_fields(world, by=owner, assignees=[owner]),
        "priority": chance.randrange(5),
        "dueAt": chance.choice([None, now + timedelta(hours=chance.randrange(20))]),
        "createdAt": now + timedelta(seconds=chance.randrange(30)),
        "updatedAt": now + timedelta(seconds=chance.randrange(30)),
    }


def _pages(
    caller: Caller, path: str, query: dict[str, Any], at_most: int = 50
) -> Iterator[list[dict[str, Any]]]:
    token: dict[str, str] = {}
    for _ in range(at_most):
        answer = caller.get(path, params={**query, **token})
        assert answer.status_code == 200, answer.text
        yield answer.json()["items"]
        if answer.json()["nextPageToken"] is None:
            return
        token = {"pageToken": answer.json()["nextPageToken"]}
    raise AssertionError("the list did not end")


def _links(answer: requests.Response) -> dict[str, str]:
    return {rel: target for target, rel in LINK.findall(answer.headers["Link"])}
