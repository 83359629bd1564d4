"""What FCM's answers mean (reference of FCM's HTTP v1 API: `ErrorCode`, "Scaling", RFC 9110)."""

import json
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from backend.adapters.push import Outcome, PushResult

LONGEST_WAIT_S = 3600.0  # Whatever a header says: a slip must not silence us for days.
WAIT_AFTER_429_S = 60.0  # Documented for a 429 without Retry-After.
OF_ONE_DEVICE = "device"  # How a quota of one device begins its subject, in any case.


@dataclass(frozen=True, slots=True)
class Sorted:
    """The result for one message, and for how many seconds nothing at all should be sent."""

    result: PushResult
    pause_s: float = 0.0


def sort_answer(status: int, retry_after: str, body: bytes, now: datetime) -> Sorted:
    """Sort an answer by what should happen next. `retry_after` is the header, or empty."""
    said = _json(body)
    if status == 200:
        is_whole = isinstance(said.get("name"), str)
        # Accepted, probably; a broken body never says that nothing was sent.
        return Sorted(
            PushResult(Outcome.SENT) if is_whole else PushResult(Outcome.UNKNOWN, "MALFORMED")
        )
    code = _error_code(said)
    wait_s = _seconds(retry_after, now)
    if status == 429:
        wait_s = wait_s or WAIT_AFTER_429_S
    result = PushResult(_outcome(status, code), code or str(status), wait_s)
    pauses = status in (429, 503) and not _is_about_one_device(said)
    return Sorted(result, wait_s if pauses else 0.0)


# By status and error code; by status alone where the code says no more.
OUTCOMES = {
    (404, "UNREGISTERED"): Outcome.DEVICE_GONE,
    (404, ""): Outcome.NOT_FOUND,
    (403, "SENDER_ID_MISMATCH"): Outcome.DEVICE_GONE,
    (403, ""): Outcome.MISCONFIGURED,
    (401, ""): Outcome.MISCONFIGURED,  # Ours, or APNs' key for this project.
    (429, ""): Outcome.THROTTLED,
}


def _outcome(status: int, code: str) -> Outcome:
    found = OUTCOMES.get((status, code)) or OUTCOMES.get((status, ""))
    if found is not None:
        return found
    if status >= 500:
        return Outcome.BUSY
    # Below 400: a redirect, or what no server should send.
    return Outcome.REFUSED if status >= 400 else Outcome.UNKNOWN


def _json(body: bytes) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _error_code(said: dict[str, Any]) -> str:
    error = said.get("error")
    if not isinstance(error, dict):
        return ""
    for detail in _details(said):
        code = detail.get("errorCode")
        if isinstance(code, str) and code:
            return code
    status = error.get("status")
    return status if isinstance(status, str) else ""


def _details(said: dict[str, Any]) -> list[dict[str, Any]]:
    error = said.get("error")
    return _listed(error.get("details") if isinstance(error, dict) else None)


def _listed(said: Any) -> list[dict[str, Any]]:
    """Return the objects of what should be a list of them."""
    return [each for each in said if isinstance(each, dict)] if isinstance(said, list) else []


def _is_about_one_device(said: dict[str, Any]) -> bool:
    """Whether a google.rpc.QuotaFailure names devices alone: the others need not wait for it."""
    subjects = [
        str(violation.get("subject", "")).lower()
        for detail in _details(said)
        for violation in _listed(detail.get("violations"))
    ]
    return bool(subjects) and all(subject.startswith(OF_ONE_DEVICE) for subject in subjects)


def _seconds(text: str, now: datetime) -> float:
    """Read Retry-After, which is seconds or a date (RFC 9110, 10.2.3); 0 where it is neither."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(float(text), LONGEST_WAIT_S)
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    if at.tzinfo is None:  # "-0000": no zone is known.
        return 0.0
    return min(max((at - now).total_seconds(), 0.0), LONGEST_WAIT_S)
