"""What FCM's answers mean, row by row."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.adapters.push import Outcome, PushResult
from backend.adapters.push_answers import LONGEST_WAIT_S, Sorted, sort_answer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ACCEPTED = b'{"name": "projects/p/messages/1"}'


def error(status: str, *details: dict[str, Any]) -> bytes:
    return json.dumps({"error": {"status": status, "details": list(details)}}).encode()


def coded(code: str) -> bytes:
    fcm = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
    return error("IGNORED", {"@type": fcm, "errorCode": code})


def quota_of(*subjects: str) -> bytes:
    violations = [{"subject": subject} for subject in subjects]
    return error(
        "RESOURCE_EXHAUSTED",
        {"errorCode": "QUOTA_EXCEEDED"},
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations},
    )


class TestOutcomes:
    """Sorted by what should happen next."""

    @pytest.mark.parametrize(
        ("status", "body", "outcome", "code"),
        [
            (200, ACCEPTED, Outcome.SENT, ""),
            (200, b'{"name": "projects/', Outcome.UNKNOWN, "MALFORMED"),
            (200, b'{"name": 7}', Outcome.UNKNOWN, "MALFORMED"),
            (200, b"[]", Outcome.UNKNOWN, "MALFORMED"),
            (404, coded("UNREGISTERED"), Outcome.DEVICE_GONE, "UNREGISTERED"),
            (404, error("NOT_FOUND"), Outcome.NOT_FOUND, "NOT_FOUND"),
            (404, b"<html>", Outcome.NOT_FOUND, "404"),
            (403, coded("SENDER_ID_MISMATCH"), Outcome.DEVICE_GONE, "SENDER_ID_MISMATCH"),
            (403, error("PERMISSION_DENIED"), Outcome.MISCONFIGURED, "PERMISSION_DENIED"),
            (401, coded("THIRD_PARTY_AUTH_ERROR"), Outcome.MISCONFIGURED, "THIRD_PARTY_AUTH_ERROR"),
            (401, error("UNAUTHENTICATED"), Outcome.MISCONFIGURED, "UNAUTHENTICATED"),
            (400, coded("INVALID_ARGUMENT"), Outcome.REFUSED, "INVALID_ARGUMENT"),
            (413, b"", Outcome.REFUSED, "413"),
            (500, coded("INTERNAL"), Outcome.BUSY, "INTERNAL"),
            (502, b"<html>", Outcome.BUSY, "502"),
            (302, b"", Outcome.UNKNOWN, "302"),
        ],
    )
    def test_each_row(self, status: int, body: bytes, outcome: Outcome, code: str):
        """The status alone where the body says no more."""
        assert Sorted(PushResult(outcome, code)) == sort_answer(status, "", body, NOW)

    @given(st.integers(100, 599), st.binary() | st.text().map(str.encode), st.text())
    def test_whatever_comes_is_sorted(self, status: int, body: bytes, retry_after: str):
        """Bytes of a stranger never raise, and never are taken for success."""
        found = sort_answer(status, retry_after, body, NOW)

        assert found.result.outcome is not Outcome.SENT or b'"name"' in body

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(
                    st.sampled_from(["error", "details", "violations", "subject", "errorCode"]),
                    inner,
                )
            ),
        )
    )
    def test_details_of_any_shape_are_read(self, said: Any):
        """An error's shape is Google's to change."""
        body = json.dumps({"error": {"details": said}}).encode()

        assert Outcome.THROTTLED is sort_answer(429, "", body, NOW).result.outcome


class TestWaiting:
    """How long FCM wants us to wait, and who."""

    @pytest.mark.parametrize(
        ("retry_after", "wait_s"),
        [
            ("7", 7.0),
            ("Sun, 01 Mar 2026 12:01:30 GMT", 90.0),
            ("Sun, 01 Mar 2026 11:00:00 GMT", 60.0),
            ("86400", LONGEST_WAIT_S),
            ("", 60.0),
            ("soon", 60.0),
            ("-5", 60.0),
            ("9" * 40, 60.0),
        ],
    )
    def test_retry_after(self, retry_after: str, wait_s: float):
        """Seconds or a date, an hour at most; a minute where a 429 does not say."""
        body = coded("QUOTA_EXCEEDED")

        expected = PushResult(Outcome.THROTTLED, "QUOTA_EXCEEDED", wait_s)
        assert Sorted(expected, wait_s) == sort_answer(429, retry_after, body, NOW)

    def test_a_503_holds_all_back_only_if_it_says_how_long(self):
        """Otherwise each message has its own back-off."""
        found = [sort_answer(503, wait, coded("UNAVAILABLE"), NOW).pause_s for wait in ("", "20")]

        assert [0.0, 20.0] == found

    def test_one_device_over_its_quota_holds_back_nobody_else(self):
        """It is told to too much, not the project."""
        found = [
            sort_answer(429, "30", quota_of(*subjects), NOW).pause_s
            for subjects in (["device:abc"], ["project:12"], ["device:abc", "project:12"])
        ]

        assert [0.0, 30.0, 30.0] == found
