"""Timers as documents."""

from datetime import datetime

from backend.kit.documents import Change, Fields, Put, Stored, Withdraw
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
    """Read a timer from its document."""
    fields = stored.fields
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


def is_due(stored: Stored | None, now: datetime) -> bool:
    """Whether a timer is still set and its instant has come; else its job came for nothing."""
    return stored is not None and timer_of(stored).fire_at <= now
