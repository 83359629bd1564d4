"""The caches themselves: one suite over memory and a real Redis, and what only Redis can do."""

from datetime import timedelta

import pytest

from backend.adapters.cache import (
    SHARED_TTL_S,
    UNSHARED_TTL_S,
    MemoryCache,
    NoCache,
    RedisCache,
)
from backend.adapters.redis_link import PAUSE_S, RedisLink
from backend.kit.cache import Cache
from backend.kit.errors import Unavailable
from tests.clock import VirtualClock
from tests.redis_server import RedisServer

TTL_S = 600.0  # More than any cache grants.
BUSY_S = 2.0  # A busy machine must not look like a silent Redis.


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture(params=["memory", "redis"])
def cache(request: pytest.FixtureRequest, clock: VirtualClock) -> Cache:
    if request.param == "memory":
        return MemoryCache(clock)
    return _process(request.getfixturevalue("redis_server"), clock)


class TestCache:
    """What holds for every cache."""

    def test_what_was_put_in_is_found(self, cache: Cache):
        """By namespace and key, and nothing else is."""
        cache.put(cache.look("a", ["1", "2"]), {"1": "one"}, ttl_s=TTL_S)

        found = cache.look("a", ["1", "2"]).texts, cache.look("b", ["1"]).texts

        assert ({"1": "one"}, {}) == found

    def test_an_invalidated_namespace_is_empty(self, cache: Cache):
        """And no other."""
        for namespace in ("a", "b"):
            cache.put(cache.look(namespace, []), {"1": "one"}, ttl_s=TTL_S)
        cache.invalidate("a")

        found = cache.look("a", ["1"]).texts, cache.look("b", ["1"]).texts

        assert ({}, {"1": "one"}) == found

    @pytest.mark.parametrize("is_known", [True, False], ids=["known", "new"])
    def test_a_slow_reader_brings_nothing_back(self, cache: Cache, is_known: bool):
        """What it read before a change is not found after it, however late it is put in."""
        if is_known:
            cache.put(cache.look("a", []), {"2": "two"}, ttl_s=TTL_S)
        slow = cache.look("a", ["1"])  # It now reads the old state …
        cache.invalidate("a")  # … which somebody changes …
        cache.put(slow, {"1": "old"}, ttl_s=TTL_S)  # … before it is done.
        after = cache.look("a", ["1"])
        cache.put(after, {"1": "new"}, ttl_s=TTL_S)
        cache.put(slow, {"1": "old"}, ttl_s=TTL_S)

        assert {} == after.texts
        assert "old" not in cache.look("a", ["1"]).texts.values()

    def test_two_readers_of_a_new_namespace_cannot_mix(self, cache: Cache):
        """Each made up a version; one of them holds."""
        first, second = cache.look("a", []), cache.look("a", [])
        cache.put(first, {"1": "one"}, ttl_s=TTL_S)
        cache.put(second, {"2": "two"}, ttl_s=TTL_S)

        assert {"1": "one"} == cache.look("a", ["1", "2"]).texts

    def test_nothing_is_held_longer_than_stated(self, cache: Cache, clock: VirtualClock):
        """Counted from when it was looked up: what is read later is no older than that."""
        longest_s = UNSHARED_TTL_S if isinstance(cache, MemoryCache) else SHARED_TTL_S
        slow, short = cache.look("a", []), cache.look("b", [])
        clock.advance(timedelta(seconds=longest_s - 2))
        cache.put(slow, {"1": "one"}, ttl_s=TTL_S)
        cache.put(short, {"1": "one"}, ttl_s=1)
        before = cache.look("a", ["1"]).texts, cache.look("b", ["1"]).texts
        clock.advance(timedelta(seconds=2))

        assert ({"1": "one"}, {}) == before
        assert {} == cache.look("a", ["1"]).texts


class TestMemory:
    """Only in this process."""

    def test_it_stays_small(self, clock: VirtualClock):
        """What was used last is kept."""
        cache = MemoryCache(clock, max_entries=2)
        looked = cache.look("a", [])
        cache.put(looked, {"1": "one", "2": "two"}, ttl_s=TTL_S)
        cache.look("a", ["1"])
        cache.put(looked, {"3": "three"}, ttl_s=TTL_S)

        assert {"1": "one", "3": "three"} == cache.look("a", ["1", "2", "3"]).texts

    def test_a_forgotten_invalidation_still_holds(self, clock: VirtualClock):
        """Also where others have taken its place before the slow reader is done."""
        cache = MemoryCache(clock, max_entries=2)
        slow = cache.look("a", ["1"])
        for namespace in ("a", "b", "c", "d"):
            cache.invalidate(namespace)
        cache.put(slow, {"1": "old"}, ttl_s=TTL_S)

        assert {} == cache.look("a", ["1"]).texts


class TestNone:
    """Off."""

    def test_it_holds_nothing(self):
        """And is well."""
        cache = NoCache()
        cache.put(cache.look("a", ["1"]), {"1": "one"}, ttl_s=TTL_S)
        cache.ping()

        assert {} == cache.look("a", ["1"]).texts


class TestRedis:
    """Shared by processes that do not know each other."""

    def test_a_change_holds_in_every_process(self, redis_server: RedisServer, clock: VirtualClock):
        """At once, also against a slow reader in another one."""
        here, there = _process(redis_server, clock), _process(redis_server, clock)
        here.put(here.look("a", []), {"1": "one"}, ttl_s=TTL_S)
        shared = there.look("a", ["1"])
        here.invalidate("a")
        there.put(shared, {"1": "one"}, ttl_s=TTL_S)

        assert {"1": "one"} == shared.texts
        assert ({}, {}) == (here.look("a", ["1"]).texts, there.look("a", ["1"]).texts)

    def test_two_deployments_share_nothing(self, redis_server: RedisServer, clock: VirtualClock):
        """Staging's memberships must not open production."""
        staging = _process(redis_server, clock, project_id="staging")
        production = _process(redis_server, clock, project_id="production")
        staging.put(staging.look("a", []), {"1": "one"}, ttl_s=TTL_S)

        assert {} == production.look("a", ["1"]).texts

    def test_looking_leaves_no_trace(self, redis_server: RedisServer, clock: VirtualClock):
        """Strangers who try ids must not fill it. What is held ends by itself."""
        cache = _process(redis_server, clock)
        cache.look("nobody", ["1"])
        before = redis_server.client().dbsize()
        cache.put(cache.look("a", []), {"1": "one"}, ttl_s=TTL_S)
        client = redis_server.client()
        endless = [key for key in client.scan_iter() if client.ttl(key) < 0]

        assert (0, 2, []) == (before, client.dbsize(), endless)

    @pytest.mark.parametrize("entry", [b"", b"null", b"[]", b'["v", "x", "y"]', b"\x00", b"\xff"])
    def test_what_it_does_not_understand_is_no_hit(
        self, redis_server: RedisServer, clock: VirtualClock, entry: bytes
    ):
        """Perhaps another version of ours wrote it."""
        cache = _process(redis_server, clock)
        cache.put(cache.look("a", []), {"1": "one"}, ttl_s=TTL_S)
        client = redis_server.client()
        (key,) = client.scan_iter("*:entry:*")
        client.set(key, entry)

        assert {} == cache.look("a", ["1"]).texts

    @pytest.mark.parametrize("how", ["kill", "freeze"])
    def test_without_an_answer_it_knows_nothing(
        self, redis_server: RedisServer, clock: VirtualClock, how: str
    ):
        """Also `ping` says so; afterwards it works again by itself."""
        cache = _process(redis_server, clock)
        cache.put(cache.look("a", []), {"1": "one"}, ttl_s=TTL_S)
        getattr(redis_server, how)()
        during = cache.look("a", ["1"])
        cache.put(during, {"1": "one"}, ttl_s=TTL_S)
        with pytest.raises(Unavailable):
            cache.ping()
        redis_server.start() if how == "kill" else redis_server.thaw()
        clock.advance(timedelta(seconds=PAUSE_S))
        cache.put(cache.look("a", []), {"1": "again"}, ttl_s=TTL_S)
        cache.ping()

        assert (None, {}) == (during.version, during.texts)
        assert {"1": "again"} == cache.look("a", ["1"]).texts

    def test_an_undelivered_change_holds_here_at_once(
        self, redis_server: RedisServer, clock: VirtualClock
    ):
        """The network breaks, the change is made, the network is back: Redis still has the old."""
        cache = _process(redis_server, clock)
        cache.put(cache.look("a", []), {"1": "old"}, ttl_s=TTL_S)
        other = _process(redis_server, clock)
        redis_server.freeze()
        cache.invalidate("a")
        redis_server.thaw()
        paused = cache.look("a", ["1"])
        clock.advance(timedelta(seconds=PAUSE_S))
        here = cache.look("a", ["1"]).texts

        # Looking here has delivered it, so it holds everywhere.
        assert ({}, {}) == (paused.texts, here)
        assert {} == other.look("a", ["1"]).texts

    def test_an_undelivered_change_is_seen_elsewhere_in_time(
        self, redis_server: RedisServer, clock: VirtualClock
    ):
        """A process that was killed before it could tell: others believe the old for a minute."""
        writer, reader = _process(redis_server, clock), _process(redis_server, clock)
        reader.put(reader.look("a", []), {"1": "old"}, ttl_s=TTL_S)
        del writer  # Committed, and killed before `invalidate`.
        before = reader.look("a", ["1"]).texts
        clock.advance(timedelta(seconds=SHARED_TTL_S))

        assert ({"1": "old"}, {}) == (before, reader.look("a", ["1"]).texts)

    def test_a_late_write_does_not_live_anew(self, redis_server: RedisServer, clock: VirtualClock):
        """What stood in the socket of a frozen Redis is carried out later, with its old end."""
        writer, reader = _process(redis_server, clock), _process(redis_server, clock)
        looked = writer.look("a", [])
        redis_server.freeze()
        writer.put(looked, {"1": "old"}, ttl_s=TTL_S)
        clock.advance(timedelta(seconds=SHARED_TTL_S))
        redis_server.thaw()
        client = redis_server.client()
        client.ping()

        assert {} == reader.look("a", ["1"]).texts
        assert [] != list(client.scan_iter("*:entry:*"))  # It did arrive.

    def test_a_forgetful_redis_forgets_only(self, redis_server: RedisServer, clock: VirtualClock):
        """A version it dropped is never given out again, so old entries stay unseen."""
        cache = _process(redis_server, clock)
        cache.put(cache.look("a", []), {"1": "old"}, ttl_s=TTL_S)
        cache.invalidate("a")
        client = redis_server.client()
        client.delete(*client.scan_iter("*:version:*"))
        for _ in range(3):
            cache.put(cache.look("a", []), {"2": "two"}, ttl_s=TTL_S)

        assert {"2": "two"} == cache.look("a", ["1", "2"]).texts


class TestLink:
    """Redis is asked only while it answers."""

    def test_silence_costs_one_time_out(self, redis_server: RedisServer, clock: VirtualClock):
        """The next callers do not wait: a hundred of them take less than two of them would."""
        link = RedisLink(redis_server.url, clock)
        link.ping()
        redis_server.freeze()
        with pytest.raises(Unavailable):
            link.ping()
        asked: list[int] = []
        for _ in range(100):
            with pytest.raises(Unavailable):
                link.call(lambda redis: asked.append(1))

        assert ([], True) == (asked, link.is_silent)

    def test_one_caller_tries_for_all(self, redis_server: RedisServer, clock: VirtualClock):
        """After the pause. While it waits, the others go on without."""
        link = RedisLink(redis_server.url, clock)
        redis_server.kill()
        with pytest.raises(Unavailable):
            link.ping()
        clock.advance(timedelta(seconds=PAUSE_S))
        asked: list[str] = []

        def ask(redis: object) -> None:
            asked.append("one")
            with pytest.raises(Unavailable):
                link.call(lambda _: asked.append("two"))

        link.call(ask)

        assert (["one"], False) == (asked, link.is_silent)


def _process(
    server: RedisServer, clock: VirtualClock, *, project_id: str = "demo-caches"
) -> RedisCache:
    """A cache as one process has it: with a connection and a memory of its own."""
    link = RedisLink(server.url, clock, timeout_s=BUSY_S)
    return RedisCache(link, clock, project_id=project_id)
