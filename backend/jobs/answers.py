"""How routes of jobs answer, whosever they are."""

from typing import Any

from backend.jobs.keeping import Keeper
from backend.jobs.model import Job, JobRun
from backend.kit.pages import Page
from backend.undo.model import Done
from backend.web.conditional import revision_tag
from backend.web.context import services
from backend.web.pages import asked, linked
from backend.web.undo_header import undo_header

Headers = dict[str, str]


def made(done: Done[Job], home: str) -> tuple[Job, int, Headers]:
    """Answer with a new job, and say where below `home` it is."""
    job, _, headers = changed(done)
    return job, 201, {"Location": f"{home}/{job.id}", **headers}


def changed(done: Done[Job]) -> tuple[Job, int, Headers]:
    """Answer with a job, its tag, and the offer to take the command back."""
    return done.value, 200, {**revision_tag(done.value.rev), **undo_header(done.undo)}


def read(job: Job) -> tuple[Job, int, Headers]:
    """Answer with a job and its tag."""
    return job, 200, revision_tag(job.rev)


def listed(keeper: Keeper, query: dict[str, Any]) -> tuple[Page[Job], int, Headers]:
    """Answer with a page of jobs."""
    return linked(services().jobs.page(keeper, asked(query)))


def runs(keeper: Keeper, job_id: str, query: dict[str, Any]) -> tuple[Page[JobRun], int, Headers]:
    """Answer with a page of runs."""
    return linked(services().jobs.runs(keeper, job_id, asked(query)))
