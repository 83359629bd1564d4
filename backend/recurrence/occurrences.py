"""The occurrences of a series, one by one: what became of them, changing and skipping them."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Query
from backend.kit.errors import InvalidArgument, hidden
from backend.kit.ids import checked, random_id
from backend.kit.pages import Asked, Page, PageTokens
from backend.recurrence import single
from backend.recurrence.alteration import Alteration, Altering
from backend.recurrence.changing import Revising
from backend.recurrence.documents import occurrence_path, occurrences_path, series_of, series_path
from backend.recurrence.editing import edited
from backend.recurrence.entries import Entry, coming, entry_of
from backend.recurrence.following import Current
from backend.recurrence.forking import Forking
from backend.recurrence.making import Making
from backend.recurrence.naming import people_named
from backend.recurrence.series import own_task_id
from backend.recurrence.single import Found
from backend.recurrence.splitting import shifted, split
from backend.undo.model import Done
from backend.workspaces.model import Member
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()


class Scope(StrEnum):
    """Which occurrences a change is about: one, it and those that follow, or all to be done."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


class OccurrenceService:
    """
    Occurrences of series in the workspaces the caller belongs to.

    Every method raises NotFound for what the caller may not see, and PermissionDenied for what
    they see but may not do.
    """

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
        self._tokens = tokens
        self._altering = altering
        making = Making(store, workspaces)
        self._revising = Revising(store, making)
        self._forking = Forking(store, making)

    def page(self, actor: Actor, workspace_id: str, series_id: str, asked: Asked) -> Page[Entry]:
        """
        Return a page of the ledger of a series, the last occurrence first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        member = self._workspaces.admit(actor, workspace_id, to=Right.READ_OCCURRENCES)
        place = series_path(member.workspace_id, checked(series_id))
        if asked.token is None and self._store.get(place) is None:
            raise hidden()
        path = occurrences_path(member.workspace_id, series_id)
        query = Query(path, limit=asked.size, order_by=("-scheduledAt",))
        return self._tokens.page(self._store, query, entry_of, asked=asked, caller=member.uid)

    def change(
        self,
        actor: Actor,
        workspace_id: str,
        series_id: str,
        key: str,
        changes: Mapping[str, Any],
        *,
        scope: Scope,
    ) -> Done[Entry]:
        """
        Change an occurrence that is open or still to come, and others as `scope` says.

        `changes` are fields of a task, `date` and `time` (another local day or time for it), and,
        unless `scope` is this, `rule`, `start`, `mode` and `catch_up`. With following, those from
        it on become a series of their own, to which the entry returned belongs.

        Raises:
            FailedPrecondition: it is closed, or the series that was to make it has ended.
            InvalidArgument: somebody named is not a member, something named is not there, or what
                follows would never come round (`invalid-recurrence`).
            Aborted: others kept changing the same.
        """
        member = self._admit(actor, workspace_id, changes)
        now, new_id = self._clock.now(), random_id()

        def alter(alteration: Alteration) -> Entry:
            found = self._found(alteration, member, series_id, key)
            if scope is Scope.THIS:
                return single.change(self._store, alteration, found, changes)
            if scope is Scope.FOLLOWING:
                return self._following(alteration, found, changes, new_id)
            return self._all(alteration, found, changes)

        done = self._altering.commit(actor, member, alter, now=now)
        if done.undo is not None:
            self._store.afterwards(lambda: log.info("occurrence.changed", series_id=series_id))
        return done

    def skip(self, actor: Actor, workspace_id: str, series_id: str, key: str) -> Done[Entry]:
        """
        Let an occurrence not take place. Doing so again changes nothing.

        The rule leaves it out, as an EXDATE; a task that is open for it is cancelled, and the next
        comes as after any other.

        Raises:
            FailedPrecondition: it is closed otherwise, or the series has ended.
            Aborted: others kept changing the same.
        """
        member = self._admit(actor, workspace_id, {})
        now = self._clock.now()

        def alter(alteration: Alteration) -> Entry:
            return single.skip(alteration, self._found(alteration, member, series_id, key))

        done = self._altering.commit(actor, member, alter, now=now)
        if done.undo is not None:
            self._store.afterwards(lambda: log.info("occurrence.skipped", series_id=series_id))
        return done

    def _admit(self, actor: Actor, workspace_id: str, changes: Mapping[str, Any]) -> Member:
        return self._workspaces.admit_naming(
            actor, workspace_id, people_named(changes), to=Right.CHANGE_OCCURRENCE
        )

    def _found(self, alteration: Alteration, member: Member, series_id: str, key: str) -> Found:
        """
        Return a series and what the ledger says of an occurrence of it.

        Raises:
            NotFound: there is no such series, or it has no such occurrence.
        """
        place = member.workspace_id, checked(series_id)
        path = occurrence_path(*place, checked(key))
        # Its task with it, as of one instant: read later, it could be closed, and the entry not.
        task = alteration.draft.path(own_task_id(series_id, key))
        alteration.draft.read([series_path(*place), path, task])
        stored = alteration.draft.document(series_path(*place))
        if stored is None:
            raise hidden()
        series, entry = series_of(stored), alteration.draft.document(path)
        if entry is not None:
            return Found(stored, series, entry_of(entry), entry)
        try:
            occurrence = series.recurrence.occurrence(key)
        except InvalidArgument:
            raise hidden() from None
        if not single.is_to_come(series, occurrence):
            raise hidden()
        return Found(stored, series, coming(series, occurrence), None)

    def _all(self, alteration: Alteration, found: Found, changes: Mapping[str, Any]) -> Entry:
        moved = shifted(found.series, found.entry.key, changes, is_whole=True)
        single.check_to_be_done(alteration, found)
        wanted = edited(found.series, moved, at=alteration.now)
        if wanted is found.series:
            return found.entry
        current = Current(alteration, found.series)
        is_current = found.entry.key == found.series.last_key
        new = self._revising.revise(
            alteration,
            found.stored,
            found.series,
            wanted,
            current,
            insisting=single.of_the_task(changes) if is_current else None,
        )
        key = new.last_key if is_current else found.entry.key
        occurrence = new.recurrence.occurrence(key)
        return replace(found.entry, key=key, scheduled_at=occurrence.at)

    def _following(
        self, alteration: Alteration, found: Found, changes: Mapping[str, Any], new_id: str
    ) -> Entry:
        moved = shifted(found.series, found.entry.key, changes)
        single.check_to_be_done(alteration, found)
        parts = split(
            found.series,
            found.entry.key,
            moved,
            new_id=new_id,
            by=alteration.draft.by,
            at=alteration.now,
        )
        if parts is None:
            return self._all(alteration, found, changes)
        return self._forking.fork(alteration, found, parts, single.of_the_task(changes))
