"""A team with somebody of each kind, for the access matrix: who asks, and what they ask about."""

from datetime import timedelta
from functools import cached_property
from typing import Any

import requests

from backend.comments.documents import comment_fields, comment_path
from backend.comments.model import CommentRef, new_comment
from backend.jobs.documents import job_of, job_path, run_fields, run_path
from backend.jobs.model import RunOutcome
from backend.jobs.queueing import new_run
from backend.kit.documents import Stored
from backend.kit.ids import random_id
from backend.operations.documents import operation_fields, operation_path
from backend.operations.model import Operation, OperationKind
from local.cloudtasks.identity import shared_key
from tests.api.attaching import PIXEL, send
from tests.api.inboxes import file
from tests.api.unsubscribing import address_of
from tests.api.world import Caller, World
from tests.tokens import oidc_claims, signed

CALLERS = "NOAMCVXRGEW"
ROLES = {"A": "admin", "M": "member", "C": "commenter", "V": "viewer", "R": "member", "E": "member"}
NIGHTLY = {
    "name": "Tidy up",
    "handler": "emptyTrash",
    "arguments": {"olderThanDays": 30},
    "schedule": {"kind": "cron", "expression": "30 2 * * *"},
}
WEEKLY = {"title": "A", "rule": "FREQ=WEEKLY", "start": {"date": "2027-03-01", "tz": "UTC"}}


class Scene:
    """A team with somebody of each kind. What a call changes is made anew for it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.people = {key: world.person(f"P{key}") for key in CALLERS if key not in "NGW"}
        self.people["G"] = Caller(world, f"guest-{world.project_id[5:]}", "")
        self.newcomer = world.person("New")
        self.owner = self.people["O"]
        self.team = world.team(self.owner)
        for key, role in ROLES.items():
            self.set_role(self.people[key], role)
        self.owner.delete(f"/workspaces/{self.team}/members/{self.people['R'].uid}")
        past = world.clock.now() - timedelta(seconds=1)
        world.join(self.team, self.people["E"], "member", expire_at=past)

    def set_role(self, person: Caller, role: str) -> str:
        return self.world.join(self.team, person, role)

    def team_like_this(self) -> str:
        """Another team of the same people, to be changed for good."""
        team = self.world.team(self.owner)
        for key, role in ROLES.items():
            if key != "R":
                member = self.world.document(f"workspaces/{self.team}/members/{self.uid(key)}")
                ends = member and member["expireAt"]
                self.world.join(team, self.people[key], role, expire_at=ends)
        return team

    def space(self) -> str:
        """A space of the team, where everybody is what they are in it."""
        body = {"name": "Space", "parentId": self.team}
        space = self.owner.post("/workspaces", body).json()["id"]
        for key, role in ROLES.items():
            if key != "R":
                member = self.world.document(f"workspaces/{self.team}/members/{self.uid(key)}")
                ends = member and member["expireAt"]
                self.world.join(space, self.people[key], role, expire_at=ends)
        return space

    def uid(self, key: str) -> str:
        return self.people[key].uid

    def way_out_of_mail(self) -> str:
        """The token of a link in a mail to the owner."""
        return address_of(self.world, self.owner).rpartition("/")[2]

    def notification(self) -> str:
        """One of the owner's."""
        notification_id = random_id()
        file(self.world, self.owner, 1, id=notification_id)
        return notification_id

    def invite(self) -> str:
        body = {"email": "somebody@example.com", "role": "member"}
        return self.owner.post(f"/workspaces/{self.team}/invites", body).json()["id"]

    def task(self) -> str:
        return self.owner.post(f"/workspaces/{self.team}/tasks", {"title": "A"}).json()["id"]

    def deleted_task(self) -> str:
        task_id = self.task()
        self.owner.delete(f"/workspaces/{self.team}/tasks/{task_id}")
        return task_id

    def changed_task(self) -> str:
        task_id = self.task()
        self.owner.patch(f"/workspaces/{self.team}/tasks/{task_id}", {"title": "B"})
        return task_id

    def label(self) -> str:
        self.world.write(f"workspaces/{self.team}/labels/red", {"name": "Red"})
        return "red"

    def group(self, kind: str) -> str:
        """A project, board, list or label."""
        path = f"/workspaces/{self.team}/{kind}s"
        return self.owner.post(path, self.new_group(kind)).json()["id"]

    def new_group(self, kind: str) -> dict[str, str]:
        return {"name": "A"} | ({"boardId": self.group("board")} if kind == "list" else {})

    COMMENT_ID = "said"

    def commented_task(self) -> str:
        """A task with a comment of the owner's, under an id that is known."""
        task = self.task()
        ref = CommentRef(self.team, task, self.COMMENT_ID)
        said = new_comment(
            ref, body="A", mention_ids=(), by=self.owner.uid, at=self.world.clock.now()
        )
        self.world.write(comment_path(ref), comment_fields(said))
        return task

    def announced_attachment(self) -> str:
        """An attachment that waits to be finalized."""
        wanted = {"name": "a.png", "contentType": "image/png", "size": len(PIXEL)}
        path = f"/workspaces/{self.team}/tasks/{self.attached_task}/attachments"
        made = self.owner.post(path, wanted).json()
        send(made["upload"])
        return made["id"]

    @cached_property
    def attached_task(self) -> str:
        return self.task()

    def series(self) -> str:
        return self.owner.post(f"/workspaces/{self.team}/series", WEEKLY).json()["id"]

    RUN_ID = "20261120T0530Z"

    def job(self) -> str:
        """A scheduled job of the team's: a new one for each call, so not many at once."""
        for job in self.owner.get(f"/workspaces/{self.team}/jobs").json()["items"]:
            self.owner.delete(f"/workspaces/{self.team}/jobs/{job['id']}")
        return self.owner.post(f"/workspaces/{self.team}/jobs", NIGHTLY).json()["id"]

    def job_that_failed(self) -> str:
        """A scheduled job with a run that failed."""
        job_id, now = self.job(), self.world.clock.now()
        stored = Stored(job_path(job_id), self.world.document(job_path(job_id)), now)
        run = new_run(job_of(stored), now, at=now, triggered_by="schedule", run_id=self.RUN_ID)
        failed = run.ended(RunOutcome.FAILED, at=now, error="unavailable")
        self.world.write(run_path(job_id, run.id), run_fields(failed))
        return job_id

    def a_minute_ago(self) -> dict[str, str]:
        """A stretch of time without a slot, for a back-fill."""
        at = f"{self.world.clock.now() - timedelta(minutes=1):%Y-%m-%dT%H:%M:00Z}"
        return {"from": at, "to": at}

    def operation(self) -> str:
        """Something of the owner's that is running, and that nobody works at."""
        now = self.world.clock.now()
        begun = Operation.started(random_id(), OperationKind.EXPORT, uid=self.owner.uid, at=now)
        self.world.write(operation_path(begun.id), operation_fields(begun))
        return begun.id

    def call(self, caller: str, method: str, path: str, body: Any) -> requests.Response:
        url = f"{self.world.url}{path}"
        return requests.request(
            method, url, headers=self._credentials(caller), json=body, timeout=60
        )

    def _credentials(self, caller: str) -> dict[str, str]:
        if caller == "N":
            return {}
        if caller == "W":
            settings, now = self.world.services.settings, self.world.clock.now()
            account, audience = settings.worker_service_account, settings.worker_url
            token = signed(oidc_claims(account, audience, at=now), shared_key())
        else:
            claims = {"firebase": {"sign_in_provider": "anonymous"}} if caller == "G" else {}
            token = self.world.token(self.people[caller].uid, **claims)
        return {"Authorization": f"Bearer {token}"}
