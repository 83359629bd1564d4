"""What one commit is to write, with the timers among it that are to be announced afterwards."""

from dataclasses import dataclass, field
from datetime import datetime

from backend.kit.documents import Write
from backend.timers.documents import setting
from backend.timers.model import Timer


@dataclass(slots=True)
class Outbox:
    """The writes of one commit, and the timers they set."""

    writes: list[Write] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)

    def set(self, timer: Timer, now: datetime) -> None:
        """Set a timer, in place of the one of its id."""
        self.writes.append(setting(timer, now=now))
        self.timers.append(timer)

    def add(self, other: "Outbox") -> None:
        """Take in the writes and timers of another."""
        self.writes += other.writes
        self.timers += other.timers
