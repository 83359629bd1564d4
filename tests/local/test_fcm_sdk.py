"""The FCM stand-in through the unmodified Admin SDK, which believes it talks to Google."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import firebase_admin
import google.auth.credentials
import pytest
from firebase_admin import credentials, exceptions, messaging
from urllib3.util.retry import Retry

from local.fcm import FcmStandIn
from tests.local.https_redirect import https_redirected

PROJECT = "demo-fcm"

# What the SDK raises, and how often it tried: 500 and 503 four more times, a 401 twice more with
# fresh credentials.
ERROR_TABLE = {
    "UNREGISTERED": (messaging.UnregisteredError, 1),
    "NOT_FOUND": (exceptions.NotFoundError, 1),
    "SENDER_ID_MISMATCH": (messaging.SenderIdMismatchError, 1),
    "INVALID_ARGUMENT": (exceptions.InvalidArgumentError, 1),
    "UNAUTHENTICATED": (exceptions.UnauthenticatedError, 3),
    "THIRD_PARTY_AUTH": (messaging.ThirdPartyAuthError, 3),
    "QUOTA_EXCEEDED": (messaging.QuotaExceededError, 1),
    "INTERNAL": (exceptions.InternalError, 5),
    "UNAVAILABLE": (exceptions.UnavailableError, 5),
}


class _Credentials(google.auth.credentials.Credentials):
    def refresh(self, request):
        self.token = f"local-{uuid4()}"


class _Credential(credentials.Base):
    def get_credential(self):
        return _Credentials()


@contextmanager
def redirected_sdk(fcm: FcmStandIn, folder: Path, **options) -> Iterator[firebase_admin.App]:
    """An SDK app whose https://fcm.googleapis.com is the stand-in."""
    with https_redirected("fcm.googleapis.com", ("127.0.0.1", fcm.port), folder):
        options = {"projectId": PROJECT, **options}
        app = firebase_admin.initialize_app(_Credential(), options, name=str(uuid4()))
        try:
            yield app
        finally:
            firebase_admin.delete_app(app)


@pytest.fixture
def fcm() -> Iterator[FcmStandIn]:
    """A stand-in of the test's own."""
    with FcmStandIn() as fcm:
        yield fcm


@pytest.fixture
def app(fcm, tmp_path) -> Iterator[firebase_admin.App]:
    """The SDK, led to the stand-in."""
    with redirected_sdk(fcm, tmp_path) as app:
        yield app


@pytest.fixture(scope="module")
def failures(tmp_path_factory):
    """What one batch with every row of the table came to, and how often each was tried."""
    with (
        FcmStandIn() as fcm,
        redirected_sdk(fcm, tmp_path_factory.mktemp("tls")) as app,
        pytest.MonkeyPatch.context() as patch,
    ):
        # The retries stay, their pauses go: they would take seven seconds.
        patch.setattr(Retry, "get_backoff_time", lambda _: 0)
        for outcome in ERROR_TABLE:
            fcm.script(outcome, [outcome], repeat=True)
        batch = messaging.send_each([a_push(to=outcome) for outcome in ERROR_TABLE], app=app)
        return {
            outcome: (response.exception, len(fcm.messages(outcome)))
            for outcome, response in zip(ERROR_TABLE, batch.responses, strict=True)
        }


def a_push(to: str, **fields) -> messaging.Message:
    """A valid message to an installation id."""
    return messaging.Message(
        fid=to, notification=messaging.Notification(title="Paint the fence", body="Due"), **fields
    )


class TestErrors:
    """Scripted outcomes as the SDK reports them."""

    @pytest.mark.parametrize("outcome", ERROR_TABLE)
    def test_each_outcome_raises_its_exception(self, failures, outcome):
        """Every row of the table arrives as exactly its exception, after the SDK's own retries."""
        error, attempts = failures[outcome]

        assert ERROR_TABLE[outcome] == (type(error), attempts)

    def test_error_carries_the_services_text(self, failures):
        """The message is the service's own, not the SDK's guess from the status."""
        error, _ = failures["SENDER_ID_MISMATCH"]

        assert str(error) == "SenderId mismatch"

    def test_expired_credentials_are_refreshed_once(self, fcm, app):
        """A single 401 costs a refresh, and the sender never hears of it."""
        fcm.script("phone", ["UNAUTHENTICATED"])

        messaging.send(a_push(to="phone"), app=app)

        assert [push.outcome for push in fcm.messages("phone")] == ["UNAUTHENTICATED", "OK"]

    def test_retry_after_is_waited_for(self, fcm, app):
        """A 429 with Retry-After is tried again by the SDK itself, that many seconds later."""
        fcm.script("phone", [{"outcome": "QUOTA_EXCEEDED", "retryAfter": 1}])

        messaging.send(a_push(to="phone"), app=app)
        first, second = fcm.messages("phone")

        assert second.received_at - first.received_at >= timedelta(seconds=1)

    def test_malformed_answer_is_an_unknown_error(self, fcm, app):
        """Junk with status 200 says nothing about whether the push was accepted; it was."""
        fcm.script("phone", ["MALFORMED"])

        with pytest.raises(exceptions.UnknownError):
            messaging.send(a_push(to="phone"), app=app)

        assert [push.delivered for push in fcm.messages("phone")] == [True]

    def test_refused_message_raises_with_the_rule_it_breaks(self, fcm, app):
        """The stand-in's own validation reaches the sender like FCM's."""
        with pytest.raises(exceptions.InvalidArgumentError, match="Invalid data payload key: from"):
            messaging.send(a_push(to="phone", data={"from": "Ada"}), app=app)


class TestLostAnswers:
    """A push can be accepted although its sender never learns of it."""

    def test_dropped_answer_is_sent_twice_and_shown_once(self, fcm, app):
        """The SDK repeats after a lost answer; the same tag keeps the phone from showing two."""
        fcm.script("phone", ["ACCEPT_THEN_DROP"])
        android = messaging.AndroidConfig(notification=messaging.AndroidNotification(tag="n1"))

        messaging.send(a_push(to="phone", android=android), app=app)

        assert [push.outcome for push in fcm.messages("phone")] == ["ACCEPT_THEN_DROP", "OK"]
        assert [shown.replaced for shown in fcm.tray("phone")] == [1]

    def test_answers_that_never_come_make_it_unavailable(self, fcm, app):
        """After its one repetition the SDK gives up, with two pushes delivered."""
        fcm.script("phone", ["ACCEPT_THEN_DROP"], repeat=True)

        with pytest.raises(exceptions.UnavailableError):
            messaging.send(a_push(to="phone"), app=app)

        assert [push.delivered for push in fcm.messages("phone")] == [True, True]

    def test_late_answers_make_it_unavailable(self, fcm, tmp_path):
        """A time-out leaves the outcome unknown: both attempts were delivered."""
        fcm.script("phone", [{"outcome": "DELAY", "seconds": 60}], repeat=True)

        with (
            redirected_sdk(fcm, tmp_path, httpTimeout=0.2) as app,
            pytest.raises(exceptions.UnavailableError),
        ):
            messaging.send(a_push(to="phone"), app=app)

        assert [push.delivered for push in fcm.messages("phone")] == [True, True]


class TestSending:
    """Messages that FCM accepts."""

    def test_answer_is_the_messages_name(self, fcm, app):
        """The name carries the project and the id that the inbox shows."""
        name = messaging.send(a_push(to="phone"), app=app)
        (push,) = fcm.messages("phone")

        assert f"projects/{PROJECT}/messages/{push.id}" == name

    def test_token_still_works(self, fcm, app):
        """The deprecated field is a target like the installation id."""
        with pytest.warns(DeprecationWarning, match="token is deprecated"):
            message = messaging.Message(token="a:token")
        messaging.send(message, app=app)

        assert [push.token for push in fcm.messages()] == ["a:token"]

    def test_dry_run_delivers_nothing(self, fcm, app):
        """`validate_only` is answered like a real send, but no phone gets it."""
        messaging.send(a_push(to="phone"), dry_run=True, app=app)

        assert [push.delivered for push in fcm.messages("phone")] == [False]
        assert fcm.tray("phone") == []

    def test_hundred_at_once_all_arrive(self, fcm, app):
        """A batch opens a hundred connections at once, and none is refused."""
        batch = messaging.send_each([a_push(to=f"phone-{n}") for n in range(100)], app=app)

        assert (batch.success_count, len(fcm.messages())) == (100, 100)

    def test_everything_the_sdk_can_say_is_understood(self, fcm, app):
        """The schema knows every field of the SDK's encoder, and the inbox keeps it unchanged."""
        message = a_full_message()

        messaging.send(message, app=app)

        assert [json.loads(str(message))] == [push.message for push in fcm.messages()]


def a_full_message() -> messaging.Message:
    """A message with every field there is."""
    notification = messaging.AndroidNotification(
        title="t",
        body="b",
        icon="i",
        color="#112233",
        sound="s",
        tag="tag",
        click_action="c",
        body_loc_key="k",
        body_loc_args=["1"],
        title_loc_key="k",
        title_loc_args=["1"],
        channel_id="tasks",
        image="https://example.com/i.png",
        ticker="t",
        sticky=True,
        event_timestamp=datetime(2026, 3, 29, tzinfo=UTC),
        local_only=True,
        priority="high",
        vibrate_timings_millis=[100, 250],
        default_vibrate_timings=False,
        default_sound=True,
        light_settings=messaging.LightSettings("#11223344", 200, 300),
        default_light_settings=False,
        visibility="private",
        notification_count=3,
        proxy="if_priority_lowered",
    )
    android = messaging.AndroidConfig(
        collapse_key="c",
        priority="high",
        ttl=3.5,
        restricted_package_name="com.example",
        data={"a": "b"},
        notification=notification,
        fcm_options=messaging.AndroidFCMOptions("label"),
        direct_boot_ok=True,
        bandwidth_constrained_ok=True,
        restricted_satellite_ok=True,
    )
    alert = messaging.ApsAlert("t", "s", "b", "k", ["1"], "k", ["1"], "a", "l")
    aps = messaging.Aps(
        alert=alert,
        badge=1,
        sound=messaging.CriticalSound("s", critical=True, volume=0.5),
        content_available=True,
        mutable_content=True,
        category="c",
        thread_id="t",
        custom_data={"x": 1},
    )
    apns = messaging.APNSConfig(
        headers={"apns-priority": "10", "apns-collapse-id": "id"},
        payload=messaging.APNSPayload(aps, extra={"n": 1}),
        fcm_options=messaging.APNSFCMOptions("label", "https://example.com/i.png"),
        live_activity_token="activity",
    )
    web = messaging.WebpushConfig(
        headers={"TTL": "60"},
        data={"a": "b"},
        notification=messaging.WebpushNotification("t", "b", tag="w", vibrate=[1, 2]),
        fcm_options=messaging.WebpushFCMOptions("https://example.com/"),
    )
    options = messaging.FCMOptions("label")
    data = {"taskId": "t1"}
    return a_push(
        to="phone", data=data, android=android, apns=apns, webpush=web, fcm_options=options
    )
