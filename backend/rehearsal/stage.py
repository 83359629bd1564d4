"""A rehearsal: timer after timer fires as it would, and what follows from each follows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from backend.adapters.overlay import Kept, OverlayStore
from backend.kit.errors import TaskFlowError
from backend.rehearsal.clock import RehearsalClock
from backend.rehearsal.coming import Coming, Scope
from backend.rehearsal.effects import effects_of
from backend.rehearsal.model import Effect, Rehearsed, Span
from backend.tasks.model import TaskRef
from backend.timers.model import Timer
from backend.timers.service import alarm_body

MOST_FIRED = 500
AS_TOLD = timedelta(milliseconds=1)  # Callers hear of instants, and ask on from them, by these.
TASK = re.compile(r"workspaces/[^/]+/tasks/[^/]+")


class Fires(Protocol):
    """Passes alarms on to their handlers."""

    def fire(self, body: dict[str, str]) -> None:
        """Handle the body of a `fire` job."""


class Reacts(Protocol):
    """Turns changes of tasks into their consequences."""

    def react(self, ref: TaskRef) -> bool:
        """Commit what follows from a task's state."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The service once more, over documents that nobody else sees."""

    store: OverlayStore
    clock: RehearsalClock
    firing: Fires
    tasks: Reacts

    def play(self, span: Span, scopes: Sequence[Scope], *, ends_at: float) -> Rehearsed:
        """
        Let everything happen up to the end of a span, and return what lies within it.

        It is about the timers of any of the `scopes`, or all where there are none. Goes on until
        `ends_at` of the machine's monotonic seconds, and for `MOST_FIRED` timers behind the first
        instant of the span; `until` says how far it came.
        """
        # A request may be the plan of one real commit, which must learn nothing of this.
        with self.store.apart():
            return self._play(span, scopes, ends_at)

    def _play(self, span: Span, scopes: Sequence[Scope], ends_at: float) -> Rehearsed:
        effects: list[Effect] = []
        coming, fired = Coming(self.store, span.until, scopes), 0
        while timer := coming.next():
            # An instant is rehearsed as a whole, so that asking on from it leads beyond it.
            is_enough = fired >= MOST_FIRED and timer.fire_at > self.clock.now()
            if is_enough or self.clock.monotonic() >= ends_at:
                return Rehearsed(span, self.clock.now(), _within(span, effects))
            self.clock.move_to(timer.fire_at)
            self._fire(timer)
            effects += effects_of(self._follow(), at=self.clock.now())
            fired += self.clock.now() - span.since >= AS_TOLD
        return Rehearsed(span, span.until, _within(span, effects))

    def _fire(self, timer: Timer) -> None:
        """Fire a timer; one that can never succeed is refused, and the queue goes on."""
        try:
            self.firing.fire(alarm_body(timer))
        except TaskFlowError as error:
            if error.retryable:
                raise

    def _follow(self) -> list[Kept]:
        """React to what was written until nothing more follows; return all of it."""
        kept = self.store.kept()
        fresh = kept
        while changed := {
            each.after.path for each in fresh if each.after and TASK.fullmatch(each.after.path)
        }:
            for path in sorted(changed):
                _, workspace_id, _, task_id = path.split("/")
                self.tasks.react(TaskRef(workspace_id, task_id))
            fresh = self.store.kept()
            kept += fresh
        return kept


def _within(span: Span, effects: Sequence[Effect]) -> tuple[Effect, ...]:
    return tuple(each for each in effects if span.since <= each.at <= span.until)
