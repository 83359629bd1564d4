"""Beginning, reading and ending series."""

import structlog

from backend.adapters.firestore import Store
from backend.guests.quota import GuestQuota
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Create, Stored
from backend.kit.ids import random_id
from backend.kit.pages import Asked, Page, PageTokens
from backend.recurrence.desk import Changed, SeriesDesk, created_tasks
from backend.recurrence.documents import series_fields, series_path
from backend.recurrence.ledger import begun
from backend.recurrence.making import Making, set_timer
from backend.recurrence.model import Recurrence
from backend.recurrence.naming import people_named, referred
from backend.recurrence.pausing import Pausing
from backend.recurrence.repository import SeriesRepository
from backend.recurrence.series import CatchUp, Mode, Series, TaskTemplate
from backend.tasks.draft import Draft
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
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
        timers: TimerService,
    ) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = workspaces
        self._quota = quota
        self._offers = offers
        self._timers = timers
        self._making = Making(store, workspaces)
        self._series = SeriesRepository(store, tokens)
        self._desk = SeriesDesk(store, timers, self._making, self._series, offers)
        pausing = Pausing(store, clock, workspaces, self._desk)
        self.pause, self.resume = pausing.pause, pausing.resume
        self.skip_missed = pausing.skip_missed

    def begin(
        self,
        actor: Actor,
        workspace_id: str,
        *,
        template: TaskTemplate,
        recurrence: Recurrence,
        mode: Mode,
        catch_up: CatchUp = CatchUp.SKIP,
    ) -> Done[Series]:
        """
        Begin a series, with the task of its first occurrence.

        Raises:
            InvalidArgument: somebody named is not a member, something named is not there, the
                rule never comes to pass, too many would come at once, or a guest has as many tasks
                as a guest may.
        """
        now = self._clock.now()
        names = ("assignee_ids", "watcher_ids", "subtasks")
        named = people_named({name: getattr(template, name) for name in names})
        member = self._workspaces.admit_naming(actor, workspace_id, named, to=Right.CREATE_SERIES)
        self._quota.check(actor, member.workspace_id)
        template = referred(self._store, Draft(self._store, member, now), None, template)
        series = begun(
            random_id(),
            member.workspace_id,
            template,
            recurrence,
            mode=mode,
            catch_up=catch_up,
            by=actor.uid,
            at=now,
        )
        first = recurrence.occurrence(series.last_key)
        made = self._making.occurrences(series, [first], by=actor.uid)
        path = series_path(series.workspace_id, series.id)
        outbox = Outbox([Create(path, series_fields(series)), *made])
        set_timer(outbox, series, before=None, now=now)
        touched = [Touched.created(path), *created_tasks(made)]
        offered = self._offers.offer(actor, touched, now=now)
        self._store.create([*outbox.writes, *offered.writes])
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
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

        def act(stored: Stored, series: Series, _: bool) -> Changed | None:
            ended = series.ended(at=now, expected_rev=expected_rev)
            if ended is series:
                return None
            return self._desk.bare(stored, series, ended, now=now)

        done = self._desk.change(actor, member, series_id, act, now=now)
        if done.undo is not None:
            self._store.afterwards(lambda: log.info("series.ended", series_id=series_id))
        return done
