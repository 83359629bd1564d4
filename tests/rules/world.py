"""A workspace with one person of every kind in it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from tests.rules.client import Answer, Person, RulesClient
from tests.rules.documents import FUTURE, PAST, invite, member, new_task, stored_task, workspace
from tests.rules.own_documents import belongings
from tests.rules.work_documents import work

MEMBERS: dict[str, dict[str, Any]] = {
    "owner": {"role": "owner"},
    "admin": {"role": "admin"},
    "member": {"role": "member"},
    "commenter": {"role": "commenter"},
    "viewer": {"role": "viewer"},
    "guest": {"role": "member", "expireAt": FUTURE},
    "expired": {"role": "member", "expireAt": PAST},
}
GUESTS = {who: fields["expireAt"] for who, fields in MEMBERS.items() if "expireAt" in fields}
"""Those who signed in anonymously. Their accounts end when their memberships do."""
OUTSIDERS = ("stranger", "removed", "nobody")
PEOPLE = (*MEMBERS, *OUTSIDERS)

STOCK = 50
"""Tasks stored in one commit, to be handed out one by one."""

READERS = {"owner", "admin", "member", "commenter", "viewer", "guest"}
EDITORS = {"owner", "admin", "member", "guest"}


@dataclass(frozen=True)
class World:
    """
    Random ids, so that tests share a project and never each other's documents.

    `w1` holds everyone but the outsiders; nobody here is in `w2`. Task `t1` of each was created
    by a person who has since been removed.
    """

    client: RulesClient
    suffix: str
    spare: list[str] = field(default_factory=list)

    @property
    def w1(self) -> str:
        """Path of the workspace that the people share."""
        return f"workspaces/w1-{self.suffix}"

    @property
    def w2(self) -> str:
        """Path of a workspace that none of them is in."""
        return f"workspaces/w2-{self.suffix}"

    @property
    def task(self) -> str:
        """Path of the task that lies in `w1`, at rev 3."""
        return f"{self.w1}/tasks/t1"

    def uid(self, who: str) -> str:
        """Return the uid of "owner", "viewer", "stranger", …"""
        return f"{who}-{self.suffix}"

    def me(self, who: str) -> str:
        """Path of someone's own user document."""
        return f"users/{self.uid(who)}"

    def as_(self, who: str) -> Person:
        """Act as someone; as "nobody", without a token."""
        if who == "nobody":
            return self.client.nobody
        provider = "anonymous" if who in GUESTS else "password"
        return self.client.as_(self.uid(who), provider=provider)

    @property
    def server(self) -> Person:
        """Act as the server, whom no rule binds."""
        return self.client.server

    def new_task(self, who: str, **changes: object) -> tuple[str, dict[str, object]]:
        """Return an unused task path in `w1` and a document for it."""
        return f"{self.w1}/tasks/{uuid4().hex}", new_task(self.uid(who), **changes)

    def store_task(self, **changes: object) -> str:
        """Put a task at rev 3 into `w1` and return its path. Plain ones come from a stock."""
        path = f"{self.w1}/tasks/{uuid4().hex}"
        if changes:
            self.store(path, stored_task(self.uid("removed"), **changes))
            return path
        if not self.spare:
            task = stored_task(self.uid("removed"))
            self.spare.extend(f"{path}-{n}" for n in range(STOCK))
            self.done(self.server.commit([self.server.writing(p, task) for p in self.spare]))
        return self.spare.pop()

    def store(self, path: str, data: dict[str, object]) -> None:
        """Put a document in place, whatever the rules say."""
        self.done(self.server.set(path, data))

    def named(self, value: Any) -> Any:
        """Replace the names of people by their uids, in a string, a list or a map."""
        match value:
            case str():
                return self.uid(value) if value in PEOPLE else value
            case list():
                return [self.named(item) for item in value]
            case dict():
                return {key: self.named(item) for key, item in value.items()}
        return value

    @staticmethod
    def done(answer: Answer) -> None:
        """Insist that a seeding write went through."""
        assert answer.verdict == "allowed", answer.reason


def seed_world(client: RulesClient) -> World:
    """Store the people's memberships and one document of every collection, in one commit."""
    world = World(client, uuid4().hex[:12])
    documents = {
        world.w1: workspace(world.uid("owner")),
        world.w2: workspace("someone-else"),
        f"{world.w2}/members/someone-else": member("someone-else", "owner"),
    }
    for who, fields in MEMBERS.items():
        uid = world.uid(who)
        documents[f"{world.w1}/members/{uid}"] = member(uid, **fields)
    for path in (world.w1, world.w2):
        documents |= _contents(path, world.uid("removed")) | work(path, world.uid("removed"))
    for who in ("member", "stranger", *GUESTS):
        documents |= belongings(world.me(who), world.uid(who), GUESTS.get(who))
    writes = [client.server.writing(path, data) for path, data in documents.items()]
    world.done(client.server.commit(writes))
    return world


def _contents(workspace_path: str, creator: str) -> dict[str, dict[str, object]]:
    event = {"type": "task.created", "actorUid": creator, "rev": 1, "at": PAST, "aboutUid": None}
    history = {"rev": 3, "fromRev": 2, "actorUid": creator, "at": PAST, "patch": {}, "previous": {}}
    occurrence = {"key": "20260329", "scheduledAt": PAST, "state": "open", "taskId": "t1"}
    return {
        f"{workspace_path}/tasks/t1": stored_task(creator),
        f"{workspace_path}/tasks/t1/history/3": history,
        f"{workspace_path}/invites/i1": invite(),
        f"{workspace_path}/events/e1": event,
        f"{workspace_path}/series/s1": {"rule": "FREQ=DAILY", "state": "active"},
        f"{workspace_path}/series/s1/occurrences/20260329": occurrence,
    }
