"""Broadcasts, and those they were for, as documents."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backend.accounts.model import Platform
from backend.broadcasts.model import Broadcast, BroadcastState, Message, People, Segment
from backend.kit.documents import Change, Create, Fields, Stored, reading
from backend.notifications.model import Channel

BROADCASTS = "broadcasts"


class Reached(StrEnum):
    """Whether somebody whom a broadcast was for was told."""

    TOLD = "told"
    LEFT_OUT = "leftOut"  # Named, but without an account that can be used.


@dataclass(frozen=True, slots=True)
class Recipient:
    """`broadcasts/{b}/recipients/{uid}`: the guard that nobody is told twice."""

    uid: str
    reached: Reached
    notification_id: str | None
    at: datetime


def broadcast_path(broadcast_id: str) -> str:
    """Return where a broadcast lies."""
    return f"broadcasts/{broadcast_id}"


def recipients_of(broadcast_id: str) -> str:
    """Return the collection of those whom a broadcast was for."""
    return f"{broadcast_path(broadcast_id)}/recipients"


def recipient_path(broadcast_id: str, uid: str) -> str:
    """Return where it stands that a broadcast came to somebody."""
    return f"{recipients_of(broadcast_id)}/{uid}"


def broadcast_fields(broadcast: Broadcast) -> Fields:
    """Return the document of a broadcast."""
    segment = broadcast.segment
    return {
        "createdBy": broadcast.created_by,
        "state": broadcast.state.value,
        "segment": {
            "people": segment.people.value,
            "locale": segment.locale,
            "platform": segment.platform.value if segment.platform else None,
            "activeSince": segment.active_since,
            "workspaceId": segment.workspace_id,
        },
        # By a name that erasure knows, at the top, where a query finds it.
        "audience": list(segment.audience),
        "texts": {
            locale: {"title": text.title, "body": text.body}
            for locale, text in broadcast.texts.items()
        },
        "link": broadcast.link,
        "channels": [channel.value for channel in broadcast.channels],
        "perMinute": broadcast.per_minute,
        "expected": broadcast.expected,
        "told": broadcast.told,
        "leftOut": broadcast.left_out,
        "outcomes": _plain(broadcast.outcomes),
        "nextAt": broadcast.next_at,
        "createdAt": broadcast.created_at,
        "updatedAt": broadcast.updated_at,
        "endedAt": broadcast.ended_at,
        "expireAt": broadcast.expire_at,
        "rev": broadcast.rev,
    }


def broadcast_of(stored: Stored) -> Broadcast:
    """
    Read a broadcast from its document.

    Raises:
        DataLoss: it is none.
    """
    with reading(stored) as fields:
        return Broadcast(
            id=stored.id,
            created_by=fields["createdBy"],
            segment=_segment_of(fields),
            texts={
                locale: Message(text["title"], text["body"])
                for locale, text in fields["texts"].items()
            },
            link=fields["link"],
            channels=tuple(Channel(each) for each in fields["channels"]),
            per_minute=fields["perMinute"],
            expected=fields["expected"],
            created_at=fields["createdAt"],
            updated_at=fields["updatedAt"],
            next_at=fields["nextAt"],
            expire_at=fields["expireAt"],
            state=BroadcastState(fields["state"]),
            told=fields["told"],
            left_out=fields["leftOut"],
            outcomes=fields["outcomes"],
            ended_at=fields["endedAt"],
            rev=fields["rev"],
        )


def creating(broadcast: Broadcast) -> Create:
    """Return the write of a new broadcast."""
    return Create(broadcast_path(broadcast.id), broadcast_fields(broadcast))


def changing(stored: Stored, broadcast: Broadcast) -> Change:
    """Return the write of what differs from what was stored, provided nobody else changed it."""
    fields = broadcast_fields(broadcast)
    return Change(stored, {n: v for n, v in fields.items() if stored.fields.get(n) != v})


def meeting(broadcast: Broadcast, recipient: Recipient) -> Create:
    """Return the write that notes that somebody's turn has come; it fails if it had before."""
    return Create(
        recipient_path(broadcast.id, recipient.uid),
        {
            "uid": recipient.uid,
            "reached": recipient.reached.value,
            "notificationId": recipient.notification_id,
            "at": recipient.at,
            "expireAt": broadcast.expire_at,
        },
    )


def recipient_of(stored: Stored) -> Recipient:
    """
    Read whom a broadcast came to.

    Raises:
        DataLoss: the document is none of these.
    """
    with reading(stored) as fields:
        return Recipient(
            uid=stored.id,
            reached=Reached(fields["reached"]),
            notification_id=fields["notificationId"],
            at=fields["at"],
        )


def _segment_of(fields: Fields) -> Segment:
    segment = fields["segment"]
    return Segment(
        people=People(segment["people"]),
        locale=segment["locale"],
        platform=Platform(segment["platform"]) if segment["platform"] else None,
        active_since=segment["activeSince"],
        workspace_id=segment["workspaceId"],
        audience=tuple(fields["audience"]),
    )


def _plain(outcomes: Mapping[str, Mapping[str, int]] | None) -> Fields | None:
    if outcomes is None:
        return None
    return {channel: dict(verdicts) for channel, verdicts in outcomes.items()}
