"""When somebody's summaries come: by what they have set, and by the clocks where they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import structlog

from backend.accounts.documents import account_of
from backend.digests.model import DigestKind
from backend.digests.timers import UTC, digest_timers
from backend.kit.documents import Change, Create, Fields, Stored, Write
from backend.kit.errors import DataLoss
from backend.kit.ids import derived_id
from backend.notifications.preferences import Preferences, preferences_fields, preferences_of
from backend.reactions.zones import zone_of
from backend.timers.outbox import Outbox

log = structlog.get_logger()


def digest_shadow_path(uid: str) -> str:
    """Return where it stands when somebody's summaries are set to come."""
    return f"shadows/{derived_id('digests', uid)}"


def following_digests(
    uid: str, account: Stored | None, settings: Stored | None, shadow: Stored | None, now: datetime
) -> Outbox:
    """
    Return what sets or withdraws the timers of somebody's summaries; nothing if they are right.

    Guarded by the shadow: of two reactors one loses, and looks again. Whose account has ended, or
    is none, gets no summaries.
    """
    preferences = preferences_of(settings) if _is_usable(account, now) else Preferences()
    tz = (zone_of(account.fields) if account else None) or UTC
    wanted = _shadow(uid, preferences, tz)
    moved = _moved(shadow, wanted)
    if not moved:
        return Outbox()
    write: Write = Change(shadow, wanted) if shadow else Create(digest_shadow_path(uid), wanted)
    outbox = Outbox([write])
    outbox.add(digest_timers(uid, preferences, tz, now, moved))
    return outbox


def _is_usable(account: Stored | None, now: datetime) -> bool:
    try:
        return account is not None and account_of(account).is_usable(now)
    except DataLoss as error:
        log.exception("account.unreadable", detail=error.detail)
        return False


def _shadow(uid: str, preferences: Preferences, tz: str) -> Fields:
    digests: Mapping[str, Any] = preferences_fields(preferences)["digests"]
    return {"uid": uid, "timezone": tz, **digests}


def _moved(shadow: Stored | None, wanted: Fields) -> list[DigestKind]:
    """Return the kinds that come at another time than when they were last looked at."""
    known: Fields = shadow.fields if shadow else {}
    is_elsewhere = known.get("timezone") != wanted["timezone"]
    return [
        kind
        for kind in DigestKind
        if _hours(kind, wanted) != _hours(kind, known)
        or (wanted[kind] is not None and is_elsewhere)
    ]


def _hours(kind: DigestKind, digests: Fields) -> object:
    """Return what decides when a kind comes: that of a day is left out where a week's comes."""
    daily, weekly = digests.get(DigestKind.DAILY), digests.get(DigestKind.WEEKLY)
    if kind is DigestKind.WEEKLY:
        return weekly
    return daily, weekly["day"] if daily and weekly and weekly["time"] == daily else None
