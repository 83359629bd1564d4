"""Read here, gone there: devices are told what they need not show any longer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from backend.accounts.model import Device
from backend.accounts.service import AccountService
from backend.adapters.firestore import Store
from backend.adapters.push import IDS_A_DISMISSAL, Dismissal, Outcome, Push, PushResult
from backend.inbox.marking import EVERYWHERE, is_on_its_way, sent_to
from backend.inbox.model import is_unread
from backend.inbox.trays import Shown, shown_in, trays_path, without
from backend.kit.clock import Clock
from backend.kit.documents import Change, Remove, Stored, Write
from backend.notifications.documents import badge_path, decision_path, notification_path
from backend.notifications.model import Channel
from backend.timers.documents import is_due, setting_anew, timer_of, timer_path
from backend.timers.firing import Alarm
from backend.timers.model import Timer
from backend.timers.service import TimerService

log = structlog.get_logger()

MAX_ATTEMPTS = 4
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(minutes=15)

Devices = Sequence[tuple[Stored, Device]]


@dataclass(slots=True)
class Look:
    """What a look at somebody's trays found: which ids go to which device, and what waits on."""

    by_device: dict[str, list[str]] = field(default_factory=dict)
    done: list[Shown] = field(default_factory=list)
    on_their_way: list[Shown] = field(default_factory=list)


class Dismissing:
    """
    Tells each device of a person, but the one that was read on, once what was read.

    Dismissals are repeated where one was killed between sending and noting it: to take off what is
    not there changes nothing.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        accounts: AccountService,
        push: Push,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._accounts = accounts
        self._push = push

    def fire(self, alarm: Alarm) -> None:
        """Send what waits by now: one dismissal a device, or one for each `IDS_A_DISMISSAL`."""
        now, uid = self._clock.now(), alarm.id_of("uid")
        paths = [timer_path(alarm.timer_id), trays_path(uid), badge_path(uid)]
        timer, trays, badge = self._store.get_all(paths)
        if timer is None or not is_due(timer, alarm, now):
            return
        waiting = shown_in(trays)[:IDS_A_DISMISSAL]
        if not waiting:  # Another timer has taken these along.
            self._store.attempt([Remove(timer)])
            return
        devices = self._accounts.reachable(uid)
        look = self._look(uid, waiting, devices, now)
        unread = max(0, badge.fields.get("unread", 0)) if badge else 0
        wait = self._send(look, devices, unread, timer_of(timer).attempts)
        if look.on_their_way and wait is None:
            wait = FIRST_WAIT
        is_last = timer_of(timer).attempts + 1 >= MAX_ATTEMPTS
        handled = look.done if wait is None or is_last else []
        if is_last:
            handled = [*look.done, *look.on_their_way]
        self._note(paths[:2], alarm, handled, None if is_last else wait, now)

    def _look(self, uid: str, waiting: Sequence[Shown], devices: Devices, now: datetime) -> Look:
        look = Look()
        if not devices:
            look.done += waiting
            return look
        of_each = [notification_path(uid, each.notification_id) for each in waiting]
        decided = [decision_path(uid, each.notification_id, Channel.PUSH) for each in waiting]
        found = self._store.get_all([*of_each, *decided])
        parts = zip(waiting, found[: len(waiting)], found[len(waiting) :], strict=True)
        for shown, stored, push in parts:
            if stored is not None and is_unread(stored.fields, now) and not shown.is_moot:
                look.done.append(shown)  # Unread again: it may stay where it is shown.
                continue
            sent = {*(shown.devices or ()), *(sent_to(stored.fields, push) if stored else ())}
            if EVERYWHERE in sent:
                sent = {device.id for _, device in devices}
            for device_id in sent - {shown.but}:
                look.by_device.setdefault(device_id, []).append(shown.notification_id)
            (look.on_their_way if is_on_its_way(push) else look.done).append(shown)
        return look

    def _send(self, look: Look, devices: Devices, badge: int, attempts: int) -> timedelta | None:
        """Send; return how long to wait before another try, or None if none is worth it."""
        live = [(stored, device) for stored, device in devices if device.id in look.by_device]
        messages = [
            Dismissal(device.token, tuple(look.by_device[device.id]), badge) for _, device in live
        ]
        if not messages:
            return None
        results = self._push.send_all(messages)
        for (stored, device), result in zip(live, results, strict=True):
            log.info(
                "dismissal.answered", outcome=result.outcome.value, error_code=result.error_code
            )
            if result.outcome is Outcome.DEVICE_GONE:
                self._store.attempt([self._accounts.disabling(stored, device)])
        return max((_wait(each, attempts) for each in _later(results)), default=None)

    def _note(
        self,
        paths: Sequence[str],
        alarm: Alarm,
        handled: Sequence[Shown],
        wait: timedelta | None,
        now: datetime,
    ) -> None:
        """Note what is done; go on at once where there is more, or later where it failed."""

        def plan() -> tuple[list[Timer], list[Write]]:
            timer, trays = self._store.get_all(paths)
            writes, left = _emptying(trays, handled)
            if timer is None or not is_due(timer, alarm, now):
                return [], writes
            if not left:
                return [], [*writes, Remove(timer)]
            again = timer_of(timer).again(now + (wait or timedelta(0)))
            return [again], [*writes, setting_anew(timer, again, now=now)]

        self._timers.announce(self._store.commit(plan), now=now)


def _emptying(
    trays: Stored | None, handled: Sequence[Shown]
) -> tuple[list[Write], Mapping[str, object]]:
    if trays is None:
        return [], {}
    left = without(trays, handled)
    if not left:
        return [Remove(trays)], left
    return ([Change(trays, {"waiting": left})] if handled else []), left


def _later(results: Iterable[PushResult]) -> Iterator[PushResult]:
    return (each for each in results if each.outcome.worth_retrying)


def _wait(result: PushResult, attempts: int) -> timedelta:
    own: timedelta = min(LONGEST_WAIT, FIRST_WAIT * 4**attempts)
    return max(own, timedelta(seconds=result.retry_after_s))
