"""Traces behind `Tracing`: what was done for one request, across jobs and reactions."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from enum import Enum
from typing import Protocol

from backend.kit.trace import Trace, begun, within


class Work(Enum):
    """What a span describes."""

    REQUEST = "request"
    JOB = "job"
    TICK = "tick"


class Span(Protocol):
    """One piece of work within a trace."""

    @property
    def trace(self) -> Trace:
        """Where the work stands."""

    def describe(self, **attributes: str | int | float) -> None:
        """Add what is known about the work: never what a person sent. `__` in a name is a dot."""

    def failed(self, why: str) -> None:
        """Mark the work as failed, by a stable code."""


class Tracing(Protocol):
    """Records spans, or does not."""

    def span(self, name: str, work: Work, *, follows: Trace | None) -> AbstractContextManager[Span]:
        """Begin work that goes on from `follows`, and make it the current place in its trace."""


class NoSpan:
    """A place in a trace that is handed on, and recorded nowhere."""

    def __init__(self, trace: Trace) -> None:
        self.trace = trace

    def describe(self, **attributes: str | int | float) -> None:
        """Forget it."""

    def failed(self, why: str) -> None:
        """Forget it."""


class NoTracing:
    """`Tracing` that hands trace ids on to logs and jobs, and records nothing."""

    @contextmanager
    def span(self, _name: str, _work: Work, *, follows: Trace | None) -> Iterator[Span]:
        """Go on from where the caller stands, or begin a trace."""
        trace = follows or begun()
        with within(trace):
            yield NoSpan(trace)
