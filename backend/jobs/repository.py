"""Where jobs and their runs are kept."""

from collections.abc import Sequence

from backend.adapters.firestore import Store
from backend.jobs.documents import JOBS, job_of, job_path, run_of, run_path, runs_of
from backend.jobs.model import Job, JobRun
from backend.kit.documents import Query, Stored, Where
from backend.kit.errors import hidden
from backend.kit.ids import checked
from backend.kit.pages import Asked, Page, PageTokens

NOBODYS = object()


class JobRepository:
    """Reads of jobs and runs, each of one workspace or of the platform (None)."""

    def __init__(self, store: Store, tokens: PageTokens) -> None:
        self._store = store
        self._tokens = tokens

    def get(self, job_id: str, *, of: str | None) -> tuple[Stored, Job]:
        """
        Return a job, with what was stored.

        Raises:
            NotFound: there is none, or it is another's.
        """
        return _seen(self._store.get(job_path(checked(job_id))), of)

    def both(
        self, job_id: str, run_ids: Sequence[str], *, of: str | None
    ) -> tuple[Stored, Job, list[Stored | None]]:
        """
        Return a job and those runs of it that there are, in one round trip.

        Raises:
            NotFound: there is no such job, or it is another's.
        """
        paths = [run_path(checked(job_id), checked(each)) for each in run_ids]
        stored, *runs = self._store.get_all([job_path(job_id), *paths])
        found, job = _seen(stored, of)
        return found, job, runs

    def jobs(self, asked: Asked, *, of: str | None, caller: str) -> Page[Job]:
        """
        Return a page of the jobs of a workspace or of the platform, newest first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        query = Query(JOBS, limit=asked.size, where=(_whose(of),), order_by=("-createdAt",))
        return self._tokens.page(self._store, query, job_of, asked=asked, caller=caller)

    def runs(self, job_id: str, asked: Asked, *, caller: str) -> Page[JobRun]:
        """
        Return a page of the runs of a job, those of the latest slots first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        query = Query(runs_of(job_id), limit=asked.size, order_by=("-slot",))
        return self._tokens.page(self._store, query, run_of, asked=asked, caller=caller)

    def has_room(self, most: int, *, of: str | None) -> bool:
        """Say whether there are fewer jobs than `most`. Costs one read."""
        return self._store.count(Query(JOBS, limit=most, where=(_whose(of),))) < most


def _whose(workspace_id: str | None) -> Where:
    return Where("workspaceId", "==", workspace_id)


def _seen(stored: Stored | None, of: str | None) -> tuple[Stored, Job]:
    # Notes of sweeps lie here too, and are nobody's: whose it is comes before what it says.
    if stored is None or stored.fields.get("workspaceId", NOBODYS) != of:
        raise hidden()
    return stored, job_of(stored)
