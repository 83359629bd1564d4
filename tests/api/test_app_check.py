"""App Check: whether an app of ours calls; off, watched or enforced, by group of routes."""

import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from structlog.testing import capture_logs

from backend.adapters.key_ring import PAUSE_S, STALE_S
from backend.app import create_app
from backend.settings import AppCheckMode, SettingsError
from local.suite import EmulatorSuite
from tests.api.strict import APP_CHECK, StrictWorld, strict_world
from tests.api.world import Caller
from tests.key_server import JWKS, Mood
from tests.tokens import app_check_claims, signed, signing_key

ENFORCE, MONITOR = AppCheckMode.ENFORCE, AppCheckMode.MONITOR
HEADER = "X-Firebase-AppCheck"
CONSUME = ":verifyAppCheckToken"


class Apps:
    """A world whose App Check is on, and what an app, or no app, sends it."""

    def __init__(self, world: StrictWorld) -> None:
        self.world = world
        world.sign_up("ann")
        world.sign_up("bob")

    def token(self, key: str = APP_CHECK, header: dict | None = None, **claims: Any) -> str:
        claims = app_check_claims(
            "1:1:android:1", self.world.project_id, at=self.world.clock.now(), **claims
        )
        return signed(claims, signing_key(key), **(header or {}))

    def call(
        self, method: str, path: str, token: str | None, uid: str = "ann", json: Any = None
    ) -> tuple[int, str]:
        """Call; return status and problem code."""
        headers = {"Authorization": f"Bearer {self.world.token(uid)}"}
        if token is not None:
            headers[HEADER] = token
        url = f"{self.world.url}/api/v1{path}"
        answer = requests.request(method, url, json=json, headers=headers, timeout=60)
        if answer.status_code < 400:
            return answer.status_code, ""
        if answer.status_code == 401:
            assert answer.headers["WWW-Authenticate"] == 'Bearer realm="taskflow"'
        return answer.status_code, answer.json()["code"]

    def me(self, token: str | None) -> tuple[int, str]:
        return self.call("GET", "/users/me", token)

    def team(self) -> str:
        """Found a team of Ann's; return the path of Bob's membership."""
        self.call("GET", "/users/me", self.token(), uid="bob")
        headers = {"Authorization": f"Bearer {self.world.token('ann')}", HEADER: self.token()}
        founded = requests.post(
            f"{self.world.url}/api/v1/workspaces", json={"name": "A"}, headers=headers, timeout=60
        )
        team = founded.json()["id"]
        return f"/workspaces/{team}/members/{self.world.join(team, Caller(self.world, 'bob', ''))}"

    @property
    def consumptions(self) -> int:
        hits = self.world.app_check.hits
        return sum(count for path, count in hits.items() if path.endswith(CONSUME))


@pytest.fixture
def apps(suite: EmulatorSuite, tmp_path: Path) -> Iterator[Callable[..., Apps]]:
    """Start a world with these settings of App Check."""
    with ExitStack() as stack:

        def start(mode: AppCheckMode, **groups: AppCheckMode) -> Apps:
            project_id = f"demo-{secrets.token_hex(6)}"
            settings = {"app_check": mode, "app_check_groups": groups}
            world = strict_world(suite, tmp_path, project_id, **settings)
            return Apps(stack.enter_context(world))

        yield start


BAD: dict[str, Callable[[Apps], str | None]] = {
    "missing": lambda _: None,
    "empty": lambda _: "",
    "no token": lambda _: "a.b.c",
    "not ASCII": lambda _: "é",
    "huge": lambda _: "x" * 20_000,
    "two": lambda apps: f"{apps.token()}, {apps.token()}",
    "expired": lambda apps: apps.token(exp=1_700_000_000),
    "another project's": lambda apps: apps.token(aud=["projects/another"]),
    "another issuer": lambda apps: apps.token(iss="https://attacker.example/"),
    "no app": lambda apps: apps.token(sub=""),
    "unknown kid": lambda apps: apps.token(key="stranger"),
    "wrong key": lambda apps: apps.token(
        key="stranger", header={"kid": signing_key(APP_CHECK).key_id}
    ),
    "RS384": lambda apps: apps.token(header={"alg": "RS384"}),
    "an ID token": lambda apps: apps.world.token("ann"),
}


BAD_EMPTY = ("missing", "empty")


class TestEnforced:
    """APP_CHECK=enforce"""

    def test_only_apps_of_ours_get_in(self, apps: Callable[..., Apps]):
        """Everything else is 401, never 500; what nobody calls from an app is not concerned."""
        ours = apps(ENFORCE)
        good = ours.me(ours.token())

        refused = {name: ours.me(make(ours)) for name, make in BAD.items()}

        assert good == (200, "")
        assert refused == dict.fromkeys(BAD, (401, "app-check-failed"))
        assert requests.get(f"{ours.world.url}/livez", timeout=60).status_code == 200
        assert ours.world.app_check.hits[JWKS] == 1

    def test_an_app_without_a_person_is_nobody(self, apps: Callable[..., Apps]):
        """Both are needed, and the person is looked at first."""
        ours = apps(ENFORCE)
        answer = requests.get(
            f"{ours.world.url}/api/v1/users/me", headers={HEADER: ours.token()}, timeout=60
        )

        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")

    def test_a_token_serves_one_dangerous_act(self, apps: Callable[..., Apps]):
        """It is used up there, and there alone."""
        ours = apps(ENFORCE)
        member, role = ours.team(), {"role": "member"}
        token, another = ours.token(jti="1"), ours.token(jti="2")
        before = ours.consumptions

        acts = [ours.call("PATCH", member, each, json=role) for each in (token, token, another)]
        reading = ours.me(token)

        assert acts == [(200, ""), (401, "app-check-failed"), (200, "")]
        assert reading == (200, "")
        assert (before, ours.consumptions) == (0, 3)

    def test_what_is_refused_anyway_uses_nothing_up(self, apps: Callable[..., Apps]):
        """An old sign-in is told first, and the token is still good afterwards."""
        ours = apps(ENFORCE)
        member, token = ours.team(), ours.token(jti="1")
        longer_ago = ours.world.clock.now().timestamp() - 5000
        stale = ours.world.token("ann", auth_time=int(longer_ago))
        headers = {"Authorization": f"Bearer {stale}", HEADER: token}
        url = f"{ours.world.url}/api/v1{member}"

        refused = requests.patch(url, json={"role": "member"}, headers=headers, timeout=60)

        assert refused.json()["code"] == "reauthentication-required"
        assert ours.call("PATCH", member, token, json={"role": "member"}) == (200, "")

    def test_an_outage_is_not_the_apps_fault(self, apps: Callable[..., Apps]):
        """503 while it cannot be known whether a token is good, or used up."""
        ours = apps(ENFORCE)
        ours.world.app_check.mood = Mood.FAILING
        cold = ours.me(ours.token())
        ours.world.app_check.mood = Mood.WELL
        ours.world.clock.advance(timedelta(seconds=PAUSE_S))
        member = ours.team()
        ours.world.app_check.mood = Mood.GARBAGE

        warm = ours.me(ours.token())
        dangerous = ours.call("PATCH", member, ours.token(), json={"role": "member"})

        assert (cold, warm, dangerous) == ((503, "unavailable"), (200, ""), (503, "unavailable"))


class TestWatched:
    """APP_CHECK=monitor"""

    def test_who_would_be_refused_is_logged(self, apps: Callable[..., Apps]):
        """And let in: so one learns what enforcing would do, with no token in the log."""
        ours = apps(MONITOR)
        ours.me(ours.token())
        with capture_logs() as lines:
            answers = {name: ours.me(make(ours)) for name, make in BAD.items()}
            good = ours.me(ours.token())

        told = [line for line in lines if line["event"] == "app_check.would_refuse"]
        assert answers == dict.fromkeys(BAD, (200, ""))
        assert (good, len(told)) == ((200, ""), len(BAD))
        assert [line["has_token"] for line in told] == [name not in BAD_EMPTY for name in BAD]
        assert {line["code"] for line in told} == {"app-check-failed"}

    def test_nothing_is_used_up_and_an_outage_is_only_logged(self, apps: Callable[..., Apps]):
        """Watching changes nothing for anybody."""
        ours = apps(MONITOR)
        member, token = ours.team(), ours.token()
        acts = [ours.call("PATCH", member, token, json={"role": "member"}) for _ in range(2)]
        ours.world.app_check.mood = Mood.CUT
        ours.world.clock.advance(timedelta(seconds=3600 + STALE_S))
        with capture_logs() as lines:
            reading = ours.me(ours.token())

        told = [line["code"] for line in lines if line["event"] == "app_check.would_refuse"]
        assert acts == [(200, ""), (200, "")]
        assert ours.consumptions == 0
        assert (reading, told) == ((200, ""), ["unavailable"])


class TestGroups:
    """APP_CHECK_GROUPS"""

    def test_a_group_differs_from_the_rest(self, apps: Callable[..., Apps]):
        """A group is a blueprint; where it is off, nothing is even looked at."""
        ours = apps(AppCheckMode.OFF, tasks=ENFORCE, series=MONITOR)

        asked = {
            path: ours.call("GET", path, None)
            for path in ("/users/me", "/workspaces/me/tasks", "/workspaces/me/series")
        }

        assert asked == {
            "/users/me": (200, ""),
            "/workspaces/me/tasks": (401, "app-check-failed"),
            "/workspaces/me/series": (200, ""),
        }

    def test_a_group_that_does_not_exist_is_refused_at_start(self, apps: Callable[..., Apps]):
        """A misspelled name would leave a group open without a word."""
        ours = apps(AppCheckMode.OFF)
        for wrong in ("task", "internal", "health"):
            settings = replace(ours.world.services.settings, app_check_groups={wrong: ENFORCE})
            with pytest.raises(SettingsError, match=wrong):
                create_app(replace(ours.world.services, settings=settings))
