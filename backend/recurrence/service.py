"""Beginning and ending series, and the next occurrence when one is done."""

from dataclasses import replace
from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.guests.quota import GuestQuota
from backend.kit.actor import SYSTEM_UID, Actor
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Write
from backend.kit.ids import random_id
from backend.kit.pages import Asked, Page, PageTokens
from backend.recurrence.documents import closing, noting, series_fields, series_of, series_path
from backend.recurrence.model import Occurrence, Recurrence
from backend.recurrence.repository import SeriesRepository
from backend.recurrence.series import Mode, Series, SeriesState, TaskTemplate
from backend.tasks.documents import creating, task_path
from backend.tasks.model import Task, TaskRef, new_task
from backend.undo.model import Done, Touched
from backend.undo.offers import UndoOffers
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()


class SeriesService:
    """
    Recurring tasks of the workspaces the caller belongs to.

    Methods with an actor raise NotFound for what the caller may not see, and PermissionDenied for
    what they see but may not do.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        workspaces: WorkspaceService,
        tokens: PageTokens,
        quota: GuestQuota,
        offers: UndoOffers,
    ) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = workspaces
        self._quota = quota
        self._offers = offers
        self._series = SeriesRepository(store, tokens)

    def begin(
        self,
        actor: Actor,
        workspace_id: str,
        *,
        template: TaskTemplate,
        recurrence: Recurrence,
        mode: Mode,
    ) -> Done[Series]:
        """
        Begin a series, with the task of its first occurrence.

        Raises:
            InvalidArgument: somebody named is not a member, the rule never comes to pass, or a
                guest has as many tasks as a guest may.
        """
        now = self._clock.now()
        named = {"/assigneeIds": template.assignee_ids, "/watcherIds": template.watcher_ids}
        member = self._workspaces.admit_naming(actor, workspace_id, named, to=Right.CREATE_SERIES)
        self._quota.check(actor, member.workspace_id)
        if mode is Mode.AFTER_COMPLETION:
            recurrence.check_counts_from_completion()
        first = recurrence.first()
        series = Series(
            id=random_id(),
            workspace_id=member.workspace_id,
            template=template,
            recurrence=recurrence,
            mode=mode,
            state=SeriesState.ACTIVE,
            last_key=first.key,
            created_at=now,
            created_by=actor.uid,
            updated_at=now,
            rev=1,
        )
        task = _task(series, first, by=actor.uid, at=now)
        path = series_path(series.workspace_id, series.id)
        touched = [Touched.created(path), Touched.created(task_path(task.ref))]
        offered = self._offers.offer(actor, touched, now=now)
        self._store.create(
            [
                Create(path, series_fields(series)),
                noting(series, first),
                creating(task),
                *offered.writes,
            ]
        )
        self._store.afterwards(lambda: log.info("series.begun", series_id=series.id))
        return Done(series, offered.token)

    def get(self, actor: Actor, workspace_id: str, series_id: str) -> Series:
        """Return a series."""
        member = self._workspaces.admit(actor, workspace_id, to=Right.READ_SERIES)
        return self._series.get(series_id, seen_by=member)[1]

    def newest(self, actor: Actor, workspace_id: str, asked: Asked) -> Page[Series]:
        """
        Return a page of the series of a workspace, newest first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        member = self._workspaces.admit(actor, workspace_id, to=Right.READ_SERIES)
        return self._series.newest(asked, seen_by=member)

    def end(
        self, actor: Actor, workspace_id: str, series_id: str, *, expected_rev: int | None = None
    ) -> Done[Series]:
        """
        End a series. Its tasks stay; completing the last one makes no more.

        Raises:
            Stale: the series is no longer at `expected_rev`.
        """
        now = self._clock.now()
        member = self._workspaces.admit(actor, workspace_id, to=Right.END_SERIES)

        tried: Done[Series] | None = None

        def plan() -> tuple[Done[Series], list[Write]]:
            nonlocal tried
            stored, series = self._series.get(series_id, seen_by=member)
            if tried is not None and series == tried.value:
                return tried, []  # Our own commit took place; only its answer was lost.
            ended = series.ended(at=now, expected_rev=expected_rev)
            if ended is series:
                return Done(series, None), []
            fields = series_fields(ended)
            offered = self._offers.offer(actor, [Touched.changed(stored, fields)], now=now)
            tried = Done(ended, offered.token)
            return tried, [Change(stored, fields), *offered.writes]

        done = self._store.commit(plan)
        if done.undo is not None:
            self._store.afterwards(lambda: log.info("series.ended", series_id=series_id))
        return done

    def turning(self, task: Task, *, done: bool, now: datetime) -> list[Write]:
        """
        Return the writes that follow when the task of an occurrence is done, or undone.

        For the plan of the reactor's commit. The series document is the guard: it names the last
        occurrence made, so that of two completions one makes the next.
        """
        if task.series_id is None or task.occurrence_key is None:
            return []
        stored = self._store.get(series_path(task.workspace_id, task.series_id))
        if stored is None:
            return []
        series = series_of(stored)
        if not done:
            return [closing(series, task.occurrence_key, completed_at=None)]
        completed_at = task.completed_at or now
        writes: list[Write] = [closing(series, task.occurrence_key, completed_at=completed_at)]
        following = series.following(task.occurrence_key, completed_at)
        if following is not None:
            present = self._without_the_departed(series)
            writes += [
                Change(stored, series_fields(series.moved_on(following, at=now))),
                noting(series, following, after=task.occurrence_key),
                creating(_task(present, following, by=SYSTEM_UID, at=now)),
            ]
        return writes

    def _without_the_departed(self, series: Series) -> Series:
        """Return it naming nobody who has left since: its next task is for those who are there."""
        template = series.template
        named = [*template.assignee_ids, *template.watcher_ids]
        members = self._workspaces.current_members(series.workspace_id, list(dict.fromkeys(named)))
        return replace(
            series,
            template=replace(
                template,
                assignee_ids=tuple(uid for uid in template.assignee_ids if uid in members),
                watcher_ids=tuple(uid for uid in template.watcher_ids if uid in members),
            ),
        )


def _task(series: Series, occurrence: Occurrence, *, by: str, at: datetime) -> Task:
    template = series.template
    return new_task(
        TaskRef(series.workspace_id, series.task_id(occurrence.key)),
        title=template.title,
        by=by,
        at=at,
        details={
            "description": template.description,
            "priority": template.priority,
            "assignee_ids": template.assignee_ids,
            "watcher_ids": template.watcher_ids,
            "due": occurrence.due,
            "series_id": series.id,
            "occurrence_key": occurrence.key,
            # Who began the series hears of its tasks as of their own.
            "created_by": series.created_by,
        },
    )
