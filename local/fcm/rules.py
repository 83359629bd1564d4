"""
What FCM checks beyond the schema. The first broken rule is the answer, as with the real service.

The limits are documented; where a refusal's wording is not, it is ours.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from local.fcm.errors import (
    ApiError,
    invalid_token,
    refused,
    refused_without_detail,
    too_large,
)
from local.fcm.schema import TARGETS

PAYLOAD_LIMIT_BYTES = 4096
TOPIC_PAYLOAD_LIMIT_BYTES = 2048
TTL_LIMIT_S = 4 * 7 * 24 * 3600
COLLAPSE_ID_LIMIT_BYTES = 64

_TOPIC = re.compile(r"[a-zA-Z0-9\-_.~%]+")
_ANALYTICS_LABEL = re.compile(r"[a-zA-Z0-9\-_.~%]{1,50}")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_CONDITION_TERM = re.compile(r"'[^']*' in topics")
_TOPICS_A_CONDITION = 5
_APNS_PRIORITIES = ("1", "5", "10")

Fields = dict[str, Any]


def check_message(message: Fields) -> None:
    """
    Check a message that fits the schema.

    Raises:
        ApiError: 400, saying which rule it breaks.
    """
    for broken in _broken_rules(message):
        raise broken


def _broken_rules(message: Fields) -> Iterator[ApiError]:
    yield from _target(message)
    yield from _data(message)
    yield from _analytics_labels(message)
    yield from _android(message.get("android", {}))
    yield from _apns(message)
    yield from _webpush(message.get("webpush", {}))
    limit = _limit_bytes(message)
    if max(_payload_sizes(message)) > limit:
        yield too_large(limit)


def _target(message: Fields) -> Iterator[ApiError]:
    if not any(target in message for target in TARGETS):
        yield refused("message", "Recipient of the message is not set.")
    if message.get("token") == "" or message.get("fid") == "":
        yield invalid_token()
    if "topic" in message and not _TOPIC.fullmatch(message["topic"]):
        yield refused("message", "Topic name contains invalid characters.")
    if "condition" in message:
        terms = len(_CONDITION_TERM.findall(message["condition"]))
        if not 1 <= terms <= _TOPICS_A_CONDITION:
            yield refused_without_detail()


def _data(message: Fields) -> Iterator[ApiError]:
    for path, owner in (("message", message), ("message.android", message.get("android", {}))):
        for key in owner.get("data", {}):
            if key in ("from", "message_type") or key.startswith(("google", "gcm")):
                yield refused(f"{path}.data", f"Invalid data payload key: {key}")


def _analytics_labels(message: Fields) -> Iterator[ApiError]:
    for part in ("", "android", "apns", "webpush"):
        owner = message.get(part, {}) if part else message
        label = owner.get("fcm_options", {}).get("analytics_label")
        if label is not None and not _ANALYTICS_LABEL.fullmatch(label):
            path = ".".join(filter(None, ("message", part, "fcm_options.analytics_label")))
            yield refused(path, f"Invalid analytics label: {label}")


def _android(android: Fields) -> Iterator[ApiError]:
    if "ttl" in android and not 0 <= float(android["ttl"][:-1]) <= TTL_LIMIT_S:
        yield refused("message.android.ttl", "Invalid ttl (must be in the range [0, 2419200s]).")
    color = android.get("notification", {}).get("color")
    if color and not _COLOR.fullmatch(color):
        yield refused("message.android.notification.color", "Color must be in the form #RRGGBB.")


def _apns(message: Fields) -> Iterator[ApiError]:
    apns = message.get("apns", {})
    headers = {name.lower(): value for name, value in apns.get("headers", {}).items()}
    if len(headers.get("apns-collapse-id", "").encode()) > COLLAPSE_ID_LIMIT_BYTES:
        path = "message.apns.headers.apns-collapse-id"
        yield refused(path, f"apns-collapse-id must not exceed {COLLAPSE_ID_LIMIT_BYTES} bytes.")
    if headers.get("apns-priority", "10") not in _APNS_PRIORITIES:
        path = "message.apns.headers.apns-priority"
        yield refused(path, f"apns-priority must be one of {', '.join(_APNS_PRIORITIES)}.")
    if not headers.get("apns-expiration", "0").isdecimal():
        path = "message.apns.headers.apns-expiration"
        yield refused(path, "apns-expiration must be a UNIX time in seconds.")
    if "payload" in apns:
        yield from _aps(apns["payload"].get("aps", {}), has_alert="notification" in message)


def _aps(aps: Any, *, has_alert: bool) -> Iterator[ApiError]:
    path = "message.apns.payload.aps"
    if not isinstance(aps, dict):
        yield refused(path, "aps must be an object.")
        return
    if not aps and not has_alert:  # Seen: firebase/firebase-admin-java#214.
        yield refused_without_detail()
    if not isinstance(aps.get("alert", ""), str | dict):
        yield refused(f"{path}.alert", "alert must be a string or an object.")
    badge = aps.get("badge", 0)
    if not isinstance(badge, int) or isinstance(badge, bool):
        yield refused(f"{path}.badge", "badge must be an integer.")


def _webpush(webpush: Fields) -> Iterator[ApiError]:
    headers = {name.lower(): value for name, value in webpush.get("headers", {}).items()}
    if not headers.get("ttl", "0").isdecimal():
        yield refused("message.webpush.headers.TTL", "TTL must be a non-negative integer.")
    link = webpush.get("fcm_options", {}).get("link", "")
    if link and not link.startswith("https://"):
        yield refused("message.webpush.fcm_options.link", "Link must be an HTTPS URL.")


def _limit_bytes(message: Fields) -> int:
    is_for_topics = "topic" in message or "condition" in message
    return TOPIC_PAYLOAD_LIMIT_BYTES if is_for_topics else PAYLOAD_LIMIT_BYTES


def _payload_sizes(message: Fields) -> Iterator[int]:
    """Sizes in bytes of what would go to each platform: it overrides what the message shares."""
    shared, data = message.get("notification", {}), message.get("data", {})
    android = message.get("android", {})
    notification = {**shared, **android.get("notification", {})}
    yield _size(notification) + _size(android.get("data", data))
    if "apns" in message:  # APNs counts the JSON it gets, punctuation and all.
        payload = {**data, **message["apns"].get("payload", {})}
        yield len(_compact(payload).encode()) + _size(shared)
    if "webpush" in message:
        webpush = message["webpush"]
        notification = {**shared, **webpush.get("notification", {})}
        yield _size(notification) + _size(webpush.get("data", data))


def _size(value: Any) -> int:
    """Keys and values in bytes, as the documentation counts them."""
    if isinstance(value, dict):
        return sum(len(key.encode()) + _size(entry) for key, entry in value.items())
    if isinstance(value, list):
        return sum(map(_size, value))
    return len((value if isinstance(value, str) else _compact(value)).encode())


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
