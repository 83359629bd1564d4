"""What an attempt to push came to: the decision, dead devices, and when to try again. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from backend.adapters.push import RETRIED, Outcome, PushResult
from backend.kit.ids import derived_id
from backend.notifications.model import Decision, Verdict

MAX_ATTEMPTS = 8
FIRST_WAIT, GROWTH = timedelta(seconds=5), 4  # 5 s, 20 s, 80 s …: eight attempts in three hours.
LONGEST_WAIT = timedelta(hours=1)
# What FCM did not let us try for so long is told by the inbox alone.
LONGEST_PAUSE = timedelta(days=1)
SPREAD = 0.25  # Of a wait that FCM asked of all at once, so that they do not return at once.
LATER = frozenset(outcome.value for outcome in RETRIED)


@dataclass(frozen=True, slots=True)
class Attempt:
    """
    What one attempt came to.

    `dead` are the ids of devices that are to get no more pushes; `retry_after` is how long to wait
    before the next attempt, None where there is to be none.
    """

    decision: Decision
    dead: frozenset[str] = frozenset()
    retry_after: timedelta | None = None


def is_to_get(before: Decision, device_id: str) -> bool:
    """Say whether a device has neither got this push, nor been given up for it."""
    return before.devices.get(device_id, Outcome.UNKNOWN.value) in LATER


def attempted(
    before: Decision, results: Mapping[str, PushResult], since: datetime, now: datetime
) -> Attempt:
    """
    Return what became of a push, from the results by device, all asked in this attempt.

    `since` is when it was first to go out.
    """
    devices = {**before.devices, **{each: found.outcome.value for each, found in results.items()}}
    dead = _dead(devices, results)
    again = [found for found in results.values() if found.outcome.worth_retrying]
    was_tried = any(found.was_tried for found in results.values())
    attempts = before.attempts + (1 if was_tried or not results else 0)
    given = replace(before, attempts=attempts, at=now, devices=devices)
    is_over = attempts >= MAX_ATTEMPTS or now - since > LONGEST_PAUSE
    if again and not is_over:
        pending = replace(
            given,
            verdict=Verdict.PENDING,
            reason="retrying" if was_tried else "paused",
        )
        wait = max(_wait(found, attempts, pending) for found in again)
        return Attempt(pending, dead, wait)
    return Attempt(_final(given), dead)


def _dead(devices: Mapping[str, str], results: Mapping[str, PushResult]) -> frozenset[str]:
    # A refusal is the fault of the message, or of the token: of the token, if another got the same.
    was_fine = Outcome.SENT.value in devices.values()
    given_up = {Outcome.DEVICE_GONE, Outcome.REFUSED} if was_fine else {Outcome.DEVICE_GONE}
    return frozenset(each for each, found in results.items() if found.outcome in given_up)


def _final(given: Decision) -> Decision:
    outcomes = set(given.devices.values())
    if not outcomes:
        return replace(given, verdict=Verdict.NO_DEVICE, reason="noDevice")
    if Outcome.SENT.value in outcomes:
        return replace(given, verdict=Verdict.SENT, reason="default")
    if Outcome.THROTTLED.value in outcomes:
        return replace(given, verdict=Verdict.THROTTLED, reason="quota")
    return replace(given, verdict=Verdict.FAILED, reason=",".join(sorted(outcomes)))


def _wait(result: PushResult, attempts: int, decision: Decision) -> timedelta:
    own: timedelta = min(LONGEST_WAIT, FIRST_WAIT * GROWTH ** max(0, attempts - 1))
    # Derived, not drawn: an attempt that is made twice waits as long both times.
    share = int(derived_id(*sorted(decision.devices), attempts)[:4], 16) / 0xFFFF
    asked = timedelta(seconds=result.retry_after_s * (1 + SPREAD * share))
    return max(own, asked)
