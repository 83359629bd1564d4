"""
Telling people that a run failed, took too long or was missed.

The platform's jobs concern the admins among the staff, a workspace's its owner. Numbers tell more
than single notices where many jobs fail: see `taskflow_scheduled_runs_bad_total`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

import structlog

from backend.adapters.firestore import Store
from backend.adapters.metrics import Metrics
from backend.admin.model import StaffRole
from backend.jobs.documents import job_of, job_path, run_of, run_path
from backend.jobs.model import Job, JobRun
from backend.kit.actor import SYSTEM_UID
from backend.kit.clock import Clock
from backend.kit.documents import Query, Remove, Where, Write
from backend.kit.ids import derived_id
from backend.notifications.addressees import Addressee, Addressees
from backend.notifications.delivery import deliver
from backend.notifications.documents import notification_path
from backend.notifications.model import Category, Notification
from backend.templating.service import Templates
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.workspaces.documents import workspace_of, workspace_path

log = structlog.get_logger()

MOST_ADMINS = 50  # Each is told by six documents of one commit.


class Alerting:
    """Files the notices about a run, once each time that it has ended badly."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        addressees: Addressees,
        templates: Templates,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._addressees = addressees
        self._templates = templates
        self._metrics = metrics

    def fire(self, alarm: Alarm) -> None:
        """Tell those concerned, unless the run was repeated meanwhile or its job deleted."""
        now = self._clock.now()
        job_id, run_id = alarm.id_of("jobId"), alarm.id_of("runId")
        paths = [timer_path(alarm.timer_id), job_path(job_id), run_path(job_id, run_id)]

        def plan() -> tuple[tuple[Outbox, JobRun | None], list[Write]]:
            filed = Outbox()
            timer, job, stored = self._store.get_all(paths)
            if timer is None or not is_due(timer, alarm, now):
                return (filed, None), []
            run = run_of(stored) if job is not None and stored is not None else None
            if job is None or run is None or not run.is_alarming:
                return (filed, None), [Remove(timer)]
            self._file(filed, job_of(job), run, now)
            return (filed, run), [*filed.writes, Remove(timer)]

        filed, run = self._store.commit(plan)
        self._timers.announce(filed.timers, now=now)
        if run is not None:
            self._metrics.run_ended_badly(run.handler, run.outcome.value)
            log.warning(
                "job_run.told_of",
                job_id=job_id,
                run_id=run_id,
                outcome=run.outcome.value,
                people=len(filed.timers),
            )

    def _file(self, filed: Outbox, job: Job, run: JobRun, now: datetime) -> None:
        people = self._addressees.of(self._concerned(job.workspace_id))
        notices = [self._notice(to, job, run, now) for to in people.values()]
        paths = [notification_path(notice.uid, notice.id) for notice in notices]
        for notice, told in zip(notices, self._store.get_all(paths) if paths else [], strict=True):
            if told is None:
                deliver(filed, notice, people[notice.uid], now)

    def _concerned(self, workspace_id: str | None) -> Sequence[str]:
        if workspace_id is not None:
            stored = self._store.get(workspace_path(workspace_id))
            return [workspace_of(stored).owner_uid] if stored else []
        is_admin = Where("role", "==", StaffRole.ADMIN.value)
        return [each.id for each in self._store.find(Query("staff", MOST_ADMINS, (is_admin,)))]

    def _notice(self, to: Addressee, job: Job, run: JobRun, now: datetime) -> Notification:
        slot = run.slot.astimezone(UTC)
        due = f"{slot.date().isoformat()}T{slot:%H:%M}"
        values = {"job": job.name, "outcome": run.outcome.value, "due": due}
        rendered = self._templates.render(Category.JOBS.value, to.locale, values)
        root = f"/workspaces/{job.workspace_id}" if job.workspace_id else "/admin"
        return Notification(
            # One for each end: a run that is tried again by hand may fail again.
            id=derived_id("jobAlert", job.id, run.id, str(run.ended_at), to.uid),
            uid=to.uid,
            category=Category.JOBS,
            words=rendered,
            link=f"{root}/jobs/{job.id}",
            group_key=f"job:{job.id}",
            actor_uid=SYSTEM_UID,
            workspace_id=job.workspace_id,
            task_id=None,
            created_at=now,
        )
