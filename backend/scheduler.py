"""
The scheduler: APScheduler alone in its process. It only ticks; what is due stands in documents.

Start it with `python -m backend.scheduler`. Any number may run: a lease picks the one that works.
"""

import itertools
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC
from typing import Any

import structlog
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    SchedulerEvent,
)
from apscheduler.schedulers.background import BackgroundScheduler
from structlog.contextvars import bound_contextvars

from backend.adapters.firestore import metered
from backend.adapters.tracing import Work
from backend.bootstrap import Services, build_ports, build_services
from backend.jobs.lease import RENEWED_AFTER, Lease
from backend.kit.clock import SystemClock
from backend.kit.errors import TaskFlowError
from backend.kit.ids import random_id
from backend.kit.logging import configure_logging, trace_keys
from backend.settings import Settings, SettingsError, read_settings

log = structlog.get_logger()

# Some APScheduler defaults lose runs: a tick one second late would be dropped.
JOB_DEFAULTS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
CANNOT_START = 2
STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}


def build_scheduler(settings: Settings, services: Services, lease: Lease) -> BackgroundScheduler:
    """Return the scheduler with its ticks, not yet started."""
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults=JOB_DEFAULTS)
    turns = itertools.count()
    ticks: list[tuple[str, Callable[[int], int], float]] = [
        ("promote", lambda _: services.timers.promote(), settings.promote_interval_s),
        ("sweep", lambda fence: _sweep(services, fence, turns), settings.sweep_interval_s),
        ("repair", lambda _: services.timers.repair(), settings.repair_interval_s),
        ("guests", lambda _: services.guest_sweep.run(), settings.repair_interval_s),
        ("files", lambda _: services.file_sweep.run(), settings.repair_interval_s),
    ]
    now = SystemClock().now()
    scheduler.add_job(
        _guarded(lease.hold),
        "interval",
        seconds=settings.lease_ttl_s * RENEWED_AFTER,
        next_run_time=now,
    )
    for name, work, interval_s in ticks:
        tick = _if_holder(name, work, lease, services)
        scheduler.add_job(tick, "interval", seconds=interval_s, id=name, next_run_time=now)
    listened = _complainer(services)
    scheduler.add_listener(listened, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
    return scheduler


def _sweep(services: Services, fence: int, turns: Iterator[int]) -> int:
    return services.sweep.run(fence, turn=next(turns))


def main() -> int:
    """Run until SIGTERM or SIGINT; then finish the running tick and give the lease back."""
    try:
        settings = read_settings()
    except SettingsError as error:
        print(*error.faults, sep="\n", file=sys.stderr)  # noqa: T201
        return CANNOT_START
    configure_logging(settings.log_level)
    # Blocked before any thread starts, so that the signal waits for `sigwait`. A handler would run
    # in the midst of whatever the main thread does, and might want a lock that this holds.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    services = build_services(settings, build_ports(settings))
    services.ports.metrics.show(settings.metrics_host, settings.metrics_port)
    lease = Lease(
        services.ports.store,
        services.ports.clock,
        name="scheduler",
        holder=f"{socket.gethostname()}-{random_id()}",
        ttl_s=settings.lease_ttl_s,
    )
    scheduler = build_scheduler(settings, services, lease)
    scheduler.start()
    log.info("scheduler.started")
    signal.sigwait(STOP_SIGNALS)
    scheduler.shutdown(wait=True)
    _guarded(lease.release)()
    log.info("scheduler.stopped")
    return 0


def _if_holder(
    name: str, work: Callable[[int], int], lease: Lease, services: Services
) -> Callable[[], None]:
    def tick() -> None:
        fence = lease.fence
        if fence is None:
            services.ports.metrics.stands_by()
            return
        services.ports.metrics.leads()
        with _observed(name, services) as told:
            told["done"] = work(fence)

    return tick


@contextmanager
def _observed(name: str, services: Services) -> Iterator[dict[str, Any]]:
    """Log, count and trace a tick, however it ends."""
    ports, outcome = services.ports, "broke"
    told: dict[str, Any] = {}
    began_at = ports.clock.monotonic()
    with ExitStack() as scope:
        usage = scope.enter_context(metered())
        span = scope.enter_context(ports.tracing.span(f"tick {name}", Work.TICK, follows=None))
        keys = trace_keys(span.trace, services.settings.project_id)
        scope.enter_context(bound_contextvars(**keys))
        try:
            yield told
            outcome = "done"
        except TaskFlowError as error:
            outcome = "failed"  # The next tick tries again.
            told |= {"code": error.code, "detail": error.detail}
        finally:
            duration_s = ports.clock.monotonic() - began_at
            if outcome != "done":
                span.failed(str(told.get("code", outcome)))
            found = told.get("done", 0)
            ports.metrics.used(f"tick {name}", usage)
            ports.metrics.tick_finished(
                name, outcome, found=found, at=ports.clock.now(), duration_s=duration_s
            )
            (log.info if outcome == "done" else log.warning)(
                "tick.finished",
                tick=name,
                outcome=outcome,
                duration_ms=round(duration_s * 1000, 1),
                rpcs=usage.rpcs,
                reads=usage.reads,
                writes=usage.writes,
                **told,
            )


def _guarded(work: Callable[[], None]) -> Callable[[], None]:
    """Let a passing failure wait for the next time; APScheduler would only print a trace of it."""

    def guarded() -> None:
        try:
            work()
        except TaskFlowError as error:
            log.warning("lease.failed", code=error.code, detail=error.detail)

    return guarded


def _complainer(services: Services) -> Callable[[SchedulerEvent], None]:
    def complain(event: SchedulerEvent) -> None:
        failure = getattr(event, "exception", None)
        log.error("tick.broken", tick=event.job_id, event_code=event.code, exc_info=failure)
        if failure is not None:
            services.ports.error_reports.report(failure, tick=event.job_id)

    return complain


if __name__ == "__main__":
    sys.exit(main())
