"""What an attempt to push comes to: the decision, the devices, and when to try again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.adapters.push import PAUSED, Outcome, PushResult
from backend.notifications.attempts import (
    LONGEST_PAUSE,
    MAX_ATTEMPTS,
    Attempt,
    attempted,
    is_to_get,
)
from backend.notifications.model import Decision, Verdict

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SENT, BUSY = PushResult(Outcome.SENT), PushResult(Outcome.BUSY)
results_of_some = st.dictionaries(
    st.sampled_from(["phone", "tablet", "laptop"]),
    st.builds(PushResult, st.sampled_from(Outcome), st.sampled_from(["", PAUSED])).filter(
        lambda found: found.was_tried or found.outcome is Outcome.THROTTLED
    ),
)


def decision(attempts: int = 0, **devices: str) -> Decision:
    return Decision(Verdict.PENDING, "default", attempts, NOW, devices)


def after(before: Decision, **results: PushResult) -> Attempt:
    return attempted(before, results, NOW, NOW)


def said(attempt: Attempt) -> tuple[str, str, int]:
    made = attempt.decision
    return made.verdict.value, made.reason, made.attempts


class TestVerdicts:
    """What the person is told who asks why."""

    @pytest.mark.parametrize(
        ("results", "expected"),
        [
            ({}, ("noDevice", "noDevice", 1)),
            ({"phone": SENT}, ("sent", "default", 1)),
            ({"phone": SENT, "tablet": PushResult(Outcome.REFUSED)}, ("sent", "default", 1)),
            ({"phone": PushResult(Outcome.DEVICE_GONE)}, ("failed", "deviceGone", 1)),
            ({"phone": PushResult(Outcome.NOT_FOUND)}, ("failed", "notFound", 1)),
            ({"phone": BUSY, "tablet": SENT}, ("pending", "retrying", 1)),
            ({"phone": PushResult(Outcome.THROTTLED, PAUSED, 9)}, ("pending", "paused", 0)),
        ],
    )
    def test_first_attempt(self, results: dict[str, PushResult], expected: tuple[str, str, int]):
        """By what the devices' pushes came to."""
        assert expected == said(after(decision(), **results))

    def test_the_last_attempt_is_the_last(self):
        """The busy device stays without, and the decision says which it was."""
        last = after(decision(MAX_ATTEMPTS - 1), phone=BUSY)

        assert ("failed", "busy", MAX_ATTEMPTS) == said(last)
        assert None is last.retry_after

    def test_a_pause_has_an_end(self):
        """What FCM did not let us try for a day is told by the inbox alone."""
        paused = {"phone": PushResult(Outcome.THROTTLED, PAUSED, 9)}

        given_up = attempted(decision(), paused, NOW - LONGEST_PAUSE - timedelta(seconds=1), NOW)

        assert ("throttled", "quota", 0) == said(given_up)

    def test_one_device_without_a_quota_spoils_no_other(self):
        """What was sent was sent."""
        last = after(decision(MAX_ATTEMPTS - 1, tablet="sent"), phone=BUSY)

        assert ("sent", "default", MAX_ATTEMPTS) == said(last)

    @given(results_of_some, st.integers(0, MAX_ATTEMPTS + 1))
    def test_it_is_over_or_goes_on(self, results: dict[str, PushResult], attempts: int):
        """A decision is pending exactly where there is to be another attempt, and only then."""
        made = after(decision(attempts), **results)

        assert (made.retry_after is not None) == (made.decision.verdict is Verdict.PENDING)
        assert made.dead <= results.keys()

    @given(results_of_some)
    def test_the_same_attempt_comes_to_the_same(self, results: dict[str, PushResult]):
        """Waits included: one that was killed is made again."""
        assert after(decision(), **results) == after(decision(), **results)


class TestDevices:
    """Who gets it in the next attempt, and who nothing any more."""

    @pytest.mark.parametrize(
        ("outcome", "is_asked_again"),
        [
            (Outcome.SENT, False),
            (Outcome.DEVICE_GONE, False),
            (Outcome.REFUSED, False),
            (Outcome.NOT_FOUND, False),
            (Outcome.BUSY, True),
            (Outcome.THROTTLED, True),
            (Outcome.UNKNOWN, True),
            (Outcome.MISCONFIGURED, True),
        ],
    )
    def test_who_is_asked_again(self, outcome: Outcome, is_asked_again: bool):
        """Those alone whom another attempt can reach; a new device too."""
        before = decision(1, phone=outcome.value)

        assert (is_asked_again, True) == (is_to_get(before, "phone"), is_to_get(before, "new"))

    def test_a_refusal_is_the_tokens_fault_where_another_got_the_same(self):
        """In this attempt, or in one before."""
        refused = PushResult(Outcome.REFUSED)

        dead = [
            after(decision(), phone=refused).dead,
            after(decision(), phone=refused, tablet=SENT).dead,
            after(decision(1, tablet="sent"), phone=refused).dead,
        ]

        assert [set(), {"phone"}, {"phone"}] == dead


class TestWaits:
    """Longer each time, and as long as FCM asks."""

    def test_they_grow(self):
        """From seconds to an hour."""
        waits = [
            after(decision(attempts), phone=BUSY).retry_after.total_seconds()
            for attempts in range(MAX_ATTEMPTS - 1)
        ]

        assert [5, 20, 80, 320, 1280, 3600, 3600] == waits

    def test_who_is_asked_to_wait_comes_back_spread(self):
        """Not before, not all at once, and not much later."""
        asked = PushResult(Outcome.THROTTLED, "QUOTA_EXCEEDED", 60)

        waits = {
            after(decision(), **{f"device{number}": asked}).retry_after for number in range(50)
        }

        assert len(waits) > 40
        assert timedelta(seconds=60) <= min(waits) <= max(waits) <= timedelta(seconds=75)
