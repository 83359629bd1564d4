"""Accounts that ended: how often Firebase Auth is asked, and what happens when it is silent."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.accounts.standing import MAX_AGE_S, PAUSE_S, Standing
from backend.adapters.account_states import FirebaseAccountStates
from backend.kit.actor import Identity
from backend.kit.deadline import deadline
from backend.kit.errors import DeadlineExceeded, TaskFlowError
from backend.settings import Settings
from local.serving.http import HANG_UP, HttpServer
from tests.clock import VirtualClock


class Accounts:
    """Identity Toolkit's look-up, with an answer to set: users, a status, or bytes."""

    def __init__(self) -> None:
        self.answer: Any = [{"localId": "ann"}]
        self.hits = 0
        self.asked: list[Any] = []
        self.server = HttpServer(self._serve, port=0, setting="none")

    def _serve(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.hits += 1
        self.asked.append((environ["PATH_INFO"], json.load(environ["wsgi.input"])))
        if self.answer == "cut":
            environ[HANG_UP]()
        if isinstance(self.answer, int):
            start_response(f"{self.answer} Sorry", [])
            return [b"{}"]
        start_response("200 OK", [("Content-Type", "application/json")])
        if isinstance(self.answer, bytes):
            return [self.answer]
        return [json.dumps({"users": self.answer} if self.answer else {}).encode()]


@pytest.fixture
def accounts() -> Iterator[Accounts]:
    accounts = Accounts()
    accounts.server.start()
    yield accounts
    accounts.server.stop()


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest.fixture
def standing(accounts: Accounts, clock: VirtualClock) -> Standing:
    settings = Settings(
        project_id="demo-standing",
        worker_url="https://worker.example.test",
        worker_service_account="jobs@example.test",
        signing_secret="x" * 32,
        auth_emulator_host=f"127.0.0.1:{accounts.server.port}",
    )
    return Standing(FirebaseAccountStates(settings, clock), clock)


@pytest.fixture
def ann(clock: VirtualClock) -> Identity:
    now = clock.now()
    hour = timedelta(hours=1)
    return Identity("ann", "Ann", None, False, now, now + hour, now - hour)


def ask(standing: Standing, who: Identity, *, at_once: bool = False) -> str:
    """The code of the refusal, or nothing."""
    try:
        standing.check(who, at_once=at_once)
    except TaskFlowError as error:
        return error.code
    return ""


class TestAsking:
    """`Standing.check`"""

    def test_fifty_requests_at_once_ask_once(
        self, standing: Standing, accounts: Accounts, ann: Identity
    ):
        """An app that starts sends many; one of them asks for all."""
        with ThreadPoolExecutor(50) as crowd:
            told = set(crowd.map(lambda _: ask(standing, ann), range(50)))

        assert (told, accounts.hits) == ({""}, 1)
        assert accounts.asked == [
            (
                "/identitytoolkit.googleapis.com/v1/projects/demo-standing/accounts:lookup",
                {"localId": ["ann"]},
            )
        ]

    def test_it_is_asked_once_a_minute_and_at_once_when_it_matters(
        self, standing: Standing, accounts: Accounts, clock: VirtualClock, ann: Identity
    ):
        """Seconds that pass, whether it matters, and how often it has been asked by then."""
        steps = [(0, False, 1), (59, False, 1), (1, False, 2), (0, True, 3), (0, True, 4)]
        # What is asked at once, others profit from for a minute.
        for seconds, at_once, hits in [*steps, (59, False, 4), (1, False, 5)]:
            clock.advance(timedelta(seconds=seconds))
            assert ask(standing, ann, at_once=at_once) == ""
            assert accounts.hits == hits

    @pytest.mark.parametrize(
        ("seconds", "code"), [(-3600, ""), (-1, ""), (0, ""), (1, "token-revoked")]
    )
    def test_tokens_of_before_a_sign_out_are_revoked(
        self, standing: Standing, accounts: Accounts, ann: Identity, seconds: int, code: str
    ):
        """To the second, and by when the token was issued, as firebase-admin compares."""
        issued_at = ann.issued_at.replace(microsecond=0)
        ann = Identity("ann", "Ann", None, False, issued_at, ann.expires_at, ann.signed_in_at)
        valid_since = issued_at + timedelta(seconds=seconds)
        accounts.answer = [{"localId": "ann", "validSince": str(int(valid_since.timestamp()))}]

        assert ask(standing, ann) == code

    @pytest.mark.parametrize(
        ("answer", "code"),
        [
            ([], "unauthenticated"),
            ([{"localId": "ann", "disabled": True}], "account-disabled"),
            ([{"localId": "ann", "disabled": False}], ""),
        ],
    )
    def test_accounts_that_ended(
        self, standing: Standing, accounts: Accounts, ann: Identity, answer: list, code: str
    ):
        """Deleted, disabled, or neither."""
        accounts.answer = answer

        assert ask(standing, ann) == code


class TestSignOut:
    """`Standing.sign_out`"""

    def test_it_holds_at_once_and_for_good_in_this_process(
        self, standing: Standing, accounts: Accounts, clock: VirtualClock, ann: Identity
    ):
        """Whatever Firebase Auth says, or does not say; for one person, and to the second."""
        before = ask(standing, ann)
        same_second = replace(ann, issued_at=ann.issued_at.replace(microsecond=0))
        earlier = replace(same_second, issued_at=same_second.issued_at - timedelta(seconds=1))

        standing.sign_out("ann", before=ann.issued_at)

        assert "" == before
        for answer in ([{"localId": "ann"}], 503):
            accounts.answer = answer
            assert "token-revoked" == ask(standing, earlier)
            assert "" == ask(standing, same_second)
            assert "" == ask(standing, replace(earlier, uid="bob"))
            clock.advance(timedelta(seconds=MAX_AGE_S))


SILENCES = [503, 500, 429, 403, 302, "cut", b"", b"[]", b"<html>", b'{"users": [5]}']
SILENCES.append(b'{"users": [{"validSince": "soon"}]}')


class TestSilence:
    """Firebase Auth cannot be asked."""

    @pytest.mark.parametrize("silence", SILENCES, ids=repr)
    def test_ordinary_work_goes_on_and_dangerous_acts_wait(
        self,
        standing: Standing,
        accounts: Accounts,
        clock: VirtualClock,
        ann: Identity,
        silence: Any,
    ):
        """Never a crash, and never an answer taken for "deleted"."""
        accounts.answer = silence
        unknown = ask(standing, ann)
        accounts.answer = [{"localId": "ann", "disabled": True}]
        clock.advance(timedelta(seconds=PAUSE_S))
        known = ask(standing, ann)
        accounts.answer = silence
        clock.advance(timedelta(seconds=MAX_AGE_S))

        # Whoever was last known to be disabled stays so.
        assert [unknown, known, ask(standing, ann)] == ["", "account-disabled", "account-disabled"]
        assert ask(standing, ann, at_once=True) == "unavailable"

    def test_ordinary_requests_ask_seldom_then(
        self, standing: Standing, accounts: Accounts, clock: VirtualClock, ann: Identity
    ):
        """Or each would wait for a time-out; one looks now and then whether it is over."""
        accounts.answer = 503
        for seconds, hits in ((0, 1), (0, 1), (PAUSE_S - 1, 1), (1, 2), (0, 2)):
            clock.advance(timedelta(seconds=seconds))
            assert ask(standing, ann) == ""
            assert accounts.hits == hits
        accounts.answer = [{"localId": "ann"}]
        clock.advance(timedelta(seconds=PAUSE_S))
        with ThreadPoolExecutor(10) as crowd:
            assert set(crowd.map(lambda _: ask(standing, ann), range(10))) == {""}

        assert accounts.hits == 3

    def test_a_request_past_its_deadline_does_not_ask(
        self, standing: Standing, accounts: Accounts, clock: VirtualClock, ann: Identity
    ):
        """What it waits for elsewhere counts here too."""
        with deadline(clock, 5):
            clock.advance(timedelta(seconds=6))
            with pytest.raises(DeadlineExceeded):
                standing.check(ann, at_once=True)

        assert accounts.hits == 0
