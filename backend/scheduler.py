"""
The scheduler: APScheduler alone in its process. It only ticks; what is due stands in documents.

Start it with `python -m backend.scheduler`. Any number may run: a lease picks the one that works.
Where `TICKS` says that Cloud Scheduler ticks, it refuses to start.
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
from backend.bootstrap.ticks import TICKS, Tick, Turn
from backend.jobs.heartbeat import Heartbeat
from backend.jobs.lease import Lease
from backend.kit.clock import SystemClock
from backend.kit.errors import TaskFlowError
from backend.kit.ids import random_id
from backend.kit.logging import configure_logging, trace_keys
from backend.settings import Settings, SettingsError, Ticks, read_settings

log = structlog.get_logger()

# Some APScheduler defaults lose runs: a tick one second late would be dropped.
JOB_DEFAULTS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
CANNOT_START = 2
STOP_SIGNALS = {signal.SIGTERM, signal.SIGINT}


def build_scheduler(settings: Settings, services: Services, lease: Lease) -> BackgroundScheduler:
    """Return the scheduler with its ticks, which do something while the lease is held."""
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults=JOB_DEFAULTS)
    now = SystemClock().now()
    for name, tick in TICKS.items():
        ticking, seconds = _if_holder(name, tick, lease, services), tick.interval_s(settings)
        scheduler.add_job(ticking, "interval", seconds=seconds, id=name, next_run_time=now)
    listened = _complainer(services)
    scheduler.add_listener(listened, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
    return scheduler


def main() -> int:
    """Run until SIGTERM or SIGINT; then finish the running tick and give the lease back."""
    try:
        settings = read_settings()
    except SettingsError as error:
        return _refused(*error.faults)
    if settings.ticks is not Ticks.SCHEDULER:
        return _refused(f"TICKS={settings.ticks.value}: there is nothing for a scheduler to do.")
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
    heartbeat = Heartbeat(
        lease,
        taken=lambda: _catch_up(scheduler),
        broke=lambda error: _tell(services, error, tick="lease"),
    )
    scheduler.start()
    heartbeat.start()
    log.info("scheduler.started")
    signal.sigwait(STOP_SIGNALS)
    scheduler.shutdown(wait=True)
    heartbeat.stop()  # Last: the ticks that are being finished need the lease.
    log.info("scheduler.stopped")
    return 0


def _refused(*faults: str) -> int:
    print(*faults, sep="\n", file=sys.stderr)  # noqa: T201
    return CANNOT_START


def _catch_up(scheduler: BackgroundScheduler) -> None:
    """Let every tick come at once, as whoever held the lease before may have missed some."""
    now = SystemClock().now()
    for job in scheduler.get_jobs():
        job.modify(next_run_time=now)


def _if_holder(name: str, tick: Tick, lease: Lease, services: Services) -> Callable[[], None]:
    turns = itertools.count()

    def ticking() -> None:
        fence = lease.fence
        if fence is None:
            services.ports.metrics.stands_by()
            return
        services.ports.metrics.leads()
        with _observed(name, services) as told:
            told["done"] = tick.run(services, Turn(fence, next(turns)))

    return ticking


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


def _complainer(services: Services) -> Callable[[SchedulerEvent], None]:
    def complain(event: SchedulerEvent) -> None:
        failure = getattr(event, "exception", None)
        if failure is not None:
            _tell(services, failure, tick=event.job_id, event_code=event.code)
        elif event.code == EVENT_JOB_MAX_INSTANCES:  # The one that runs will find this one's too.
            log.warning("tick.overran", tick=event.job_id)
        else:
            log.error("tick.broken", tick=event.job_id, event_code=event.code)

    return complain


def _tell(services: Services, failure: BaseException, *, tick: str, **keys: int) -> None:
    log.error("tick.broken", tick=tick, exc_info=failure, **keys)
    services.ports.error_reports.report(failure, tick=tick)


if __name__ == "__main__":
    sys.exit(main())
