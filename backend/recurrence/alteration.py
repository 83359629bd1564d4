"""What one commit makes of a series, its ledger and the tasks of its occurrences."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.documents import Change, Create, Fields, Remove, Stored, Write
from backend.recurrence.documents import series_fields, series_path
from backend.recurrence.ledger_reverting import changed_entry, created_entry
from backend.recurrence.making import set_timer
from backend.recurrence.series import Series
from backend.tasks.draft import Draft
from backend.timers.model import Timer
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.undo.model import Done, Kind, Touched, digest
from backend.undo.offers import UndoOffers
from backend.workspaces.model import Member

T = TypeVar("T")


class Alteration:
    """
    The writes of a plan, and what takes them back; `draft` holds what becomes of tasks.

    Entries of the ledger have no revision, so each is known by what was made of it.
    """

    def __init__(self, store: Store, member: Member, now: datetime) -> None:
        self.draft = Draft(store, member, now)
        self.now = now
        self.outbox = Outbox()
        self.touched: list[Touched] = []

    def change_series(self, stored: Stored, series: Series, *, before: Series) -> None:
        """Let a series become this, and its timer follow."""
        fields = series_fields(series)
        self.outbox.writes.append(Change(stored, fields))
        self.touched.append(Touched.changed(stored, fields))
        set_timer(self.outbox, series, before=before, now=self.now)

    def begin_series(self, series: Series) -> None:
        """Let there be a new series, and its timer."""
        path = series_path(series.workspace_id, series.id)
        self.outbox.writes.append(Create(path, series_fields(series)))
        self.touched.append(Touched.created(path, series.rev))
        set_timer(self.outbox, series, before=None, now=self.now)

    def create_entry(self, path: str, fields: Fields) -> None:
        """Let there be an entry of the ledger."""
        self.outbox.writes.append(Create(path, fields))
        self.touched.append(created_entry(path, fields))

    def change_entry(self, stored: Stored, fields: Fields) -> None:
        """Let these fields of an entry become others, if they are."""
        changed = {name: each for name, each in fields.items() if stored.fields.get(name) != each}
        if not changed:
            return
        self.outbox.writes.append(Change(stored, changed))
        self.touched.append(changed_entry(stored, changed))

    def remove_entry(self, stored: Stored) -> None:
        """Let an entry go."""
        self.outbox.writes.append(Remove(stored))
        self.touched.append(Touched.removed(stored))

    @property
    def everything(self) -> tuple[list[Write], list[Touched]]:
        """All writes, and what takes them back: the series first, and tasks last."""
        return (
            [*self.outbox.writes, *self.draft.writes()],
            [*self.touched, *self.draft.touched()],
        )


class Altering:
    """Commits alterations, each with the offer to take it back."""

    def __init__(self, store: Store, offers: UndoOffers, timers: TimerService) -> None:
        self._store = store
        self._offers = offers
        self._timers = timers

    def commit(
        self,
        actor: Actor,
        member: Member,
        alter: Callable[[Alteration], T],
        *,
        now: datetime,
    ) -> Done[T]:
        """
        Let `alter` change an alteration, made anew in each run, and commit it.

        Raises:
            Aborted: others kept changing the same.
        """
        tried: tuple[Done[T], list[Touched]] | None = None
        timers: list[Timer] = []

        def plan() -> tuple[Done[T], list[Write]]:
            nonlocal tried, timers
            if tried is not None and self._took_place(tried[1]):
                return tried[0], []  # Only the answer of our own commit was lost.
            alteration = Alteration(self._store, member, now)
            value = alter(alteration)
            writes, touched = alteration.everything
            if not touched:
                tried = None
                return Done(value, None), []
            offered = self._offers.offer(actor, touched, now=now)
            tried, timers = (Done(value, offered.token), touched), alteration.outbox.timers
            return tried[0], [*writes, *offered.writes]

        done = self._store.commit(plan)
        if done.undo is not None and timers:
            self._store.afterwards(lambda: self._timers.announce(timers, now=now))
        return done

    def _took_place(self, touched: Sequence[Touched]) -> bool:
        found = self._store.get_all([each.path for each in touched])
        return all(map(_is_as_left, touched, found))


def _is_as_left(touched: Touched, stored: Stored | None) -> bool:
    if stored is None or touched.kind is Kind.REMOVED:
        return stored is None and touched.kind is Kind.REMOVED
    if touched.kind is Kind.RECORDED:
        return stored.fields.get("rev") == touched.rev
    return all(digest(stored.fields.get(name)) == made for name, made in touched.after.items())
