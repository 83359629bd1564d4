"""`FirebaseCredentials`: administering accounts on the Auth emulator, and when it fails."""

import json
import secrets
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from backend.adapters import credentials as adapter
from backend.adapters.credentials import GOOGLE, Credential, FirebaseCredentials
from backend.commands.describe import OFFLINE
from backend.kit.clock import SystemClock
from backend.kit.deadline import deadline
from backend.kit.errors import DeadlineExceeded, Unavailable
from backend.settings import Mode
from local.serving.http import HANG_UP, HttpServer
from local.suite import EmulatorSuite
from tests.api.firebase_person import code_of

ANN = "ann@example.com"
CALLS = {
    "find": ("ann",),
    "find_by_email": (ANN,),
    "password_reset_link": (ANN,),
    "email_verification_link": (ANN,),
    "sign_out": ("ann",),
    "disable": ("ann",),
    "enable": ("ann",),
    "set_claims": ("ann", {"role": "support"}),
    "delete": ("ann",),
}


class Emulated:
    """A project of the Auth emulator, and our administration of it."""

    def __init__(self, host: str, project_id: str = "") -> None:
        self.project_id = project_id or f"demo-{secrets.token_hex(6)}"
        settings = replace(OFFLINE, project_id=self.project_id, auth_emulator_host=host)
        self.credentials = FirebaseCredentials(settings, SystemClock())
        self._url = f"http://{host}/identitytoolkit.googleapis.com/v1"

    def by_owner(self, path: str, **body: Any) -> dict[str, Any]:
        """Do something as a console would."""
        answer = requests.post(
            f"{self._url}/projects/{self.project_id}/{path}",
            json=body,
            headers={"Authorization": "Bearer owner"},
            timeout=60,
        )
        answer.raise_for_status()
        return dict(answer.json())

    def account(self, **fields: Any) -> str:
        """Make an account; return its uid."""
        return str(self.by_owner("accounts", **fields)["localId"])

    def by_app(self, method: str, **body: Any) -> requests.Response:
        """Do something as an app does, in the project that the emulator was started for."""
        return requests.post(f"{self._url}/accounts:{method}?key=any", json=body, timeout=60)


@pytest.fixture
def auth(suite: EmulatorSuite) -> Emulated:
    return Emulated(suite.auth_host)


class TestEmulated:
    """Against the Auth emulator."""

    def test_an_account_is_found_whole(self, auth: Emulated):
        """By its uid, and by its address in any case."""
        uid = auth.account(email=ANN, password="correct horse", displayName="Ann")
        found = auth.credentials.find(uid)

        assert found == auth.credentials.find_by_email(ANN.upper())
        assert found is not None
        assert abs(found.created_at - datetime.now(UTC)) < timedelta(minutes=5)
        assert found.password_changed_at is not None
        assert found.valid_since is not None
        assert found == Credential(
            uid=uid,
            email=ANN,
            email_verified=False,
            is_disabled=False,
            is_anonymous=False,
            display_name="Ann",
            photo_url=None,
            password_changed_at=found.password_changed_at,
            valid_since=found.valid_since,
            claims={},
            created_at=found.created_at,
        )

    def test_a_guest_is_anonymous_until_a_credential_is_linked(self, auth: Emulated):
        """Nobody can sign in to it again, and then they can."""
        uid = auth.account()
        guest = auth.credentials.find(uid)
        auth.by_owner("accounts:update", localId=uid, email=ANN, password="correct horse")
        linked = auth.credentials.find(uid)

        assert [True, False] == [each.is_anonymous for each in (guest, linked) if each]
        assert linked == auth.credentials.find_by_email(ANN)

    @pytest.mark.parametrize("name", CALLS)
    def test_nobody_is_an_answer(self, auth: Emulated, name: str):
        """Not an error: accounts end while jobs are under way."""
        assert getattr(auth.credentials, name)(*CALLS[name]) is None

    def test_links_are_new_each_time_and_work(self, suite: EmulatorSuite):
        """One chooses a password, the other proves the address."""
        auth = Emulated(suite.auth_host, suite.project_id)
        email = f"{secrets.token_hex(6)}@example.com"
        uid = auth.account(email=email, password="correct horse")
        links = [auth.credentials.password_reset_link(email) for _ in range(2)]
        chosen = auth.by_app("resetPassword", oobCode=code_of(links[0]), newPassword="new horse")
        auth.by_owner("accounts:update", localId=uid, emailVerified=False)
        proof = auth.credentials.email_verification_link(email)
        verified = auth.by_app("update", oobCode=code_of(proof))

        assert 2 == len(set(links))
        assert [200, 200] == [chosen.status_code, verified.status_code]
        assert _found(auth, uid).email_verified

    def test_signing_out_revokes_what_was_issued_before(self, auth: Emulated):
        """Now, or an instant; done twice, it stays as it is."""
        uid = auth.account(email=ANN)
        noon = datetime(2026, 3, 29, 12, 0, 0, 900_000, tzinfo=UTC)
        since = []
        for _ in range(2):
            auth.credentials.sign_out(uid, before=noon)
            since.append(_found(auth, uid).valid_since)
        auth.credentials.sign_out(uid)

        assert [noon.replace(microsecond=0)] * 2 == since
        now = _found(auth, uid).valid_since
        assert now is not None
        assert abs(now - datetime.now(UTC)) < timedelta(minutes=5)

    def test_disabling_and_enabling(self, auth: Emulated):
        """Both can be undone."""
        uid = auth.account(email=ANN, password="correct horse")
        auth.credentials.disable(uid)
        disabled = _found(auth, uid).is_disabled
        auth.credentials.enable(uid)

        assert [True, False] == [disabled, _found(auth, uid).is_disabled]

    def test_claims_are_replaced(self, auth: Emulated):
        """All of them: what is not named is gone."""
        uid = auth.account(email=ANN)
        auth.credentials.set_claims(uid, {"role": "admin", "level": 2})
        first = _found(auth, uid).claims
        auth.credentials.set_claims(uid, {"role": "support"})

        assert [{"role": "admin", "level": 2}, {"role": "support"}] == [
            first,
            _found(auth, uid).claims,
        ]

    def test_deleting_twice(self, auth: Emulated):
        """The second time there is nobody."""
        uid = auth.account(email=ANN)
        for _ in range(2):
            auth.credentials.delete(uid)

        assert auth.credentials.find(uid) is None


class Broken:
    """Identity Toolkit with one answer to everything: a status and bytes, or none."""

    def __init__(self) -> None:
        self.answer: tuple[int, bytes] | None = None
        self.hits = 0
        self.server = HttpServer(self._serve, port=0, setting="none")

    def _serve(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.hits += 1
        environ["wsgi.input"].read()
        if self.answer is None:
            environ[HANG_UP]()
            return []
        status, body = self.answer
        start_response(f"{status} So", [("Content-Type", "application/json")])
        return [body]


@pytest.fixture
def broken() -> Iterator[Broken]:
    broken = Broken()
    broken.server.start()
    yield broken
    broken.server.stop()


def of(broken: Broken) -> FirebaseCredentials:
    host = f"127.0.0.1:{broken.server.port}"
    return FirebaseCredentials(replace(OFFLINE, auth_emulator_host=host), SystemClock())


def refusal(code: str, status: int = 400) -> tuple[int, bytes]:
    return status, json.dumps({"error": {"code": status, "message": code}}).encode()


class TestFailing:
    """When Firebase Auth does not answer, or not us."""

    @pytest.mark.parametrize(
        "answer",
        [
            None,
            (503, b"{}"),
            (500, b"<html>"),
            (302, b"{}"),
            (200, b"no json"),
            (200, b"[]"),
            refusal("TOO_MANY_ATTEMPTS_TRY_LATER : Wait."),
            refusal("RESET_PASSWORD_EXCEED_LIMIT"),
            refusal("INSUFFICIENT_PERMISSION", 403),
            (400, b'{"error": "odd"}'),
            (400, b'{"error": {"message": {"odd": 1}}}'),
        ],
        ids=str,
    )
    @pytest.mark.parametrize("name", CALLS)
    def test_everything_else_is_unavailable(self, broken: Broken, name: str, answer: Any):
        """And asked once: what repeats is the job, with time in between."""
        broken.answer = answer
        with pytest.raises(Unavailable):
            getattr(of(broken), name)(*CALLS[name])

        assert 1 == broken.hits

    @pytest.mark.parametrize(
        "user",
        [{}, {"localId": "a"}, {"localId": "a", "createdAt": "soon"}, [], "ann",
         {"localId": "a", "createdAt": "1", "customAttributes": "{"},
         {"localId": "a", "createdAt": "9" * 30}],
        ids=str,
    )  # fmt: skip
    def test_an_account_that_cannot_be_read(self, broken: Broken, user: Any):
        """Of a form that we do not know, it is not there for us now."""
        broken.answer = (200, json.dumps({"users": [user]}).encode())

        with pytest.raises(Unavailable):
            of(broken).find("a")

    @pytest.mark.parametrize("code", ["EMAIL_NOT_FOUND", "USER_DISABLED : by you"])
    def test_nobody_to_send_a_link_to(self, broken: Broken, code: str):
        """As Firebase Auth says it with and without protection against enumeration."""
        links = []
        for answer in (refusal(code), (200, b"{}")):
            broken.answer = answer
            links.append(of(broken).password_reset_link(ANN))

        assert [None, None] == links

    def test_silence_ends(self, monkeypatch: pytest.MonkeyPatch):
        """After some seconds, and after what the work at hand has left."""
        monkeypatch.setattr(adapter, "TIMEOUT_S", 0.2)
        with socket.create_server(("127.0.0.1", 0)) as silent:  # It takes calls, and says nothing.
            host = f"127.0.0.1:{silent.getsockname()[1]}"
            credentials = Emulated(host).credentials
            with pytest.raises(Unavailable):
                credentials.find("ann")
            with deadline(SystemClock(), 0.0), pytest.raises(DeadlineExceeded):
                credentials.find("ann")

    def test_links_are_in_no_error(self, broken: Broken):
        """Whatever the answer was like."""
        broken.answer = (500, b'{"oobLink": "https://x/?oobCode=secret"}')
        with pytest.raises(Unavailable) as caught:
            of(broken).password_reset_link(ANN)

        told = [str(caught.value), repr(caught.value.__cause__), repr(caught.value.__context__)]
        assert "secret" not in " ".join(told)

    def test_production_asks_google_whatever_the_environment_says(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        """A variable set later does not lead a running process to test material."""
        monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", "127.0.0.1:1")
        settings = replace(
            OFFLINE, mode=Mode.PRODUCTION, project_id="taskflow", auth_emulator_host=""
        )

        url = FirebaseCredentials(settings, SystemClock())._url
        assert f"{GOOGLE}/v1/projects/taskflow" == url


def _found(auth: Emulated, uid: str) -> Credential:
    found = auth.credentials.find(uid)
    assert found is not None
    return found
