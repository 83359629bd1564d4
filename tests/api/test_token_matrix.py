"""The token matrix, each row on every class of route, with signed tokens as in production."""

import http.client
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from backend.adapters.key_ring import PAUSE_S, STALE_S
from backend.admin.model import StaffRole
from backend.settings import Mode
from local.suite import EmulatorSuite
from tests.api.strict import StrictWorld, strict_world
from tests.key_server import CERTS, Mood
from tests.token_cases import CASES, ELSEWHERE, STRANGER, Case, Stage
from tests.tokens import id_token, signed, signing_key

CLASSES = ("public", "user", "sensitive", "admin", "internal")
HOUR_S = 3600


class Stand:
    """A strict world with a team: Ann owns it, Bob is in it, Eve is not."""

    def __init__(self, world: StrictWorld) -> None:
        self.world = world
        ann, bob, eve = (world.person(name) for name in ("Ann", "Bob", "Eve"))
        team = world.team(ann, bob)
        world.services.admin.appoint_first(ann.uid, StaffRole.SUPPORT)
        self.ann, self.stage = ann, world.stage(member=ann.uid, outsider=eve.uid)
        self.routes = {
            "public": ("GET", "/livez", None),
            "user": ("GET", f"/api/v1/workspaces/{team}", None),
            "sensitive": (
                "PATCH",
                f"/api/v1/workspaces/{team}/members/{bob.uid}",
                {"role": "member"},
            ),
            "admin": ("GET", f"/api/v1/admin/users/{bob.uid}", None),
            "internal": ("POST", "/internal/ticks/promote", {}),
        }

    def ask(self, route: str, headers: dict[str, str]) -> requests.Response:
        method, path, body = self.routes[route]
        return requests.request(
            method, self.world.url + path, json=body, headers=headers, timeout=60
        )

    def show(self, token: str, route: str = "user") -> tuple[int, str]:
        """Call with this token; return status and problem code."""
        answer = self.ask(route, {"Authorization": f"Bearer {token}"})
        is_problem = answer.headers["Content-Type"] == "application/problem+json"
        return answer.status_code, answer.json()["code"] if is_problem else ""


@pytest.fixture(scope="module")
def one_stand(suite: EmulatorSuite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """One for all rows that change nothing."""
    folder = tmp_path_factory.mktemp("matrix")
    with strict_world(suite, folder, "demo-token-matrix") as world:
        yield Stand(world)


@pytest.fixture
def stand(suite: EmulatorSuite, tmp_path: Path) -> Iterator[Stand]:
    """One of the test's own, to break."""
    with strict_world(suite, tmp_path, f"demo-{secrets.token_hex(6)}") as world:
        yield Stand(world)


class TestMatrix:
    """security.md section 3"""

    def test_no_row_is_missing(self):
        """T1 to T60, in the data or in a class of its own here."""
        rows = {case.row for case in CASES} | set(ELSEWHERE)

        assert rows == {f"T{number}" for number in range(1, 61)}
        assert set(ELSEWHERE.values()) <= set(globals())

    @pytest.mark.parametrize("route", CLASSES)
    @pytest.mark.parametrize("case", CASES, ids=str)
    def test_each_token_on_each_class_of_route(self, one_stand: Stand, case: Case, route: str):
        """A public route does not look at tokens; refusals are problems and say how to sign in."""
        expected = 200 if route == "public" else getattr(case, route)
        token = case.token(one_stand.stage)

        answer = one_stand.ask(route, dict(case.headers(token)))

        assert answer.status_code == expected, answer.text
        if answer.status_code >= 400:
            assert answer.headers["Content-Type"] == "application/problem+json"
            if case.code and answer.status_code in (401, 403) and route != "internal":
                assert answer.json()["code"] == case.code
        if answer.status_code == 401:
            assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="taskflow"')

    def test_two_authorization_headers_are_refused(self, one_stand: Stand):
        """T45, as two lines of the request: even if both are good."""
        url = urlsplit(one_stand.world.url)
        connection = http.client.HTTPConnection(url.netloc, timeout=60)
        connection.putrequest("GET", one_stand.routes["user"][1])
        for _ in range(2):
            connection.putheader("Authorization", f"Bearer {one_stand.stage.token()}")
        connection.endheaders()
        answer = connection.getresponse()
        answer.read()
        connection.close()

        assert answer.status == 401

    def test_the_uid_is_the_tokens(self, one_stand: Stand):
        """Whatever body and query say."""
        ann, stage = one_stand.ann, one_stand.stage
        posed = {"uid": stage.outsider, "userId": stage.outsider}

        told = ann.get("/users/me", params=posed)
        refused = ann.post("/workspaces", {"name": "Mine", **posed})

        # A body with a uid is refused as a whole, and a query is not asked who calls.
        assert told.status_code == 422 or told.json()["uid"] == ann.uid
        assert (refused.status_code, refused.json()["code"]) == (422, "unknown-field")

    def test_challenges_say_what_helps(self, one_stand: Stand):
        """RFC 6750: nothing on a missing token; RFC 9470: how old a sign-in may be."""
        stale = one_stand.stage.token(auth_time=one_stand.stage.at(-5000))
        challenges = [
            one_stand.ask(route, headers).headers["WWW-Authenticate"]
            for route, headers in (
                ("user", {}),
                ("user", {"Authorization": "Bearer x"}),
                ("sensitive", {"Authorization": f"Bearer {stale}"}),
            )
        ]

        assert challenges == [
            'Bearer realm="taskflow"',
            'Bearer realm="taskflow", error="invalid_token"',
            'Bearer realm="taskflow", error="insufficient_user_authentication", max_age=900',
        ]

    def test_unknown_keys_are_not_asked_for_each_time(self, one_stand: Stand):
        """Else anybody could make us download at will; addresses in a token are never followed."""
        keys, stage = one_stand.world.keys, one_stand.stage
        one_stand.show(stage.token())
        before = keys.hits[CERTS]
        tokens = [
            signed(stage.claims(), signing_key(STRANGER), kid=f"{number:040x}")
            for number in range(40)
        ]

        answers = {one_stand.show(token) for token in tokens}

        assert answers == {(401, "unauthenticated")}
        assert keys.hits[CERTS] - before <= 1
        assert set(keys.hits) == {CERTS}


class TestUnsigned:
    """T49: tokens of the Auth emulator, which is set in the environment of all these tests."""

    def test_production_never_believes_the_emulator(self, suite: EmulatorSuite, tmp_path: Path):
        """Even if its settings named one, which `read_settings` refuses."""
        changes = {"mode": Mode.PRODUCTION, "auth_emulator_host": suite.auth_host}
        project_id = "demo-unsigned"
        with strict_world(suite, tmp_path, project_id, **changes) as world:
            stand = Stand(world)
            unsigned = id_token(stand.ann.uid, project_id, at=world.clock.now())

            assert stand.show(stand.stage.token()) == (200, "")
            for route in ("user", "sensitive", "internal"):
                assert stand.show(unsigned, route) == (401, "unauthenticated")


class TestStates:
    """T46 to T48: the token is good, the account no longer is."""

    @pytest.mark.parametrize(
        ("change", "refusal"),
        [
            ({"validSince": "+1"}, (401, "token-revoked")),
            ({"disableUser": True}, (403, "account-disabled")),
            (None, (401, "unauthenticated")),
        ],
        ids=["T46 revoked", "T47 disabled", "T48 deleted"],
    )
    def test_an_account_ends(self, stand: Stand, change: dict | None, refusal: tuple[int, str]):
        """At once on sensitive routes, within a minute on others; public ones do not ask."""
        world, uid = stand.world, stand.ann.uid
        token = stand.stage.token()
        good = [stand.show(token, route) for route in ("user", "sensitive")]
        if change is None:
            world.at_auth("accounts:delete", localId=uid)
        else:
            if "validSince" in change:
                change = {"validSince": str(stand.stage.at(1))}
            world.at_auth("accounts:update", localId=uid, **change)

        remembered = stand.show(token)
        at_once = stand.show(token, "sensitive")
        world.clock.advance(timedelta(seconds=60))
        a_minute_later = stand.show(token)

        assert good == [(200, ""), (200, "")]
        # Asking at once taught the others too; before it they went by what they knew.
        assert remembered == (200, "")
        assert (at_once, a_minute_later) == (refusal, refusal)
        assert stand.show(token, "public")[0] == 200
        assert stand.show(token, "internal") == (401, "unauthenticated")

    def test_signing_in_again_helps(self, stand: Stand):
        """Tokens issued after the sign-out are good."""
        world, uid = stand.world, stand.ann.uid
        world.at_auth("accounts:update", localId=uid, validSince=str(stand.stage.at(60)))
        before = stand.show(stand.stage.token(), "sensitive")
        world.clock.advance(timedelta(minutes=2))

        after = stand.show(world.token(uid), "sensitive")

        assert (before, after) == ((401, "token-revoked"), (200, ""))


class TestRotation:
    """T5 and T60"""

    def test_a_new_key_is_fetched_when_its_first_token_comes(self, stand: Stand):
        """And the old one is good no more, not even for a token that was verified before."""
        world = stand.world
        before = stand.show(stand.stage.token())
        world.keys.keys = (signing_key("next"),)
        world.clock.advance(timedelta(seconds=PAUSE_S))
        stage = replace(stand.stage, now=world.clock.now())

        new = stand.show(signed(stage.claims(), signing_key("next")))
        old = stand.show(stage.token())

        assert (before, new, old) == ((200, ""), (200, ""), (401, "unauthenticated"))

    def test_rotation_under_load_accepts_nothing_false(
        self, stand: Stand, crowd: ThreadPoolExecutor
    ):
        """
        A key every two seconds, each published for four and cached for two.

        Tokens of a key are refused before it is published and once it is past its max-age.
        """
        world = stand.world
        ring = [signing_key(f"rotated {number}") for number in range(6)]
        world.keys.max_age_s = 2
        world.keys.keys = (ring[0],)
        world.clock.advance(timedelta(hours=2))  # The keys of before are stale now.
        verdicts = []
        for turn in range(1, len(ring) - 1):
            world.keys.keys = tuple(ring[turn - 1 : turn + 1])
            world.clock.advance(timedelta(seconds=2))
            stage = replace(stand.stage, now=world.clock.now())
            tokens = _tokens(stage, ring)
            # Twice 6 keys at once, and each of the tokens is new to the service.
            found = list(crowd.map(stand.show, [token for _ in range(4) for token in tokens]))
            verdicts += [(turn, number % 6, status) for number, (status, _) in enumerate(found)]

        accepted = {(turn, key) for turn, key, status in verdicts if status == 200}
        assert {status for _, _, status in verdicts} == {200, 401}
        assert accepted == {(turn, key) for turn in range(1, 5) for key in (turn - 1, turn)}
        assert world.keys.hits[CERTS] < 20


class TestOutage:
    """T57 to T59"""

    @pytest.mark.parametrize("mood", [Mood.FAILING, Mood.CUT, Mood.GARBAGE, Mood.SILENT])
    def test_a_warm_cache_carries_an_outage(self, stand: Stand, mood: Mood):
        """T57: past max-age too, until nobody can say any more whether a key still counts."""
        world, uid = stand.world, stand.ann.uid
        warm = stand.show(world.token(uid))
        world.keys.mood = mood
        answers = []
        for seconds in (60, HOUR_S, STALE_S):
            world.clock.advance(timedelta(seconds=seconds))
            answers.append(stand.show(world.token(uid)))
        world.keys.mood = Mood.WELL
        world.clock.advance(timedelta(seconds=PAUSE_S))

        assert [warm, *answers] == [(200, ""), (200, ""), (200, ""), (503, "unavailable")]
        assert stand.show(world.token(uid)) == (200, "")

    @pytest.mark.parametrize("mood", [Mood.FAILING, Mood.CUT, Mood.GARBAGE, Mood.SILENT])
    def test_a_cold_cache_cannot_know(self, suite: EmulatorSuite, tmp_path: Path, mood: Mood):
        """T58 and T59: never 200, never 401; and it says when to come back."""
        project_id = f"demo-cold-{mood}"
        with strict_world(suite, tmp_path, project_id) as world:
            world.keys.mood = mood
            headers = {"Authorization": f"Bearer {world.token('ann')}"}
            answers = [
                requests.get(f"{world.url}/api/v1/users/me", headers=headers, timeout=60)
                for _ in range(3)
            ]

            assert [answer.status_code for answer in answers] == [503, 503, 503]
            assert all(int(answer.headers["Retry-After"]) > 0 for answer in answers)
            assert world.keys.hits[CERTS] == 1  # Or each request would wait for a time-out.

    def test_accounts_unknown(self, stand: Stand, lost_accounts: Callable[[], None]):
        """Firebase Auth down: dangerous acts wait, ordinary work goes on."""
        token = stand.stage.token()
        before = [stand.show(token), stand.show(token, "sensitive")]
        lost_accounts()
        stand.world.clock.advance(timedelta(seconds=61))

        during = [stand.show(token), stand.show(token, "sensitive")]

        assert (before, during) == (
            [(200, ""), (200, "")],
            [(200, ""), (503, "unavailable")],
        )


@pytest.fixture
def lost_accounts(stand: Stand) -> Callable[[], None]:
    """Make Firebase Auth stop answering."""

    def lose() -> None:
        states = stand.world.services.ports.account_states
        states._url = "http://127.0.0.1:9/nobody-listens"

    return lose


def _tokens(stage: Stage, keys: list) -> list[str]:
    return [signed(stage.claims(), key) for key in keys]
