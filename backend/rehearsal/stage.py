"""A rehearsal: timer after timer fires as it would, and what follows from each follows."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from backend.adapters.overlay import Kept, OverlayStore
from backend.kit.documents import Query, Where
from backend.kit.queries import is_met
from backend.rehearsal.clock import RehearsalClock
from backend.rehearsal.effects import effects_of
from backend.rehearsal.model import Effect, Rehearsed, Span
from backend.tasks.model import TaskRef
from backend.timers.documents import timer_of
from backend.timers.model import Timer, TimerKind
from backend.timers.service import alarm_body

# What a rehearsal lets happen. Nothing here reaches further than documents: no account is touched,
# no file, and nothing is sent.
REHEARSED = frozenset(
    {
        TimerKind.REMINDER,
        TimerKind.DUE_SOON,
        TimerKind.OVERDUE,
        TimerKind.ESCALATION,
        TimerKind.OCCURRENCE,
        TimerKind.JOB,
        TimerKind.NOTIFY,
        TimerKind.BUNDLE,
        TimerKind.TREE,
        TimerKind.DEPENDENTS,
        TimerKind.DIGEST,
        TimerKind.RELEASE,
    }
)
MOST_FIRED = 500
PAGE = 100
Scope = Sequence[Where]  # Conditions, all of which hold for a timer.
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
        `ends_at` of the machine's monotonic seconds, and for `MOST_FIRED` timers; `until` says how
        far it came.
        """
        # A request may be the plan of one real commit, which must learn nothing of this.
        with self.store.apart():
            return self._play(span, scopes, ends_at)

    def _play(self, span: Span, scopes: Sequence[Scope], ends_at: float) -> Rehearsed:
        effects: list[Effect] = []
        passed: set[str] = set()
        for _ in range(MOST_FIRED):
            timer = self._next(span.until, scopes, passed)
            if timer is None:
                return Rehearsed(span, span.until, _within(span, effects))
            if self.clock.monotonic() >= ends_at:
                break
            self.clock.move_to(timer.fire_at)
            self.firing.fire(alarm_body(timer))
            effects += effects_of(self._follow(), at=self.clock.now())
            passed.add(_key(timer))
        return Rehearsed(span, self.clock.now(), _within(span, effects))

    def _next(self, until: datetime, scopes: Sequence[Scope], passed: set[str]) -> Timer | None:
        """Return the timer that fires next; one that has fired and still stands was refused."""
        due = [Where("fireAt", "<=", until)]
        # What was set here follows from what is in scope, whatever it is about itself.
        found = [*self._timers(due, scopes, passed), *self._own_timers(due, passed)]
        return min(found, key=lambda timer: (timer.fire_at, timer.id), default=None)

    def _timers(
        self, where: Sequence[Where], scopes: Sequence[Scope], passed: set[str]
    ) -> list[Timer]:
        """Return the first timer of any of the scopes, if there is one."""
        after = None
        while True:
            found = self.store.find(
                Query(
                    "timers",
                    limit=PAGE,
                    where=tuple(where),
                    order_by=("fireAt",),
                    after=after,
                    either=tuple(map(tuple, scopes)),
                )
            )
            for stored in found:
                if _is_to_come(timer := timer_of(stored), passed):
                    return [timer]
            if len(found) < PAGE:
                return []
            after = (found[-1].fields["fireAt"], found[-1].path)

    def _own_timers(self, where: Sequence[Where], passed: set[str]) -> list[Timer]:
        """Return the timers that were set during the rehearsal."""
        return [
            timer
            for stored in self.store.written_in("timers")
            if all(is_met(each, stored.fields) for each in where)
            if _is_to_come(timer := timer_of(stored), passed)
        ]

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


def _is_to_come(timer: Timer, passed: set[str]) -> bool:
    return timer.kind in REHEARSED and _key(timer) not in passed


def _key(timer: Timer) -> str:
    return f"{timer.id}:{timer.generation}"


def _within(span: Span, effects: Sequence[Effect]) -> tuple[Effect, ...]:
    return tuple(each for each in effects if span.since <= each.at <= span.until)
