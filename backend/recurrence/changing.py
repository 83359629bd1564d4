"""Changing a series: what is still to come, and the occurrence that is open."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Stored
from backend.kit.pages import PageTokens
from backend.recurrence import ledger
from backend.recurrence.alteration import Alteration, Altering
from backend.recurrence.desk import created_tasks
from backend.recurrence.documents import occurrence_path
from backend.recurrence.editing import edited, is_retimed, retimed
from backend.recurrence.entries import entry_of
from backend.recurrence.following import Current, follow
from backend.recurrence.making import Making
from backend.recurrence.naming import people_named, referred
from backend.recurrence.repository import SeriesRepository
from backend.recurrence.series import Mode, Series, SeriesState
from backend.undo.model import Done
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()


class SeriesChanging:
    """Changes series for those who may."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        workspaces: WorkspaceService,
        tokens: PageTokens,
        altering: Altering,
    ) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = workspaces
        self._altering = altering
        self._series = SeriesRepository(store, tokens)
        self._revising = Revising(store, Making(store, workspaces))

    def edit(
        self,
        actor: Actor,
        workspace_id: str,
        series_id: str,
        changes: Mapping[str, Any],
        *,
        expected_rev: int | None = None,
    ) -> Done[Series]:
        """
        Change a series. What is still to come follows, and so does the open occurrence.

        `changes` are as of `editing.edited`. What somebody has changed of the open occurrence, or
        of one to come, stays. A series that has ended goes on if its rule now has more to come.

        Raises:
            NotFound: there is none, or the caller may not see it.
            PermissionDenied: the caller may see it, but not change it.
            Stale: it is no longer at `expected_rev`.
            InvalidArgument: somebody named is not a member, something named is not there, or the
                rule would never come round (`invalid-recurrence`).
            Aborted: others kept changing it.
        """
        now = self._clock.now()
        member = self._workspaces.admit_naming(
            actor, workspace_id, people_named(changes), to=Right.CHANGE_SERIES
        )

        def alter(alteration: Alteration) -> Series:
            stored, series = self._series.get(series_id, seen_by=member)
            wanted = edited(series, changes, at=now, expected_rev=expected_rev)
            if wanted is series:
                return series
            current = Current(alteration, series)
            return self._revising.revise(alteration, stored, series, wanted, current)

        done = self._altering.commit(actor, member, alter, now=now)
        if done.undo is not None:
            self._store.afterwards(lambda: log.info("series.edited", series_id=series_id))
        return done


class Revising:
    """Lets a series become another, with all that depends on it."""

    def __init__(self, store: Store, making: Making) -> None:
        self._store = store
        self._making = making

    def revise(
        self,
        alteration: Alteration,
        stored: Stored,
        old: Series,
        wanted: Series,
        current: Current,
        *,
        insisting: Mapping[str, Any] | None = None,
    ) -> Series:
        """
        Let `old` become `wanted`, which is at its next revision; return what it then is.

        The open occurrence follows, with the fields of `insisting` in any case.

        Raises:
            InvalidArgument: something newly named is not there.
        """
        draft = alteration.draft
        template = referred(self._store, draft, old.template, wanted.template)
        new = replace(wanted, template=template)
        if is_retimed(old, new):
            new = self._replanned(alteration, old, new)
        new = follow(alteration, old, new, current, insisting=insisting)
        new = ledger.settled(new)
        if is_retimed(old, new) and old.state is SeriesState.ENDED:
            new = self._going_on(alteration, new, current)
        alteration.change_series(stored, new, before=old)
        return new

    def _replanned(self, alteration: Alteration, old: Series, new: Series) -> Series:
        """Let what was planned keep to its days; what comes no more is forgotten."""
        draft, kept = alteration.draft, []
        paths = {key: occurrence_path(old.workspace_id, old.id, key) for key in old.planned}
        draft.read(paths.values())
        starts = old.recurrence.start, new.recurrence.start
        for key, path in paths.items():
            stored = draft.document(path)
            if stored is None or not entry_of(stored).is_to_come:
                continue
            same = retimed(key, *starts)
            comes = new.mode is Mode.FIXED and new.recurrence.has(same)
            if same != key or not comes:
                alteration.remove_entry(stored)
            if comes:
                kept.append(same)
                if same != key:
                    at = new.recurrence.occurrence(same).at
                    moved = {**stored.fields, "key": same, "scheduledAt": at}
                    alteration.create_entry(occurrence_path(old.workspace_id, old.id, same), moved)
        return replace(new, planned=tuple(sorted(kept)))

    def _going_on(self, alteration: Alteration, new: Series, current: Current) -> Series:
        """Let a series that had ended go on, if there is more to come."""
        active = ledger.settled(replace(new, state=SeriesState.ACTIVE))
        if current.closed_at is None:
            return active if active.next_at is not None else new
        turn = ledger.closed(active, active.last_key, alteration.now, at=alteration.now)
        if turn is None or not turn.makes:
            return new
        series = replace(turn.series, rev=new.rev)
        made = self._making.occurrences(
            series,
            turn.makes,
            by=alteration.draft.by,
            after=active.last_key,
            planned=active.planned,
        )
        alteration.outbox.writes += made
        alteration.touched += created_tasks(made)
        return series
