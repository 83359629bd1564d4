"""
A push as FCM's v1 JSON, for Android, iOS and the web at once: FCM hands each what is its own.

Written directly, because firebase-admin's types take longer to build and encode than a message
takes to send; a test holds every field against theirs (`push_sdk.py`). Limits: 4,096 bytes of
payload, 64 bytes of `apns-collapse-id`, 32 characters of web push's `Topic` (RFC 8030, 5.4).
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

from backend.adapters.push import IDS_A_DISMISSAL, Dismissal, Interruption, PushMessage

KEPT_BY_FCM = timedelta(days=1)
TTL_S = int(KEPT_BY_FCM.total_seconds())
COLLAPSE_ID_BYTES = 64
# Of title, body and data together, which is what platforms count; the rest is for what is around.
TEXT_BYTES = 2800
TITLE_LENGTH = 200
# RFC 8030, 5.3: how soon a browser's push service should wake the device.
URGENCIES = {
    Interruption.PASSIVE: "low",
    Interruption.ACTIVE: "normal",
    Interruption.TIME_SENSITIVE: "high",
}


def body_of(message: PushMessage | Dismissal, app_url: str) -> bytes:
    """Return the body of `messages:send`. `app_url`: see `encode`."""
    addressed = {"token": message.token, **encode(message, app_url)}
    return json.dumps({"message": addressed}, separators=(",", ":")).encode()


def encode(message: PushMessage | Dismissal, app_url: str) -> dict[str, Any]:
    """
    Return FCM's JSON of a message, without its addressee.

    `app_url` is the web app's address; where it is not https, browsers are given no link.
    """
    if isinstance(message, Dismissal):
        return _silent(message)
    title, body = fitting(message)
    return {
        "notification": {"title": title, "body": body},
        **({"data": dict(message.data)} if message.data else {}),
        "android": _android(message),
        "apns": _apns(message),
        "webpush": _webpush(message, app_url),
    }


def collapse_id_of(message: PushMessage) -> str:
    """Return the collapse id; one that APNs would not take is replaced by its digest."""
    if len(message.collapse_id.encode()) <= COLLAPSE_ID_BYTES:
        return message.collapse_id
    return hashlib.sha256(message.collapse_id.encode()).hexdigest()[:40]


def topic_of(message: PushMessage) -> str:
    """Return what lets a browser's push service replace what it has not delivered yet."""
    return urlsafe_b64encode(hashlib.sha256(message.collapse_id.encode()).digest())[:32].decode()


def link_of(message: PushMessage, app_url: str) -> str | None:
    """Return what a browser opens; FCM takes https alone."""
    return f"{app_url}{message.link}" if message.link and app_url.startswith("https://") else None


def dismissal_data(message: Dismissal) -> dict[str, str]:
    """Return what the app reads: which to clear, and what to show on its icon."""
    ids = message.notification_ids[:IDS_A_DISMISSAL]
    return {"dismiss": ",".join(ids), "badge": str(message.badge)}


def fitting(message: PushMessage) -> tuple[str, str]:
    """Return title and body, cut where FCM would refuse the whole as too large."""
    title = _cut(message.title, TITLE_LENGTH)
    body = message.body
    taken = _size(title) + sum(_size(name) + _size(text) for name, text in message.data.items())
    room = TEXT_BYTES - taken
    if _size(body) > room:
        # Four bytes a character at most, so that a cut in characters is one in bytes.
        body = _cut(body, max(0, room // 4))
    return title, body


def _android(message: PushMessage) -> dict[str, Any]:
    collapse_id = collapse_id_of(message)
    config: dict[str, Any] = {
        "priority": "normal" if message.interruption is Interruption.PASSIVE else "high",
        "ttl": f"{TTL_S}s",
        "notification": {
            "tag": collapse_id,
            "channel_id": message.channel,
            "notification_count": message.count,
        },
    }
    # Only where it outdates an earlier push: of other keys FCM keeps four for a phone that is off,
    # and drops the rest. That nothing shows twice is the tag's work.
    if message.is_update:
        config["collapse_key"] = collapse_id
    return config


def _apns(message: PushMessage) -> dict[str, Any]:
    aps: dict[str, Any] = {
        "thread-id": message.channel,
        "interruption-level": message.interruption.value,
    }
    if message.badge is not None:
        aps["badge"] = message.badge
    # What replaces a push that the person has heard already is quiet.
    if not message.is_update:
        aps["sound"] = "default"
    headers = {
        "apns-collapse-id": collapse_id_of(message),
        "apns-push-type": "alert",
        "apns-priority": "5" if message.interruption is Interruption.PASSIVE else "10",
    }
    return {"headers": headers, "payload": {"aps": aps}}


def _webpush(message: PushMessage, app_url: str) -> dict[str, Any]:
    config: dict[str, Any] = {
        "headers": {
            "TTL": str(TTL_S),
            "Urgency": URGENCIES[message.interruption],
            "Topic": topic_of(message),
        },
        "notification": {"tag": collapse_id_of(message)},
    }
    link = link_of(message, app_url)
    if link is not None:
        config["fcm_options"] = {"link": link}
    return config


def _silent(message: Dismissal) -> dict[str, Any]:
    aps = {"content-available": 1, "badge": message.badge}
    return {
        "data": dismissal_data(message),
        # Of higher priority it would have to show something: Android lowers who does not.
        "android": {"priority": "normal", "ttl": f"{TTL_S}s"},
        # A badge makes it an alert, though nothing shows: Apple lets a background push have none.
        "apns": {
            "headers": {"apns-push-type": "alert", "apns-priority": "5"},
            "payload": {"aps": aps},
        },
        "webpush": {"headers": {"TTL": str(TTL_S), "Urgency": "low"}},
    }


def _cut(text: str, length: int) -> str:
    if len(text) <= length:
        return text
    return f"{text[: length - 1].rstrip()}…" if length else ""


def _size(text: str) -> int:
    return len(text.encode(errors="replace"))
