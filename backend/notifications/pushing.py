"""From a filed notification to the person's devices."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from backend.accounts.model import Device
from backend.accounts.service import AccountService
from backend.adapters.firestore import Store
from backend.adapters.push import Push, PushResult
from backend.comments.documents import comment_path, live_comment
from backend.comments.model import CommentRef
from backend.kit.clock import Clock
from backend.kit.documents import Change, Remove, Stored, Write
from backend.notifications.attempts import Attempt, attempted, is_to_get
from backend.notifications.delivery import ABOUT_COMMENT, ABOUT_DEVICE
from backend.notifications.documents import (
    badge_path,
    decision_fields,
    decision_of,
    decision_path,
    notification_of,
    notification_path,
)
from backend.notifications.holding import is_urgent, still_concerns
from backend.notifications.model import Channel, Decision, Notification, Verdict
from backend.notifications.pushes import Shown, interruption_of, message_to
from backend.notifications.releasing import OTHERS
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import TaskRef
from backend.templating.service import Templates
from backend.timers.documents import is_due, setting_anew, timer_of, timer_path
from backend.timers.firing import Alarm
from backend.timers.model import Timer
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
    task: Stored | None
    comment: Stored | None
    is_of_comment: bool


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
        moot = _moot(look, notification, now)
        if moot:
            attempt = Attempt(before.became(Verdict.SUPPRESSED, moot, at=now))
            self._record(look, attempt, now)
            return
        devices = self._devices(notification.uid, before, alarm.subject.get(ABOUT_DEVICE))
        results = self._send(look, notification, devices, int(alarm.subject.get(OTHERS, "0")))
        attempt = attempted(before, results, _since(before, notification), now)
        self._record(look, attempt, now)
        for stored, device in devices:
            if device.id in attempt.dead:
                self._store.attempt([self._accounts.disabling(stored, device)])

    def _look(self, alarm: Alarm, now: datetime) -> Look | None:
        """Read what is needed, in one round trip; None where there is nothing to do."""
        uid, notification_id = alarm.id_of("uid"), alarm.id_of("notificationId")
        about = _paths_of_subject(alarm)
        timer, filed, decided, badge, *rest = self._store.get_all(
            [
                timer_path(alarm.timer_id),
                notification_path(uid, notification_id),
                decision_path(uid, notification_id, Channel.PUSH),
                badge_path(uid),
                *about,
            ]
        )
        if timer is None or not is_due(timer, alarm, now):
            return None
        if filed is None or decided is None:  # Deleted in the meantime, with its decisions.
            self._store.attempt([Remove(timer)])
            return None
        task, comment = (*rest, None, None)[:2]
        return Look(timer, filed, decided, badge, task, comment, is_of_comment=len(about) > 1)

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
        others: int,
    ) -> dict[str, PushResult]:
        if not devices:
            return {}
        is_pressing = look.task is not None and is_urgent(task_of(look.task))
        interruption = interruption_of(notification, is_urgent=is_pressing)
        shown = self._shown(notification, others, _unread(look.badge))
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

    def _shown(self, notification: Notification, others: int, unread: int) -> Shown:
        if not others:
            return Shown(notification.title, notification.body, notification.count, unread)
        number = others + 1
        words = self._templates.render(RELEASED, notification.locale, {"number": number})
        return Shown(words.title, words.body, number, unread)

    def _record(self, look: Look, attempt: Attempt, now: datetime) -> None:
        writes: list[Write] = [Change(look.decided, decision_fields(attempt.decision))]
        later: list[Timer] = []
        if attempt.retry_after is None:
            writes.append(Remove(look.timer))
        else:
            again = timer_of(look.timer).again(now + attempt.retry_after)
            writes.append(setting_anew(look.timer, again, now=now))
            later.append(again)
        # If another delivery of this job was faster, its record stands.
        if self._store.attempt(writes):
            self._timers.announce(later, now=now)


def _paths_of_subject(alarm: Alarm) -> list[str]:
    workspace_id, task_id = alarm.subject.get("workspaceId"), alarm.subject.get("taskId")
    if workspace_id is None or task_id is None:
        return []
    task, comment_id = TaskRef(workspace_id, task_id), alarm.subject.get(ABOUT_COMMENT)
    return [task_path(task), *([comment_path(CommentRef(*task, comment_id))] if comment_id else [])]


def _since(before: Decision, notification: Notification) -> datetime:
    """Return when it was first to go out: of what was decided anew, since then."""
    return before.until or before.inputs.get("at") or notification.created_at


def _moot(look: Look, notification: Notification, now: datetime) -> str:
    """Return why nobody needs this push any more, or nothing."""
    if not _still_holds(look, notification):
        return "takenBack"
    if notification.was_noticed:
        return "seenAlready"
    snoozed_until = look.filed.fields.get("snoozedUntil")
    return "snoozed" if snoozed_until is not None and snoozed_until > now else ""


def _still_holds(look: Look, notification: Notification) -> bool:
    """Whether what it tells is still so. Of what no task is named, or none is left, it is."""
    if look.is_of_comment and live_comment(look.comment) is None:
        return False
    if look.task is None:
        return True
    return still_concerns(notification.category, notification.uid, task_of(look.task))


def _unread(badge: Stored | None) -> int:
    unread = badge.fields.get("unread", 0) if badge else 0
    return max(0, unread)
