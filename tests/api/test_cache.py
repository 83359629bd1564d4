"""Memberships and profiles from the cache: what it saves, and that it never opens a closed door."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
import requests

from backend.adapters.cache import SHARED_TTL_S, UNSHARED_TTL_S
from backend.adapters.firestore import metered
from backend.adapters.redis_link import PAUSE_S
from backend.kit.errors import NotFound
from backend.workspaces.documents import member_path
from tests.api.conftest import serving
from tests.api.world import Caller, World
from tests.redis_server import RedisServer

Started = Callable[..., World]


@pytest.fixture
def another(world: World) -> Iterator[Started]:
    """Further processes of the same service, as far as caches are concerned."""
    with ExitStack() as stack:

        def start(**changes: object) -> World:
            settings = replace(world.services.settings, **changes)
            services, url = stack.enter_context(serving(settings, world.clock))
            return World(services, url, world.clock, world.tasks, world.fcm)

        yield start


class TestMemberships:
    """`members/{uid}` decides every request, and is read for few."""

    def test_only_the_first_request_reads_it(self, world: World):
        """Until it has been held for as long as is stated."""
        ann = world.person("Ann")
        costs = [_reads(ann.get("/workspaces/me/tasks")) for _ in range(3)]
        world.clock.advance(timedelta(seconds=UNSHARED_TTL_S))
        costs.append(_reads(ann.get("/workspaces/me/tasks")))

        assert [2, 1, 1, 2] == costs  # An empty list is one read as well.

    def test_hits_and_misses_are_counted(self, world: World):
        """By what was asked for."""
        ann = world.person("Ann")
        for _ in range(4):
            ann.get("/workspaces/me/tasks")

        assert (3, 1) == world.services.tally.counts()["members"]

    def test_a_new_member_gets_in_at_once(self, world: World):
        """That somebody does not belong is never remembered."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann)
        before = bob.get(f"/workspaces/{team}").status_code
        world.join(team, bob)

        assert (404, 200) == (before, bob.get(f"/workspaces/{team}").status_code)

    def test_a_role_change_holds_from_the_next_request(self, world: World):
        """Up and down, and out."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        path = f"/workspaces/{team}/members/{bob.uid}"
        seen = [_creates(bob, team)]
        for role in ("viewer", "member", "commenter"):
            ann.patch(path, {"role": role})
            seen.append(_creates(bob, team))
        ann.delete(path)
        seen.append(_creates(bob, team))

        assert [201, 403, 201, 403, 404] == seen

    def test_a_slow_request_does_not_bring_back_what_was_taken(
        self, world: World, crowd: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
    ):
        """It has read the old membership, and is held up until the person is out."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        world.clock.advance(timedelta(seconds=UNSHARED_TTL_S))
        store = world.services.ports.store
        has_read, may_go_on = Event(), Event()
        read = store.get_all

        def read_slowly(paths):
            found = read(paths)
            if list(paths) == [member_path(team, bob.uid)] and not has_read.is_set():
                has_read.set()
                assert may_go_on.wait(30)
            return found

        monkeypatch.setattr(type(store), "get_all", lambda _, paths: read_slowly(paths))
        slow = crowd.submit(bob.get, f"/workspaces/{team}/tasks")
        assert has_read.wait(30)
        removed = ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        may_go_on.set()

        # It began before the removal, and may see what it saw. Nobody after it does.
        assert (204, 200) == (removed.status_code, slow.result().status_code)
        assert 404 == bob.get(f"/workspaces/{team}/tasks").status_code

    def test_a_guest_is_out_on_the_second(self, world: World):
        """A membership that is held still ends when it says so."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        ends_at = world.clock.now() + timedelta(seconds=2)
        member = world.database.document(member_path(team, bob.uid))
        member.update({"expireAt": ends_at})
        before = bob.get(f"/workspaces/{team}").status_code
        world.clock.advance(timedelta(seconds=2))

        assert UNSHARED_TTL_S > 2
        assert (200, 404) == (before, bob.get(f"/workspaces/{team}").status_code)

    def test_who_manages_members_is_read_anew(self, world: World, another: Started):
        """An admin put out by another process must not let themselves in again."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann)
        path = f"/workspaces/{team}/members/{bob.uid}"
        world.join(team, bob, "admin")
        there = _at(another(), bob)
        seen = [there.get(f"/workspaces/{team}").status_code]
        ann.delete(path)
        answer = there.patch(path, {"role": "admin"})
        seen.append(answer.status_code)

        assert [200, 404] == seen

    def test_another_process_without_redis_is_late_by_the_stated_time(
        self, world: World, another: Started
    ):
        """And no longer."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        there = _at(another(), bob)
        there.get(f"/workspaces/{team}")
        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.clock.advance(timedelta(seconds=UNSHARED_TTL_S))

        assert 404 == there.get(f"/workspaces/{team}").status_code

    def test_what_no_cache_can_hold_is_read(self, world: World):
        """Whatever stands in the document beside what we wrote."""
        ann = world.person("Ann")
        member = world.database.document(member_path(ann.uid, ann.uid))
        member.update({"odd": b"bytes", "nested": {"at": world.clock.now(), "list": [1, None]}})
        costs = [_reads(ann.get("/workspaces/me/tasks")) for _ in range(2)]
        member.update({"odd": None})
        costs += [_reads(ann.get("/workspaces/me/tasks")) for _ in range(2)]

        assert [2, 2, 2, 1] == costs

    def test_switched_off_it_reads_every_time(self, world: World, another: Started):
        """For whom five seconds are too many."""
        ann = _at(another(cache_url="off"), world.person("Ann"))
        ann.get("/users/me")  # A process asks once whether an account is there.

        costs = [_reads(ann.get("/workspaces/me/tasks")) for _ in range(3)]

        assert [2, 2, 2] == costs


class TestSharedMemberships:
    """In a real Redis, by two processes."""

    def test_a_change_holds_everywhere_from_the_next_request(
        self, world: World, another: Started, redis_server: RedisServer
    ):
        """Also where the other process holds the membership that was taken."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        here, there = (another(cache_url=redis_server.url) for _ in range(2))
        tasks = f"/workspaces/{team}/tasks"
        for process in (here, there):  # Each asks once whether an account is there.
            _at(process, bob).get("/users/me")
        costs = [_reads(_at(process, bob).get(tasks)) for process in (here, there, there)]
        _at(here, ann).delete(f"/workspaces/{team}/members/{bob.uid}")

        assert [2, 1, 1] == costs  # What one process has read, the other need not.
        assert [404, 404] == [_at(each, bob).get(tasks).status_code for each in (there, here)]

    def test_it_is_right_while_redis_comes_and_goes(
        self, world: World, another: Started, redis_server: RedisServer
    ):
        """Frozen, killed, back: a removal holds at once where it was made, and nothing is 5xx."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        here, there = (another(cache_url=redis_server.url) for _ in range(2))
        path = f"/workspaces/{team}/members/{bob.uid}"

        def seen() -> list[int]:
            return [_at(each, bob).get(f"/workspaces/{team}").status_code for each in (here, there)]

        statuses = [seen()]
        redis_server.freeze()
        _at(here, ann).delete(path)
        statuses.append(seen())  # `there` cannot reach Redis either, and so reads.
        redis_server.thaw()
        world.clock.advance(timedelta(seconds=PAUSE_S))
        statuses.append(seen())
        world.join(team, bob, "viewer")
        statuses.append(seen())
        redis_server.kill()
        statuses.append(seen())
        _at(here, ann).delete(path)
        redis_server.start()
        world.clock.advance(timedelta(seconds=SHARED_TTL_S))
        statuses.append(seen())

        out, within = [404, 404], [200, 200]
        assert [within, out, out, within, within, out] == statuses


class TestProfiles:
    """People as they are named to each other."""

    def test_own_profile_is_never_from_memory(self, world: World):
        """Who has just changed it looks at it next."""
        ann = world.person("Ann")
        ann.get("/users/me")
        world.database.document(f"users/{ann.uid}").update({"displayName": "Anna"})

        assert "Anna" == ann.get("/users/me").json()["displayName"]

    def test_others_are_held(self, world: World):
        """Naming somebody a second time reads nothing; who is new is looked for each time."""
        bob = world.person("Bob")
        profile = world.services.accounts.profile
        reads = []
        for uid in (bob.uid, bob.uid, "eve", "eve"):
            with metered() as usage, suppress(NotFound):
                profile(uid)
            reads.append(usage.reads)

        assert [1, 0, 1, 1] == reads


def _at(process: World, person: Caller) -> Caller:
    """The same person, who calls another process."""
    return replace(person, world=process)


def _creates(person: Caller, team: str) -> int:
    return person.post(f"/workspaces/{team}/tasks", {"title": "A"}).status_code


def _reads(answer: requests.Response) -> int:
    assert answer.status_code < 300, answer.text
    return int(re.search(r"reads=(\d+)", answer.headers["Server-Timing"])[1])
