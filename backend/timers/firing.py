"""A timer's job has come: pass it to the handler of its kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from backend.kit.errors import DataLoss, InvalidArgument
from backend.kit.ids import checked
from backend.timers.model import TimerKind
from backend.timers.service import TimerService

KINDS = frozenset(kind.value for kind in TimerKind)


@dataclass(frozen=True, slots=True)
class Alarm:
    """
    What a timer's job says: ids only, and a hint. Whether the timer still stands is for the
    handler to read, together with its subject.
    """

    timer_id: str
    subject: Mapping[str, str]

    def id_of(self, name: str) -> str:
        """
        Return an id of the subject.

        Raises:
            InvalidArgument: the job does not carry it, so no repetition of it will.
        """
        if name not in self.subject:
            raise InvalidArgument("The job lacks an id.", pointer=f"/{name}")
        return self.subject[name]


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
        if kind not in KINDS or not timer_id:
            raise InvalidArgument("There is no such kind of timer.", pointer="/kind")
        try:
            self._handlers[TimerKind(kind)].fire(Alarm(timer_id, subject))
        except DataLoss as error:
            self._timers.give_up(timer_id, error.detail)
