"""How much one address and one person may ask for, and what they are told of it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from backend.adapters.counters import MAX_KEYS, MemoryCounters
from backend.app import create_app
from backend.bootstrap import build_ports, build_services
from backend.settings import Mode, Settings
from tests.api.conftest import serving
from tests.api.world import World
from tests.clock import VirtualClock

ME = "/api/v1/users/me"
OFFLINE = Settings(
    mode=Mode.DEVELOPMENT,
    project_id="demo-limits",
    worker_url="http://127.0.0.1",
    worker_service_account="jobs@demo-limits.iam.gserviceaccount.com",
    signing_secret="for tests only, and long enough to be a secret",
    firestore_emulator_host="127.0.0.1:1",
    auth_emulator_host="127.0.0.1:1",
    jobs_emulator_host="127.0.0.1:1",
    rate_limit_per_minute=5,
    rate_limit_person_per_minute=100,
    rate_limit_refused_per_minute=100,
)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def edge(clock: VirtualClock) -> Callable[..., FlaskClient]:
    """The application, of which nothing gets as far as a database."""

    def build(**changes: Any) -> FlaskClient:
        settings = replace(OFFLINE, **changes)
        return create_app(build_services(settings, build_ports(settings, clock))).test_client()

    return build


class TestByAddress:
    """Before anything is known of the caller."""

    def test_more_than_the_limit_is_refused_until_the_minute_is_over(
        self, edge: Callable[..., FlaskClient], clock: VirtualClock
    ):
        """429, with when to come back."""
        app = edge()
        answers = [_get(app) for _ in range(7)]
        clock.advance(timedelta(seconds=59))
        late = _get(app)
        clock.advance(timedelta(seconds=2))
        after = _get(app)

        assert [401] * 5 + [429] * 2 == [answer.status_code for answer in answers]
        assert ("rate-limited", "application/problem+json") == (
            answers[5].json["code"],
            answers[5].content_type,
        )
        assert ("60", "1", None) == tuple(
            answer.headers.get("Retry-After") for answer in (answers[5], late, after)
        )

    def test_every_answer_says_what_is_left(
        self, edge: Callable[..., FlaskClient], clock: VirtualClock
    ):
        """Refused, not found, not allowed, or too many. `Reset` is seconds, as in the draft."""
        app = edge()
        answers = [
            _get(app),
            _get(app, "/api/v1/nothing"),
            app.delete("/errors/not-found"),
            _get(app, "/openapi.json"),
        ]
        clock.advance(timedelta(seconds=20))
        answers += [_get(app), _get(app)]

        assert [401, 404, 405, 200, 401, 429] == [answer.status_code for answer in answers]
        assert [
            ("5", "4", "60"),
            ("5", "3", "60"),
            ("5", "2", "60"),
            ("5", "1", "60"),
            ("5", "0", "40"),
            ("5", "0", "40"),
        ] == [_told(answer) for answer in answers]

    @pytest.mark.parametrize(
        ("path", "status"), [("/livez", 200), ("/healthz", 200), ("/internal/jobs/react", 401)]
    )
    def test_our_own_calls_are_free(self, edge: Callable[..., FlaskClient], path: str, status: int):
        """The platform asks how we are, and the queue brings work, from one address."""
        app = edge()
        method = app.post if path.startswith("/internal") else app.get
        answers = [method(path, json={}) for _ in range(8)]

        assert {status} == {answer.status_code for answer in answers}
        assert {(None, None, None)} == {_told(answer) for answer in answers}

    def test_forged_addresses_change_nothing(self, edge: Callable[..., FlaskClient]):
        """Where no proxy is trusted, nobody is believed."""
        app = edge()
        for index in range(5):
            _get(app, forwarded=f"203.0.113.{index}")

        assert 429 == _get(app, forwarded="203.0.113.99").status_code
        assert 429 == _get(app, forwarded="203.0.113.99", Forwarded="for=1.2.3.4").status_code

    def test_one_trusted_proxy_is_believed_what_it_added(self, edge: Callable[..., FlaskClient]):
        """The last address is the proxy's; those before it are whatever the caller wrote."""
        app = edge(proxy_hops=1)
        for index in range(5):
            _get(app, forwarded=f"203.0.113.{index}, 198.51.100.7")

        assert 429 == _get(app, forwarded="203.0.113.99, 198.51.100.7").status_code
        assert 401 == _get(app, forwarded="198.51.100.7, 198.51.100.8").status_code

    @pytest.mark.parametrize(
        ("addresses", "other"),
        [
            (
                ["2001:db8:1:2::1", "2001:db8:1:2:ffff::2", "2001:db8:1:2::3%eth0"],
                "2001:db8:1:3::1",
            ),
            (["192.0.2.1", "::ffff:192.0.2.1"], "192.0.2.2"),
            (["somewhere"], "elsewhere"),
            ([""], "192.0.2.1"),
        ],
        ids=["site", "mapped", "no address", "nothing"],
    )
    def test_an_ipv6_site_is_one_address(
        self, edge: Callable[..., FlaskClient], addresses: list[str], other: str
    ):
        """A subscriber has 2^64 of them. What is no address is a key like any other."""
        app = edge(rate_limit_per_minute=len(addresses))
        seen = [_get(app, address=each).status_code for each in [*addresses, addresses[0], other]]

        assert [*[401] * len(addresses), 429, 401] == seen


class TestRefused:
    """An address that collects 401 answers is guessing."""

    def test_it_is_not_listened_to_for_a_while(
        self, edge: Callable[..., FlaskClient], clock: VirtualClock
    ):
        """Others are, and what needs no token counts as no guess."""
        app = edge(rate_limit_per_minute=1000, rate_limit_refused_per_minute=3)
        for _ in range(5):
            _get(app, "/openapi.json")
        guesses = [_get(app, Authorization=f"Bearer {number}") for number in range(5)]
        other = _get(app, address="192.0.2.7")
        clock.advance(timedelta(seconds=61))
        after = _get(app)

        assert [401, 401, 401, 429, 429] == [answer.status_code for answer in guesses]
        assert (("3", "0", "60"), "60") == (_told(guesses[3]), guesses[3].headers["Retry-After"])
        assert {"1000"} == {_told(answer)[0] for answer in (*guesses[:3], after)}
        assert [401, 401] == [other.status_code, after.status_code]


class TestByPerson:
    """After the token: whatever addresses somebody uses."""

    @pytest.fixture
    def narrow(self, world: World) -> Iterator[World]:
        """The same service, where a person may ask for 20 in a minute."""
        settings = replace(world.services.settings, rate_limit_person_per_minute=20)
        with ExitStack() as stack:
            services, url = stack.enter_context(serving(settings, world.clock))
            yield World(services, url, world.clock, world.tasks, world.fcm)

    def test_each_person_has_their_own(self, narrow: World):
        """At one address. The first call of each made their account."""
        ann, bob = narrow.person("Ann"), narrow.person("Bob")
        statuses = [ann.get("/users/me").status_code for _ in range(20)]
        answer = bob.get("/users/me")

        assert [200] * 19 + [429] == statuses
        assert (200, ("20", "18", "60")) == (answer.status_code, _told(answer))

    def test_costly_routes_count_for_more(self, narrow: World):
        """Founding a workspace is ten reads of a profile; a series is five."""
        ann = narrow.person("Ann")
        weekly = {"rule": "FREQ=WEEKLY", "start": {"date": "2027-03-01", "tz": "UTC"}}
        answers = [
            ann.post("/workspaces", {"name": "A"}),
            ann.post("/workspaces/me/series", {"title": "A", **weekly}),
            ann.post("/workspaces", {"name": "B"}),
        ]

        assert [201, 201, 429] == [answer.status_code for answer in answers]
        assert ["9", "4", "0"] == [answer.headers["RateLimit-Remaining"] for answer in answers]

    def test_what_costs_more_than_the_limit_is_possible_once(self, world: World):
        """Else a small limit would close a route for good."""
        settings = replace(world.services.settings, rate_limit_person_per_minute=2)
        with serving(settings, world.clock) as (services, url):
            small = World(services, url, world.clock, world.tasks, world.fcm)
            ann = small.person("Ann")
            world.clock.advance(timedelta(seconds=61))
            statuses = [ann.post("/workspaces", {"name": "A"}).status_code for _ in range(2)]

        assert [201, 429] == statuses


class TestMemoryCounters:
    """What counts where there is no Redis."""

    def test_ended_counters_do_not_pile_up(self, clock: VirtualClock):
        """However many addresses come by."""
        counters = MemoryCounters(clock)
        for minute in range(3):
            for number in range(1000):
                counters.add(f"{minute}/{number}", 1, window_s=60)
            clock.advance(timedelta(seconds=61))
        for number in range(2000):
            counters.add(f"last/{number}", 1, window_s=60)

        assert 2000 == len(counters._counts)

    def test_a_flood_of_addresses_is_bounded(self, clock: VirtualClock):
        """The oldest are dropped: their owners may begin anew."""
        counters = MemoryCounters(clock)
        for number in range(MAX_KEYS + 10):
            counters.add(str(number), 1, window_s=60)

        assert len(counters._counts) <= MAX_KEYS
        assert (1, 0) == (counters.look(str(MAX_KEYS + 9)).used, counters.look("0").used)


def _get(
    app: FlaskClient,
    path: str = ME,
    *,
    address: str = "127.0.0.1",
    forwarded: str | None = None,
    **headers: str,
) -> TestResponse:
    if forwarded is not None:
        headers["X-Forwarded-For"] = forwarded
    return app.get(path, headers=headers, environ_base={"REMOTE_ADDR": address})


def _told(answer: Any) -> tuple[str | None, ...]:
    return tuple(
        answer.headers.get(f"RateLimit-{part}") for part in ("Limit", "Remaining", "Reset")
    )
