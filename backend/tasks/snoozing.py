"""Being reminded of a task later: oneself alone."""

from datetime import datetime, timedelta

from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.errors import FailedPrecondition, InvalidArgument
from backend.tasks import acts
from backend.tasks.desk import Desk
from backend.tasks.details import MAX_REMINDERS, Reminder, ReminderKind
from backend.tasks.draft import Draft
from backend.tasks.model import Task, TaskRef
from backend.undo.model import Done
from backend.workspaces.permissions import Right


class Snoozing:
    """Puts off what the caller was reminded of: a reminder of their own, at an instant."""

    def __init__(self, clock: Clock, desk: Desk) -> None:
        self._clock = clock
        self._desk = desk

    def snooze(
        self,
        actor: Actor,
        ref: TaskRef,
        *,
        until: datetime | None = None,
        minutes: int | None = None,
        expected_rev: int | None = None,
    ) -> Done[Task]:
        """
        Have the caller reminded of a task again, `until` an instant or some `minutes` from now.

        The caller's reminders at instants that have passed go; where there is no room still, those
        of others do.

        Raises:
            NotFound: there is no such task, or the caller may not see it.
            PermissionDenied: the caller may see it, but not change it.
            InvalidArgument: the instant has passed, or the task has as many reminders to come as a
                task may have (`limit-exceeded`).
            FailedPrecondition: the task is closed: nobody is reminded of it.
            Stale: the task is no longer at `expected_rev`.
        """
        now = self._clock.now()
        at = until or now + timedelta(minutes=minutes or 0)
        if at <= now:
            raise InvalidArgument("That instant has passed.", pointer="/until")
        own = Reminder(ReminderKind.ABSOLUTE, None, at, uid=actor.uid)

        def act(draft: Draft) -> Task:
            task = draft.task(ref.task_id)
            if not task.is_open:
                raise FailedPrecondition("The task is closed: nobody is reminded of it.")
            changes = {"reminders": with_one_more(task.reminders, own, now)}
            return acts.edit(draft, ref.task_id, changes, expected_rev=expected_rev)

        return self._desk.change(actor, ref, act, to=Right.CHANGE_TASK, done="task.snoozed")


def with_one_more(
    reminders: tuple[Reminder, ...], own: Reminder, now: datetime
) -> tuple[Reminder, ...]:
    """
    Return the reminders with one more at the end, and without as many passed ones as is needed.

    Those at instants that the same person had for themselves all go. Relative ones stay: they come
    back to life when their date moves.

    Raises:
        InvalidArgument: code `limit-exceeded`, there is no room.
    """
    passed = [each for each in reminders if each.at is not None and each.at <= now]
    going = {each for each in passed if each.uid == own.uid}
    kept = [each for each in reminders if each not in going and each != own]
    for each in passed:
        if len(kept) >= MAX_REMINDERS and each in kept:
            kept.remove(each)
    if len(kept) >= MAX_REMINDERS:
        raise InvalidArgument(
            f"A task has at most {MAX_REMINDERS} reminders.", code="limit-exceeded", pointer=""
        )
    return (*kept, own)
