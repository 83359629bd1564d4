"""The FCM stand-in's own API over plain HTTP: what it accepts, and how it refuses."""

import json
from collections.abc import Callable, Iterator
from http.client import HTTPConnection, RemoteDisconnected
from typing import Any

import pytest
import requests

from local.fcm import FcmStandIn

BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
SEND_PATH = "/v1/projects/demo/messages:send"
BEARER = {"Authorization": "Bearer any"}

Send = Callable[..., requests.Response]


@pytest.fixture
def fcm() -> Iterator[FcmStandIn]:
    """A stand-in of the test's own."""
    with FcmStandIn() as fcm:
        yield fcm


@pytest.fixture
def send(fcm) -> Send:
    """Posts a message to a phone, or to what the message names."""

    def post(message: Any, **request: Any) -> requests.Response:
        body = {"message": message, **request}
        return requests.post(fcm.url + SEND_PATH, json=body, headers=BEARER, timeout=60)

    return post


def the_refusal(answer: requests.Response) -> tuple[int, str, list[dict[str, Any]]]:
    """Status, text and details of an error answer."""
    error = answer.json()["error"]
    return answer.status_code, error["message"], error.get("details", [])


class TestAccess:
    """The Authorization header."""

    @pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer "}, {"Authorization": "x y"}])
    def test_without_bearer_token_is_unauthenticated(self, fcm, header):
        """No token, an empty one or another scheme answers 401 in Google's form."""
        answer = requests.post(fcm.url + SEND_PATH, json={}, headers=header, timeout=60)

        assert (answer.status_code, answer.json()["error"]["status"]) == (401, "UNAUTHENTICATED")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


class TestSchema:
    """Bodies that are not a SendMessageRequest."""

    def test_unknown_field_is_named(self, send):
        """A field FCM does not know is refused, not ignored, in the front end's words."""
        description = (
            "Invalid JSON payload received. Unknown name \"notif\" at 'message': Cannot find field."
        )

        answer = send({"token": "t", "notif": {}})

        violations = [{"field": "message", "description": description}]
        details = [{"@type": BAD_REQUEST, "fieldViolations": violations}]
        assert (400, description, details) == the_refusal(answer)

    def test_data_value_must_be_a_string(self, send):
        """FCM's documented example: a number in `data`."""
        description = "Invalid value at 'message.data[0].value' (TYPE_STRING), 12"

        answer = send({"token": "t", "data": {"n": 12}})

        violations = [{"field": "message.data[0].value", "description": description}]
        details = [{"@type": BAD_REQUEST, "fieldViolations": violations}]
        assert (400, description, details) == the_refusal(answer)

    def test_all_wrong_fields_are_reported_at_once(self, send):
        """Each field has its own violation, and the text has a line for each."""
        android = {"priority": "urgent", "ttl": "1h", "direct_boot_ok": "yes"}

        _, message, (detail,) = the_refusal(send({"token": "t", "android": android}))

        fields = ["priority", "ttl", "direct_boot_ok"]
        named = [violation["field"] for violation in detail["fieldViolations"]]
        assert [f"message.android.{field}" for field in fields] == named
        assert message.count("\n") == 2

    def test_two_targets_are_one_too_many(self, send):
        """Token, topic, condition and installation id exclude each other."""
        status, message, _ = the_refusal(send({"token": "t", "topic": "news"}))

        assert status == 400
        assert "oneof field 'target' is already set. Cannot set 'topic'" in message

    def test_both_spellings_are_known(self, send):
        """Fields go by their snake_case and their camelCase names; null means absent."""
        android = {"collapseKey": "a", "ttl": "3.5s", "notification": {"channel_id": "c"}}

        answer = send({"token": "t", "topic": None, "android": android})

        assert answer.status_code == 200

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b'{"message": NaN}',
            b'{"message": {"token": "\\ud800"}}',
            b"[" * 100_000,
            b'{"message": {"webpush": {"notification": ' + b'{"a": ' * 300 + b"1" + b"}" * 303,
            b'{"validate_only": ' + b"9" * 5000 + b"}",
            b'{"message": ["t"]}',
            b'{"message": "t"}',
            b'{"message": {"token": {"a": 1}}}',
            b'{"message": {"token": "t", "android": {"notification": {"event_time": "now"}}}}',
        ],
    )
    def test_body_that_is_no_request_is_refused(self, fcm, body):
        """Whatever comes, the answer is 400, never 500."""
        answer = requests.post(fcm.url + SEND_PATH, data=body, headers=BEARER, timeout=60)

        status, _, (detail,) = the_refusal(answer)
        assert (status, detail["@type"]) == (400, BAD_REQUEST)


class TestRules:
    """Well-formed messages that FCM refuses."""

    @pytest.mark.parametrize(
        ("message", "field", "description"),
        [
            ({}, "message", "Recipient of the message is not set."),
            ({"topic": "a b"}, "message", "Topic name contains invalid characters."),
            (
                {"token": ""},
                "message.token",
                "The registration token is not a valid FCM registration token",
            ),
            (
                {"token": "t", "data": {"google.x": ""}},
                "message.data",
                "Invalid data payload key: google.x",
            ),
            (
                {"token": "t", "android": {"data": {"message_type": ""}}},
                "message.android.data",
                "Invalid data payload key: message_type",
            ),
            (
                {"token": "t", "apns": {"headers": {"apns-collapse-id": "é" * 33}}},
                "message.apns.headers.apns-collapse-id",
                "apns-collapse-id must not exceed 64 bytes.",
            ),
            (
                {"token": "t", "apns": {"headers": {"apns-priority": "7"}}},
                "message.apns.headers.apns-priority",
                "apns-priority must be one of 1, 5, 10.",
            ),
            (
                {"token": "t", "apns": {"payload": {"aps": "x"}}},
                "message.apns.payload.aps",
                "aps must be an object.",
            ),
            (
                {"token": "t", "webpush": {"headers": {"TTL": "-1"}}},
                "message.webpush.headers.TTL",
                "TTL must be a non-negative integer.",
            ),
            (
                {"token": "t", "fcm_options": {"analytics_label": "a b"}},
                "message.fcm_options.analytics_label",
                "Invalid analytics label: a b",
            ),
        ],
    )
    def test_broken_rule_names_field_and_code(self, send, message, field, description):
        """The answer carries both the violation and FCM's own error code."""
        status, text, details = the_refusal(send(message))

        by_type = {detail["@type"]: detail for detail in details}
        assert (400, description) == (status, text)
        assert by_type[FCM_ERROR]["errorCode"] == "INVALID_ARGUMENT"
        assert [{"field": field, "description": description}] == by_type[BAD_REQUEST][
            "fieldViolations"
        ]

    @pytest.mark.parametrize("ttl", ["-1s", "2419201s"])
    def test_ttl_is_at_most_four_weeks(self, send, ttl):
        """Longer and negative lives are refused."""
        status, _, _ = the_refusal(send({"token": "t", "android": {"ttl": ttl}}))

        assert status == 400

    def test_empty_aps_is_refused_without_detail(self, send):
        """FCM does not say why; nor does the stand-in."""
        answer = send({"token": "t", "apns": {"payload": {"aps": {}}}})

        assert the_refusal(answer) == (400, "Request contains an invalid argument.", [])

    @pytest.mark.parametrize(
        ("target", "size", "status"),
        [("token", 4096, 200), ("token", 4097, 400), ("topic", 2048, 200), ("topic", 2049, 400)],
    )
    def test_payload_has_a_limit_in_bytes(self, send, target, size, status):
        """Keys and values count, in bytes; for topics half as many are allowed."""
        text = "é" * 10
        filler = "x" * (size - len(text.encode()) - len("titlek"))

        answer = send({target: "t", "notification": {"title": text}, "data": {"k": filler}})

        assert status == answer.status_code

    def test_too_large_is_said_as_fcm_says_it(self, send):
        """The detail lists no field: so the real answer was captured."""
        answer = send({"token": "t", "data": {"k": "x" * 4096}})

        details = [
            {"@type": BAD_REQUEST},
            {"@type": FCM_ERROR, "errorCode": "INVALID_ARGUMENT"},
        ]
        text = "Message is too large. The maximum is 4K (4096 bytes)."
        assert (400, text, details) == the_refusal(answer)

    def test_refused_messages_are_in_the_inbox_with_the_reason(self, fcm, send):
        """A bug in a sender can be seen, and counts as nothing delivered."""
        send({"token": "t", "data": {"from": "x"}})
        (push,) = fcm.messages("t")

        assert (push.outcome, push.delivered) == ("REFUSED", False)
        assert push.error == "Invalid data payload key: from"


class TestErrorAnswers:
    """Scripted failures, as bytes on the wire."""

    @pytest.mark.parametrize(
        ("outcome", "code", "status", "error_code"),
        [
            ("UNREGISTERED", 404, "NOT_FOUND", "UNREGISTERED"),
            ("NOT_FOUND", 404, "NOT_FOUND", None),
            ("SENDER_ID_MISMATCH", 403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"),
            ("INVALID_ARGUMENT", 400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"),
            ("UNAUTHENTICATED", 401, "UNAUTHENTICATED", None),
            ("THIRD_PARTY_AUTH", 401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"),
            ("QUOTA_EXCEEDED", 429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
            ("INTERNAL", 500, "INTERNAL", "INTERNAL"),
            ("UNAVAILABLE", 503, "UNAVAILABLE", "UNAVAILABLE"),
        ],
    )
    def test_each_outcome_has_googles_form(self, fcm, send, outcome, code, status, error_code):
        """Status, canonical status and FCM's code stand where clients look for them."""
        fcm.script("t", [outcome])

        answer = send({"token": "t"})

        error = answer.json()["error"]
        codes = [d["errorCode"] for d in error.get("details", []) if d["@type"] == FCM_ERROR]
        assert (code, code, status) == (answer.status_code, error["code"], error["status"])
        assert ([error_code] if error_code else []) == codes
        assert answer.headers["Content-Type"] == "application/json; charset=UTF-8"

    @pytest.mark.parametrize("outcome", ["QUOTA_EXCEEDED", "UNAVAILABLE"])
    def test_retry_after_is_a_header_only_if_scripted(self, fcm, send, outcome):
        """Both kinds occur, and clients treat them differently."""
        fcm.script("t", [{"outcome": outcome, "retryAfter": 2}, outcome])

        with_header, without = send({"token": "t"}), send({"token": "t"})

        assert tuple(a.headers.get("Retry-After") for a in (with_header, without)) == ("2", None)


class TestConnections:
    """What clients that keep connections open rely on."""

    def test_connection_serves_several_requests(self, fcm):
        """Answers of every kind leave the connection usable."""
        connection = HTTPConnection("127.0.0.1", fcm.port, timeout=60)
        connection.connect()
        used = connection.sock

        statuses = [post(connection, token) for token in ("a", "", "b")]

        assert ([200, 400, 200], used) == (statuses, connection.sock)
        connection.close()

    def test_dropped_answer_ends_its_own_connection_only(self, fcm):
        """The accepted message is in the inbox; a neighbour's connection goes on."""
        fcm.script("lost", ["ACCEPT_THEN_DROP"])
        neighbour = HTTPConnection("127.0.0.1", fcm.port, timeout=60)
        unlucky = HTTPConnection("127.0.0.1", fcm.port, timeout=60)
        post(neighbour, "a")
        used = neighbour.sock

        with pytest.raises(RemoteDisconnected):
            post(unlucky, "lost")

        assert (200, used) == (post(neighbour, "b"), neighbour.sock)
        assert [push.delivered for push in fcm.messages("lost")] == [True]
        neighbour.close()

    def test_chunked_body_is_read(self, fcm):
        """Some clients do not say beforehand how long a body is."""
        body = json.dumps({"message": {"token": "t"}}).encode()

        answer = requests.post(
            fcm.url + SEND_PATH, data=iter([body[:5], body[5:]]), headers=BEARER, timeout=60
        )

        assert answer.status_code == 200

    def test_oversized_body_is_not_read(self, fcm):
        """A body beyond all reason is refused before it fills the memory."""
        connection = HTTPConnection("127.0.0.1", fcm.port, timeout=60)
        connection.putrequest("POST", SEND_PATH)
        connection.putheader("Content-Length", str(10**12))
        connection.endheaders()

        assert connection.getresponse().status == 413
        connection.close()

    def test_stop_cuts_what_is_open_and_waits_for_no_delay(self):
        """Stopping is prompt although a client waits for a late answer."""
        with FcmStandIn() as fcm:
            fcm.script("t", [{"outcome": "DELAY", "seconds": 60}])
            waiting = HTTPConnection("127.0.0.1", fcm.port, timeout=60)
            waiting.request("POST", SEND_PATH, json.dumps({"message": {"token": "t"}}), BEARER)
            fcm.wait_for(1)

        with pytest.raises(ConnectionError):
            waiting.getresponse()


def post(connection: HTTPConnection, token: str) -> int:
    """Send over a given connection, and return the status."""
    body = json.dumps({"message": {"token": token}})
    connection.request("POST", SEND_PATH, body, BEARER)
    answer = connection.getresponse()
    answer.read()
    return answer.status
