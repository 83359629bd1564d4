"""What the real service refuses, with its own messages where they are known. Pure."""

import re
from datetime import datetime, timedelta
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from local.cloudtasks.errors import invalid
from local.cloudtasks.model import HttpCall, RateLimits, RetryConfig, TaskDraft

LOCATION = r"projects/[A-Za-z0-9:.\-]{1,100}/locations/[A-Za-z0-9\-]{1,100}"
LOCATION_NAME = re.compile(LOCATION)
QUEUE_NAME = re.compile(LOCATION + r"/queues/[A-Za-z0-9\-]{1,100}")
TASK_NAME = re.compile(r"(?P<queue>" + QUEUE_NAME.pattern + r")/tasks/(?P<id>[^/]*)")
TASK_ID = re.compile(r"[A-Za-z0-9_\-]{1,500}")
HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
HEADER_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")

MAX_AHEAD = timedelta(days=30)
MAX_URL_CHARS = 2083
MAX_HEADERS_BYTES = 80 * 1024
# 1 MiB less 7 bytes of the stored form: where the real service was seen to draw the line.
MAX_TASK_BYTES = 1024 * 1024 - 7
DEADLINE_S = (15.0, 1800.0)
METHODS_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


def check_location(name: str) -> None:
    """Refuse anything but the name of a location."""
    if not LOCATION_NAME.fullmatch(name):
        raise invalid("Invalid resource field value in the request.")


def check_queue_name(name: str) -> None:
    """Refuse anything but the full name of a queue."""
    if not QUEUE_NAME.fullmatch(name):
        raise invalid(
            'Queue name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/queues/'
            '<QUEUE_ID>". QUEUE_ID can contain letters, numbers, or hyphens, 100 at most.'
        )


def check_task_name(name: str) -> None:
    """Refuse anything but the full name of a task."""
    match = TASK_NAME.fullmatch(name)
    if match is None:
        raise invalid(
            'Task name must be formatted: "projects/<PROJECT_ID>/locations/<LOCATION_ID>/queues/'
            '<QUEUE_ID>/tasks/<TASK_ID>"'
        )
    if not TASK_ID.fullmatch(match["id"]):
        raise invalid(
            f'Task ID "{match["id"]}" can contain only letters ([A-Za-z]), numbers ([0-9]), '
            "hyphens (-), or underscores (_). Task ID must between 1 and 500 characters."
        )


def check_draft(draft: TaskDraft, *, now: datetime) -> None:
    """
    Refuse a task that the real service would refuse.

    Raises:
        ApiError: INVALID_ARGUMENT, naming the field.
    """
    check_queue_name(draft.parent)
    if draft.name:
        check_task_name(draft.name)
        _check_same_queue(draft)
    _check_call(draft.call)
    if draft.scheduled_at is not None and draft.scheduled_at > now + MAX_AHEAD:
        raise invalid(
            f"The Task.scheduleTime, {draft.scheduled_at.isoformat()}, is too far in the future. "
            "Schedule time must be no more than 720h in the future."
        )
    deadline_s = draft.dispatch_deadline_s
    if deadline_s is not None and not DEADLINE_S[0] <= deadline_s <= DEADLINE_S[1]:
        raise invalid("Task.dispatchDeadline must be between [15s, 30m].")


def check_size(size_bytes: int) -> None:
    """Refuse a task whose stored form is above 1 MB."""
    if size_bytes > MAX_TASK_BYTES:
        raise invalid("Task size too large")


def check_retry(retry: RetryConfig) -> None:
    """Refuse retry settings out of range."""
    if retry.max_attempts < -1:
        raise invalid("RetryConfig.maxAttempts must be greater or equal to -1.")
    if retry.max_doublings < 0:
        raise invalid("RetryConfig.maxDoublings cannot be negative.")
    if retry.max_retry_duration_s < 0:
        raise invalid("RetryConfig.maxRetryDuration cannot be negative.")
    if retry.min_backoff_s < 0:
        raise invalid("RetryConfig.minBackoff cannot be negative.")
    if retry.max_backoff_s < 0:
        raise invalid("RetryConfig.maxBackoff cannot be negative.")
    if retry.min_backoff_s > retry.max_backoff_s:
        raise invalid(
            "RetryConfig.minBackoff must be less than or equal to RetryConfig.maxBackoff."
        )


def check_rate(rate: RateLimits) -> None:
    """Refuse rate limits out of range."""
    if not rate.max_dispatches_per_second >= 0:  # Written so that NaN is refused too.
        raise invalid("RateLimits.maxDispatchesPerSecond cannot be negative.")
    if rate.max_dispatches_per_second > 500:
        raise invalid("RateLimits.maxDispatchesPerSecond must be less than or equal to 500.")
    if rate.max_concurrent_dispatches < 0:
        raise invalid("RateLimits.maxConcurrentDispatches cannot be negative.")
    if rate.max_concurrent_dispatches > 5000:
        raise invalid("RateLimits.maxConcurrentDispatches must be less than or equal to 5000.")


def _check_same_queue(draft: TaskDraft) -> None:
    queue = draft.name.partition("/tasks/")[0]
    if queue != draft.parent:
        raise invalid(
            f"The queue name from request ('{draft.parent}') must be the same as the queue name "
            f"in the named task ('{queue}')."
        )


def _check_call(call: HttpCall) -> None:
    url = _checked_url(call.url)
    if call.body and call.method not in METHODS_WITH_BODY:
        raise invalid("HttpRequest.body is allowed only when the method is POST, PUT or PATCH.")
    _check_headers(call)
    if call.oidc is None:
        return
    if "@" not in call.oidc.service_account_email:
        raise invalid("HttpRequest.oidcToken.serviceAccountEmail must be a service account.")
    # The real service wants https for every token. Here http may reach this machine, no other.
    if url.scheme == "http" and not _is_loopback(url.hostname or ""):
        raise invalid(
            "HttpRequest.url must start with 'https://' for request with "
            "HttpRequest.authorization_header"
        )


def _checked_url(text: str) -> SplitResult:
    if not text:
        raise invalid("HttpRequest.url is required.")
    if not text.startswith(("http://", "https://")):
        raise invalid("HttpTarget.url must start with 'http://' or 'https://'.")
    if len(text) > MAX_URL_CHARS:
        raise invalid(f"HttpRequest.url must be no longer than {MAX_URL_CHARS} characters.")
    try:
        url = urlsplit(text)
        has_host = bool(url.hostname) and url.port != 0
    except ValueError:
        has_host = False
    if not has_host:
        raise invalid("HttpRequest.url must name a host.")
    return url


def _check_headers(call: HttpCall) -> None:
    for name, value in call.headers.items():
        if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
            raise invalid("HttpRequest.headers must be valid HTTP header names and values.")
    size_bytes = sum(len(name) + len(value) for name, value in call.headers.items())
    if size_bytes >= MAX_HEADERS_BYTES:
        raise invalid("HttpRequest.headers must be less than 80KB.")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
