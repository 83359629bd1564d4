"""
The scheduler: APScheduler alone in its process. It only ticks; what is due stands in documents.

Start it with `python -m backend.scheduler`. Any number may run: a lease picks the one that works.
"""

import signal
import socket
import sys
import threading
from collections.abc import Callable
from datetime import UTC

import structlog
from apscheduler.events import (
    EVENT_JOB_ERROR,
    EVENT_JOB_MAX_INSTANCES,
    EVENT_JOB_MISSED,
    SchedulerEvent,
)
from apscheduler.schedulers.background import BackgroundScheduler

from backend.adapters.firestore import metered
from backend.bootstrap import Services, build_ports, build_services
from backend.jobs.lease import RENEWED_AFTER, Lease
from backend.kit.clock import SystemClock
from backend.kit.errors import TaskFlowError
from backend.kit.ids import random_id
from backend.kit.logging import configure_logging
from backend.settings import Settings, SettingsError, read_settings

log = structlog.get_logger()

# Some APScheduler defaults lose runs: a tick one second late would be dropped.
JOB_DEFAULTS = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
CANNOT_START = 2


def build_scheduler(settings: Settings, services: Services, lease: Lease) -> BackgroundScheduler:
    """Return the scheduler with its ticks, not yet started."""
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults=JOB_DEFAULTS)
    ticks: list[tuple[str, Callable[[int], int], float]] = [
        ("promote", lambda _: services.timers.promote(), settings.promote_interval_s),
        ("sweep", services.sweep.run, settings.sweep_interval_s),
        ("repair", lambda _: services.timers.repair(), settings.repair_interval_s),
    ]
    now = SystemClock().now()
    scheduler.add_job(
        _guarded("lease", lease.hold),
        "interval",
        seconds=settings.lease_ttl_s * RENEWED_AFTER,
        next_run_time=now,
    )
    for name, work, interval_s in ticks:
        tick = _guarded(name, _if_holder(name, work, lease))
        scheduler.add_job(tick, "interval", seconds=interval_s, id=name, next_run_time=now)
    scheduler.add_listener(_complain, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
    return scheduler


def main() -> int:
    """Run until SIGTERM or SIGINT; then finish the running tick and give the lease back."""
    try:
        settings = read_settings()
    except SettingsError as error:
        print(*error.faults, sep="\n", file=sys.stderr)  # noqa: T201
        return CANNOT_START
    configure_logging(settings.log_level)
    services = build_services(settings, build_ports(settings))
    lease = Lease(
        services.ports.store,
        services.ports.clock,
        name="scheduler",
        holder=f"{socket.gethostname()}-{random_id()}",
        ttl_s=settings.lease_ttl_s,
    )
    scheduler = build_scheduler(settings, services, lease)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    scheduler.start()
    log.info("scheduler.started")
    stopped.wait()
    scheduler.shutdown(wait=True)
    _guarded("release", lease.release)()
    log.info("scheduler.stopped")
    return 0


def _if_holder(name: str, work: Callable[[int], int], lease: Lease) -> Callable[[], None]:
    def tick() -> None:
        fence = lease.fence
        if fence is None:
            return
        with metered() as usage:
            done = work(fence)
        log.info("tick.finished", tick=name, done=done, reads=usage.reads, writes=usage.writes)

    return tick


def _guarded(name: str, work: Callable[[], None]) -> Callable[[], None]:
    """Let a passing failure wait for the next tick; APScheduler would only print a trace of it."""

    def guarded() -> None:
        try:
            work()
        except TaskFlowError as error:
            log.warning("tick.failed", tick=name, code=error.code, detail=error.detail)

    return guarded


def _complain(event: SchedulerEvent) -> None:
    failure = getattr(event, "exception", None)
    log.error("tick.broken", tick=event.job_id, code=event.code, failure=repr(failure))


if __name__ == "__main__":
    sys.exit(main())
