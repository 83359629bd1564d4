"""firebase-admin, unmodified, judges the token matrix as we do: our verifier is only stricter."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import firebase_admin
import pytest
import requests
from cachecontrol import CacheControl
from firebase_admin import app_check, auth
from google.auth.credentials import AnonymousCredentials
from jwt.exceptions import PyJWKClientError

from backend.adapters.app_check import FirebaseAppCheck
from backend.adapters.identity import SKEW, FirebaseIdentity
from backend.kit.errors import Unauthenticated, Unavailable
from backend.settings import FIREBASE_CERTS_URL, GOOGLE_APP_CHECK_URL, Settings
from tests.clock import VirtualClock
from tests.key_server import KeyServer, Mood
from tests.local.https_redirect import https_redirected
from tests.token_cases import CASES, CURRENT, STRANGER, Case, Stage
from tests.tokens import app_check_claims, id_claims, signed, signing_key

PROJECT = "taskflow-agreement"
Verifier = Callable[[str], str]


class _Credential(firebase_admin.credentials.Base):
    def get_credential(self) -> AnonymousCredentials:
        return AnonymousCredentials()


@pytest.fixture(scope="module")
def clock() -> VirtualClock:
    """The machine's present: firebase-admin asks the machine."""
    return VirtualClock()


@pytest.fixture(scope="module")
def keys() -> Iterator[KeyServer]:
    with KeyServer(signing_key(CURRENT)) as server:
        yield server


@pytest.fixture(scope="module")
def stage(clock: VirtualClock, keys: KeyServer) -> Stage:
    return Stage(project_id=PROJECT, now=clock.now(), keys_url=keys.url)


@pytest.fixture
def settings(keys: KeyServer) -> Settings:
    return Settings(
        project_id=PROJECT,
        worker_url="https://worker.example.test",
        worker_service_account="jobs@example.test",
        signing_secret="x" * 32,
        id_token_certs_url=keys.certs_url,
        app_check_url=keys.url,
    )


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> Iterator[firebase_admin.App]:
    monkeypatch.delenv("FIREBASE_AUTH_EMULATOR_HOST", raising=False)
    options = {"projectId": PROJECT, "httpTimeout": 5}
    app = firebase_admin.initialize_app(_Credential(), options, name=secrets.token_hex(4))
    yield app
    firebase_admin.delete_app(app)


@pytest.fixture
def firebase(sdk: firebase_admin.App, keys: KeyServer, tmp_path: Path) -> Iterator[Verifier]:
    """What firebase-admin says of an ID token: "", or the name of what it raises."""
    skew_s = int(SKEW.total_seconds())
    with https_redirected("www.googleapis.com", keys.address, tmp_path):
        yield _verdict(lambda token: auth.verify_id_token(token, sdk, clock_skew_seconds=skew_s))


@pytest.fixture
def ours(settings: Settings, clock: VirtualClock) -> Verifier:
    """What our own verifier says: "", or the problem's code."""
    identity = FirebaseIdentity(settings, clock)
    return _verdict(identity.verify)


class TestIdTokens:
    """Where facts.md says that firebase-admin decides."""

    def test_every_row_agrees(self, firebase: Verifier, ours: Verifier, stage: Stage):
        """We let in nobody whom it refuses; where we refuse whom it lets in, the row says so."""
        verdicts = {}
        for case in CASES:
            token = case.token(stage)
            verdicts[str(case)] = (firebase(token) == "", ours(token) == "")

        expected = {str(case): _both(case, stage, ours) for case in CASES}
        assert verdicts == expected
        assert set(verdicts.values()) == {(True, True), (True, False), (False, False)}

    @pytest.mark.parametrize(
        ("row", "theirs", "code"),
        [
            ("T6", "ExpiredIdTokenError", "token-expired"),
            ("T7", "InvalidIdTokenError", "unauthenticated"),
            ("T13", "InvalidIdTokenError", "unauthenticated"),
            ("T14", "InvalidIdTokenError", "unauthenticated"),
            ("T24", "InvalidIdTokenError", "unauthenticated"),
            ("T33", "InvalidIdTokenError", "unauthenticated"),
            ("T39", "ValueError", "unauthenticated"),
        ],
    )
    def test_for_the_same_reason(
        self, firebase: Verifier, ours: Verifier, stage: Stage, row: str, theirs: str, code: str
    ):
        """Its error, and our code for it."""
        case = next(case for case in CASES if case.row == row)
        token = case.token(stage)

        assert (theirs, code) == (firebase(token), ours(token))

    def test_it_asks_the_address_that_is_our_default(self, sdk: firebase_admin.App):
        """Else an agreement here would say little about production."""
        verifier = auth._get_client(sdk)._token_verifier

        assert FIREBASE_CERTS_URL == verifier.id_token_verifier.cert_url
        assert isinstance(verifier.request.session, type(CacheControl(requests.Session())))

    @pytest.mark.parametrize(
        ("mood", "theirs"),
        [
            (Mood.FAILING, "CertificateFetchError"),
            # Here we differ, and so do our reasons for a verifier of our own.
            (Mood.GARBAGE, "InvalidIdTokenError"),
        ],
    )
    def test_an_outage_from_the_start(
        self, firebase: Verifier, ours: Verifier, keys: KeyServer, stage: Stage, mood: Mood, theirs
    ):
        """A good token, of which nothing can be known, is never refused as bad."""
        keys.mood = mood
        try:
            assert (theirs, "unavailable") == (firebase(stage.token()), ours(stage.token()))
        finally:
            keys.mood = Mood.WELL


def _app_claims(stage: Stage, **changes) -> dict:
    return app_check_claims("app", PROJECT, at=stage.now, **changes)


def _app_token(stage: Stage, **changes) -> str:
    return signed(_app_claims(stage, **changes), signing_key(CURRENT))


APP_CHECK_CASES = {
    "good": (True, _app_token),
    "expired": (False, lambda s: _app_token(s, exp=s.at(-5))),
    "issued ahead": (False, lambda s: _app_token(s, iat=s.at(90))),
    "for ever": (False, lambda s: _app_token(s, exp=None)),
    "another project's": (False, lambda s: _app_token(s, aud=["projects/another"])),
    "aud a string": (False, lambda s: _app_token(s, aud=f"projects/{PROJECT}")),
    "another issuer": (False, lambda s: _app_token(s, iss="https://attacker.example/")),
    "no sub": (False, lambda s: _app_token(s, sub=None)),
    "wrong key": (
        False,
        lambda s: signed(_app_claims(s), signing_key(STRANGER), kid=signing_key(CURRENT).key_id),
    ),
    "unknown kid": (False, lambda s: signed(_app_claims(s), signing_key(STRANGER))),
    "RS384": (False, lambda s: signed(_app_claims(s), signing_key(CURRENT), alg="RS384")),
    "an ID token": (
        False,
        lambda s: signed(id_claims("a", PROJECT, at=s.now), signing_key(CURRENT)),
    ),
    "empty": (False, lambda _: ""),
    "no token": (False, lambda _: "a.b.c"),
    "an array": (False, lambda _: signed("[1]", signing_key(CURRENT))),
}


class TestAppCheckTokens:
    """`app_check.verify_token`"""

    def test_every_token_is_judged_alike(
        self,
        sdk: firebase_admin.App,
        settings: Settings,
        keys: KeyServer,
        clock: VirtualClock,
        stage: Stage,
        tmp_path: Path,
    ):
        """But we want an expiry. Of an unknown kid it raises something that is no ValueError."""
        ours = FirebaseAppCheck(settings, clock)
        verdicts, raised = {}, {}
        with https_redirected("firebaseappcheck.googleapis.com", keys.address, tmp_path):
            for name, (_, make) in APP_CHECK_CASES.items():
                token = make(stage)
                theirs = _verdict(lambda token: app_check.verify_token(token, sdk))(token)
                own = _verdict(lambda token: ours.verify(token, consume=False))(token)
                verdicts[name], raised[name] = (theirs == "", own == ""), theirs

        assert verdicts == {
            name: (good or name == "for ever", good) for name, (good, _) in APP_CHECK_CASES.items()
        }
        assert raised["unknown kid"] == PyJWKClientError.__name__

    def test_used_up_tokens_are_known_to_both(
        self,
        sdk: firebase_admin.App,
        settings: Settings,
        keys: KeyServer,
        clock: VirtualClock,
        stage: Stage,
        tmp_path: Path,
    ):
        """Ours first, then theirs, at the same service."""
        token = _app_token(stage, jti="once")
        ours = FirebaseAppCheck(settings, clock)

        app_id = ours.verify(token, consume=True)
        with https_redirected("firebaseappcheck.googleapis.com", keys.address, tmp_path):
            theirs = app_check.verify_token(token, sdk, consume=True)
        with pytest.raises(Unauthenticated):
            ours.verify(token, consume=True)

        assert (app_id, theirs["app_id"], theirs["already_consumed"]) == ("app", "app", True)

    def test_it_asks_the_address_that_is_our_default(self, sdk: firebase_admin.App):
        """And takes keys from the same place."""
        service = app_check._get_app_check_service(sdk)

        assert service._JWKS_URL == f"{GOOGLE_APP_CHECK_URL}/v1/jwks"
        assert service._VERIFY_URL_FORMAT.startswith(f"{GOOGLE_APP_CHECK_URL}/v1beta/projects/")


def _both(case: Case, stage: Stage, ours: Verifier) -> tuple[bool, bool]:
    if case.stricter:
        return True, False
    we_accept = ours(case.token(stage)) == ""
    return we_accept, we_accept


def _verdict(verify: Callable[[str], object]) -> Verifier:
    def judged(token: str) -> str:
        try:
            verify(token)
        except (Unauthenticated, Unavailable) as error:
            return error.code
        except Exception as error:  # noqa: BLE001 - Whatever the SDK raises is its verdict.
            return type(error).__name__
        return ""

    return judged
