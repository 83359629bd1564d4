"""Traces and error reports: what leaves the service where they are on, and nothing where not."""

import importlib.util
import json
import os
import secrets
import subprocess
import sys

import pytest

from backend.kit.redaction import pseudonym
from backend.settings import SettingsError, read_settings
from tests.observability.canaries import Canaries
from tests.observability.conftest import Serve
from tests.observability.process import KEPT, ROOT
from tests.observability.receiver import Receiver, receiving

TRACE_ID, SPAN_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
ROUTE = "/api/v1/workspaces/<workspace>/tasks/<task_id>"
AT_ONCE = {"OTEL_BSP_SCHEDULE_DELAY": "50"}  # OpenTelemetry's own setting, in milliseconds.
# Not all of opentelemetry: the Redis client looks for it by itself.
TRACING = ("backend.adapters.open_telemetry", "opentelemetry.exporter", "opentelemetry.sdk.trace")
REPORTS = ("backend.adapters.sentry", "sentry_sdk")


@pytest.fixture
def receiver():
    with receiving() as receiver:
        yield receiver


class TestTraces:
    """OTEL_EXPORTER_OTLP_ENDPOINT"""

    def test_one_trace_follows_request_job_and_reaction(self, serve: Serve, receiver: Receiver):
        """Under the span that the caller was in."""
        served = serve(OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url, RELEASE="r7", **AT_ONCE)
        world = served.world
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        mark = f"zq{secrets.token_hex(6)}"
        task = ann.post(
            f"/workspaces/{team}/tasks",
            {"title": mark, "assigneeIds": [bob.uid]},
            headers={"traceparent": f"00-{TRACE_ID}-{SPAN_ID}-01"},
        ).json()["id"]
        world.ring(team, task)
        world.tasks.settle()
        world.settle()

        def spans_of(name: str):
            return [span for span in receiver.spans() if span.name == name]

        post = "POST /api/v1/workspaces/<workspace>/tasks"
        job = "POST /internal/jobs/<handler>"
        served.process.wait_until(lambda: spans_of(post) and len(spans_of(job)) >= 2)
        (request,) = spans_of(post)
        assert (TRACE_ID, SPAN_ID) == (request.trace_id.hex(), request.parent_span_id.hex())
        reaction = spans_of(job)[0]
        followers = [span for span in spans_of(job) if span.parent_span_id == reaction.span_id]
        assert followers
        assert {reaction.trace_id} == {span.trace_id for span in followers}
        attributes = {each.key: each.value for each in request.attributes}
        assert 201 == attributes["http.response.status_code"].int_value
        assert attributes["taskflow.firestore.writes"].int_value >= 1
        everything = b"".join(body for _, body in receiver.posted)
        assert b"taskflow" in everything
        assert b"r7" in everything
        for secret in (mark, ann.uid, task):
            assert secret.encode() not in everything

    def test_a_collector_that_is_gone_stops_nobody(self, serve: Serve):
        """Spans are lost, and the log says so in its own form."""
        served = serve(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:9", **AT_ONCE)

        assert 200 == served.world.person("Ann").get("/users/me").status_code
        assert {"time", "severity", "message"} <= set.intersection(
            *(set(line) for line in served.process.lines())
        )


class TestErrorReports:
    """SENTRY_DSN"""

    def test_an_unhandled_error_arrives_with_release_and_request(
        self, serve: Serve, receiver: Receiver
    ):
        """And with the place it broke at, but with nothing that anybody sent."""
        dsn = receiver.url.replace("://", "://0123abcd@") + "/42"
        served = serve(SENTRY_DSN=dsn, RELEASE="r7")
        canaries = Canaries(f"zq{secrets.token_hex(6)}")
        ann = served.world.person("Ann")
        text = canaries.all["words"]
        tasks = f"workspaces/{ann.uid}/tasks"
        sound = ann.post(f"/{tasks}", {"title": text}).json()
        served.world.write(
            f"{tasks}/spoilt",
            {**served.world.document(f"{tasks}/{sound['id']}"), "status": text},
        )

        broken = ann.get(
            f"/{tasks}/spoilt", headers=canaries.headers(text) | {"Accept": "*/*", "If-Match": "*"}
        )

        assert 500 == broken.status_code
        assert "documents" not in broken.json()["detail"]

        served.process.wait_until(receiver.events)

        (event,) = receiver.events()
        tags = {"request_id": broken.headers["X-Request-Id"], "route": ROUTE}
        assert tags == {name: event["tags"][name] for name in tags}
        assert {"id": pseudonym(ann.uid)} == event["user"]
        assert ("r7", "development") == (event["release"], event["environment"])
        frames = event["exception"]["values"][-1]["stacktrace"]["frames"]
        assert [frame for frame in frames if "backend" in frame["filename"]]
        assert not [frame for frame in frames if "vars" in frame]
        sent = b"".join(body for _, body in receiver.posted).decode()
        assert canaries.mark not in sent
        assert ann.uid not in sent
        assert served.world.token(ann.uid)[:20] not in sent
        assert not {"request", "breadcrumbs", "server_name", "modules"} & set(event)

    def test_what_we_expected_is_not_reported(self, serve: Serve, receiver: Receiver):
        """404 and 422 are answers, not errors."""
        dsn = receiver.url.replace("://", "://0123abcd@") + "/42"
        served = serve(SENTRY_DSN=dsn)
        ann = served.world.person("Ann")
        ann.get("/workspaces/nobody")
        ann.post("/workspaces", {"nonsense": 1})

        served.process.terminate()

        assert 0 == served.process.ended()
        assert [] == receiver.posted


class TestOff:
    """The default."""

    def test_nothing_of_it_is_imported(self):
        """It costs neither memory nor start-up."""
        loaded = _modules_of_a_start({})

        assert "backend.app" in loaded
        assert [] == [name for name in loaded if name.startswith((*TRACING, *REPORTS))]

    def test_only_what_is_on_is_imported(self):
        """Each for itself."""
        loaded = _modules_of_a_start({"SENTRY_DSN": "http://key@127.0.0.1:9/42"})

        assert set(REPORTS) <= set(loaded)
        assert [] == [name for name in loaded if name.startswith(TRACING)]

    def test_nothing_of_it_needs_to_be_installed(self):
        """requirements.txt is enough."""
        assert "backend.app" in _modules_of_a_start({}, without="opentelemetry sentry_sdk")

    def test_on_without_being_installed_is_a_fault_that_says_how(
        self, monkeypatch: pytest.MonkeyPatch
    ):
        """Not an ImportError of the first request."""
        for name, text in _settings().items():
            monkeypatch.setenv(name, text)
        monkeypatch.setenv("SENTRY_DSN", "https://key@sentry.example.com/42")
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318")
        monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)

        with pytest.raises(SettingsError) as caught:
            read_settings()

        names = [fault.split()[0] for fault in caught.value.faults]
        assert ["OTEL_EXPORTER_OTLP_ENDPOINT", "SENTRY_DSN"] == names
        assert all("requirements-observability.txt" in fault for fault in caught.value.faults)

    def test_several_workers_cannot_share_a_port_for_metrics(self, monkeypatch: pytest.MonkeyPatch):
        """Each would show a part."""
        for name, text in {**_settings(), "METRICS_PORT": "9464", "WEB_WORKERS": "2"}.items():
            monkeypatch.setenv(name, text)

        with pytest.raises(SettingsError, match="METRICS_PORT needs WEB_WORKERS=1"):
            read_settings()

    @pytest.mark.parametrize(
        ("name", "text"),
        [("SENTRY_DSN", "https://sentry.example.com/s3cr3t"), ("OTEL_EXPORTER_OTLP_ENDPOINT", "x")],
    )
    def test_a_fault_does_not_quote_a_secret(
        self, monkeypatch: pytest.MonkeyPatch, name: str, text: str
    ):
        """Faults are printed."""
        for each, value in {**_settings(), name: text}.items():
            monkeypatch.setenv(each, value)

        with pytest.raises(SettingsError, match=name) as caught:
            read_settings()

        assert "s3cr3t" not in str(caught.value)


def _settings() -> dict[str, str]:
    return {
        "TASKFLOW_ENV": "development",
        "GOOGLE_CLOUD_PROJECT": "demo-extras",
        "WORKER_URL": "http://127.0.0.1:9",
        "WORKER_SERVICE_ACCOUNT": "jobs@demo-extras.iam.gserviceaccount.com",
        "SIGNING_SECRET": "x" * 32,
        "FIRESTORE_EMULATOR_HOST": "127.0.0.1:9",
        "FIREBASE_AUTH_EMULATOR_HOST": "127.0.0.1:9",
        "JOBS_EMULATOR_HOST": "127.0.0.1:9",
    }


def _modules_of_a_start(further: dict[str, str], *, without: str = "") -> list[str]:
    """What is loaded once the application has been built and has answered."""
    program = (
        "import json, sys\n"
        f"sys.modules.update(dict.fromkeys({without.split()!r}))\n"
        "from backend.wsgi import app\n"
        "assert app.test_client().get('/livez').status_code == 200\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**environment, **_settings(), **further},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return json.loads(done.stdout.splitlines()[-1])
