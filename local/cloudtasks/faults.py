"""Scripted misdeliveries: what a test asks the queue to do wrong, to tasks that come up next."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from local.cloudtasks.errors import invalid
from local.cloudtasks.model import Task


class FaultKind(StrEnum):
    """What can go wrong on purpose."""

    DUPLICATE = "duplicate"  # Delivered once more than it should, or several times.
    DELAY = "delay"  # Delivered late.
    DROP = "drop"  # Accepted and never delivered.
    REORDER = "reorder"  # Held back until several are there, then delivered last one first.
    EARLY = "early"  # Delivered before its schedule time.
    UNANSWERED = "unanswered"  # Taken, while whoever hands it over is told that it timed out.


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One script. It touches each task once, and `count` tasks in all (0: as many as come).

    `queue` is a full name and `path` the path of the task's URL; empty means any. `copies` is
    for duplicates (`concurrent`: together with the original, otherwise one after the other),
    `seconds` for a delay, `size` for how many a reorder holds (it goes by that, not by `count`).
    """

    kind: FaultKind
    queue: str = ""
    path: str = ""
    count: int = 1
    copies: int = 1
    concurrent: bool = True
    seconds: float = 1.0
    size: int = 2

    def __post_init__(self) -> None:
        """Refuse what makes no sense, whoever sent it."""
        texts, numbers = (self.queue, self.path), (self.count, self.copies, self.size)
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("queue and path are texts")
        if not all(type(number) is int for number in numbers) or type(self.concurrent) is not bool:
            raise TypeError("count, copies and size are whole numbers, concurrent is a boolean")
        if self.count < 0 or not 1 <= self.copies <= 100 or not 2 <= self.size <= 1000:
            raise invalid("A fault needs count >= 0, copies 1 to 100 and size 2 to 1000.")
        if not 0 <= self.seconds <= 86400 * 30:
            raise invalid("A fault's seconds must be between 0 and 30 days.")

    def concerns(self, task: Task) -> bool:
        """Tell whether the script is about such a task."""
        if self.queue not in ("", task.queue):
            return False
        return not self.path or self.path == urlsplit(task.call.url).path


@dataclass(slots=True)
class Script:
    """A fault under way."""

    fault: Fault
    touched: set[int] = field(default_factory=set)  # Ordinals of tasks.
    held: list[str] = field(default_factory=list)  # Names of tasks, for a reorder.

    @property
    def is_spent(self) -> bool:
        """Whether no further task will be touched."""
        limit = self.fault.size if self.fault.kind is FaultKind.REORDER else self.fault.count
        return limit > 0 and len(self.touched) >= limit


class FaultBook:
    """The scripts, in the order they were given; the first that fits a task takes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._scripts: list[Script] = []

    def add(self, fault: Fault) -> None:
        """Script a fault."""
        with self._lock:
            self._scripts.append(Script(fault))

    def clear(self) -> None:
        """Forget every script; tasks that were held back are simply due again."""
        with self._lock:
            self._scripts.clear()

    def scripts(self) -> list[Script]:
        """Return the scripts that still do something, or hold something."""
        with self._lock:
            return [s for s in self._scripts if s.held or not s.is_spent]

    def wants_early(self, queue: str) -> bool:
        """Tell whether some script may deliver tasks of this queue before their time."""
        return any(
            s.fault.kind is FaultKind.EARLY and not s.is_spent and s.fault.queue in ("", queue)
            for s in self.scripts()
        )

    def held(self) -> set[str]:
        """Return the names of the tasks held back."""
        with self._lock:
            return {name for script in self._scripts for name in script.held}

    def would_hasten(self, task: Task) -> bool:
        """Tell whether an `early` script is going to apply to a task."""
        with self._lock:
            return self._fitting(task, [FaultKind.EARLY]) is not None

    def take_early(self, task: Task) -> bool:
        """Use up an `early` script on a task that waits for its schedule time."""
        return self._take(task, [FaultKind.EARLY]) is not None

    def take(self, task: Task) -> Fault | None:
        """Use up the script that applies to a task about to be delivered, if any."""
        return self._take(task, [FaultKind.DUPLICATE, FaultKind.DELAY, FaultKind.DROP])

    def take_unanswered(self, task: Task) -> bool:
        """Use up an `unanswered` script on a task that was just created."""
        return self._take(task, [FaultKind.UNANSWERED]) is not None

    def hold(self, task: Task) -> list[str] | None:
        """
        Hold a task back if a script says so.

        Returns None if it does not, the names to deliver in that order if this task was the
        last one needed, and an empty list while others are waited for.
        """
        with self._lock:
            script = self._fitting(task, [FaultKind.REORDER])
            if script is None:
                return None
            script.touched.add(task.ordinal)
            script.held.append(task.name)
            if not script.is_spent:
                return []
            released, script.held = script.held[::-1], []
            return released

    def _take(self, task: Task, kinds: Iterable[FaultKind]) -> Fault | None:
        with self._lock:
            script = self._fitting(task, kinds)
            if script is None:
                return None
            script.touched.add(task.ordinal)
            return script.fault

    def _fitting(self, task: Task, kinds: Iterable[FaultKind]) -> Script | None:
        for script in self._scripts:
            fits = script.fault.kind in kinds and script.fault.concerns(task)
            if fits and not script.is_spent and task.ordinal not in script.touched:
                return script
        return None
