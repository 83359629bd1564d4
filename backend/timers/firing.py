"""A timer's job has come: pass it to the handler of its kind."""

from collections.abc import Mapping
from typing import Protocol

from backend.kit.errors import DataLoss, InvalidArgument
from backend.kit.ids import checked
from backend.timers.alarm import Alarm
from backend.timers.model import TimerKind
from backend.timers.service import GENERATION, TimerService

__all__ = ["Alarm", "Firing", "TimerHandler"]

KINDS = frozenset(kind.value for kind in TimerKind)


class TimerHandler(Protocol):
    """What happens when timers of one kind fire."""

    def fire(self, alarm: Alarm) -> None:
        """
        Do what the timer asks for, if it still stands and is due.

        One commit does it and removes the timer, so that a second alarm finds nothing.
        """


class Firing:
    """Passes alarms on by kind."""

    def __init__(self, timers: TimerService, handlers: Mapping[TimerKind, TimerHandler]) -> None:
        self._timers = timers
        self._handlers = handlers

    def fire(self, body: Mapping[str, str]) -> None:
        """
        Handle the body of a `fire` job.

        Raises:
            InvalidArgument: it names no kind of timer that there is.
        """
        subject = {name: checked(text) for name, text in body.items()}
        timer_id, kind = subject.pop("timerId", ""), subject.pop("kind", "")
        generation = subject.pop(GENERATION, None)
        if kind not in KINDS or not timer_id:
            raise InvalidArgument("There is no such kind of timer.", pointer="/kind")
        alarm = Alarm(timer_id, subject, generation)
        self._timers.wait_for(alarm)
        try:
            self._handlers[TimerKind(kind)].fire(alarm)
        except DataLoss as error:
            self._timers.give_up(alarm, error.detail)
