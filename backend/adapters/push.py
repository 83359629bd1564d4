"""FCM HTTP v1 behind `Push`. Why not firebase-admin's sender: docs/decisions/0002-fcm-client.md."""

import json
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Protocol

import requests
from firebase_admin import messaging
from google.auth.exceptions import GoogleAuthError

from backend.adapters.google_session import google_session
from backend.kit.once import Once
from backend.settings import GOOGLE_FCM_URL, Settings

TIMEOUT_S = (2.0, 8.0)  # To connect, to answer.
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"
KEPT_BY_FCM = timedelta(days=1)
COLLAPSE_ID_LENGTH = 40  # APNs takes 64 bytes at most.


class Outcome(StrEnum):
    """What became of one push to one device, by what should happen next."""

    SENT = "sent"
    DEVICE_GONE = "deviceGone"  # Registered no more, or with another project: never again.
    REFUSED = "refused"  # FCM found the message itself at fault: the same one never works.
    BUSY = "busy"  # Over a quota or a passing fault: later, perhaps.
    UNKNOWN = "unknown"  # No usable answer: perhaps sent. Again, with the same collapse id.
    MISCONFIGURED = "misconfigured"  # Our own credentials: nothing gets through until mended.

    @property
    def worth_retrying(self) -> bool:
        """Whether the same push can succeed later."""
        return self in (Outcome.BUSY, Outcome.UNKNOWN, Outcome.MISCONFIGURED)


@dataclass(frozen=True, slots=True)
class PushResult:
    """An outcome, FCM's own error code for it, and the seconds FCM asked to wait (0: none)."""

    outcome: Outcome
    error_code: str = ""
    retry_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class PushMessage:
    """
    One push for one device.

    `collapse_id` is fixed per notification: a repeated send replaces the first on the device, the
    only place where "once" can be had. `data` values are strings.
    """

    token: str
    title: str
    body: str
    collapse_id: str
    channel: str
    data: dict[str, str]


class Push(Protocol):
    """Sends to devices."""

    def send(self, message: PushMessage) -> PushResult:
        """Send once, without retry: whoever asked decides from the result. Never raises."""


class FcmPush:
    """`Push` over FCM's HTTP v1 API, with lasting connections and no hidden retry."""

    def __init__(self, settings: Settings) -> None:
        is_google = settings.fcm_base_url == GOOGLE_FCM_URL
        self._url = f"{settings.fcm_base_url}/v1/projects/{settings.project_id}/messages:send"
        # urllib3's own retry after a lost answer would push twice and report one success.
        self._session = Once(
            lambda: google_session(settings.fcm_base_url, SCOPE, is_google=is_google)
        )

    def send(self, message: PushMessage) -> PushResult:
        """Post the message to FCM and sort the answer."""
        try:
            answer = self._session.get().post(
                self._url, json={"message": encode(message)}, timeout=TIMEOUT_S
            )
        except GoogleAuthError:
            return PushResult(Outcome.MISCONFIGURED, "CREDENTIALS")
        except requests.RequestException as error:
            return PushResult(Outcome.UNKNOWN, type(error).__name__)
        return sort_answer(answer)


def encode(message: PushMessage) -> dict[str, Any]:
    """Return the message as FCM's v1 JSON, in firebase-admin's own encoding."""
    collapse_id = message.collapse_id[:COLLAPSE_ID_LENGTH]
    encoded: dict[str, Any] = json.loads(
        str(
            messaging.Message(
                token=message.token,
                notification=messaging.Notification(title=message.title, body=message.body),
                data=message.data,
                android=messaging.AndroidConfig(
                    collapse_key=collapse_id,
                    priority="high",
                    ttl=KEPT_BY_FCM,
                    notification=messaging.AndroidNotification(
                        tag=collapse_id, channel_id=message.channel
                    ),
                ),
                apns=messaging.APNSConfig(
                    headers={"apns-collapse-id": collapse_id},
                    payload=messaging.APNSPayload(aps=messaging.Aps(thread_id=message.channel)),
                ),
                webpush=messaging.WebpushConfig(
                    notification=messaging.WebpushNotification(tag=collapse_id)
                ),
            )
        )
    )
    return encoded


def sort_answer(answer: requests.Response) -> PushResult:
    """Sort FCM's answer by what should happen next (FCM v1 `ErrorCode` reference)."""
    code = _error_code(answer)
    retry_after_s = _seconds(answer.headers.get("Retry-After", ""))
    match answer.status_code:
        case 200:
            return PushResult(Outcome.SENT) if code == "" else PushResult(Outcome.UNKNOWN, code)
        case 404 if code == "UNREGISTERED":
            outcome = Outcome.DEVICE_GONE
        case 403:
            outcome = Outcome.DEVICE_GONE if code == "SENDER_ID_MISMATCH" else Outcome.MISCONFIGURED
        case 400:
            outcome = Outcome.REFUSED
        case 401:  # Ours, or APNs' key for this project: either way not the device's fault.
            outcome = Outcome.MISCONFIGURED
        case 429:
            outcome = Outcome.BUSY
        case status if status >= 500:
            outcome = Outcome.BUSY
        case _:
            outcome = Outcome.REFUSED
    return PushResult(outcome, code or str(answer.status_code), retry_after_s)


def _error_code(answer: requests.Response) -> str:
    try:
        body = answer.json()
        if answer.ok:
            return "" if isinstance(body["name"], str) else "MALFORMED"
        error = body["error"]
        for detail in error.get("details", []):
            if detail.get("errorCode"):
                return str(detail["errorCode"])
        return str(error.get("status", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        return "MALFORMED" if answer.ok else ""


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() else 0.0
