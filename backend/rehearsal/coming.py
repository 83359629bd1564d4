"""Which timer fires next, of those that are stored and those that a rehearsal itself has set."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from backend.adapters.overlay import OverlayStore
from backend.kit.documents import Query, Stored, Where
from backend.timers.documents import is_given_up, timer_path
from backend.timers.model import Timer, TimerKind
from backend.timers.service import readable

# What a rehearsal lets happen. Nothing here reaches further than documents: no account is touched,
# no file, and nothing is sent.
REHEARSED = frozenset(
    {
        TimerKind.REMINDER,
        TimerKind.DUE_SOON,
        TimerKind.OVERDUE,
        TimerKind.ESCALATION,
        TimerKind.PATIENCE,
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
PAGE = 100
Scope = Sequence[Where]  # Conditions, all of which hold for a timer.


class Coming:
    """
    The timers of any of the `scopes`, or all where there are none, up to an instant.

    Those that are stored are read once, a page when it is needed, however many of them fire. Those
    set since follow from what is in scope, whatever they are about themselves.
    """

    def __init__(self, store: OverlayStore, until: datetime, scopes: Sequence[Scope]) -> None:
        self._store = store
        self._until = until
        self._stored = self._planned(scopes)
        self._first = next(self._stored, None)
        self._passed: set[str] = set()

    def next(self) -> Timer | None:
        """Return the timer that fires next. One that has fired and still stands was refused."""
        while self._first is not None and not self._still_stands(self._first):
            self._first = next(self._stored, None)
        found = min(
            [*self._set_since(), *([self._first] if self._first else [])],
            key=lambda timer: (timer.fire_at, timer.id),
            default=None,
        )
        if found is not None:
            self._passed.add(_key(found))
        return found

    def _planned(self, scopes: Sequence[Scope]) -> Iterator[Timer]:
        after = None
        while True:
            found = self._store.really(
                Query(
                    "timers",
                    limit=PAGE,
                    where=(Where("fireAt", "<=", self._until),),
                    order_by=("fireAt",),
                    after=after,
                    either=tuple(map(tuple, scopes)),
                )
            )
            yield from _rehearsed(found)
            if len(found) < PAGE:
                return
            after = (found[-1].fields["fireAt"], found[-1].path)

    def _set_since(self) -> Iterable[Timer]:
        for timer in _rehearsed(self._store.written_in("timers")):
            if timer.fire_at <= self._until and _key(timer) not in self._passed:
                yield timer

    def _still_stands(self, timer: Timer) -> bool:
        """Whether a stored timer has not fired yet, and was not set anew or withdrawn."""
        is_as_stored = not self._store.has_written(timer_path(timer.id))
        return is_as_stored and _key(timer) not in self._passed


def _rehearsed(found: Sequence[Stored]) -> Iterable[Timer]:
    """Read those that a rehearsal fires: none that was given up, which never will."""
    timers = readable([each for each in found if not is_given_up(each)])
    return (timer for timer in timers if timer.kind in REHEARSED)


def _key(timer: Timer) -> str:
    return f"{timer.id}:{timer.generation}"
