"""The life of a workspace: changed, deleted, taken back, and in the end purged."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog

from backend.adapters.cached_documents import CachedDocuments
from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Stored, Write
from backend.kit.errors import Unavailable, hidden
from backend.kit.pages import PageTokens
from backend.timers.documents import (
    is_due,
    timer_of,
    timer_path,
    withdrawing,
)
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.undo.model import Done, Touched
from backend.undo.offers import UndoOffers
from backend.workspaces.documents import (
    changing,
    workspace_fields,
    workspace_of,
    workspace_path,
)
from backend.workspaces.model import Workspace
from backend.workspaces.permissions import Right
from backend.workspaces.repository import Workspaces
from backend.workspaces.service import WorkspaceService
from backend.workspaces.timers import patience_timers, purge_id, purge_timer

log = structlog.get_logger()

# Longer than any job, and than timers are queued ahead: the next promotion announces it.
LOOKED_AGAIN = timedelta(minutes=5)


class Lifecycle:
    """
    Changes of workspaces themselves.

    Every method raises NotFound for what the caller may not see, and PermissionDenied for what
    they see but may not do. Stale: the workspace is no longer at `expected_rev`. What changes
    something returns it with the token that takes it back; restoring offers none, since its
    opposite asks for a recent sign-in.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        access: WorkspaceService,
        timers: TimerService,
        offers: UndoOffers,
    ) -> None:
        self._store = store
        self._clock = clock
        self._access = access
        self._timers = timers
        self._offers = offers

    def edit(
        self,
        actor: Actor,
        workspace_id: str,
        changes: Mapping[str, Any],
        *,
        expected_rev: int | None = None,
    ) -> Done[Workspace]:
        """Change the name, or some of the settings. What is overdue already follows these."""
        now = self._clock.now()
        self._access.admit(actor, workspace_id, to=Right.CHANGE_WORKSPACE)
        tried: Done[Workspace] | None = None
        outbox = Outbox()

        def plan() -> tuple[Done[Workspace], list[Write]]:
            nonlocal tried, outbox
            stored, workspace = self._found(workspace_id)
            if tried is not None and workspace == tried.value:
                return tried, []  # Our own commit took place; its answer was lost.
            edited = workspace.edited(changes, by=actor.uid, at=now, expected_rev=expected_rev)
            outbox = Outbox()
            if edited is workspace:
                return Done(workspace, None), []
            tried, outbox.writes = self._offered(actor, stored, edited, now)
            for timer in patience_timers(workspace, edited, at=now):
                outbox.set(timer, now)
            return tried, outbox.writes

        done = self._store.commit(plan)
        self._store.eventually(lambda: self._access.forget(workspace_id))
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        if done.undo is not None:
            self._store.afterwards(
                lambda: log.info("workspace.edited", workspace_id=workspace_id, rev=done.value.rev)
            )
        return done

    def delete(
        self, actor: Actor, workspace_id: str, *, expected_rev: int | None = None
    ) -> Done[Workspace]:
        """
        Delete a workspace in seven days. Until then everybody sees it, and it can be restored.

        Raises:
            FailedPrecondition: it is a personal one.
        """
        now = self._clock.now()
        self._access.admit(actor, workspace_id, to=Right.DELETE_WORKSPACE)
        tried: Done[Workspace] | None = None

        def plan() -> tuple[Done[Workspace], list[Write]]:
            nonlocal tried
            stored, workspace = self._found(workspace_id)
            if tried is not None and workspace == tried.value:
                return tried, []
            gone = workspace.deleted(by=actor.uid, at=now, expected_rev=expected_rev)
            if gone is workspace or gone.purge_at is None:
                return Done(workspace, None), []
            tried, writes = self._offered(actor, stored, gone, now)
            outbox = Outbox(writes)
            outbox.set(purge_timer(workspace_id, at=gone.purge_at), now)
            return tried, outbox.writes

        done = self._store.commit(plan)
        if done.undo is not None:
            self._store.afterwards(lambda: log.info("workspace.deleted", workspace_id=workspace_id))
        return done

    def restore(self, actor: Actor, workspace_id: str) -> Workspace:
        """
        Take a deleted workspace back. One that is not deleted stays as it is.

        Raises:
            FailedPrecondition: its seven days are over.
        """
        now = self._clock.now()
        self._access.admit(actor, workspace_id, to=Right.DELETE_WORKSPACE)

        def plan() -> tuple[tuple[Workspace, bool], list[Write]]:
            stored, workspace = self._found(workspace_id)
            restored = workspace.restored(by=actor.uid, at=now)
            if restored is workspace:
                return (workspace, False), []
            change = changing(stored, workspace_fields(restored))
            return (restored, True), [change, withdrawing(purge_id(workspace_id))]

        workspace, is_changed = self._store.commit(plan)
        if is_changed:
            self._store.afterwards(
                lambda: log.info("workspace.restored", workspace_id=workspace_id)
            )
        return workspace

    def _offered(
        self, actor: Actor, stored: Stored, workspace: Workspace, now: datetime
    ) -> tuple[Done[Workspace], list[Write]]:
        """Return a changed workspace with the offer to take that back, and its writes."""
        change = changing(stored, workspace_fields(workspace))
        touched = [Touched.changed(stored, change.fields)]
        offered = self._offers.offer(actor, touched, now=now)
        return Done(workspace, offered.token), [change, *offered.writes]

    def _found(self, workspace_id: str) -> tuple[Stored, Workspace]:
        stored = self._store.get(workspace_path(workspace_id))
        if stored is None:
            raise hidden()
        return stored, workspace_of(stored)


class Emptied(Protocol):
    """What emptying a workspace came to."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left of it."""


class Emptying(Protocol):
    """Deletes whatever belongs to a workspace, a job's worth at a time."""

    def empty_workspace(self, workspace_id: str) -> Emptied:
        """Delete what one job has time for."""


class WorkspacePurge:
    """The seven days are over: the workspace goes, and its spaces before it."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        purge: Emptying,
        held: CachedDocuments,
        tokens: PageTokens,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._purge = purge
        self._held = held
        self._workspaces = Workspaces(store, held, tokens)

    def fire(self, alarm: Alarm) -> None:
        """
        Empty the workspace if it still waits for that. Killed anywhere, the next job goes on.

        Raises:
            Unavailable: more is left than one job has time for.
        """
        now = self._clock.now()
        workspace_id = alarm.id_of("workspaceId")
        timer, stored = self._store.get_all(
            [timer_path(alarm.timer_id), workspace_path(workspace_id)]
        )
        if timer is None or not is_due(timer, alarm, now):
            return
        was_emptied = timer_of(timer).attempts > 0
        if stored is not None and not was_emptied:
            purge_at = workspace_of(stored).purge_at
            if purge_at is None or purge_at > now:  # Restored while the job was under way.
                self._store.attempt([Remove(timer)])
                return
        while spaces := self._workspaces.spaces_of(workspace_id):
            for space in spaces:
                self._empty(space.id)
        self._empty(workspace_id)
        if was_emptied:
            self._store.attempt([Remove(timer)])
        else:  # A reaction that was under way may have left something behind.
            self._timers.again(timer, now + LOOKED_AGAIN)
        log.info("workspace.purged", workspace_id=workspace_id)

    def _empty(self, workspace_id: str) -> None:
        try:
            if not self._purge.empty_workspace(workspace_id).is_done:
                raise Unavailable("More is left of the workspace than one job has time for.")
        finally:
            self._held.forget(workspace_id)
