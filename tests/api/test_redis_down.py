"""A real Redis behind limits and cache that is frozen, killed and started again in mid-load."""

import math
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
import requests

from backend.adapters.redis_link import PAUSE_S
from tests.api.conftest import serving
from tests.api.world import Caller, World
from tests.redis_server import RedisServer

WORKERS = 12
EACH = 30
# Far above what is stated (0.3 s, once), because the machine may be busy with other things.
MOST_S = 8.0

Started = Callable[..., World]


@pytest.fixture
def process(world: World, redis_server: RedisServer) -> Iterator[Started]:
    """Processes that count and remember in Redis, as in production."""
    with ExitStack() as stack:

        def start(**changes: object) -> World:
            settings = replace(
                world.services.settings,
                rate_limit_storage_url=redis_server.url,
                cache_url=redis_server.url,
                **changes,
            )
            services, url = stack.enter_context(serving(settings, world.clock))
            return World(services, url, world.clock, world.tasks, world.fcm)

        yield start


@dataclass
class Load:
    """What came of the requests of one phase."""

    statuses: set[int] = field(default_factory=set)
    durations_s: list[float] = field(default_factory=list)

    def __str__(self) -> str:
        ordered = sorted(self.durations_s)
        p50, p99 = (ordered[math.ceil(len(ordered) * share) - 1] for share in (0.5, 0.99))
        return f"p50 {p50 * 1000:.0f}, p99 {p99 * 1000:.0f}, worst {ordered[-1] * 1000:.0f} ms"


class TestMidLoad:
    """No 5xx, and nobody waits long."""

    def test_requests_go_on(
        self,
        world: World,
        process: Started,
        redis_server: RedisServer,
        crowd: ThreadPoolExecutor,
    ):
        """Each thing happens while requests are on their way; the figures are printed."""

        def pause() -> None:
            world.clock.advance(timedelta(seconds=PAUSE_S))

        def thaw() -> None:
            redis_server.thaw()
            pause()

        def start() -> None:
            redis_server.start()
            pause()

        ann = replace(world.person("Ann"), world=process())
        _load(ann, crowd)  # Connections, and what is read once.
        phases = {
            "up": lambda: None,
            "frozen": redis_server.freeze,
            "frozen, asked again": pause,
            "thawed": thaw,
            "killed": redis_server.kill,
            "killed, asked again": pause,
            "started": start,
        }
        loads = {name: _load(ann, crowd, meanwhile=act) for name, act in phases.items()}
        loads["recovered"] = _load(ann, crowd)

        for name, load in loads.items():
            print(f"{name}: {load}")  # noqa: T201 - figures for whoever runs it with -rA.
        assert {200} == set().union(*(load.statuses for load in loads.values()))
        assert max(max(load.durations_s) for load in loads.values()) < MOST_S
        _wait_until_well(ann.world)
        assert redis_server.client().dbsize() > 0  # It is counted there again.


class TestCounting:
    """Limits hold with Redis and without."""

    def test_processes_count_together(self, world: World, process: Started):
        """Whichever of them is asked."""
        ann = world.person("Ann")
        both = [process(rate_limit_person_per_minute=6) for _ in range(2)]
        statuses = [replace(ann, world=both[n % 2]).get("/users/me").status_code for n in range(8)]

        assert [200] * 6 + [429] * 2 == statuses

    @pytest.mark.parametrize("how", ["kill", "freeze"])
    def test_without_redis_each_counts_for_itself(
        self, world: World, process: Started, redis_server: RedisServer, how: str
    ):
        """Also a process that starts when Redis is down already."""
        ann = world.person("Ann")
        first = process(rate_limit_person_per_minute=6)
        replace(ann, world=first).get("/users/me")
        getattr(redis_server, how)()
        second = process(rate_limit_person_per_minute=6)
        seen = [
            [replace(ann, world=each).get("/users/me").status_code for _ in range(8)]
            for each in (first, second)
        ]

        assert [[200] * 6 + [429] * 2] * 2 == seen
        assert [{"cache": "silent", "counters": "silent"}] * 2 == [
            {name: _ready(each)["checks"][name] for name in ("cache", "counters")}
            for each in (first, second)
        ]
        assert all("taskflow_redis_silent 1.0" in _numbers(each) for each in (first, second))
        assert ["degraded"] * 2 == [_ready(each)["status"] for each in (first, second)]

    def test_a_flushed_redis_counts_anew(
        self, world: World, process: Started, redis_server: RedisServer
    ):
        """Nothing else comes of it."""
        ann = replace(world.person("Ann"), world=process(rate_limit_person_per_minute=3))
        before = [ann.get("/users/me").status_code for _ in range(4)]
        redis_server.client().flushall()
        after = [ann.get("/users/me").status_code for _ in range(4)]

        assert [[200, 200, 200, 429]] * 2 == [before, after]

    def test_counters_end_by_themselves(
        self, world: World, process: Started, redis_server: RedisServer
    ):
        """None is left in Redis for ever."""
        replace(world.person("Ann"), world=process()).get("/users/me")
        client = redis_server.client()
        left_s = [client.ttl(key) for key in client.scan_iter("*:limit:*")]

        assert 2 == len(left_s)  # One of the address, one of the person.
        assert all(0 < seconds <= 60 for seconds in left_s)


def _load(
    person: Caller, crowd: ThreadPoolExecutor, *, meanwhile: Callable[[], None] | None = None
) -> Load:
    """Send requests from many threads; `meanwhile` runs when the first are on their way."""
    load = Load()

    def work() -> None:
        with requests.Session() as session:
            token = person.world.token(person.uid, name=person.name)
            session.headers["Authorization"] = f"Bearer {token}"
            for _ in range(EACH):
                began_at = time.monotonic()
                answer = session.get(f"{person.world.url}/api/v1/users/me", timeout=60)
                load.durations_s.append(time.monotonic() - began_at)
                load.statuses.add(answer.status_code)

    working = [crowd.submit(work) for _ in range(WORKERS)]
    if meanwhile is not None:
        meanwhile()
    for each in working:
        each.result()
    return load


def _wait_until_well(world: World, patience_s: float = 30) -> None:
    """On a busy machine even a Redis that is well may need another pause."""
    give_up_at = time.monotonic() + patience_s
    while _ready(world)["status"] != "ok":
        assert time.monotonic() < give_up_at, "Redis was not found again"
        world.clock.advance(timedelta(seconds=PAUSE_S))


def _numbers(world: World) -> str:
    return world.services.ports.metrics.text()


def _ready(world: World) -> dict:
    return requests.get(f"{world.url}/readyz", timeout=60).json()
