"""Setting up jobs: of the platform by its admins, of a workspace by its owner."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.jobs.documents import job_fields, job_path, run_path
from backend.jobs.handlers import Handlers, JobHandler
from backend.jobs.keeping import Keeper
from backend.jobs.model import (
    Job,
    JobRun,
    JobState,
    RunOutcome,
    job_timer_id,
    run_timer_id,
)
from backend.jobs.repository import JobRepository
from backend.jobs.schedule import LEAST_FOR_WORKSPACES, Schedule, schedule_of
from backend.jobs.timers import plan_next
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Adjust, Change, Create, Fields, Remove, Stored, Write
from backend.kit.errors import InvalidArgument, NotFound
from backend.kit.ids import random_id
from backend.kit.pages import Asked, Page, PageTokens
from backend.timers.documents import withdrawing
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.undo.model import Done, Touched
from backend.undo.offers import UndoOffers
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()

# What people set, and an undo puts back.
SET = (
    "name",
    "arguments",
    "schedule",
    "overlap",
    "maxRuntimeS",
    "retries",
    "catchUp",
    "state",
    "rev",
)


class JobService:
    """
    Jobs, as those who keep them set them up.

    Every method with a keeper raises NotFound for jobs that are absent or another's.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        workspaces: WorkspaceService,
        tokens: PageTokens,
        offers: UndoOffers,
        handlers: Handlers,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._workspaces = workspaces
        self._offers = offers
        self._handlers = handlers
        self._jobs = JobRepository(store, tokens)

    def keeper(self, actor: Actor, workspace_id: str, *, to: Right) -> Keeper:
        """
        Return the caller as a keeper of a workspace's jobs.

        Raises:
            NotFound: the caller does not belong to the workspace.
            PermissionDenied: their role does not allow it.
        """
        member = self._workspaces.admit(actor, workspace_id, to=to)
        return Keeper(actor, member.workspace_id)

    def handlers(self, keeper: Keeper) -> list[JobHandler]:
        """Return what jobs of the keeper's can do, by name."""
        return self._handlers.of(keeper.scope)

    def create(self, keeper: Keeper, wanted: Mapping[str, Any]) -> Done[Job]:
        """
        Set up a job.

        `wanted` has `name`, `handler`, `arguments` (JSON), `schedule` (a mapping with `kind` and
        its fields), `overlap`, `max_runtime_s`, `retries` and `catch_up`.

        Raises:
            InvalidArgument: there is no such handler for the keeper, it takes other arguments, they
                name somebody who does not belong to the workspace (`not-a-member`), the schedule
                is none, is too dense or never comes (`invalid-schedule`), or there are as many
                jobs as there may be.
        """
        now = self._clock.now()
        self._check(keeper, wanted["handler"], wanted["arguments"], to=Right.CREATE_JOB)
        schedule = _schedule(keeper, wanted["schedule"], now)
        if not self._jobs.has_room(keeper.most_jobs, of=keeper.workspace_id):
            raise InvalidArgument(f"There may be {keeper.most_jobs} jobs.", code="limit-exceeded")
        job = Job(
            id=random_id(),
            workspace_id=keeper.workspace_id,
            **{**wanted, "schedule": schedule},
            state=JobState.ACTIVE,
            is_built_in=False,
            next_run_at=schedule.after(now),
            current=None,
            waiting=(),
            last_run=None,
            by=keeper.actor.uid,
            created_at=now,
            created_by=keeper.actor.uid,
            updated_at=now,
            rev=1,
        )
        offered = keeper.offering(self._offers, [Touched.created(job_path(job.id))], now)
        outbox = Outbox([Create(job_path(job.id), job_fields(job))])
        plan_next(job, outbox, now)
        record = keeper.recording(job.id, "created", now)
        self._store.create([*outbox.writes, *record, *(offered.writes if offered else ())])
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        self._store.afterwards(lambda: log.info("job.kept", job_id=job.id))
        return Done(job, offered.token if offered else None)

    def get(self, keeper: Keeper, job_id: str) -> Job:
        """Return a job."""
        return self._jobs.get(job_id, of=keeper.workspace_id)[1]

    def page(self, keeper: Keeper, asked: Asked) -> Page[Job]:
        """
        Return a page of the keeper's jobs, newest first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        return self._jobs.jobs(asked, of=keeper.workspace_id, caller=keeper.actor.uid)

    def runs(self, keeper: Keeper, job_id: str, asked: Asked) -> Page[JobRun]:
        """
        Return a page of the runs of a job, those of the latest slots first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        job = self.get(keeper, job_id)
        return self._jobs.runs(job.id, asked, caller=keeper.actor.uid)

    def rehearse(self, keeper: Keeper, job_id: str, count: int) -> list[datetime]:
        """Return the next so many instants a job would run at, also while it is paused."""
        return self.get(keeper, job_id).schedule.next(self._clock.now(), count)

    def edit(
        self,
        keeper: Keeper,
        job_id: str,
        changes: Mapping[str, Any],
        *,
        expected_rev: int | None = None,
    ) -> Done[Job]:
        """
        Change some of what `create` takes, but for the handler. A run at work keeps its arguments.

        Raises:
            InvalidArgument: as for `create`.
            Stale: the job is no longer at `expected_rev`.
        """
        now = self._clock.now()
        made = dict(changes)
        if "schedule" in made:
            made["schedule"] = _schedule(keeper, made["schedule"], now)

        def act(job: Job) -> Job:
            job.must_be_at(expected_rev)
            if "arguments" in made:
                self._check(keeper, job.handler, made["arguments"], to=Right.CHANGE_JOB)
            return job.changed(by=keeper.actor.uid, at=now, **made)

        return self._change(keeper, job_id, "changed", now, act)

    def pause(self, keeper: Keeper, job_id: str) -> Done[Job]:
        """Let a job run no more by its schedule. What is at work goes on."""
        now = self._clock.now()
        return self._change(
            keeper, job_id, "paused", now, lambda job: job.paused(by=keeper.actor.uid, at=now)
        )

    def resume(self, keeper: Keeper, job_id: str) -> Done[Job]:
        """Let a job run by its schedule again, from the next slot on."""
        now = self._clock.now()
        return self._change(
            keeper, job_id, "resumed", now, lambda job: job.resumed(by=keeper.actor.uid, at=now)
        )

    def delete(self, keeper: Keeper, job_id: str, *, expected_rev: int | None = None) -> Done[None]:
        """
        Delete a job. A run at work ends after its present step; records of runs expire.

        Raises:
            FailedPrecondition: it is built in.
            Stale: the job is no longer at `expected_rev`.
        """
        now = self._clock.now()
        tried: Done[None] | None = None

        def plan() -> tuple[Done[None], list[Write]]:
            nonlocal tried
            try:
                stored, job = self._jobs.get(job_id, of=keeper.workspace_id)
            except NotFound:
                if tried is None:
                    raise
                return tried, []  # Our own commit took place; only its answer was lost.
            job.must_be_at(expected_rev)
            job.must_not_be_built_in()
            offered = keeper.offering(self._offers, [Touched.removed(stored)], now)
            writes = [Remove(stored), *ending_all(job, now), withdrawing(job_timer_id(job.id))]
            writes += keeper.recording(job.id, "deleted", now)
            writes += offered.writes if offered else ()
            tried = Done(None, offered.token if offered else None)
            return tried, writes

        done = self._store.commit(plan)
        self._store.afterwards(lambda: log.info("job.kept", job_id=job_id))
        return done

    def _change(
        self, keeper: Keeper, job_id: str, act_name: str, now: datetime, act: Callable[[Job], Job]
    ) -> Done[Job]:
        outbox = Outbox()
        tried: Done[Job] | None = None

        def plan() -> tuple[Done[Job], list[Write]]:
            nonlocal outbox, tried
            stored, job = self._jobs.get(job_id, of=keeper.workspace_id)
            if tried is not None and _as_set(job) == _as_set(tried.value):
                return Done(job, tried.undo), []  # Our own commit; only its answer was lost.
            changed = act(job)
            if changed is job:
                return Done(job, None), []
            outbox = Outbox([Change(stored, fields := job_fields(changed))])
            if changed.next_run_at != job.next_run_at:
                plan_next(changed, outbox, now)
            offered = keeper.offering(self._offers, [_touched(stored, fields)], now)
            outbox.writes += keeper.recording(job.id, act_name, now)
            outbox.writes += offered.writes if offered else ()
            tried = Done(changed, offered.token if offered else None)
            return Done(changed, tried.undo), outbox.writes

        done = self._store.commit(plan)
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        if outbox.writes:
            self._store.afterwards(lambda: log.info("job.kept", job_id=job_id))
        return done

    def _check(self, keeper: Keeper, name: str, arguments: Mapping[str, Any], *, to: Right) -> None:
        people = self._handlers.check(name, keeper.scope, arguments)
        if keeper.workspace_id is not None and any(people.values()):
            self._workspaces.admit_naming(keeper.actor, keeper.workspace_id, people, to=to)


def ending_all(job: Job, now: datetime) -> list[Write]:
    """Return the writes that call off the run at work and those that wait."""
    ids = [*([job.current] if job.current else []), *job.waiting]
    ended = {"outcome": RunOutcome.REPLACED.value, "endedAt": now}
    writes: list[Write] = [Adjust(run_path(job.id, each), ended) for each in ids]
    if job.current:
        writes.append(withdrawing(run_timer_id(job.id, job.current)))
    return writes


def _schedule(keeper: Keeper, wanted: Mapping[str, Any], now: datetime) -> Schedule:
    schedule = schedule_of(wanted, now)
    if keeper.workspace_id is not None:
        schedule.check_frequency(LEAST_FOR_WORKSPACES)
    schedule.check_comes(now)
    return schedule


def _touched(stored: Stored, fields: Fields) -> Touched:
    return Touched.changed(stored, {name: fields[name] for name in SET})


def _as_set(job: Job) -> Fields:
    fields = job_fields(job)
    return {name: fields[name] for name in SET}
