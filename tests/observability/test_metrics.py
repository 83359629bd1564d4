"""What Prometheus is shown, and from where it can be fetched."""

from datetime import timedelta

import requests
from prometheus_client.parser import text_string_to_metric_families

from local.health import wait_until
from local.ports import free_ports
from tests.observability.conftest import Served

ROUTE = "/api/v1/workspaces/<workspace>"


def scrape(url: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every sample by its name and labels."""
    answer = requests.get(url, timeout=60)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def value(samples, name: str, **labels: str) -> float:
    return samples.get((name, frozenset(labels.items())), 0.0)


class TestWhere:
    """Security check 54."""

    def test_the_public_port_does_not_know_them(self, served: Served):
        """Nobody from outside learns what we run, or how busy we are."""
        for path in ("/metrics", "/metrics/", "/internal/metrics"):
            assert 404 == requests.get(f"{served.url}{path}", timeout=60).status_code

    def test_they_have_a_port_of_their_own(self, served: Served):
        """On this machine alone unless told otherwise."""
        assert ("taskflow_http_requests_in_flight", frozenset()) in scrape(served.metrics_url)


class TestRequests:
    """Rate, errors, duration."""

    def test_they_are_counted_by_route_and_kind_of_answer(self, served: Served):
        """Never by path: a route has one row, however many workspaces there are."""
        ann = served.world.person("Ann")
        before = scrape(served.metrics_url)
        answers = [ann.get(f"/workspaces/{name}") for name in (ann.uid, "nobody", "no-one")]
        served.process.line_of(answers[-1].headers["X-Request-Id"])
        after = scrape(served.metrics_url)

        def grown(name: str, **labels: str) -> float:
            return value(after, name, **labels) - value(before, name, **labels)

        of_route = {"method": "GET", "route": ROUTE}
        counted = [
            grown("taskflow_http_requests_total", **of_route, status=status)
            for status in ("2xx", "4xx", "5xx")
        ]
        assert [1, 2, 0] == counted
        assert 3 == grown("taskflow_http_request_duration_seconds_count", **of_route)
        assert grown("taskflow_http_request_duration_seconds_sum", **of_route) > 0
        assert grown("taskflow_firestore_calls_total", work=ROUTE) >= 3
        assert grown("taskflow_firestore_reads_total", work=ROUTE) >= 3
        assert 0 == value(after, "taskflow_http_requests_in_flight")
        assert not [key for key in after if ann.uid in str(key)]

    def test_a_stranger_cannot_fill_the_memory(self, served: Served):
        """Paths and methods of their own make one row together."""
        size = len(scrape(served.metrics_url))
        for number in range(50):
            requests.request(f"BREW{number}", f"{served.url}/nowhere/{number}", timeout=60)

        rows = value(
            scrape(served.metrics_url),
            "taskflow_http_requests_total",
            method="OTHER",
            route="none",
            status="4xx",
        )
        assert rows >= 50
        assert len(scrape(served.metrics_url)) <= size + 40

    def test_a_replayed_answer_is_counted(self, served: Served):
        """So that one sees apps repeat themselves."""
        ann = served.world.person("Ann")
        key = {"Idempotency-Key": "the-same"}
        for _ in range(2):
            ann.post("/workspaces", {"name": "Launch"}, headers=key)

        samples = scrape(served.metrics_url)

        assert 1 == value(samples, "taskflow_idempotent_replays_total", route="/api/v1/workspaces")

    def test_caches_tell_how_often_they_helped(self, served: Served):
        """By the kind of thing they hold."""
        ann = served.world.person("Ann")
        for _ in range(3):
            ann.get(f"/workspaces/{ann.uid}")

        samples = scrape(served.metrics_url)

        names = {labels for name, labels in samples if name == "taskflow_cache_lookups_total"}
        assert frozenset({("cache", "members"), ("result", "hit")}) in names


class TestJobs:
    """What the queue has us do."""

    def test_they_are_counted_by_handler_and_outcome(self, served: Served):
        """A refused one is not a done one."""
        world, ann = served.world, served.world.person("Ann")
        before = scrape(served.metrics_url)
        task = ann.post(f"/workspaces/{ann.uid}/tasks", {"title": "x"}).json()["id"]
        world.ring(ann.uid, task)
        world.ring("nowhere", "no such/task")
        world.tasks.settle()
        after = scrape(served.metrics_url)

        counted = [
            value(after, "taskflow_jobs_total", handler="react", outcome=outcome)
            - value(before, "taskflow_jobs_total", handler="react", outcome=outcome)
            for outcome in ("done", "refused")
        ]
        assert [1, 1] == counted
        assert value(after, "taskflow_job_duration_seconds_count", handler="react") >= 2
        assert value(after, "taskflow_firestore_writes_total", work="job react") >= 1


EVERY_TICK = {"promote", "sweep", "repair", "series", "jobs", "deliveries"}


def _ticks(lines: list[dict]) -> set[str]:
    return {line["tick"] for line in lines}


class TestScheduler:
    """The process that ticks shows its own numbers."""

    def test_it_tells_how_far_behind_we_are(self, served: Served):
        """Measured where the ticks read anyway: a scrape asks Firestore nothing."""
        world = served.world
        now = world.clock.now()
        timer = {"kind": "overdue", "subject": {}, "attempts": 0}
        lost, forgotten = now - timedelta(minutes=10), now - timedelta(minutes=5)
        world.write("timers/lost", {**timer, "fireAt": lost, "state": "promoted"})
        world.write("timers/forgotten", {**timer, "fireAt": forgotten, "state": "waiting"})
        (port,) = free_ports(1)
        url = f"http://127.0.0.1:{port}/metrics"
        often = {f"{name}_INTERVAL_S": "1" for name in ("PROMOTE", "SWEEP", "REPAIR")}
        scheduler = served.scheduler(METRICS_PORT=str(port), LEASE_TTL_S="6", **often)
        try:
            scheduler.wait_until(lambda: EVERY_TICK <= _ticks(scheduler.lines("tick.finished")))
            samples = scrape(url)
            ticks = scheduler.lines("tick.finished")
        finally:
            scheduler.stop()

        ages = [
            value(samples, f"taskflow_timer_oldest_{name}_age_seconds")
            for name in ("due", "unannounced")
        ]
        assert 600 <= ages[0] < 900
        assert 300 <= ages[1] < 600
        assert 1 == value(samples, "taskflow_scheduler_leads")
        assert 1 <= value(samples, "taskflow_ticks_total", tick="promote", outcome="done")
        assert 1 <= value(samples, "taskflow_tick_found_total", tick="repair")
        succeeded = value(samples, "taskflow_tick_last_success_timestamp_seconds", tick="sweep")
        assert abs(succeeded - now.timestamp()) < 600
        by_name = {line["tick"]: line for line in ticks}
        assert EVERY_TICK == set(by_name)
        for line in by_name.values():
            assert "done" == line["outcome"]
            assert {"duration_ms", "rpcs", "reads", "writes", "done"} <= set(line)
            assert 32 == len(line["logging.googleapis.com/trace"].rpartition("/")[2])

    def test_a_port_that_is_taken_stops_nobody(self, served: Served):
        """People wait for ticks, not for numbers."""
        port = served.metrics_url.removesuffix("/metrics").rpartition(":")[2]
        scheduler = served.scheduler(METRICS_PORT=port)
        try:
            scheduler.wait_until(lambda: scheduler.lines("scheduler.started"))

            (line,) = scheduler.lines("metrics.not_shown")
            assert "ERROR" == line["severity"]
        finally:
            scheduler.stop()
        assert wait_until(lambda: scheduler.ended() == 0, within_s=60)
