"""Putting a workspace's jobs back as they were before a command."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from backend.adapters.firestore import Store
from backend.jobs.documents import job_fields, job_of
from backend.jobs.model import Job, job_timer_id
from backend.jobs.service import SET
from backend.jobs.timers import plan_next
from backend.kit.actor import Actor
from backend.kit.documents import Change, Create, Remove, Stored
from backend.timers.documents import withdrawing
from backend.timers.outbox import Outbox
from backend.undo.model import Kind, Reverted, Touched, digest
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

RIGHTS = {
    Kind.CREATED: Right.DELETE_JOB,
    Kind.REMOVED: Right.CREATE_JOB,
}


class JobReverter:
    """
    The `Reverter` of jobs.

    A job does not lie below its workspace, so each is asked whose it is. What a job did meanwhile
    stays done.
    """

    def __init__(self, store: Store, workspaces: WorkspaceService) -> None:
        self._store = store
        self._workspaces = workspaces

    def reverting(
        self,
        actor: Actor,
        workspace_id: str,  # noqa: ARG002 - jobs lie elsewhere; see above.
        touched: Sequence[Touched],
        now: datetime,
    ) -> Reverted:
        """
        Return what puts these jobs back, as changes of the actor's.

        Raises:
            NotFound: the actor does not belong to the workspace any more.
            PermissionDenied: the actor may no longer do this.
        """
        reverted = Reverted()
        found = self._store.get_all([each.path for each in touched])
        for each, stored in zip(touched, found, strict=True):
            home = (stored.fields if stored else each.before).get("workspaceId")
            if home is not None:
                right = RIGHTS.get(each.kind, Right.CHANGE_JOB)
                self._workspaces.admit(actor, home, to=right)
            _revert(each, stored, actor.uid, reverted, now)
        return reverted


def _revert(
    each: Touched, stored: Stored | None, by: str, reverted: Reverted, now: datetime
) -> None:
    if each.kind is Kind.REMOVED:
        _bring_back(each, stored, reverted, now)
    elif stored is None:
        (reverted.undone if each.kind is Kind.CREATED else reverted.kept).append(each.path)
    elif each.kind is Kind.CREATED:
        _take_away(each, stored, reverted)
    else:
        _change_back(each, stored, by, reverted, now)


def _bring_back(each: Touched, stored: Stored | None, reverted: Reverted, now: datetime) -> None:
    reverted.undone.append(each.path)
    if stored is not None:
        return
    former = job_of(Stored(each.path, each.before, now))
    # What was at work was called off with it; what would have run meanwhile is not made up for.
    job = replace(former, current=None, waiting=(), updated_at=now, rev=each.rev + 1)
    job = replace(job, next_run_at=job.next_after(now))
    outbox = Outbox([Create(each.path, job_fields(job))])
    plan_next(job, outbox, now)
    reverted.writes.extend(outbox.writes)
    reverted.timers.extend(outbox.timers)
    reverted.touched.append(Touched.created(each.path, job.rev))


def _take_away(each: Touched, stored: Stored, reverted: Reverted) -> None:
    job = job_of(stored)
    if job.rev != each.rev or job.current is not None:
        reverted.kept.append(each.path)
        return
    reverted.undone.append(each.path)
    reverted.writes.extend([Remove(stored), withdrawing(job_timer_id(job.id))])
    reverted.touched.append(Touched.removed(stored))


def _change_back(each: Touched, stored: Stored, by: str, reverted: Reverted, now: datetime) -> None:
    """Put back the fields that are still as the command left them."""
    names = [name for name in each.before if name != "rev"]
    back = {
        name: each.before[name]
        for name in names
        if digest(stored.fields.get(name)) == each.after.get(name)
    }
    if not back:
        was = all(stored.fields.get(name) == each.before[name] for name in names)
        (reverted.undone if was else reverted.kept).append(each.path)
        return
    job = job_of(stored)
    changed = job.changed(by=by, at=now, **_values(stored, back, now))
    fields = job_fields(changed)
    outbox = Outbox([Change(stored, fields)])
    if changed.next_run_at != job.next_run_at:
        plan_next(changed, outbox, now)
    reverted.undone.append(each.path)
    reverted.writes.extend(outbox.writes)
    reverted.timers.extend(outbox.timers)
    reverted.touched.append(Touched.changed(stored, {name: fields[name] for name in SET}))


def _values(stored: Stored, back: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return fields of a document as a job has them."""
    was: Job = job_of(Stored(stored.path, {**stored.fields, **back}, now))
    return {
        "name": was.name,
        "arguments": was.arguments,
        "schedule": was.schedule,
        "overlap": was.overlap,
        "max_runtime_s": was.max_runtime_s,
        "retries": was.retries,
        "catch_up": was.catch_up,
        "state": was.state,
    }
