"""What quiet hours hold back is pushed when they are over: all of it together, as one push."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Adjust, Change, Remove, Stored, Write
from backend.kit.ids import derived_id
from backend.notifications.addressees import Addressee, Addressees
from backend.notifications.deciding import ENDED, LOCKED_OUT
from backend.notifications.documents import (
    decision_fields,
    decision_of,
    decision_path,
    notification_of,
    notification_path,
)
from backend.notifications.model import Channel, Decision, Notification, Verdict
from backend.notifications.push_timers import OTHERS, push_timer
from backend.notifications.quiet import LONGEST, quiet_until
from backend.notifications.waiting import going_on, parted
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm
from backend.timers.model import Timer, TimerKind
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

MOST = 150  # In one push, and one commit. Of more than that, another one tells.


def held_path(uid: str) -> str:
    """Return where it stands what somebody is to be told of when their quiet hours are over."""
    return f"shadows/{derived_id('held', uid)}"


def hold_back(
    filed: Outbox,
    notification: Notification,
    until: datetime,
    now: datetime,
    about: Mapping[str, str],
) -> None:
    """
    Add to a guarded commit that a notification is pushed at the end of quiet hours.

    `about` is what its push is to look at then. Nothing is read: whoever comes adds what they have,
    and sets the same timer.
    """
    uid = notification.uid
    waiting = {notification.id: dict(about)}
    filed.writes.append(Adjust(held_path(uid), {"uid": uid, "waiting": waiting}))
    filed.set(release_timer(uid, until), now)


def release_timer(uid: str, at: datetime) -> Timer:
    """Return the timer that releases what is held for somebody."""
    timer_id = derived_id(TimerKind.RELEASE.value, uid, at.isoformat())
    return Timer(timer_id, TimerKind.RELEASE, {"uid": uid}, at)


@dataclass(frozen=True, slots=True)
class Held:
    """A notification that was held, and the decision that did it."""

    notification: Notification
    stored: Stored
    decision: Decision


class Releasing:
    """
    Lets what was held go, each of it once.

    The list of what is held is the guard: of two that release it, one loses the race, looks again,
    and finds it empty.
    """

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, addressees: Addressees
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._addressees = addressees

    def fire(self, alarm: Alarm) -> None:
        """Push all that is still held and unseen, or wait on where it has become quiet again."""
        now, uid = self._clock.now(), alarm.id_of("uid")
        paths = [timer_path(alarm.timer_id), held_path(uid)]

        def plan() -> tuple[Outbox, list[Write]]:
            filed = Outbox()
            timer, held = self._store.get_all(paths)
            if timer is None or not is_due(timer, alarm, now):
                return filed, []
            waiting: Mapping[str, Mapping[str, str]] = held.fields["waiting"] if held else {}
            if held is None or not waiting:
                return filed, [Remove(timer)]
            first, later = parted(waiting, MOST)
            found = self._held(uid, sorted(first))
            to = self._addressees.of([uid]).get(uid)
            until = _waits_until(found, to, now)
            if until is not None:
                return filed, [*_holding_on(filed, uid, found, until, now), Remove(timer)]
            _release(filed, _unseen(filed, found, to, now), first, now)
            done = going_on(timer, filed, now) if later else Remove(timer)
            return filed, [*filed.writes, Change(held, {"waiting": later}), done]

        filed = self._store.commit(plan)
        self._timers.announce(filed.timers, now=now)
        if any(timer.kind is TimerKind.PUSH for timer in filed.timers):
            log.info("notices.released", people=1)

    def _held(self, uid: str, ids: Sequence[str]) -> list[Held]:
        """Return what is there still, and held, the newest last."""
        paths = [notification_path(uid, each) for each in ids]
        decided = [decision_path(uid, each, Channel.PUSH) for each in ids]
        found = self._store.get_all([*paths, *decided])
        held = [
            Held(notification_of(stored), decision, decision_of(decision))
            for stored, decision in zip(found[: len(ids)], found[len(ids) :], strict=True)
            if stored is not None and decision is not None
        ]
        return sorted(
            (each for each in held if each.decision.verdict is Verdict.HELD),
            key=lambda each: (each.notification.created_at, each.notification.id),
        )


def _waits_until(found: Sequence[Held], to: Addressee | None, now: datetime) -> datetime | None:
    """Return until when all of it is held on, None: it goes. Nothing waits longer than LONGEST."""
    until = quiet_until(to.preferences, to.zone, now) if to else None
    if until is None or not found:
        return None
    longest = min(each.decision.at for each in found) + LONGEST
    return min(until, longest) if longest > now else None


def _holding_on(
    filed: Outbox, uid: str, found: Sequence[Held], until: datetime, now: datetime
) -> list[Write]:
    filed.set(release_timer(uid, until), now)
    later = [_changed(each, replace(each.decision, until=until)) for each in found]
    return [*filed.writes, *later]


def _release(
    filed: Outbox, unseen: Sequence[Held], about: Mapping[str, Mapping[str, str]], now: datetime
) -> None:
    """Add the push of the newest, which tells how many there are, and that it tells of them all."""
    if not unseen:
        return
    *others, last = unseen
    for each in others:
        merged = each.decision.became(Verdict.MERGED, "released", at=now)
        filed.writes.append(_changed(each, merged))
    going = replace(last.decision, verdict=Verdict.PENDING, reason="released", at=now)
    filed.writes.append(_changed(last, going))
    about_it = {OTHERS: str(len(others))} if others else about[last.notification.id]
    filed.set(push_timer(last.notification, now, about_it), now)


def _unseen(
    filed: Outbox, found: Sequence[Held], to: Addressee | None, now: datetime
) -> list[Held]:
    """Return what is still to be pushed; of the rest, add why it is not."""
    barred = _barred(to)
    unseen = []
    for each in found:
        if reason := barred or each.notification.moot(now):
            ended = each.decision.became(Verdict.SUPPRESSED, reason, at=now)
            filed.writes.append(_changed(each, ended))
        else:
            unseen.append(each)
    return unseen


def _barred(to: Addressee | None) -> str:
    """Return why somebody is told nothing at all, or nothing."""
    if to is None:
        return ENDED
    return LOCKED_OUT if to.is_disabled else ""


def _changed(held: Held, decision: Decision) -> Write:
    return Change(held.stored, decision_fields(decision))
