"""When a failed task is tried again, and when it is given up. Pure, as Google documents it."""

from datetime import datetime, timedelta

from local.cloudtasks.model import RetryConfig, Task

# Beyond this many doublings any interval is above any max_backoff, and floats stay finite.
MOST_DOUBLINGS = 64

# A task lives this long, whatever its settings say.
RETENTION = timedelta(days=31)


def backoff_s(retry: RetryConfig, *, retry_number: int) -> float:
    """
    Return the pause in seconds before retry `retry_number` (1 is the first retry).

    It starts at min_backoff, doubles max_doublings times, then grows by the last doubled
    interval, and stays at max_backoff: 10, 20, 40, 80, 160, 240, 300, 300 for 10 s, 300 s, 3.
    """
    doublings = min(retry_number - 1, retry.max_doublings, MOST_DOUBLINGS)
    doubled = retry.min_backoff_s * 2.0**doublings
    steps = max(1, retry_number - retry.max_doublings)
    return min(doubled * steps, retry.max_backoff_s)


def retry_at(retry: RetryConfig, *, attempts: int, failed_at: datetime) -> datetime:
    """Return when a task that failed its `attempts`-th attempt at `failed_at` is tried again."""
    pause_s = min(backoff_s(retry, retry_number=attempts), RETENTION.total_seconds())
    return failed_at + timedelta(seconds=pause_s)


def is_exhausted(task: Task, retry: RetryConfig, *, at: datetime) -> bool:
    """
    Tell whether a task that has just failed is given up.

    Both limits must be met: max_attempts, and max_retry_duration since the first attempt.
    A limit that is unset does not hold the task back; with neither, it is never given up.
    """
    has_attempt_limit = retry.max_attempts >= 0
    has_age_limit = retry.max_retry_duration_s > 0
    if not has_attempt_limit and not has_age_limit:
        return False
    if has_attempt_limit and task.dispatch_count < retry.max_attempts:
        return False
    if not has_age_limit:
        return True
    started_at = task.first_dispatched_at or at
    return at - started_at >= timedelta(seconds=retry.max_retry_duration_s)
