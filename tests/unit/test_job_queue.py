"""What the job queue's answers mean to whoever hands a job over."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

from backend.adapters.jobs import CloudTasksJobs, Job
from backend.kit.errors import Unavailable
from backend.settings import Mode, Settings

JOB = Job("fire", {"timerId": "t"}, key="t")


class Answering(grpc.GenericRpcHandler):
    """A queue that answers every call with the same error."""

    def __init__(self, code: grpc.StatusCode) -> None:
        self._code = code

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        return grpc.unary_unary_rpc_method_handler(self._answer)

    def _answer(self, _request: bytes, context: grpc.ServicerContext) -> bytes:
        context.abort(self._code, "As the test says.")


@contextmanager
def jobs_answered(code: grpc.StatusCode) -> Iterator[CloudTasksJobs]:
    """Jobs that are handed to such a queue."""
    with ThreadPoolExecutor(1) as threads:
        server = grpc.server(threads, handlers=[Answering(code)])
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        yield CloudTasksJobs(
            Settings(
                mode=Mode.DEVELOPMENT,
                project_id="demo-queue",
                worker_url="http://127.0.0.1:1",
                worker_service_account="jobs@demo-queue.example.com",
                signing_secret="for tests only, and long enough to be a secret",
                jobs_emulator_host=f"127.0.0.1:{port}",
            )
        )
        server.stop(0).wait()


@pytest.mark.parametrize(
    "code",
    [grpc.StatusCode.ABORTED, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.INTERNAL],
    ids=lambda code: code.name,
)
def test_what_was_perhaps_not_taken_is_told(code: grpc.StatusCode):
    """Whoever counts on the job would else believe that it comes."""
    with jobs_answered(code) as jobs, pytest.raises(Unavailable):
        jobs.enqueue(JOB)


def test_a_job_of_a_name_that_there_is_already_was_taken():
    """It is the same one."""
    with jobs_answered(grpc.StatusCode.ALREADY_EXISTS) as jobs:
        jobs.enqueue(JOB)
