"""
The hostile corpus against the real server, over real sockets, in the name of a workspace's owner.

A part of it runs always. `make fuzz` runs all of it, and then combinations of several faults.
"""

import os
import sys
from collections.abc import Iterator
from random import Random

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from google.cloud.firestore_v1.base_query import FieldFilter

from backend.workspaces.invite_tokens import InviteRef, InviteTokens
from local.suite import EmulatorSuite
from tests.hostile.attacks import all_attacks, combined_attacks, good_requests
from tests.hostile.barrage import Barrage, Report
from tests.openapi.service import SIGNING_SECRET, Person, Service, serving

SHORT, LONG = 2_500, 80_200  # With the corpus, 100,000 in all.
SEED = int(os.environ.get("FUZZ_SEED", "20261121"))
TASKS = "/api/v1/workspaces/{workspace}/tasks"
# Good requests that somebody who only owns things cannot make: they end where the work begins.
NOT_FOR_MALLORY = {
    "PUT /api/v1/workspaces/{workspace}/members/{uid}": 409,  # A team's people are invited.
    "POST /api/v1/workspaces/{workspace}:transferOwnership": 422,  # To nobody who is there.
    "POST /api/v1/invites:accept": 404,  # Nobody has invited Mallory.
    "POST /api/v1/users/me:mergeGuest": 422,  # The token of no guest.
    "POST /api/v1/users/me:undoMerge": 404,  # Nothing was merged.
    "POST /api/v1/workspaces/{workspace}/lists": 422,  # On a board that is not there.
    # The job that the paths name is the workspace's, and none of the platform's.
    "PATCH /api/v1/jobs/{job_id}": 404,
    "POST /api/v1/jobs/{job_id}:rehearse": 404,
    # The week of the example has passed.
    "POST /api/v1/jobs/{job_id}:backfill": 422,
    "POST /api/v1/workspaces/{workspace}/jobs/{job_id}:backfill": 422,
    "POST /api/v1/admin/rehearsals": 422,  # As is that of the next.
    "POST /api/v1/rehearsals": 422,  # The week of the example has passed.
    "POST /api/v1/undo": 409,  # Nothing was done that the token would say.
}


@pytest.fixture(scope="module")
def service(suite: EmulatorSuite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service as it is set in production, but for its limits on how often one may call."""
    with serving(suite, tmp_path_factory.mktemp("service"), API_DOCS="true") as service:
        yield service


@pytest.fixture(scope="module")
def mallory(service: Service) -> Person:
    """Somebody with bad intentions and, so that everything opens, a role on the platform."""
    mallory = service.person("mallory")
    service.appoint(mallory)
    return mallory


@pytest.fixture(scope="module")
def ids(service: Service, mallory: Person) -> dict[str, bytes]:
    """What Mallory owns: one thing of each kind that has an id."""

    def made(path: str, **content: object) -> str:
        answer = mallory.call("POST", f"/api/v1/workspaces{path}", json=content)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    workspace = made("", name="Launch")
    bob = service.person("bob")
    invite_id = made(f"/{workspace}/invites", email=bob.email, role="member")
    token = InviteTokens(SIGNING_SECRET).token(InviteRef(workspace, invite_id, 1))
    accepted = bob.call("POST", "/api/v1/invites:accept", json={"token": token})
    assert accepted.status_code == 200, accepted.text
    start = {"date": "2026-11-23", "tz": "Europe/Berlin"}
    due = {**start, "kind": "zoned", "time": "09:00"}
    task_id = made(f"/{workspace}/tasks", title="Target", due=due)
    task = f"/api/v1/workspaces/{workspace}/tasks/{task_id}"
    assert mallory.call("PATCH", task, json={"priority": "high"}).status_code == 200
    board_id = made(f"/{workspace}/boards", name="Target")
    file = {"name": "a.txt", "contentType": "text/plain", "size": 5}
    return {
        "workspace": workspace.encode(),
        "task_id": task_id.encode(),
        "attachment_id": made(f"/{workspace}/tasks/{task_id}/attachments", **file).encode(),
        "comment_id": made(f"/{workspace}/tasks/{task_id}/comments", body="Target").encode(),
        "rev": b"2",
        "blocker_id": made(f"/{workspace}/tasks", title="Target").encode(),
        "project_id": made(f"/{workspace}/projects", name="Target").encode(),
        "board_id": board_id.encode(),
        "list_id": made(f"/{workspace}/lists", name="Target", boardId=board_id).encode(),
        "label_id": made(f"/{workspace}/labels", name="Target").encode(),
        "job_id": made(
            f"/{workspace}/jobs",
            name="Target",
            handler="emptyTrash",
            arguments={"olderThanDays": 30},
            schedule={"kind": "interval", "everyMinutes": 600},
        ).encode(),
        "run_id": b"20261120T0530Z",
        "series_id": made(
            f"/{workspace}/series", title="Target", rule="FREQ=DAILY", start=start
        ).encode(),
        "key": b"20261123",
        "uid": bob.uid.encode(),
        "invite_id": made(f"/{workspace}/invites", email="eve@example.com", role="viewer").encode(),
        "device_id": b"phone",
        "notification_id": service.told(mallory).encode(),
        "broadcast_id": mallory.call(
            "POST",
            "/api/v1/admin/broadcasts",
            json={"texts": {"en": {"title": "Target", "body": "Target"}}},
        )
        .json()["id"]
        .encode(),
        "template": b"assigned",
        "version": b"0",
        "suppression_id": mallory.call(
            "POST", "/api/v1/admin/suppressions", json={"email": "robin@example.com"}
        )
        .json()["id"]
        .encode(),
        "operation_id": mallory.call("POST", "/api/v1/users/me:export").json()["id"].encode(),
    }


@pytest.fixture(scope="module")
def barrage(service: Service, mallory: Person, ids: dict[str, bytes]) -> Barrage:
    """What sends attacks."""
    # A fresh token each time: some of what is attacked ends the sessions of before.
    return Barrage(service.url, lambda: mallory.headers)


@pytest.fixture
def count_tasks(suite: EmulatorSuite, service: Service, ids: dict[str, bytes]):
    """Count the tasks in the database, past the service."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("FIRESTORE_EMULATOR_HOST", suite.firestore_host)
        client = firestore.Client(service.project_id, AnonymousCredentials())
    tasks = client.collection(f"workspaces/{ids['workspace'].decode()}/tasks")
    # Those of a series come whenever it goes on, which is not for a request alone to say.
    of_none = tasks.where(filter=FieldFilter("seriesId", "==", None))
    yield lambda: int(of_none.count().get()[0][0].value)
    client.close()


def new_tasks(report: Report) -> int:
    """How many tasks outside of series the service says it has made. Each copy has made one."""
    ways = f"POST {TASKS}", f"POST {TASKS}/{{task_id}}", "batch"
    return sum(report.created[way] for way in ways)


@pytest.mark.timeout(3600)
class TestCorpus:
    """Security checks 25, 31 to 35, and figure R4."""

    def test_the_aim_is_good(self, barrage, ids):
        """Without the fault that an attack puts in, its request would have been taken."""
        found = {attack.name: barrage.send(attack).status for attack in good_requests(ids)}

        assert found
        others = {f"{name}: example": status for name, status in NOT_FOR_MALLORY.items()}
        assert {
            name: status for name, status in found.items() if status not in range(200, 203)
        } == others

    def test_the_corpus(self, barrage, ids, count_tasks, is_long, capsys):
        """No 5xx, nothing slow, a problem document for each error, nothing written by a refusal."""
        attacks = list(all_attacks(ids))
        Random(SEED).shuffle(attacks)
        tasks_before = count_tasks()

        report = barrage.fire(attacks if is_long else attacks[:SHORT])

        with capsys.disabled():
            sys.stdout.write(f"\n  corpus: {report}\n")
        assert report.failures[:20] == []
        assert count_tasks() - tasks_before == new_tasks(report)

    def test_combinations(self, barrage, ids, count_tasks, is_long, capsys):
        """Several faults at once, and bodies broken at random places, do no more harm."""
        tasks_before = count_tasks()

        report = barrage.fire(combined_attacks(ids, LONG if is_long else SHORT // 5, SEED))

        with capsys.disabled():
            sys.stdout.write(f"\n  combinations of seed {SEED}: {report}\n")
        assert report.failures[:20] == []
        assert count_tasks() - tasks_before == new_tasks(report)

    def test_it_works_as_before(self, mallory, service, ids):
        """After all that the service is well, and says nothing of anybody's secrets."""
        ready = mallory.call("GET", "/readyz")
        listed = mallory.call("GET", f"/api/v1/workspaces/{ids['workspace'].decode()}/tasks")

        assert (200, 200) == (ready.status_code, listed.status_code)
        assert "Traceback" not in service.log.read_text()
