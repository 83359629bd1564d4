"""Timers as documents."""

from datetime import datetime

from backend.kit.documents import Change, Fields, Put, Stored, Withdraw, reading
from backend.timers.alarm import Alarm
from backend.timers.model import Timer, TimerKind, TimerState


def timer_path(timer_id: str) -> str:
    """Return where a timer lies."""
    return f"timers/{timer_id}"


def timer_fields(timer: Timer, state: TimerState) -> Fields:
    """Return the document of a timer."""
    return {
        "kind": timer.kind.value,
        "subject": dict(timer.subject),
        "fireAt": timer.fire_at,
        "state": state.value,
        "attempts": timer.attempts,
    }


def timer_of(stored: Stored) -> Timer:
    """
    Read a timer from its document.

    Raises:
        DataLoss: it is of no kind that this version knows, or not as any would write it.
    """
    with reading(stored) as fields:
        return Timer(
            id=stored.id,
            kind=TimerKind(fields["kind"]),
            subject=fields["subject"],
            fire_at=fields["fireAt"],
            attempts=fields["attempts"],
        )


def setting(timer: Timer, *, now: datetime) -> Put:
    """Return the write that sets a timer, or sets it anew. Its commit needs a guarded write."""
    return Put(timer_path(timer.id), timer_fields(timer, timer.state_at(now)))


def setting_anew(stored: Stored, timer: Timer, *, now: datetime) -> Change:
    """Return the write that sets a timer in place of one that was read, unless that moved since."""
    return Change(stored, timer_fields(timer, timer.state_at(now)))


def withdrawing(timer_id: str) -> Withdraw:
    """Return the write that withdraws a timer, whether or not it is set."""
    return Withdraw(timer_path(timer_id))


def is_given_up(stored: Stored) -> bool:
    """Whether a timer is kept as a record alone: nobody queues it any more."""
    return stored.fields.get("state") == TimerState.FAILED.value


def is_meant(stored: Stored, alarm: Alarm) -> bool:
    """Whether a job was made for a timer as it is set now; else another one is, or will be."""
    return alarm.generation in (None, timer_of(stored).generation)


def is_due(stored: Stored | None, alarm: Alarm, now: datetime) -> bool:
    """
    Whether the timer that a job was made for is still set, and its instant has come.

    Else the job came for nothing: the timer is done or withdrawn, or was set anew.
    """
    return stored is not None and is_meant(stored, alarm) and timer_of(stored).fire_at <= now
