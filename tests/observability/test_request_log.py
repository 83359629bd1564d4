"""One line for every request and every job: enough to follow it up, and nothing of its content."""

import requests

from backend.kit.redaction import pseudonym
from tests.observability.conftest import Served

TRACE_ID, SPAN_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CANONICAL = ("http.request_finished", "job.finished", "tick.finished")


class TestRequestLine:
    """`http.request_finished`"""

    def test_it_says_what_was_done_by_whom_and_at_what_cost(self, served: Served):
        """By rule and pseudonym, never by path and uid."""
        ann = served.world.person("Ann")
        answer = ann.get(f"/workspaces/{ann.uid}")

        line = served.process.line_of(answer.headers["X-Request-Id"], *CANONICAL)

        route = "/api/v1/workspaces/<workspace>"
        told = ("message", "severity", "method", "route", "status", "actor")
        expected = ["http.request_finished", "INFO", "GET", route, 200, pseudonym(ann.uid)]
        assert expected == [line[name] for name in told]
        assert line["reads"] >= 1
        assert line["rpcs"] >= 1
        assert line["duration_ms"] > 0
        assert {"requestMethod": "GET", "requestUrl": route, "status": 200} == {
            name: line["httpRequest"][name] for name in ("requestMethod", "requestUrl", "status")
        }
        assert line["httpRequest"]["latency"].endswith("s")
        assert ann.uid not in str(line)

    def test_a_problem_is_told_by_its_code(self, served: Served):
        """The sentence may name what was sent."""
        answer = requests.get(f"{served.url}/api/v1/users/me", timeout=60)

        line = served.process.line_of(answer.headers["X-Request-Id"], *CANONICAL)

        assert (401, "unauthenticated") == (line["status"], line["code"])
        assert "actor" not in line

    def test_there_is_one_for_every_answer(self, served: Served):
        """Also where there is no such route, method or body, and where we break."""
        ann = served.world.person("Ann")
        served.world.write(f"workspaces/{ann.uid}/tasks/broken", {"rev": "three"})
        answers = [
            ann.get(f"/workspaces/{ann.uid}/tasks/broken"),
            ann.get("/nowhere"),
            ann.call("BREW", "/users/me"),
            ann.call("OPTIONS", "/users/me"),
            ann.call("HEAD", "/users/me"),
            ann.post("/workspaces", {"nonsense": 1}),
            ann.post("/workspaces", data=b"{", headers={"Content-Type": "application/json"}),
        ]

        told = [
            served.process.line_of(answer.headers["X-Request-Id"], *CANONICAL) for answer in answers
        ]

        assert [answer.status_code for answer in answers] == [line["status"] for line in told]
        assert [500, 404] == [line["status"] for line in told[:2]]
        assert ["ERROR", "INFO"] == [line["severity"] for line in told[:2]]
        assert ["none", "OTHER"] == [told[1]["route"], told[2]["method"]]

    def test_a_request_id_of_a_client_is_not_taken_over(self, served: Served):
        """It could imitate another's."""
        answer = requests.get(
            f"{served.url}/livez", headers={"X-Request-Id": "0123456789abcdef"}, timeout=60
        )

        assert "0123456789abcdef" != answer.headers["X-Request-Id"]

    def test_a_trace_of_the_caller_is_gone_on_with(self, served: Served):
        """In the keys by which Cloud Logging finds it."""
        line = _line_with(served, f"00-{TRACE_ID}-{SPAN_ID}-01")

        assert [f"projects/{served.world.project_id}/traces/{TRACE_ID}", SPAN_ID, True] == [
            line[f"logging.googleapis.com/{name}"] for name in ("trace", "spanId", "trace_sampled")
        ]

    def test_an_invalid_trace_is_not(self, served: Served):
        """The request gets a trace of its own."""
        for header in (f"00-{'0' * 32}-{SPAN_ID}-01", "Ann's trace", f"00-{TRACE_ID}-{SPAN_ID}"):
            line = _line_with(served, header)

            trace = line["logging.googleapis.com/trace"].rpartition("/")[2]
            assert 32 == len(trace)
            assert trace not in (TRACE_ID, "0" * 32)


class TestJobLine:
    """`job.finished`"""

    def test_a_job_has_one_line_and_goes_on_with_the_trace(self, served: Served):
        """From the request that wrote, over its doorbell's job, to the jobs of the reaction."""
        world, ann = served.world, served.world.person("Ann")
        team = world.team(ann, bob := world.person("Bob"))
        traced = {"traceparent": f"00-{TRACE_ID}-{SPAN_ID}-01"}
        made = ann.post(
            f"/workspaces/{team}/tasks",
            {"title": "Buy a ring", "assigneeIds": [bob.uid]},
            headers=traced,
        )
        world.ring(team, made.json()["id"])
        world.tasks.settle()
        world.settle()

        jobs = served.process.lines("job.finished")

        assert {"react", "fire"} <= {line["job"] for line in jobs}
        assert {"done"} == {line["outcome"] for line in jobs}
        of_request = [line["request_id"] for line in served.process.lines(*CANONICAL)]
        assert len(of_request) == len(set(of_request))
        (react,) = [line for line in jobs if line["job"] == "react"]
        fired = [line for line in jobs if line["job"] == "fire"]
        trace = "logging.googleapis.com/trace"
        assert react[trace] in {line[trace] for line in fired}
        assert react["attempt"] == 0
        assert react["reads"] > 0

    def test_a_job_that_can_never_succeed_says_so(self, served: Served):
        """Its end is in the log, by its code."""
        served.world.ring("nowhere", "no such/task")
        served.world.tasks.settle()

        (line,) = [
            line for line in served.process.lines("job.finished") if line["outcome"] == "refused"
        ]
        (why,) = served.process.lines("job.refused")

        assert ("react", 204) == (line["job"], line["status"])
        assert (line["request_id"], "not-found") == (why["request_id"], why["code"])


def _line_with(served: Served, traceparent: str):
    answer = requests.get(f"{served.url}/livez", headers={"traceparent": traceparent}, timeout=60)
    return served.process.line_of(answer.headers["X-Request-Id"], *CANONICAL)
