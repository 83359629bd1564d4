"""A push as it reached the stand-in, and what a phone makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.serving.clock import rfc3339

DELIVERED_OUTCOMES = frozenset({"OK", "DELAY", "ACCEPT_THEN_DROP", "MALFORMED"})


@dataclass(frozen=True)
class ReceivedPush:
    """
    One attempt to send, whatever became of it.

    `outcome` is the scripted one, OK, or REFUSED with FCM's reason in `error`. `delivered` says
    that the phone gets it; a sender that was told of success may still see False (validate_only),
    and one that saw its connection drop may be delivered all the same.
    """

    id: str
    project: str
    received_at: datetime
    message: Mapping[str, Any]
    outcome: str
    validate_only: bool = False
    error: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The message under its snake_case names, without nulls; empty when it was refused."""

    @property
    def delivered(self) -> bool:
        return self.outcome in DELIVERED_OUTCOMES and not self.validate_only

    @property
    def token(self) -> str | None:
        return _text(self.message, "token")

    @property
    def fid(self) -> str | None:
        return _text(self.message, "fid")

    @property
    def device(self) -> str | None:
        """The token or installation id it was sent to; None for topics and conditions."""
        return self.token or self.fid

    @property
    def target(self) -> str:
        """What to call the recipient on a page."""
        topic = _text(self.message, "topic") or _text(self.message, "condition")
        return self.device or (f"topic {topic}" if topic else "nobody")

    def to_json(self) -> dict[str, Any]:
        """Write it as the control API shows it."""
        return {
            "id": self.id,
            "project": self.project,
            "receivedAt": rfc3339(self.received_at),
            "token": self.token,
            "fid": self.fid,
            "message": self.message,
            "validateOnly": self.validate_only,
            "outcome": self.outcome,
            "delivered": self.delivered,
            "error": self.error,
        }


@dataclass(frozen=True)
class Shown:
    """A notification in the tray; `replaced` counts the earlier ones it took the place of."""

    push: ReceivedPush
    title: str
    body: str
    category: str | None
    replace_key: str | None
    replaced: int = 0

    def to_json(self) -> dict[str, Any]:
        """Write it as the control API shows it."""
        return {
            "messageId": self.push.id,
            "receivedAt": rfc3339(self.push.received_at),
            "title": self.title,
            "body": self.body,
            "category": self.category,
            "key": self.replace_key,
            "replaced": self.replaced,
            "data": self.push.fields.get("data", {}),
        }


def shown(push: ReceivedPush) -> Shown | None:
    """Say what the phone shows for one push; None for a silent one (data only)."""
    aps = _dict(push.fields, "apns", "payload", "aps")
    alert = aps.get("alert")
    sources = [
        _dict(push.fields, "android", "notification"),
        _dict(push.fields, "notification"),
        {"body": alert} if isinstance(alert, str) else _dict(aps, "alert"),
        _dict(push.fields, "webpush", "notification"),
    ]
    title, body = (_first(sources, name) for name in ("title", "body"))
    if title is None and body is None:
        return None
    category = (
        _text(_dict(push.fields, "data"), "category")
        or _text(aps, "category")
        or _text(sources[0], "channel_id")
    )
    return Shown(push, title or "", body or "", category, _replace_key(push.fields))


def _replace_key(fields: Mapping[str, Any]) -> str | None:
    headers = {name.lower(): v for name, v in _dict(fields, "apns", "headers").items()}
    keys = {
        "tag": _text(_dict(fields, "android", "notification"), "tag"),
        "apns-collapse-id": _text(headers, "apns-collapse-id"),
        "collapse_key": _text(_dict(fields, "android"), "collapse_key"),
        "webpush tag": _text(_dict(fields, "webpush", "notification"), "tag"),
    }
    return next((f"{kind}: {key}" for kind, key in keys.items() if key), None)


def _first(sources: list[Mapping[str, Any]], name: str) -> str | None:
    return next((found for source in sources if (found := _text(source, name))), None)


def _dict(fields: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    for name in path:
        value = fields.get(name)
        fields = value if isinstance(value, Mapping) else {}
    return fields


def _text(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value else None
