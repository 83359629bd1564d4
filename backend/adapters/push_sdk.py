"""
`Push` by firebase-admin's own sender: the fallback, should `push_fast.py` be at fault.

It costs ten times as much, and keeps the SDK's habits: a request whose answer was lost is sent
again and reported once, and a 5xx or Retry-After is waited out on threads of its own, for seconds
(docs/decisions/0046-fcm-sender.md).
"""

from collections.abc import Iterator, Sequence
from secrets import token_hex
from typing import Any

import firebase_admin
import structlog
from firebase_admin import credentials, messaging
from firebase_admin.exceptions import FirebaseError
from google.auth.exceptions import GoogleAuthError

from backend.adapters.push import (
    PAUSED,
    Dismissal,
    Interruption,
    Outcome,
    PushMessage,
    PushResult,
)
from backend.adapters.push_answers import Sorted, sort_answer
from backend.adapters.push_pausing import Pause
from backend.adapters.push_payload import (
    KEPT_BY_FCM,
    TTL_S,
    URGENCIES,
    collapse_id_of,
    dismissal_data,
    fitting,
    link_of,
    topic_of,
)
from backend.kit.clock import Clock
from backend.kit.once import Once

log = structlog.get_logger()

A_BATCH = 100  # One thread a message; more outgrow the SDK's pool, and open connections to burn.
TIMEOUT_S = 8


class SdkPush:
    """`Push` by `messaging.send_each`. Without `credential`, by the process's own."""

    def __init__(
        self,
        project_id: str,
        clock: Clock,
        pause: Pause,
        *,
        app_url: str,
        credential: credentials.Base | None = None,
    ) -> None:
        self._clock, self._pause, self._app_url = clock, pause, app_url
        options = {"projectId": project_id, "httpTimeout": TIMEOUT_S}
        self._app = Once(
            lambda: firebase_admin.initialize_app(credential, options, f"push-{token_hex(6)}")
        )

    def send_all(self, messages: Sequence[PushMessage | Dismissal]) -> list[PushResult]:
        """Send each, a hundred at a time, and sort what the SDK says."""
        return [
            result
            for begin in range(0, len(messages), A_BATCH)
            for result in self._send(messages[begin : begin + A_BATCH])
        ]

    def _send(self, messages: Sequence[PushMessage | Dismissal]) -> list[PushResult]:
        if self._pause.left_s():
            paused = PushResult(Outcome.THROTTLED, PAUSED, self._pause.left_s())
            return [paused] * len(messages)
        typed = [typed_message(message, self._app_url) for message in messages]
        try:
            batch = messaging.send_each(typed, app=self._app.get())
        except GoogleAuthError:
            return [PushResult(Outcome.MISCONFIGURED, "CREDENTIALS")] * len(messages)
        except (FirebaseError, ValueError) as error:  # One unreadable answer spoils them all.
            log.warning("push.batch_unknown", error=type(error).__name__)
            return [PushResult(Outcome.UNKNOWN, type(error).__name__)] * len(messages)
        return list(self._results(batch))

    def _results(self, batch: messaging.BatchResponse) -> Iterator[PushResult]:
        for response in batch.responses:
            found = self._sorted(response)
            self._pause.begin(found.pause_s)
            yield found.result

    def _sorted(self, response: messaging.SendResponse) -> Sorted:
        error = response.exception
        if error is None:
            return Sorted(PushResult(Outcome.SENT))
        answer = error.http_response
        if answer is None:
            return Sorted(PushResult(Outcome.UNKNOWN, type(error).__name__))
        retry_after = answer.headers.get("Retry-After", "")
        return sort_answer(answer.status_code, retry_after, answer.content, self._clock.now())


def typed_message(message: PushMessage | Dismissal, app_url: str) -> messaging.Message:
    """Return the same message as `push_payload.encode`, in firebase-admin's types."""
    # Set afterwards: naming a token in the constructor is deprecated, and devices have no other.
    typed = messaging.Message(fid="", **_fields(message, app_url))
    typed.fid, typed.token = None, message.token
    return typed


def _fields(message: PushMessage | Dismissal, app_url: str) -> dict[str, Any]:
    if isinstance(message, Dismissal):
        return _silent(message)
    title, body = fitting(message)
    return {
        "notification": messaging.Notification(title=title, body=body),
        "data": dict(message.data),
        "android": _android(message),
        "apns": _apns(message),
        "webpush": _webpush(message, app_url),
    }


def _android(message: PushMessage) -> messaging.AndroidConfig:
    return messaging.AndroidConfig(
        collapse_key=collapse_id_of(message) if message.is_update else None,
        priority="normal" if message.interruption is Interruption.PASSIVE else "high",
        ttl=KEPT_BY_FCM,
        notification=messaging.AndroidNotification(
            tag=collapse_id_of(message),
            channel_id=message.channel,
            notification_count=message.count,
        ),
    )


def _apns(message: PushMessage) -> messaging.APNSConfig:
    is_passive = message.interruption is Interruption.PASSIVE
    aps = messaging.Aps(
        badge=message.badge,
        sound=None if message.is_update else "default",
        thread_id=message.channel,
        custom_data={"interruption-level": message.interruption.value},
    )
    return messaging.APNSConfig(
        headers={
            "apns-collapse-id": collapse_id_of(message),
            "apns-push-type": "alert",
            "apns-priority": "5" if is_passive else "10",
        },
        payload=messaging.APNSPayload(aps=aps),
    )


def _webpush(message: PushMessage, app_url: str) -> messaging.WebpushConfig:
    link = link_of(message, app_url)
    return messaging.WebpushConfig(
        headers={
            "TTL": str(TTL_S),
            "Urgency": URGENCIES[message.interruption],
            "Topic": topic_of(message),
        },
        notification=messaging.WebpushNotification(tag=collapse_id_of(message)),
        fcm_options=None if link is None else messaging.WebpushFCMOptions(link=link),
    )


def _silent(message: Dismissal) -> dict[str, Any]:
    aps = messaging.Aps(content_available=True, badge=message.badge)
    return {
        "data": dismissal_data(message),
        "android": messaging.AndroidConfig(priority="normal", ttl=KEPT_BY_FCM),
        "apns": messaging.APNSConfig(
            headers={"apns-push-type": "alert", "apns-priority": "5"},
            payload=messaging.APNSPayload(aps=aps),
        ),
        "webpush": messaging.WebpushConfig(headers={"TTL": str(TTL_S), "Urgency": "low"}),
    }
