"""What is still to be taken off somebody's devices."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.kit.documents import Adjust, Fields, Stored, reading
from backend.kit.ids import derived_id
from backend.timers.model import Timer, TimerKind
from backend.timers.outbox import Outbox

# The queue's own sense of time: what is read within a second is taken off devices together.
SOON = timedelta(seconds=1.5)
BUT, DEVICES, IS_MOOT = "but", "devices", "isMoot"


@dataclass(frozen=True, slots=True)
class Shown:
    """
    A notification that devices may still show, and should not.

    `but` is the device on which it was read, if that is known: it has seen to it itself.
    `devices` are those that were sent it, where only its deletion could tell. `is_moot`: though
    it is unread, nobody needs to see it there.
    """

    notification_id: str
    but: str | None = None
    devices: tuple[str, ...] | None = None
    is_moot: bool = False


def trays_path(uid: str) -> str:
    """Return where it stands what is still to be taken off somebody's devices."""
    return f"shadows/{derived_id('trays', uid)}"


def take_off(outbox: Outbox, uid: str, shown: Iterable[Shown], now: datetime) -> None:
    """
    Add to a guarded commit that devices are told to show these no more.

    Nothing is read: whoever comes adds what they have, and all that comes within a second shares
    one timer, which is set for one instant.
    """
    waiting = {each.notification_id: _entry(each) for each in shown}
    if not waiting:
        return
    outbox.writes.append(Adjust(trays_path(uid), {"uid": uid, "waiting": waiting}))
    at = now.replace(microsecond=0) + SOON
    timer_id = derived_id(TimerKind.DISMISS.value, uid, at.isoformat())
    outbox.set(Timer(timer_id, TimerKind.DISMISS, {"uid": uid}, at), now)


def shown_in(stored: Stored | None) -> list[Shown]:
    """Read what is still to be taken off somebody's devices, in the order of ids."""
    if stored is None:
        return []
    with reading(stored) as fields:
        return [_shown(each, entry) for each, entry in sorted(fields["waiting"].items())]


def without(stored: Stored, done: Iterable[Shown]) -> Fields:
    """Return what is left to be taken off when these have been, as they were then."""
    waiting = dict(stored.fields["waiting"])
    for each in done:
        if waiting.get(each.notification_id) == _entry(each):
            del waiting[each.notification_id]
    return waiting


def _entry(shown: Shown) -> Fields:
    entry: dict[str, object] = {BUT: shown.but}
    if shown.devices is not None:
        entry[DEVICES] = list(shown.devices)
    if shown.is_moot:
        entry[IS_MOOT] = True
    return entry


def _shown(notification_id: str, entry: Mapping[str, object]) -> Shown:
    but, devices = entry[BUT], entry.get(DEVICES)
    return Shown(
        notification_id,
        but=but if isinstance(but, str) else None,
        devices=tuple(map(str, devices)) if isinstance(devices, list) else None,
        is_moot=bool(entry.get(IS_MOOT)),
    )
