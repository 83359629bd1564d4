"""Between the messages of google.cloud.tasks.v2 and the engine's own values."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from google.cloud import tasks_v2
from google.protobuf import field_mask_pb2

from local.cloudtasks.errors import invalid, not_built
from local.cloudtasks.model import (
    HttpCall,
    LastAttempt,
    OidcToken,
    Queue,
    RateLimits,
    RetryConfig,
    RetryOverrides,
    Task,
    TaskDraft,
)

# google.rpc codes by HTTP status, as google/rpc/code.proto pairs them.
RPC_CODES = {
    400: ("INVALID_ARGUMENT", 3),
    401: ("UNAUTHENTICATED", 16),
    403: ("PERMISSION_DENIED", 7),
    404: ("NOT_FOUND", 5),
    409: ("ABORTED", 10),
    429: ("RESOURCE_EXHAUSTED", 8),
    499: ("CANCELLED", 1),
    501: ("UNIMPLEMENTED", 12),
    503: ("UNAVAILABLE", 14),
    504: ("DEADLINE_EXCEEDED", 4),
}
RPC_CODES_BY_CLASS = {4: ("FAILED_PRECONDITION", 9), 5: ("INTERNAL", 13)}
CHANGEABLE = ("rate_limits", "retry_config")


@contextmanager
def refusing_bad_values() -> Iterator[None]:
    """Turn what protobuf cannot convert (a year 20000, a wild duration) into INVALID_ARGUMENT."""
    try:
        yield
    except (ValueError, OverflowError) as error:
        raise invalid(f"Invalid value in the request: {error}") from error


def draft_from(request: tasks_v2.CreateTaskRequest) -> TaskDraft:
    """Read what the caller of CreateTask asks for."""
    task = request.task
    if "app_engine_http_request" in task:
        raise not_built("Task.app_engine_http_request")
    if "http_request" not in task:
        raise invalid("Task.http_request is required.")
    with refusing_bad_values():
        return TaskDraft(
            parent=request.parent,
            name=task.name,
            call=_call_from(task.http_request),
            scheduled_at=_instant(task.schedule_time) if "schedule_time" in task else None,
            dispatch_deadline_s=(
                task.dispatch_deadline.total_seconds() if "dispatch_deadline" in task else None
            ),
            retry=_overrides_from(task.retry_config) if "retry_config" in task else None,
        )


def queue_from(message: tasks_v2.Queue, *, defaults: RetryConfig) -> Queue:
    """Read a queue; what is unset takes the service's defaults."""
    for name in ("http_target", "app_engine_routing_override"):
        if name in message:
            raise not_built(f"Queue.{name}")
    limits, standard = message.rate_limits, RateLimits()
    rate = RateLimits(
        limits.max_dispatches_per_second or standard.max_dispatches_per_second,
        limits.max_concurrent_dispatches or standard.max_concurrent_dispatches,
    )
    with refusing_bad_values():
        retry = _overrides_from(message.retry_config).over(defaults)
    return Queue(message.name, rate=rate, retry=retry)


def changed_queue(
    queue: Queue, wanted: tasks_v2.Queue, mask: field_mask_pb2.FieldMask, *, defaults: RetryConfig
) -> Queue:
    """Return `queue` with the fields of `mask` (all, if it is empty) taken from `wanted`."""
    paths = list(mask.paths) or list(CHANGEABLE)
    for path in paths:
        if path.partition(".")[0] not in CHANGEABLE:
            raise not_built(f"UpdateQueue of {path!r}")
    merged = queue_message(queue)
    with refusing_bad_values():
        field_mask_pb2.FieldMask(paths=paths).MergeMessage(
            tasks_v2.Queue.pb(wanted), tasks_v2.Queue.pb(merged), replace_message_field=True
        )
    read = queue_from(merged, defaults=defaults)
    return Queue(queue.name, read.rate, read.retry, queue.state, queue.purged_at)


def queue_message(queue: Queue) -> tasks_v2.Queue:
    """Write a queue."""
    rate, retry = queue.rate, queue.retry
    return tasks_v2.Queue(
        name=queue.name,
        rate_limits=tasks_v2.RateLimits(
            max_dispatches_per_second=rate.max_dispatches_per_second,
            max_burst_size=max(1, int(rate.max_dispatches_per_second / 5)),
            max_concurrent_dispatches=rate.max_concurrent_dispatches,
        ),
        retry_config=_retry_message(RetryOverrides().over(retry)),
        state=getattr(tasks_v2.Queue.State, queue.state.value),
        purge_time=queue.purged_at,
    )


def task_message(task: Task, *, view: int) -> tasks_v2.Task:
    """Write a task; only the FULL view has the body."""
    is_full = view == tasks_v2.Task.View.FULL
    first_at = task.first_dispatched_at
    return tasks_v2.Task(
        name=task.name,
        http_request=_call_message(task.call, with_body=is_full),
        schedule_time=task.scheduled_at,
        create_time=task.created_at.replace(microsecond=0),
        dispatch_deadline=timedelta(seconds=task.dispatch_deadline_s),
        dispatch_count=task.dispatch_count,
        response_count=task.response_count,
        first_attempt=None if first_at is None else tasks_v2.Attempt(dispatch_time=first_at),
        last_attempt=_attempt_message(task.last_attempt),
        view=tasks_v2.Task.View.FULL if is_full else tasks_v2.Task.View.BASIC,
        retry_config=None if task.retry is None else _retry_message(task.retry),
    )


def stored_size_bytes(task: Task) -> int:
    """Return the size by which the service judges a task: that of its full message."""
    message = tasks_v2.Task.pb(task_message(task, view=tasks_v2.Task.View.FULL))
    message.ClearField("view")
    return int(message.ByteSize())


def _call_from(request: tasks_v2.HttpRequest) -> HttpCall:
    if "oauth_token" in request:
        raise not_built("HttpRequest.oauth_token")
    oidc = request.oidc_token if "oidc_token" in request else None
    method = request.http_method or tasks_v2.HttpMethod.POST
    return HttpCall(
        url=request.url,
        method=tasks_v2.HttpMethod(method).name,
        headers=dict(request.headers),
        body=request.body,
        oidc=None if oidc is None else OidcToken(oidc.service_account_email, oidc.audience),
    )


def _call_message(call: HttpCall, *, with_body: bool) -> tasks_v2.HttpRequest:
    message = tasks_v2.HttpRequest(
        url=call.url,
        http_method=getattr(tasks_v2.HttpMethod, call.method),
        headers=dict(call.headers),
        body=call.body if with_body else b"",
    )
    if call.oidc is not None:
        message.oidc_token = tasks_v2.OidcToken(
            service_account_email=call.oidc.service_account_email, audience=call.oidc.audience
        )
    return message


def _overrides_from(message: tasks_v2.RetryConfig) -> RetryOverrides:
    # A plain number has no presence in proto3: its zero means that nothing was said.
    return RetryOverrides(
        max_attempts=message.max_attempts or None,
        max_retry_duration_s=_seconds(message, "max_retry_duration"),
        min_backoff_s=_seconds(message, "min_backoff"),
        max_backoff_s=_seconds(message, "max_backoff"),
        max_doublings=message.max_doublings or None,
    )


def _retry_message(retry: RetryConfig | RetryOverrides) -> tasks_v2.RetryConfig:
    return tasks_v2.RetryConfig(
        max_attempts=retry.max_attempts or 0,
        max_retry_duration=_duration(retry.max_retry_duration_s),
        min_backoff=_duration(retry.min_backoff_s),
        max_backoff=_duration(retry.max_backoff_s),
        max_doublings=retry.max_doublings or 0,
    )


def _attempt_message(attempt: LastAttempt | None) -> tasks_v2.Attempt | None:
    if attempt is None:
        return None
    message = tasks_v2.Attempt(
        schedule_time=attempt.scheduled_at,
        dispatch_time=attempt.dispatched_at,
        response_time=attempt.responded_at,
    )
    if attempt.status is not None:
        name, code = RPC_CODES.get(attempt.status, ("", 0))
        if not name:
            name, code = RPC_CODES_BY_CLASS.get(attempt.status // 100, ("UNKNOWN", 2))
        message.response_status = {
            "code": code,
            "message": f"{name}({code}): HTTP status code {attempt.status}",
        }
    return message


def _instant(value: datetime) -> datetime:
    # The SDK's subclass also carries nanoseconds, which the service cuts off.
    return datetime.combine(value.date(), value.time(), UTC)


def _seconds(message: tasks_v2.RetryConfig, field: str) -> float | None:
    if field not in message:
        return None
    value: timedelta = getattr(message, field)
    return value.total_seconds()


def _duration(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
