"""Both senders, ours and firebase-admin's, at a stand-in of FCM: the same answers mean the same."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import google.auth.credentials
import pytest
from firebase_admin import credentials
from google.auth.exceptions import RefreshError
from urllib3.util.retry import Retry

from backend.adapters.push import PAUSED, Dismissal, Outcome, Push, PushMessage, PushResult
from backend.adapters.push_credentials import Bearer, EmulatorBearer
from backend.adapters.push_fast import FastPush
from backend.adapters.push_pausing import Pause
from backend.adapters.push_sdk import SdkPush
from local.fcm import FcmStandIn
from tests.clock import VirtualClock
from tests.local.https_redirect import https_redirected

PROJECT = "demo-pushing"
Make = Callable[[], Push]


class Renewed(google.auth.credentials.Credentials):
    """Credentials whose tokens are counted: t1, t2 and so on."""

    def __init__(self) -> None:
        super().__init__()
        self.renewals = 0
        self.is_broken = False

    def refresh(self, request: object) -> None:
        if self.is_broken:
            raise RefreshError("no answer")
        self.renewals += 1
        self.token = f"t{self.renewals}"


class _Credential(credentials.Base):
    def get_credential(self) -> google.auth.credentials.Credentials:
        return Renewed()


@pytest.fixture
def fcm() -> Iterator[FcmStandIn]:
    """A stand-in of the test's own."""
    with FcmStandIn() as fcm:
        yield fcm


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands still until it is moved."""
    return VirtualClock()


@pytest.fixture
def fast(fcm: FcmStandIn, clock: VirtualClock) -> Push:
    """Our own sender."""
    return _fast(fcm, clock, EmulatorBearer())


@pytest.fixture(params=["fast", "sdk"])
def sender(
    request: pytest.FixtureRequest,
    fcm: FcmStandIn,
    clock: VirtualClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Push]:
    """Each of the two."""
    if request.param == "fast":
        yield _fast(fcm, clock, EmulatorBearer())
        return
    # The SDK's retries stay, their pauses go: they would take seconds.
    monkeypatch.setattr(Retry, "get_backoff_time", lambda _: 0)
    monkeypatch.setattr(Retry, "sleep_for_retry", lambda *_: False)
    with https_redirected("fcm.googleapis.com", ("127.0.0.1", fcm.port), tmp_path):
        yield SdkPush(PROJECT, clock, Pause(clock), app_url="", credential=_Credential())


def _fast(fcm: FcmStandIn, clock: VirtualClock, authority: Any) -> FastPush:
    url = f"{fcm.url}/v1/projects/{PROJECT}/messages:send"
    return FastPush(url, clock, authority, Pause(clock), app_url="")


def to(token: str) -> PushMessage:
    return PushMessage(token, "Ann assigned you a task", "Paint the fence", "n1", "assigned")


class TestBoth:
    """Whichever is chosen."""

    @pytest.mark.parametrize(
        ("scripted", "outcome", "code"),
        [
            ("OK", Outcome.SENT, ""),
            ("UNREGISTERED", Outcome.DEVICE_GONE, "UNREGISTERED"),
            ("NOT_FOUND", Outcome.NOT_FOUND, "NOT_FOUND"),
            ("SENDER_ID_MISMATCH", Outcome.DEVICE_GONE, "SENDER_ID_MISMATCH"),
            ("INVALID_ARGUMENT", Outcome.REFUSED, "INVALID_ARGUMENT"),
            ("UNAUTHENTICATED", Outcome.MISCONFIGURED, "UNAUTHENTICATED"),
            ("THIRD_PARTY_AUTH", Outcome.MISCONFIGURED, "THIRD_PARTY_AUTH_ERROR"),
            ("INTERNAL", Outcome.BUSY, "INTERNAL"),
            ("UNAVAILABLE", Outcome.BUSY, "UNAVAILABLE"),
        ],
    )
    def test_each_answer_is_sorted(
        self, sender: Push, fcm: FcmStandIn, scripted: str, outcome: Outcome, code: str
    ):
        """By one table; beside it the others of a batch get through."""
        fcm.script("bad", [scripted], repeat=True)

        results = sender.send_all([to("good"), to("bad"), to("fine")])

        sent = PushResult(Outcome.SENT)
        assert [sent, PushResult(outcome, code), sent] == results

    def test_a_quota_is_a_pause(self, sender: Push, fcm: FcmStandIn, clock: VirtualClock):
        """What comes meanwhile is told how long, and FCM is left alone; afterwards it goes on."""
        fcm.script("phone", [{"outcome": "QUOTA_EXCEEDED", "retryAfter": 30}], repeat=True)
        refused = sender.send_all([to("phone")])
        attempts = len(fcm.messages())
        clock.advance(timedelta(seconds=20))
        held = sender.send_all([to("tablet"), to("laptop")])
        meanwhile = len(fcm.messages())
        clock.advance(timedelta(seconds=11))
        sent = sender.send_all([to("tablet")])

        assert [PushResult(Outcome.THROTTLED, "QUOTA_EXCEEDED", 30.0)] == refused
        assert [PushResult(Outcome.THROTTLED, PAUSED, 10.0)] * 2 == held
        assert (attempts, [PushResult(Outcome.SENT)]) == (meanwhile, sent)

    def test_an_unreadable_answer_is_no_failure(self, sender: Push, fcm: FcmStandIn):
        """The push was accepted, and whoever repeats it needs the same collapse id."""
        fcm.script("phone", ["MALFORMED"])

        (result,) = sender.send_all([to("phone")])

        assert Outcome.UNKNOWN is result.outcome
        assert 1 == len(fcm.tray("phone"))

    def test_what_is_sent_is_the_same(self, sender: Push, fcm: FcmStandIn):
        """To the last field, and for a dismissal."""
        sender.send_all([to("phone"), Dismissal("tablet", ("n1",), 2)])

        assert ["n1"] == [
            shown.push.fields["android"]["notification"]["tag"] for shown in fcm.tray("phone")
        ]
        (dismissal,) = fcm.messages("tablet")
        assert {"dismiss": "n1", "badge": "2"} == dismissal.fields["data"]
        assert [] == fcm.tray("tablet")

    def test_nothing_to_send_is_nothing_asked(self, sender: Push, fcm: FcmStandIn):
        """firebase-admin itself raises there."""
        assert [] == sender.send_all([])
        assert [] == fcm.messages()

    def test_more_than_a_batch(self, sender: Push, fcm: FcmStandIn):
        """The order is kept."""
        fcm.script("t105", ["UNREGISTERED"])

        results = sender.send_all([to(f"t{number}") for number in range(120)])

        gone = [place for place, each in enumerate(results) if each.outcome is not Outcome.SENT]
        assert ([105], 120) == (gone, len(fcm.messages()))


class TestOurs:
    """What the SDK does not do."""

    def test_a_lost_answer_is_not_sent_again(self, fast: Push, fcm: FcmStandIn):
        """Nor on a connection that has served before, where libraries repeat by themselves."""
        fast.send_all([to("phone")])
        fcm.script("phone", ["ACCEPT_THEN_DROP"])

        (result,) = fast.send_all([to("phone")])

        assert PushResult(Outcome.UNKNOWN, "UNANSWERED") == result
        assert ["OK", "ACCEPT_THEN_DROP"] == [push.outcome for push in fcm.messages()]

    def test_503_twice_then_good_is_three_calls(self, fast: Push, fcm: FcmStandIn):
        """The caller's back-off, not one of the sender's."""
        fcm.script("phone", ["UNAVAILABLE", "UNAVAILABLE"])

        outcomes = [fast.send_all([to("phone")])[0].outcome for _ in range(3)]

        assert [Outcome.BUSY, Outcome.BUSY, Outcome.SENT] == outcomes
        assert 3 == len(fcm.messages())

    def test_nobody_there(self, clock: VirtualClock):
        """Nothing was sent, so nothing is unknown."""
        fast = FastPush("http://127.0.0.1:1/", clock, EmulatorBearer(), Pause(clock), app_url="")

        assert [PushResult(Outcome.BUSY, "UNREACHABLE")] == fast.send_all([to("phone")])


class TestCredentials:
    """Who we are to FCM."""

    def test_one_token_serves_many(self, fcm: FcmStandIn, clock: VirtualClock):
        """It is asked for once."""
        own = Renewed()
        push = _fast(fcm, clock, Bearer(own))

        for _ in range(3):
            push.send_all([to("phone"), to("tablet")])

        assert 1 == own.renewals

    def test_a_token_that_fcm_refuses_is_renewed(self, fcm: FcmStandIn, clock: VirtualClock):
        """Once for all that were refused; only these are sent again, for they did not arrive."""
        own = Renewed()
        for token in ("one", "two"):
            fcm.script(token, ["UNAUTHENTICATED"])

        results = _fast(fcm, clock, Bearer(own)).send_all([to("one"), to("good"), to("two")])

        assert [PushResult(Outcome.SENT)] * 3 == results
        assert (2, 1, 2) == tuple(len(fcm.messages(name)) for name in ("one", "good", "two"))
        assert 2 == own.renewals

    def test_a_new_token_that_is_refused_too_is_the_end(self, fcm: FcmStandIn, clock: VirtualClock):
        """No circle."""
        fcm.script("phone", ["UNAUTHENTICATED"], repeat=True)

        results = _fast(fcm, clock, Bearer(Renewed())).send_all([to("phone")])

        assert [PushResult(Outcome.MISCONFIGURED, "UNAUTHENTICATED")] == results
        assert 2 == len(fcm.messages())

    def test_apns_key_is_not_mended_by_another_token(self, fcm: FcmStandIn, clock: VirtualClock):
        """That 401 is Apple's."""
        own = Renewed()
        fcm.script("phone", ["THIRD_PARTY_AUTH"])

        _fast(fcm, clock, Bearer(own)).send_all([to("phone")])

        assert (1, 1) == (len(fcm.messages()), own.renewals)

    def test_without_credentials_nothing_is_sent(self, fcm: FcmStandIn, clock: VirtualClock):
        """And it can succeed later."""
        own = Renewed()
        own.is_broken = True

        results = _fast(fcm, clock, Bearer(own)).send_all([to("phone"), to("tablet")])

        assert [PushResult(Outcome.MISCONFIGURED, "CREDENTIALS")] * 2 == results
        assert [] == fcm.messages()

    def test_a_token_serves_to_its_end_where_none_can_be_had(
        self, fcm: FcmStandIn, clock: VirtualClock
    ):
        """google-auth renews minutes before; Google may not answer in these."""
        own = Renewed()
        push = _fast(fcm, clock, Bearer(own))
        push.send_all([to("phone")])
        own.expiry = _in_two_minutes()
        own.is_broken = True

        assert [PushResult(Outcome.SENT)] == push.send_all([to("phone")])


def _in_two_minutes() -> Any:
    # google-auth's own clock, naive and in UTC: within the minutes in which it would renew.
    return google.auth._helpers.utcnow() + timedelta(minutes=2)
