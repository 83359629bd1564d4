"""The timers of digests: one for each kind that somebody wants, set from digest to digest."""

from collections.abc import Iterable
from datetime import datetime

from backend.digests.model import DigestKind, Planned, next_digest
from backend.kit.errors import InvalidArgument
from backend.kit.ids import derived_id
from backend.kit.wallclock import day_from_text, zone
from backend.notifications.preferences import Preferences
from backend.timers.alarm import Alarm
from backend.timers.documents import withdrawing
from backend.timers.model import Timer, TimerKind
from backend.timers.outbox import Outbox

UTC = "UTC"


def digest_timers(
    uid: str,
    preferences: Preferences,
    tz: str,
    now: datetime,
    kinds: Iterable[DigestKind] = tuple(DigestKind),
) -> Outbox:
    """
    Return what sets the timers of somebody's next digests, and withdraws those they do not want.

    Reads nothing; the commit needs a guarded write besides. `tz` is where they are: what is no
    IANA zone counts as UTC. `kinds` are those to look at: a timer set anew loses what it is late
    with.
    """
    outbox = Outbox()
    for kind in kinds:
        timer = next_timer(uid, kind, preferences, tz, now)
        if timer is None:
            outbox.writes.append(withdrawing(timer_id(uid, kind)))
        else:
            outbox.set(timer, now)
    return outbox


def timer_id(uid: str, kind: DigestKind) -> str:
    """Return the id of the timer of somebody's digests of a kind."""
    return derived_id(TimerKind.DIGEST.value, uid, kind.value)


def next_timer(
    uid: str, kind: DigestKind, preferences: Preferences, tz: str, after: datetime
) -> Timer | None:
    """Return the timer of somebody's first digest of a kind after an instant, if they want any."""
    found = next_digest(kind, preferences, known_zone(tz), after)
    if found is None:
        return None
    planned, at = found
    return Timer(timer_id(uid, kind), TimerKind.DIGEST, _subject(uid, planned), at)


def known_zone(tz: object) -> str:
    """Return the name of a zone, or UTC for what is none: apps write it into accounts."""
    try:
        return zone(tz).key
    except InvalidArgument:
        return UTC


def planned_by(alarm: Alarm) -> Planned:
    """
    Return the digest that an alarm is about.

    Raises:
        InvalidArgument: it names none, and no repetition will.
    """
    kind, day = alarm.id_of("digest"), alarm.id_of("day")
    if kind not in set(DigestKind):
        raise InvalidArgument("There is no such digest.", pointer="/digest")
    tz = known_zone(_text(alarm.id_of("zone")))
    return Planned(DigestKind(kind), day_from_text(day, pointer="/day"), tz)


def _subject(uid: str, planned: Planned) -> dict[str, str]:
    # What is to be read follows from it: the questions need not wait for the account.
    return {
        "uid": uid,
        "digest": planned.kind.value,
        "day": planned.day.isoformat(),
        "zone": planned.tz.encode().hex(),  # In the letters of an id, which has no slash.
    }


def _text(letters: str) -> str | None:
    try:
        return bytes.fromhex(letters).decode()
    except ValueError:
        return None
