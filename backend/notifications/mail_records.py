"""What became of a mail, written down with its timer."""

from collections.abc import Sequence
from datetime import datetime

from backend.adapters.firestore import Store
from backend.kit.documents import Change, Remove, Stored, Write
from backend.notifications.documents import decision_fields
from backend.notifications.mail_due import DueMail
from backend.notifications.model import Decision
from backend.notifications.recording import recorded
from backend.timers.documents import setting_anew, timer_of
from backend.timers.service import TimerService


class MailRecords:
    """
    Writes decisions and timers of mails, each in one guarded commit.

    Where the notification has been filed anew meanwhile, with more to tell, or has been deleted,
    that stands.
    """

    def __init__(self, store: Store, timers: TimerService) -> None:
        self._store = store
        self._timers = timers

    def claim(self, due: DueMail, decision: Decision) -> Stored | None:
        """Record that a mail is about to be sent; None: another one has done so, or it grew."""
        return self._store.swap(due.stored.path, decision_fields(decision), seen=due.stored)

    def settle(self, due: DueMail, decision: Decision, more: Sequence[Write] = ()) -> None:
        """Record what became of a mail, and what else follows from it; its timer is done."""
        changes = [Change(due.stored, decision_fields(decision)), *more]
        recorded(self._store, due.timer, due.stored, lambda timer: [*changes, Remove(timer)])

    def look_again(
        self, due: DueMail, at: datetime, now: datetime, decision: Decision | None = None
    ) -> None:
        """Set the timer anew, and record what has come of the attempt, if that was one."""
        again = timer_of(due.timer).again(at)
        changes = [Change(due.stored, decision_fields(decision))] if decision else []

        def writes(timer: Stored) -> list[Write]:
            return [*changes, setting_anew(timer, again, now=now)]

        if recorded(self._store, due.timer, due.stored, writes):
            self._timers.announce([again], now=now)

    def drop(self, due_timer: Stored) -> None:
        """Remove a timer that nothing belongs to any more."""
        self._store.attempt([Remove(due_timer)])
