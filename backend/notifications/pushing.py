"""From a filed notification to the person's devices."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from backend.accounts.model import Device
from backend.accounts.service import AccountService
from backend.adapters.firestore import Store
from backend.adapters.push import Outcome, Push, PushMessage, PushResult
from backend.comments.documents import comment_path, live_comment
from backend.comments.model import CommentRef
from backend.kit.clock import Clock
from backend.kit.documents import Change, Remove, Stored, Write
from backend.notifications.delivery import ABOUT_COMMENT, ABOUT_DEVICE
from backend.notifications.documents import (
    decision_fields,
    decision_of,
    decision_path,
    notification_of,
    notification_path,
)
from backend.notifications.holding import still_concerns
from backend.notifications.model import Channel, Decision, Notification, Verdict
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import TaskRef
from backend.timers.documents import is_due, setting_anew, timer_of, timer_path
from backend.timers.firing import Alarm
from backend.timers.model import Timer
from backend.timers.service import TimerService

log = structlog.get_logger()

MAX_ATTEMPTS = 8
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Sent:
    """What one attempt came to."""

    decision: Decision
    gone: list[tuple[Stored, Device]]
    retry_after: timedelta | None


class Pushing:
    """
    Sends a notification to every live device of a person.

    Sent at least once, shown at most once: an attempt whose record was lost is repeated with the
    same collapse id, which replaces the first on the device.
    """

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, accounts: AccountService, push: Push
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._accounts = accounts
        self._push = push

    def fire(self, alarm: Alarm) -> None:
        """Send to the devices not reached yet; set the timer anew where another try can help."""
        uid, notification_id = alarm.id_of("uid"), alarm.id_of("notificationId")
        now = self._clock.now()
        timer, filed, stored, *about = self._store.get_all(
            [
                timer_path(alarm.timer_id),
                notification_path(uid, notification_id),
                decision_path(uid, notification_id, Channel.PUSH),
                *_paths_of_subject(alarm),
            ]
        )
        if timer is None or not is_due(timer, alarm, now):
            return
        if filed is None or stored is None:  # Deleted in the meantime, with its decisions.
            self._store.attempt([Remove(timer)])
            return
        device_id = alarm.subject.get(ABOUT_DEVICE)
        notification = notification_of(filed)
        if _still_holds(notification, *about):
            sent = self._send(notification, decision_of(stored), now, device_id)
        else:
            before = decision_of(stored)
            sent = Sent(_suppressed("takenBack", before, now), [], None)
        self._record(timer, stored, sent, now)
        for device in sent.gone:
            self._store.attempt([self._accounts.disabling(*device)])

    def _send(
        self, notification: Notification, before: Decision, now: datetime, about: str | None
    ) -> Sent:
        attempts = before.attempts + 1
        if notification.was_seen:
            return Sent(_suppressed("seenAlready", before, now), [], None)
        devices = dict(before.devices)
        gone: list[tuple[Stored, Device]] = []
        waits: list[timedelta] = []
        for stored, device in self._accounts.reachable(notification.uid):
            if device.id == about or devices.get(device.id) == Outcome.SENT.value:
                continue
            result = self._push.send(_message(notification, device))
            devices[device.id] = result.outcome.value
            if result.outcome is Outcome.DEVICE_GONE:
                gone.append((stored, device))
            if result.outcome.worth_retrying:
                waits.append(_wait(result, attempts))
            log.info(
                "push.answered",
                outcome=result.outcome.value,
                error_code=result.error_code,
                notification_id=notification.id,
            )
        if waits and attempts < MAX_ATTEMPTS:
            retrying = Decision(Verdict.PENDING, "retrying", attempts, now, devices)
            return Sent(retrying, gone, max(waits))
        return Sent(_final(devices, attempts, now), gone, None)

    def _record(self, timer: Stored, decision: Stored, sent: Sent, now: datetime) -> None:
        writes: list[Write] = [Change(decision, decision_fields(sent.decision))]
        later: list[Timer] = []
        if sent.retry_after is None:
            writes.append(Remove(timer))
        else:
            again = timer_of(timer).again(now + sent.retry_after)
            writes.append(setting_anew(timer, again, now=now))
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


def _still_holds(
    notification: Notification, task: Stored | None = None, *comment: Stored | None
) -> bool:
    """Whether what it tells is still so. Of what no task is named, or none is left, it is."""
    if comment and live_comment(*comment) is None:
        return False
    if task is None:
        return True
    return still_concerns(notification.category, notification.uid, task_of(task))


def _suppressed(reason: str, before: Decision, now: datetime) -> Decision:
    return Decision(Verdict.SUPPRESSED, reason, before.attempts + 1, now, before.devices)


def _message(notification: Notification, device: Device) -> PushMessage:
    return PushMessage(
        token=device.token,
        title=notification.title,
        body=notification.body,
        collapse_id=notification.id,
        channel=notification.category.value,
        data={
            "notificationId": notification.id,
            "category": notification.category.value,
            "link": notification.link,
            **({"workspaceId": notification.workspace_id} if notification.workspace_id else {}),
            **({"taskId": notification.task_id} if notification.task_id else {}),
        },
    )


def _wait(result: PushResult, attempts: int) -> timedelta:
    own: timedelta = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1))
    return max(own, timedelta(seconds=result.retry_after_s))


def _final(devices: dict[str, str], attempts: int, now: datetime) -> Decision:
    outcomes = set(devices.values())
    if not outcomes:
        return Decision(Verdict.NO_DEVICE, "noDevice", attempts, now, devices)
    if Outcome.SENT.value in outcomes:
        return Decision(Verdict.SENT, "default", attempts, now, devices)
    return Decision(Verdict.FAILED, ",".join(sorted(outcomes)), attempts, now, devices)
