"""Numbers for Prometheus: one registry a process, shown on a port that only insiders reach."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

import structlog
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
    start_http_server,
)
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

from backend.adapters.firestore import Usage

log = structlog.get_logger()

DURATIONS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
DONE = "done"


CacheCounts = Callable[[], Mapping[str, tuple[int, int]]]


class Metrics:
    """
    What is counted, under names that `deploy/monitoring` watches.

    Labels take few values each: rules of routes, names of handlers, never what a person sent.
    """

    def __init__(self, *, release: str = "") -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        self._count_requests()
        self._count_work()
        self._measure_backlog()
        ProcessCollector(registry=self.registry)
        Info("taskflow_build", "What runs here.", registry=self.registry).info({"release": release})

    def _count_requests(self) -> None:
        self._requests = self._counter(
            "taskflow_http_requests_total", "Requests answered.", "method", "route", "status"
        )
        self._request_s = self._histogram(
            "taskflow_http_request_duration_seconds", "Time to answer.", "method", "route"
        )
        self._in_flight = Gauge(
            "taskflow_http_requests_in_flight", "Requests being answered.", registry=self.registry
        )
        self._replays = self._counter(
            "taskflow_idempotent_replays_total", "Answers given from a first request's.", "route"
        )

    def _count_work(self) -> None:
        self._jobs = self._counter("taskflow_jobs_total", "Jobs run.", "handler", "outcome")
        self._job_s = self._histogram("taskflow_job_duration_seconds", "Time of a job.", "handler")
        self._alerts = self._counter(
            "taskflow_scheduled_runs_bad_total",
            "Runs of scheduled jobs that failed, took too long or were missed.",
            "handler",
            "outcome",
        )
        self._digests = self._counter(
            "taskflow_digests_total", "Digests whose hour has come.", "kind", "outcome"
        )
        self._ticks = self._counter("taskflow_ticks_total", "Ticks run.", "tick", "outcome")
        self._tick_s = self._histogram("taskflow_tick_duration_seconds", "Time of a tick.", "tick")
        self._found = self._counter(
            "taskflow_tick_found_total", "Timers promoted, changes missed, jobs lost.", "tick"
        )
        self._ticked_at = Gauge(
            "taskflow_tick_last_success_timestamp_seconds",
            "When a tick last succeeded here.",
            ("tick",),
            registry=self.registry,
        )
        self._calls, self._reads, self._writes = (
            self._counter(f"taskflow_firestore_{name}_total", text, "work")
            for name, text in (
                ("calls", "Round trips to Firestore."),
                ("reads", "Documents read, as billed."),
                ("writes", "Documents written, as billed."),
            )
        )

        self._mails = self._counter(
            "taskflow_mails_total", "Mails, by what the mail server said.", "outcome"
        )
        self._mail_reports = self._counter(
            "taskflow_mail_reports_total",
            "Bounces and complaints, by what became of them.",
            "kind",
            "outcome",
        )
        self._pushes = self._counter(
            "taskflow_pushes_total", "Pushes to devices, by what FCM said.", "outcome"
        )

    def _measure_backlog(self) -> None:
        self._leads = self._gauge(
            "taskflow_scheduler_leads", "1 where the ticks run, 0 where they stand by."
        )
        self._due = self._gauge(
            "taskflow_timer_oldest_due_age_seconds",
            "How late the oldest timer is whose job was lost, as the last repair found it.",
        )
        self._unannounced = self._gauge(
            "taskflow_timer_oldest_unannounced_age_seconds",
            "How late the oldest timer is that has no job yet, as the last promotion found it.",
        )
        self._missed = self._gauge(
            "taskflow_reaction_oldest_missed_age_seconds",
            "How old the oldest change is that nobody reacted to, as the last sweep found it.",
        )
        self._stuck = self._gauge(
            "taskflow_delivery_oldest_stuck_age_seconds",
            "How long the oldest notification waited that nobody went on with, as last found.",
        )

    def oldest_stuck_delivery(self, age_s: float) -> None:
        """Keep for how long the oldest notification waited that nobody would have gone on with."""
        self._stuck.set(age_s)

    def request_began(self) -> None:
        """Count a request in."""
        self._in_flight.inc()

    def request_finished(self, *, method: str, route: str, status: int, duration_s: float) -> None:
        """Count a request out. `route` is the rule, never the path."""
        self._in_flight.dec()
        self._requests.labels(method, route, f"{status // 100}xx").inc()
        self._request_s.labels(method, route).observe(duration_s)

    def job_finished(self, handler: str, outcome: str, *, duration_s: float) -> None:
        """Count a job."""
        self._jobs.labels(handler, outcome).inc()
        self._job_s.labels(handler).observe(duration_s)

    def run_ended_badly(self, handler: str, outcome: str) -> None:
        """Count a run of a scheduled job that failed, took too long or was missed."""
        self._alerts.labels(handler, outcome).inc()

    def digest_came(self, kind: str, outcome: str) -> None:
        """Count a digest, by what became of it: told, empty, for another day."""
        self._digests.labels(kind, outcome).inc()

    def tick_finished(
        self, tick: str, outcome: str, *, found: int, at: datetime, duration_s: float
    ) -> None:
        """Count a tick that ended `at`."""
        self._ticks.labels(tick, outcome).inc()
        self._tick_s.labels(tick).observe(duration_s)
        self._found.labels(tick).inc(found)
        if outcome == DONE:
            self._ticked_at.labels(tick).set(at.timestamp())

    def used(self, work: str, usage: Usage) -> None:
        """Count what Firestore was asked for by a route, a job or a tick."""
        self._calls.labels(work).inc(usage.rpcs)
        self._reads.labels(work).inc(usage.reads)
        self._writes.labels(work).inc(usage.writes)

    def leads(self) -> None:
        """Show that this process is the one that ticks."""
        self._leads.set(1)

    def stands_by(self) -> None:
        """Show that another process ticks: the ages last measured here are no longer true."""
        for gauge in (
            self._leads,
            self._due,
            self._unannounced,
            self._missed,
            self._stuck,
        ):
            gauge.set(0)

    def answer_replayed(self, route: str) -> None:
        """Count a request answered from the first one under its Idempotency-Key."""
        self._replays.labels(route).inc()

    def watch_caches(self, counts: CacheCounts) -> None:
        """Show what `counts` returns at each scrape: hits and misses by the kind of thing held."""
        self.registry.register(_CacheLookups(counts))

    def watch_redis(self, is_silent: Callable[[], bool]) -> None:
        """Show at each scrape whether Redis is silent: limits are then each process's own."""
        silent = self._gauge(
            "taskflow_redis_silent", "1 while Redis does not answer, and is done without."
        )
        silent.set_function(is_silent)

    def mail_answered(self, outcome: str) -> None:
        """Count a mail that a server was asked to take."""
        self._mails.labels(outcome).inc()

    def mail_reported(self, kind: str, outcome: str) -> None:
        """Count what came back about a mail."""
        self._mail_reports.labels(kind, outcome).inc()

    def push_answered(self, outcome: str) -> None:
        """Count a push to one device, by what became of it."""
        self._pushes.labels(outcome).inc()

    def watch_push_pause(self, left_s: Callable[[], float]) -> None:
        """Show at each scrape for how long nothing is sent, as FCM has asked."""
        paused = self._gauge(
            "taskflow_push_pause_seconds", "How long no push is sent from here, as FCM has asked."
        )
        paused.set_function(left_s)

    def oldest_due_timer(self, age_s: float) -> None:
        """Keep how late the latest timer is whose job was lost; 0 where there is none."""
        self._due.set(age_s)

    def oldest_unannounced_timer(self, age_s: float) -> None:
        """Keep how late the latest timer is that has no job yet; 0 where none is late."""
        self._unannounced.set(age_s)

    def oldest_missed_change(self, age_s: float) -> None:
        """Keep how old the oldest change is that a sweep had to find; 0 where there is none."""
        self._missed.set(age_s)

    def text(self) -> str:
        """Return what a scrape gets."""
        return generate_latest(self.registry).decode()

    def show(self, host: str, port: int) -> None:
        """
        Show the numbers at `http://host:port/metrics`, on a daemon thread. Port 0 shows nothing.

        A port that is taken is logged: work that people wait for matters more than its numbers.
        """
        if not port:
            return
        try:
            start_http_server(port, host, self.registry)
        except OSError as error:
            log.error("metrics.not_shown", host=host, port=port, exc_info=error)  # noqa: TRY400

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(name, text, labels, buckets=DURATIONS_S, registry=self.registry)


class _CacheLookups(Collector):
    """The caches count for themselves; this only reads them out."""

    def __init__(self, counts: CacheCounts) -> None:
        self._counts = counts

    def collect(self) -> Iterator[CounterMetricFamily]:
        found = CounterMetricFamily(
            "taskflow_cache_lookups", "Look-ups in a cache.", labels=("cache", "result")
        )
        for name, (hits, misses) in self._counts().items():
            found.add_metric((name, "hit"), hits)
            found.add_metric((name, "miss"), misses)
        yield found
