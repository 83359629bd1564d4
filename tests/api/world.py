"""What a test sees of the service: callers over HTTP, documents, devices, and time passing."""

import os
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
from google.cloud import firestore

from backend.adapters.jobs import Job
from backend.bootstrap import Services
from backend.kit.ids import random_id
from backend.workspaces.documents import member_fields, member_path, workspace_path
from backend.workspaces.model import Member
from backend.workspaces.permissions import Role
from local.cloudtasks import CloudTasksStandIn
from local.fcm import FcmStandIn
from local.mail import MailStandIn, ReceivedMail
from tests.clock import VirtualClock
from tests.tokens import id_token


@dataclass(frozen=True)
class Caller:
    """Somebody with an ID token, calling the API."""

    world: "World"
    uid: str
    name: str
    email: str | None = None  # Verified, if there is one.

    def __post_init__(self) -> None:
        self.world.sign_up(self.uid)

    def token(self) -> str:
        """A fresh ID token."""
        return self.world.token(
            self.uid, name=self.name, email=self.email, email_verified=self.email and True
        )

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token()}", **options.pop("headers", {})}
        url = f"{self.world.url}/api/v1{path}"
        for _ in range(5):
            answer = requests.request(method, url, headers=headers, timeout=60, **options)
            if answer.status_code != 503:  # It says when to come back, and an app does.
                break
            time.sleep(float(answer.headers["Retry-After"]))
        return answer

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> requests.Response:
        return self.call("POST", path, json=json, **options)

    def put(self, path: str, json: Any = None, **options: Any) -> requests.Response:
        return self.call("PUT", path, json=json, **options)

    def patch(self, path: str, json: Any = None, **options: Any) -> requests.Response:
        return self.call("PATCH", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> requests.Response:
        return self.call("DELETE", path, **options)

    def has_phone(self, token: str | None = None) -> str:
        """Register a device; return its FCM token."""
        token = token or f"token-of-{self.uid}"
        answer = self.put("/users/me/devices/phone", {"token": token, "platform": "android"})
        assert answer.status_code == 200, answer.text
        return token


class World:
    """One running service and everything around it."""

    def __init__(
        self,
        services: Services,
        url: str,
        clock: VirtualClock,
        tasks: CloudTasksStandIn,
        fcm: FcmStandIn,
        mail: MailStandIn | None = None,
    ) -> None:
        self.services = services
        self.url = url
        self.clock = clock
        self.tasks = tasks
        self.fcm = fcm
        self.mail = mail

    @property
    def project_id(self) -> str:
        return self.services.settings.project_id

    @property
    def auth_host(self) -> str:
        return os.environ["FIREBASE_AUTH_EMULATOR_HOST"]

    @property
    def database(self) -> firestore.Client:
        """The service's own client: it may read everything."""
        return self.services.ports.store._client

    def wait_until_ready(self, patience_s: float = 30) -> None:
        """A new process connects to everything first, which a busy machine makes slow."""
        give_up_at = time.monotonic() + patience_s
        while requests.get(f"{self.url}/readyz", timeout=patience_s).status_code != 200:
            assert time.monotonic() < give_up_at, "the service did not become ready"

    def token(self, uid: str, **claims: Any) -> str:
        """Somebody's fresh ID token, as the Auth emulator would issue it."""
        return id_token(uid, self.project_id, at=self.clock.now(), **claims)

    def sign_up(self, uid: str) -> None:
        """Make an account at Firebase Auth, unless it is there: the service asks about it."""
        self.at_auth("accounts", localId=uid)

    def at_auth(self, path: str, **body: Any) -> dict[str, Any]:
        """Ask the Auth emulator something about this project, as its owner."""
        project = f"identitytoolkit.googleapis.com/v1/projects/{self.project_id}"
        answer = requests.post(
            f"http://{self.auth_host}/{project}/{path}",
            json=body,
            headers={"Authorization": "Bearer owner"},
            timeout=60,
        )
        found: dict[str, Any] = answer.json()
        assert answer.ok or found["error"]["message"] == "DUPLICATE_LOCAL_ID", answer.text
        return found

    def after_a_change_at_auth(self) -> None:
        """
        Let tokens be newer than what was changed at Firebase Auth just now.

        It revokes those of before, and this clock stands at when the world began.
        """
        self.clock.move_to(max(self.clock.now(), datetime.now(UTC) + timedelta(seconds=1)))

    def person(self, name: str, email: str | None = None) -> Caller:
        """Somebody who has called before, and so has an account."""
        caller = Caller(self, f"{name.lower()}-{self.project_id[5:]}", name, email)
        assert caller.get("/users/me").status_code == 200
        return caller

    def team(self, owner: Caller, *members: Caller) -> str:
        """A team workspace of these people; return its id."""
        workspace_id = owner.post("/workspaces", {"name": "Launch"}).json()["id"]
        for member in members:
            self.join(workspace_id, member)
        return workspace_id

    def join(
        self,
        workspace_id: str,
        person: Caller,
        role: str = "member",
        *,
        expire_at: datetime | None = None,
    ) -> str:
        """
        Make somebody a member, or something else than they were, and return their uid.

        As if they had accepted an invitation: what tests of something else begin with.
        """
        workspace = self.document(workspace_path(workspace_id)) or {}
        member = Member.joined(
            self.services.accounts.profile(person.uid),
            workspace_id,
            Role(role),
            at=self.clock.now(),
            expire_at=expire_at,
            parent_id=workspace.get("parentId"),
        )
        self.write(member_path(workspace_id, person.uid), member_fields(member))
        self.services.workspaces.forget(workspace_id)
        return person.uid

    def ring(self, workspace_id: str, task_id: str) -> None:
        """Ring the doorbell of a task, as the function does."""
        body = {"workspaceId": workspace_id, "taskId": task_id}
        self.services.ports.jobs.enqueue(Job("react", body, key=random_id()))

    def settle(self, times: int = 1) -> None:
        """What time does by itself: promote, sweep, repair, then every job that is due."""
        for _ in range(times):
            self.services.timers.promote()
            self._sweep_until_quiet()
            self.services.timers.repair()
            self.tasks.settle()

    def pass_time(self, by: timedelta) -> None:
        """
        Let time pass, and what falls due in it happen.

        No job that is at work sees the clock jump: its deadline would be over, and whatever it
        waits for would fail.
        """
        with suppress(TimeoutError):  # One that hangs is the test's own business.
            self.tasks.settle(timeout_s=5)
        self.clock.advance(by)
        self.tasks.wake()
        self.settle(times=2)

    def mails(self, address: str) -> list[ReceivedMail]:
        """What was delivered to an address, oldest first."""
        assert self.mail is not None, "this world sends no mail"
        return self.mail.messages(address)

    def document(self, path: str) -> dict[str, Any] | None:
        return self.database.document(path).get().to_dict()

    def documents(self, path: str) -> list[dict[str, Any]]:
        return [snapshot.to_dict() for snapshot in self.database.collection(path).stream()]

    def write(self, path: str, fields: Mapping[str, Any]) -> None:
        """Write as an app does that the rules let through."""
        self.database.document(path).set(dict(fields))

    def inbox(self, person: Caller) -> list[dict[str, Any]]:
        """What somebody finds in the app, oldest first."""
        found = self.documents(f"users/{person.uid}/notifications")
        return sorted(found, key=lambda each: (each["createdAt"], each["category"]))

    def only_decision(self, person: Caller, channel: str) -> dict[str, Any]:
        """Why somebody's only notification did, or did not, reach them on a channel."""
        collection = f"users/{person.uid}/notifications"
        (snapshot,) = self.database.collection(collection).stream()
        return self.document(f"{collection}/{snapshot.id}/decisions/{channel}") or {}

    def _sweep_until_quiet(self) -> None:
        for _ in range(10):
            missed = self.services.sweep.run()
            self.tasks.settle()
            if not missed:
                return
        raise AssertionError("reactions kept finding something to do")


def cost_of(answer: requests.Response) -> tuple[int, int, int]:
    """Return what a request asked of Firestore: round trips, documents read and written."""
    assert answer.status_code < 500
    found = re.search(r"rpcs=(\d+) reads=(\d+) writes=(\d+)", answer.headers["Server-Timing"])
    return int(found[1]), int(found[2]), int(found[3])
