"""Handing many jobs to the queue at once: each is a round trip of its own."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

from backend.adapters.jobs import Job, Jobs

AT_ONCE = 16


def handed_over(queue: Jobs, jobs: Sequence[Job]) -> list[Exception | None]:
    """Enqueue jobs, some at a time; return what went wrong with each, in their order."""
    if len(jobs) < 2:
        return [_problem_with(queue, job) for job in jobs]
    # Of this call alone: a pool kept would not survive a server's fork, nor end by itself.
    with ThreadPoolExecutor(min(AT_ONCE, len(jobs)), thread_name_prefix="jobs") as threads:
        # The trace that the jobs go on with is in the context of this thread.
        waited = [threads.submit(copy_context().run, _problem_with, queue, job) for job in jobs]
    return [each.result() for each in waited]


def _problem_with(queue: Jobs, job: Job) -> Exception | None:
    try:
        queue.enqueue(job)
    except Exception as error:  # noqa: BLE001 - told to the caller, who has others to see to first.
        return error
    return None
