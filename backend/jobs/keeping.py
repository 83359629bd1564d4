"""Who deals with jobs, and what every change of one comes with: a record or a way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.admin.model import Staff, StaffRight
from backend.audit.documents import recording
from backend.audit.model import Action, Entry
from backend.jobs.handlers import JobScope
from backend.jobs.model import MOST_JOBS, MOST_PLATFORM_JOBS
from backend.kit.actor import Actor
from backend.kit.documents import Write
from backend.undo.model import Offered, Touched
from backend.undo.offers import UndoOffers


@dataclass(frozen=True, slots=True)
class Keeper:
    """Somebody who may deal with the jobs of a workspace, or with the platform's (None)."""

    actor: Actor
    workspace_id: str | None

    @classmethod
    def of_platform(cls, staff: Staff) -> "Keeper":
        """
        Return the keeper of the platform's jobs.

        Raises:
            PermissionDenied: the staff role does not allow it.
        """
        staff.must(StaffRight.MANAGE_JOBS)
        return cls(Actor(staff.uid), None)

    @property
    def scope(self) -> JobScope:
        """Whose handlers these jobs may use."""
        return JobScope.of(self.workspace_id)

    @property
    def most_jobs(self) -> int:
        """How many jobs there may be."""
        return MOST_PLATFORM_JOBS if self.workspace_id is None else MOST_JOBS

    def recording(self, job_id: str, act: str, now: datetime) -> list[Write]:
        """Return the entry of the audit log for what staff do; nothing for owners."""
        if self.workspace_id is not None:
            return []
        details = {"jobId": job_id, "act": act}
        return [recording(Entry(Action.JOB_KEPT, self.actor.uid, now, details=details))]

    def offering(
        self, offers: UndoOffers, touched: Sequence[Touched], now: datetime
    ) -> Offered | None:
        """Return the way back for an owner. What staff do is recorded instead."""
        if self.workspace_id is None:
            return None
        return offers.offer(self.actor, touched, now=now)
