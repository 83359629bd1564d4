"""Whose session cookie a page takes: signed by Google, for our project, in time; no ID token."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import requests
from flask import Flask

from backend.adapters.session_cookies import ISSUER
from backend.admin.model import StaffRole
from backend.app import CALLERS, create_app
from backend.settings import Mode
from backend.web.auth import Caller
from local.suite import EmulatorSuite
from tests.api.strict import StrictWorld, strict_world
from tests.token_cases import CURRENT, STRANGER
from tests.tokens import id_claims, id_token, signed, signing_key

COOKIE = "__Host-console"
HOUR_S = 3600
PROJECT = "demo-console-cookies"


@pytest.fixture(scope="module")
def world(suite: EmulatorSuite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StrictWorld]:
    """As in production, with Ada as its admin."""
    folder = tmp_path_factory.mktemp("console")
    with strict_world(suite, folder, PROJECT, mode=Mode.PRODUCTION) as world:
        world.sign_up("ada")
        headers = {"Authorization": f"Bearer {world.token('ada')}"}
        requests.get(f"{world.url}/api/v1/users/me", headers=headers, timeout=30)
        world.services.admin.appoint_first("ada", StaffRole.ADMIN)
        yield world


@pytest.fixture(scope="module")
def app(world: StrictWorld) -> Flask:
    """The same application once more, to ask it for its routes."""
    return create_app(world.services)


def cookie(world: StrictWorld, key: str = CURRENT, **claims: object) -> str:
    """A session cookie of Ada's."""
    issuer = f"{ISSUER}/{world.project_id}"
    made = id_claims("ada", world.project_id, at=world.clock.now(), **{"iss": issuer, **claims})
    return signed(made, signing_key(key), kid=signing_key(CURRENT).key_id)


def see(world: StrictWorld, path: str, value: str, method: str = "GET") -> requests.Response:
    headers = {"Cookie": f"{COOKIE}={value}"}
    if method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return requests.request(
        method, f"{world.url}{path}", headers=headers, allow_redirects=False, timeout=30
    )


def _at(world: StrictWorld, seconds: float) -> int:
    return int(world.clock.now().timestamp() + seconds)


BAD: dict[str, Callable[[StrictWorld], str]] = {
    "an ID token (T35)": lambda world: world.token("ada"),
    "unsigned": lambda world: id_token(
        "ada", PROJECT, at=world.clock.now(), iss=f"{ISSUER}/{PROJECT}"
    ),
    "signed by another": lambda world: cookie(world, STRANGER),
    "of another project": lambda world: cookie(world, aud="other"),
    "issued for another project": lambda world: cookie(world, iss=f"{ISSUER}/other"),
    "over": lambda world: cookie(world, iat=_at(world, -2 * HOUR_S), exp=_at(world, -HOUR_S)),
    "of the future": lambda world: cookie(world, iat=_at(world, HOUR_S)),
    "of nobody": lambda world: cookie(world, sub="", user_id=""),
    "of an account that is gone": lambda world: cookie(world, sub="gone", user_id="gone"),
    "no token": lambda _: "x",
    "nothing": lambda _: "",
    "endless": lambda _: "a" * 6000 + "." + "b" * 6000 + "." + "c" * 100,
}


class TestSessionCookies:
    """SessionCookies.verify, from outside"""

    def test_a_good_one_opens_the_pages(self, world: StrictWorld):
        """Signed by a key that is published."""
        assert 200 == see(world, "/admin/jobs", cookie(world)).status_code

    @pytest.mark.parametrize("name", BAD)
    def test_every_other_leads_to_signing_in(self, world: StrictWorld, app: Flask, name: str):
        """On every page and form there is."""
        value = BAD[name](world)
        adapter = app.url_map.bind("x")
        routes = [
            (adapter.build(rule.endpoint, {"job_id": "j", "run_id": "r", "act": "run"}), method)
            for rule in app.url_map.iter_rules()
            if CALLERS.get(rule.endpoint.partition(".")[0]) is Caller.CONSOLE
            for method in sorted(rule.methods - {"HEAD", "OPTIONS"})
        ]

        found = {see(world, path, value, method).status_code for path, method in routes}

        assert 5 <= len(routes)
        assert {303} == found

    def test_a_cookie_of_that_name_binds_to_this_host(self, world: StrictWorld):
        """Also when it is taken back: `__Host-`, secure, for no other path."""
        answer = see(world, "/admin/jobs", cookie(world))
        token = answer.text.split('name="token" value="')[1].split('"')[0]

        ended = requests.post(
            f"{world.url}/admin/sign-out",
            data={"token": token},
            headers={"Cookie": f"{COOKIE}={cookie(world)}"},
            allow_redirects=False,
            timeout=30,
        )

        parts = ended.headers["Set-Cookie"].split("; ")
        assert f"{COOKIE}=" == parts[0]
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Strict", "Max-Age=0"} <= set(parts)

    def test_a_disabled_account_does_nothing_at_once(self, world: StrictWorld):
        """A form asks Firebase Auth anew, as dangerous acts of the API do."""
        world.at_auth("accounts:update", localId="ada", disableUser=True)

        answer = see(world, "/admin/jobs/j/run", cookie(world), "POST")
        world.at_auth("accounts:update", localId="ada", disableUser=False)
        world.clock.advance(timedelta(minutes=2))

        assert 403 == answer.status_code
