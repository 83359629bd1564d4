"""A doorbell rings once per event, carries ids alone, and survives a Cloud Tasks that is away."""

import ast
import hashlib
import json
import re
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from firebase_functions import identity_fn
from google.api_core.exceptions import GoogleAPIError
from google.cloud.tasks_v2 import HttpMethod

from backend.web.internal import JOBS
from local.cloudtasks import CloudTasksStandIn
from local.ports import free_ports
from tests.functions.conftest import (
    FUNCTIONS,
    QUEUE,
    WORKER_ACCOUNT,
    WORKER_URL,
    Ring,
    jobs_in,
    payload,
)

TASK = "workspaces/w1/tasks/t1"


@pytest.fixture
def bell(
    tasks: CloudTasksStandIn, environment: pytest.MonkeyPatch, ring: Ring
) -> tuple[Ring, CloudTasksStandIn]:
    """The doorbells, and the Cloud Tasks they reach."""
    environment.setenv("JOBS_EMULATOR_HOST", tasks.address)
    return ring, tasks


class TestTaskWritten:
    """Any write of workspaces/{workspaceId}/tasks/{taskId}"""

    def test_asks_for_the_reactors_job_with_both_ids(self, bell):
        """The job is a signed POST to the worker, named by the event, with two ids as its body."""
        ring, tasks = bell

        ring(TASK, event_id="event-1")

        [job] = jobs_in(tasks)
        request = job.http_request
        assert f"{QUEUE}/tasks/{hashlib.sha256(b'react:event-1').hexdigest()}" == job.name
        assert f"{WORKER_URL}/internal/jobs/react" == request.url
        assert HttpMethod.POST == request.http_method
        assert "application/json" == request.headers["Content-Type"]
        assert {"workspaceId": "w1", "taskId": "t1"} == json.loads(request.body)
        assert WORKER_ACCOUNT == request.oidc_token.service_account_email
        assert WORKER_URL == request.oidc_token.audience

    def test_an_event_that_comes_twice_is_one_job(self, bell):
        """Firestore delivers at least once; the second ring is a success that adds nothing."""
        ring, tasks = bell

        ring(TASK, event_id="event-1")
        ring(TASK, event_id="event-1")

        assert 1 == len(jobs_in(tasks))

    def test_two_events_of_one_task_are_two_jobs(self, bell):
        """A later write rings again, however soon: only the event's id makes a ring the same."""
        ring, tasks = bell

        ring(TASK, event_id="event-1")
        ring(TASK, event_id="event-2")

        assert 2 == len(jobs_in(tasks))

    def test_the_payload_is_not_read(self, bell):
        """Ids come from the document's path, whatever the payload says."""
        ring, tasks = bell
        elsewhere = payload("workspaces/w2/tasks/t2", workspaceId="w3", taskId="t3")

        ring(TASK, data=elsewhere)

        [job] = jobs_in(tasks)
        assert {"workspaceId": "w1", "taskId": "t1"} == json.loads(job.http_request.body)

    @pytest.mark.parametrize(
        "task_id",
        ["a b", "a.b", "ä", "a\nb", "t1\n", "..", "x" * 129, "%2e%2e", "a'b"],
    )
    def test_an_id_of_another_shape_is_logged_and_skipped(self, bell, capsys, task_id):
        """Whoever may create documents may choose such ids; they never reach a job's body."""
        ring, tasks = bell

        ring(f"workspaces/w1/tasks/{task_id}")

        assert [] == jobs_in(tasks)
        assert "doorbell.skipped" == json.loads(capsys.readouterr().out)["message"]

    def test_the_longest_id_that_is_allowed_rings(self, bell):
        """128 letters, digits, hyphens and underscores."""
        ring, tasks = bell

        ring(f"workspaces/w1/tasks/{'aZ0_-' * 25}xyz")

        assert 1 == len(jobs_in(tasks))

    def test_a_ring_logs_one_line_without_the_payload(self, bell, capsys):
        """The line names the event and the ids; what the document holds stays out of it."""
        ring, _ = bell

        ring(TASK, data=payload(TASK, title="A secret"))

        printed = capsys.readouterr()
        line = json.loads(printed.out)
        assert ("doorbell.rang", "t1", True) == (line["message"], line["taskId"], line["created"])
        assert "A secret" not in printed.out + printed.err


# What is written, how it was, the doorbell that hangs there, and the job it asks for.
CREATED, WRITTEN, UPDATED, DELETED = "created", "written", "updated", "deleted"
DEVICE, NOTIFICATION = "users/ann/devices/phone", "users/ann/notifications/n1"
OWN_DOCUMENTS = [
    (
        f"{TASK}/comments/c1",
        WRITTEN,
        "comment_written",
        "reactComment",
        {"workspaceId": "w1", "taskId": "t1", "commentId": "c1"},
    ),
    (
        "workspaces/w1/boards/b1",
        CREATED,
        "board_created",
        "reactBoard",
        {"workspaceId": "w1", "boardId": "b1"},
    ),
    (
        "workspaces/w1/boards/b1",
        DELETED,
        "board_deleted",
        "reactBoard",
        {"workspaceId": "w1", "boardId": "b1"},
    ),
    (
        "workspaces/w1/lists/l1",
        CREATED,
        "list_created",
        "reactList",
        {"workspaceId": "w1", "listId": "l1"},
    ),
    (
        "workspaces/w1/lists/l1",
        DELETED,
        "list_deleted",
        "reactList",
        {"workspaceId": "w1", "listId": "l1"},
    ),
    ("users/ann", WRITTEN, "account_written", "reactAccount", {"uid": "ann"}),
    (
        "users/ann/settings/notifications",
        WRITTEN,
        "settings_written",
        "reactSettings",
        {"uid": "ann"},
    ),
    (DEVICE, WRITTEN, "device_written", "reactDevice", {"uid": "ann", "deviceId": "phone"}),
    (
        "users/ann/intents/i1",
        CREATED,
        "intent_written",
        "runIntent",
        {"uid": "ann", "intentId": "i1"},
    ),
    (
        NOTIFICATION,
        UPDATED,
        "notification_marked",
        "reactInbox",
        {"uid": "ann", "notificationId": "n1"},
    ),
    (
        NOTIFICATION,
        DELETED,
        "notification_deleted",
        "reactInbox",
        {"uid": "ann", "notificationId": "n1"},
    ),
]


class TestOwnDocuments:
    """Writes below users/{uid}"""

    @pytest.mark.parametrize(
        ("document", "how", "name", "handler", "ids"),
        OWN_DOCUMENTS,
        ids=[case[2] for case in OWN_DOCUMENTS],
    )
    def test_each_asks_for_its_job_with_the_ids_of_the_path(
        self, bell, document, how, name, handler, ids
    ):
        """Whatever the payload says, and once for each event."""
        ring, tasks = bell
        elsewhere = payload("users/eve/devices/other", uid="eve")

        for _ in range(2):
            ring(document, name=name, how=how, data=elsewhere)

        [job] = jobs_in(tasks)
        assert f"{WORKER_URL}/internal/jobs/{handler}" == job.http_request.url
        assert ids == json.loads(job.http_request.body)

    @pytest.mark.parametrize(
        ("document", "name"),
        [("users/a b", "account_written"), ("users/ann/devices/a.b", "device_written")],
    )
    def test_ids_of_another_shape_are_skipped(self, bell, capsys, document, name):
        """An app may choose a device's id as it likes."""
        ring, tasks = bell

        ring(document, name=name)

        assert [] == jobs_in(tasks)
        assert "doorbell.skipped" == json.loads(capsys.readouterr().out)["message"]

    def test_two_doorbells_at_one_event_are_two_jobs(self, bell):
        """Functions that listen to one write get its event under one id."""
        ring, tasks = bell

        ring("users/ann", name="account_written", event_id="e")
        ring(DEVICE, name="device_written", event_id="e")

        assert 2 == len(jobs_in(tasks))


class TestCloudTasksAway:
    """Cloud Tasks restarts, or stays away"""

    def test_a_ring_waits_for_cloud_tasks_to_come_back(self, environment, ring):
        """A ring during a restart is retried within the same event: nothing else repeats it."""
        [port] = free_ports(1)
        environment.setenv("JOBS_EMULATOR_HOST", f"127.0.0.1:{port}")
        ringing = threading.Thread(target=ring, args=(TASK,))
        ringing.start()

        with CloudTasksStandIn(port=port, queues=[QUEUE]) as tasks:
            ringing.join(timeout=20)

            assert 1 == len(jobs_in(tasks))

    def test_a_ring_gives_up_in_time_and_says_so(self, environment, ring, capsys):
        """The event fails, for the platform's statistics; the sweep finds the document."""
        [port] = free_ports(1)
        environment.setenv("JOBS_EMULATOR_HOST", f"127.0.0.1:{port}")
        jobs = sys.modules["jobs"]
        environment.setattr(jobs, "RETRY", jobs.RETRY.with_timeout(0.5))

        with pytest.raises(GoogleAPIError):
            ring(TASK)

        assert "doorbell.failed" == json.loads(capsys.readouterr().err)["message"]

    def test_the_suites_own_tasks_emulator_is_passed_over(self, tasks, environment, ring):
        """The Suite overwrites CLOUD_TASKS_EMULATOR_HOST in its workers; ours has another name."""
        environment.setenv("JOBS_EMULATOR_HOST", tasks.address)
        environment.setenv("CLOUD_TASKS_EMULATOR_HOST", "127.0.0.1:9")

        ring(TASK)

        assert 1 == len(jobs_in(tasks))


class TestDeployedFolder:
    """functions/ as `firebase deploy` sees it"""

    def test_every_doorbell_listens_where_it_should(self, doorbells):
        """A doorbell that is not in main.py is never deployed."""
        listens = {name: _listens(function) for name, function in doorbells.items()}

        assert {
            "task_written": ("written", "workspaces/{workspaceId}/tasks/{taskId}"),
            "comment_written": (
                "written",
                "workspaces/{workspaceId}/tasks/{taskId}/comments/{commentId}",
            ),
            "board_created": ("created", "workspaces/{workspaceId}/boards/{boardId}"),
            "board_deleted": ("deleted", "workspaces/{workspaceId}/boards/{boardId}"),
            "list_created": ("created", "workspaces/{workspaceId}/lists/{listId}"),
            "list_deleted": ("deleted", "workspaces/{workspaceId}/lists/{listId}"),
            "account_written": ("written", "users/{uid}"),
            "settings_written": ("written", "users/{uid}/settings/notifications"),
            "device_written": ("written", "users/{uid}/devices/{deviceId}"),
            "intent_written": ("created", "users/{uid}/intents/{intentId}"),
            "notification_marked": ("updated", "users/{uid}/notifications/{notificationId}"),
            "notification_deleted": ("deleted", "users/{uid}/notifications/{notificationId}"),
        } == listens

    def test_every_doorbell_rings_at_a_handler_of_the_worker(self, doorbells):
        """In its region; a job for nobody would come again and again."""
        source = (FUNCTIONS / "doorbells.py").read_text()
        rung = set(re.findall(r'\bring\("(\w+)"', source))

        assert rung <= set(JOBS)
        for function in doorbells.values():
            assert ["europe-west1"] == function.__firebase_endpoint__.region

    def test_there_is_still_no_doorbell_at_firebase_auth(self):
        """Both kinds of functions there hold up the sign-up itself: docs/decisions/0017."""
        offered = {
            name for name in dir(identity_fn) if name.startswith(("before_", "on_", "after_"))
        }

        assert {"before_user_created", "before_user_signed_in"} == offered

    def test_importing_builds_no_client(self, doorbells):
        """gRPC objects do not survive the fork that comes after the import."""
        assert 0 == sys.modules["jobs"]._client.cache_info().currsize

    @pytest.mark.parametrize("path", sorted(FUNCTIONS.glob("*.py")), ids=lambda path: path.name)
    def test_files_are_short_and_share_nothing(self, path: Path):
        """No domain code: it could not be deployed, and it would act on an event's payload."""
        source = path.read_text()
        imported = {
            name.split(".")[0]
            for node in ast.walk(ast.parse(source))
            for name in _names_imported(node)
        }

        assert not imported & {"backend", "local", "tests"}
        assert len(source.splitlines()) <= 100


def _listens(function: Any) -> tuple[str, str]:
    """How a document has to change for a doorbell to ring, and where."""
    trigger = function.__firebase_endpoint__.eventTrigger
    return (
        trigger["eventType"].rpartition(".")[2],
        trigger["eventFilterPathPatterns"]["document"],
    )


def _names_imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
