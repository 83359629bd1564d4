"""Who is let in, and with what."""

import base64
import json
from datetime import timedelta

import pytest
import requests

from tests.api.world import World
from tests.tokens import id_token

ME = "/api/v1/users/me"
NO_TOKENS = [
    None,
    "",
    "Bearer",
    "Bearer ",
    "Basic abc",
    "Token abc",
    "Bearer a.b",
    "Bearer a.b.c",
    "Bearer é",
    "Bearer " + "x" * 9999,
    "Bearer " + base64.b64encode(b"[1]").decode(),
]


class TestIdTokens:
    """Where the Auth emulator is set: nothing is signed, and all claims are checked still."""

    def test_a_token_of_another_project_is_refused(self, world: World, suite):
        """Even one of the same emulator; of one's own project, tests/clients shows one let in."""
        host = f"http://{suite.auth_host}/identitytoolkit.googleapis.com/v1/accounts:signUp"
        person = {"email": f"a@{world.project_id}.test", "password": "correct horse"}
        # The project of the key-less call is the one the emulator was started for.
        signed_up = requests.post(
            f"{host}?key=any", json={**person, "returnSecureToken": True}, timeout=10
        )

        token = signed_up.json()["idToken"]
        answer = _call(world, f"Bearer {token}")

        assert signed_up.status_code == 200
        assert answer.status_code == 401
        assert suite.project_id == _claims(token)["aud"]

    @pytest.mark.parametrize(
        ("claims", "code"),
        [
            ({"exp": 1_700_000_000}, "token-expired"),
            ({"aud": "another-project"}, "unauthenticated"),
            ({"iss": "https://securetoken.google.com/another-project"}, "unauthenticated"),
            ({"iss": "https://accounts.google.com"}, "unauthenticated"),
            ({"sub": "../a/b"}, "unauthenticated"),
            ({"sub": ""}, "unauthenticated"),
            ({"sub": None}, "unauthenticated"),
            ({"sub": "x" * 129}, "unauthenticated"),
            ({"exp": None}, "unauthenticated"),
            ({"exp": "soon"}, "unauthenticated"),
            ({"auth_time": 4_000_000_000}, "unauthenticated"),
            ({"auth_time": None}, "unauthenticated"),
            ({"aud": ["a", "b"]}, "unauthenticated"),
        ],
        ids=str,
    )
    def test_bad_claims_are_refused(self, world: World, claims: dict, code: str):
        """Each with its own code where the app can do something about it."""
        token = id_token("ann", world.project_id, at=world.clock.now(), **claims)

        answer = _call(world, f"Bearer {token}")

        assert (401, code) == (answer.status_code, answer.json()["code"])
        assert None is world.document("users/ann")

    @pytest.mark.parametrize("header", NO_TOKENS)
    def test_what_is_no_token_is_refused(self, world: World, header: str | None):
        """Never a 500, whatever stands there."""
        answer = _call(world, header)

        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="taskflow"')

    def test_a_remembered_token_still_expires(self, world: World):
        """It is recognised, not verified, the second time."""
        world.sign_up("ann")
        token = id_token("ann", world.project_id, at=world.clock.now())

        before = _call(world, f"bearer {token}")
        world.clock.advance(timedelta(hours=1, minutes=2))
        after = _call(world, f"Bearer {token}")

        assert (before.status_code, after.status_code) == (200, 401)
        assert after.json()["code"] == "token-expired"


class TestJobTokens:
    """/internal/*"""

    @pytest.mark.parametrize("path", ["jobs/react", "jobs/fire", "ticks/sweep", "jobs/unknown"])
    def test_only_the_queue_gets_in(self, world: World, path: str):
        """No token, a person's token, and headers of the queue without its token."""
        person = id_token("ann", world.project_id, at=world.clock.now())
        url = f"{world.url}/internal/{path}"

        answers = [
            requests.post(url, json={}, timeout=60),
            requests.post(url, json={}, timeout=60, headers={"Authorization": f"Bearer {person}"}),
            requests.post(url, json={}, timeout=60, headers={"X-CloudTasks-QueueName": "jobs"}),
        ]

        assert [answer.status_code for answer in answers] == [401, 401, 401]


def _call(world: World, authorization: str | None) -> requests.Response:
    headers = {} if authorization is None else {"Authorization": authorization.encode()}
    return requests.get(f"{world.url}{ME}", headers=headers, timeout=60)


def _claims(token: str) -> dict:
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
