"""From a filed notification to the person's devices."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import structlog

from backend.accounts.model import Device
from backend.accounts.service import AccountService
from backend.adapters.firestore import Store
from backend.adapters.push import Push, PushResult
from backend.kit.clock import Clock
from backend.kit.documents import Change, Remove, Stored, Write
from backend.notifications.attempts import Attempt, attempted, is_to_get
from backend.notifications.delivery import ABOUT_DEVICE
from backend.notifications.documents import (
    badge_path,
    decision_fields,
    decision_of,
    decision_path,
    notification_of,
    notification_path,
)
from backend.notifications.holding import (
    ABOUT_COMMENT,
    TASK,
    About,
    is_urgent,
    paths_about,
    why_not,
)
from backend.notifications.model import Channel, Decision, Notification, Verdict
from backend.notifications.push_timers import OTHERS, UPDATE
from backend.notifications.pushes import Shown, interruption_of, message_to
from backend.notifications.recording import recorded
from backend.tasks.documents import task_of
from backend.templating.service import Templates
from backend.timers.documents import is_due, setting_anew, timer_of, timer_path
from backend.timers.firing import Alarm
from backend.timers.service import TimerService

log = structlog.get_logger()

RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Look:
    """All that a push rests on, read together: documents as they are now, None where gone."""

    timer: Stored
    filed: Stored
    decided: Stored
    badge: Stored | None
    about: About


class Pushing:
    """
    Sends a notification to every live device of a person.

    Sent at least once, shown at most once: an attempt whose record was lost is repeated with the
    same collapse id, which replaces the first on the device.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        accounts: AccountService,
        push: Push,
        templates: Templates,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._accounts = accounts
        self._push = push
        self._templates = templates

    def fire(self, alarm: Alarm) -> None:
        """Send to the devices not reached yet; set the timer anew where another try can help."""
        now = self._clock.now()
        look = self._look(alarm, now)
        if look is None:
            return
        notification, before = notification_of(look.filed), decision_of(look.decided)
        reason = why_not(notification, look.about, now) or _known_already(look, notification, now)
        if reason:
            attempt = Attempt(before.became(Verdict.SUPPRESSED, reason, at=now))
            self._record(look, attempt, now)
            return
        devices = self._devices(notification.uid, before, alarm.subject.get(ABOUT_DEVICE))
        results = self._send(look, notification, devices, alarm.subject)
        attempt = attempted(before, results, _since(before, notification), now)
        self._record(look, attempt, now)
        for stored, device in devices:
            if device.id in attempt.dead:
                self._store.attempt([self._accounts.disabling(stored, device)])

    def _look(self, alarm: Alarm, now: datetime) -> Look | None:
        """Read what is needed, in one round trip; None where there is nothing to do."""
        uid, notification_id = alarm.id_of("uid"), alarm.id_of("notificationId")
        about = _paths_about(alarm)
        timer, filed, decided, badge, *found = self._store.get_all(
            [
                timer_path(alarm.timer_id),
                notification_path(uid, notification_id),
                decision_path(uid, notification_id, Channel.PUSH),
                badge_path(uid),
                *about.values(),
            ]
        )
        if timer is None or not is_due(timer, alarm, now):
            return None
        if filed is None or decided is None:  # Deleted in the meantime, with its decisions.
            self._store.attempt([Remove(timer)])
            return None
        return Look(timer, filed, decided, badge, dict(zip(about, found, strict=True)))

    def _devices(
        self, uid: str, before: Decision, about: str | None
    ) -> list[tuple[Stored, Device]]:
        return [
            (stored, device)
            for stored, device in self._accounts.reachable(uid)
            if device.id != about and is_to_get(before, device.id)
        ]

    def _send(
        self,
        look: Look,
        notification: Notification,
        devices: list[tuple[Stored, Device]],
        about: Mapping[str, str],
    ) -> dict[str, PushResult]:
        if not devices:
            return {}
        task = look.about.get(TASK)
        is_pressing = task is not None and is_urgent(task_of(task))
        interruption = interruption_of(notification, is_urgent=is_pressing)
        shown = self._shown(notification, about, _unread(look.badge))
        results = self._push.send_all(
            [message_to(device, notification, shown, interruption) for _, device in devices]
        )
        for result in results:
            log.info(
                "push.answered",
                outcome=result.outcome.value,
                error_code=result.error_code,
                notification_id=notification.id,
            )
        ids = [device.id for _, device in devices]
        return dict(zip(ids, results, strict=True))

    def _shown(self, notification: Notification, about: Mapping[str, str], unread: int) -> Shown:
        others = int(about.get(OTHERS, "0"))
        if not others:
            return Shown(notification.words, notification.count, unread, UPDATE in about)
        number = others + 1
        words = self._templates.render(RELEASED, notification.words.locale, {"number": number})
        return Shown(words, number, unread)

    def _record(self, look: Look, attempt: Attempt, now: datetime) -> None:
        later = attempt.retry_after
        again = None if later is None else timer_of(look.timer).again(now + later)

        def writes(timer: Stored) -> list[Write]:
            done = Remove(timer) if again is None else setting_anew(timer, again, now=now)
            return [Change(look.decided, decision_fields(attempt.decision)), done]

        # If another delivery of this job was faster, its record stands.
        if recorded(self._store, look.timer, look.decided, writes) and again is not None:
            self._timers.announce([again], now=now)


def _paths_about(alarm: Alarm) -> dict[str, str]:
    named = map(alarm.subject.get, ("workspaceId", "taskId", ABOUT_COMMENT))
    return paths_about(alarm.id_of("uid"), *named)


def _since(before: Decision, notification: Notification) -> datetime:
    """Return when it was first to go out: of what was decided anew, since then."""
    return before.until or before.inputs.get("at") or notification.created_at


def _known_already(look: Look, notification: Notification, now: datetime) -> str:
    """Return why a push would tell its person nothing new, or nothing."""
    if notification.was_noticed:
        return "seenAlready"
    snoozed_until = look.filed.fields.get("snoozedUntil")
    return "snoozed" if snoozed_until is not None and snoozed_until > now else ""


def _unread(badge: Stored | None) -> int:
    unread = badge.fields.get("unread", 0) if badge else 0
    return max(0, unread)
