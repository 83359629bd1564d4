"""W3C Trace Context: which trace the work at hand belongs to, so that jobs can carry it on."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

HEADER = "traceparent"
SAMPLED = 0x01
# Version, trace id, parent id, flags. Later versions may append fields to the four.
TRACEPARENT = re.compile(
    r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-[\x21-\x7e]*)?"
)


@dataclass(frozen=True, slots=True)
class Trace:
    """A place in a trace: 32 and 16 hex digits, and whether the trace is recorded."""

    trace_id: str
    span_id: str
    is_sampled: bool

    @property
    def traceparent(self) -> str:
        """The header that makes another process go on from here."""
        return f"00-{self.trace_id}-{self.span_id}-{SAMPLED if self.is_sampled else 0:02x}"


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def begun() -> Trace:
    """Return a new trace, for work that nobody else has begun."""
    return Trace(secrets.token_hex(16), secrets.token_hex(8), is_sampled=False)


def read(traceparent: str) -> Trace | None:
    """Return what a `traceparent` header says, or None where the standard calls it invalid."""
    found = TRACEPARENT.fullmatch(traceparent)
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if version == "ff" or (version == "00" and more) or not int(trace_id, 16):
        return None
    if not int(span_id, 16):
        return None
    return Trace(trace_id, span_id, is_sampled=bool(int(flags, 16) & SAMPLED))


def current() -> Trace | None:
    """Return where the work of this thread stands, or None outside any work."""
    return _current.get()


@contextmanager
def within(trace: Trace) -> Iterator[None]:
    """Make `trace` the current one."""
    token = _current.set(trace)
    try:
        yield
    finally:
        _current.reset(token)
