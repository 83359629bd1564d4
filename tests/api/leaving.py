"""Somebody with a rich history, so that there is something to erase."""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from backend.leaving.model import GRACE, erasure_id
from backend.leaving.scan import Finding, Scan
from tests.api.factories import app_task
from tests.api.wishes import prefers
from tests.api.world import Caller, World

NAME, ADDRESS, TOKEN = "Annegret-Ohlendorf", "annegret@example.org", "fcm-of-annegret"
WEEKLY = {"rule": "FREQ=WEEKLY", "start": {"date": "2027-03-01", "tz": "UTC"}}


@dataclass(frozen=True)
class Life:
    """Who is to be erased, who stays, and where they worked together."""

    world: World
    ann: Caller
    bob: Caller
    team: str
    alone: str

    @property
    def terms(self) -> tuple[str, ...]:
        """What nothing must be found by."""
        return self.ann.uid, NAME, ADDRESS, TOKEN

    def found(self) -> list[Finding]:
        """Where anything of it stands, in the database and in the bucket."""
        ports = self.world.services.ports
        return list(Scan(ports.store, ports.blobs).find(self.terms))

    def paths(self) -> Counter[str]:
        """How many documents there are, by collection."""
        store = self.world.services.ports.store
        found: list[str] = []
        while page := store.below("", limit=300, after=found[-1] if found else ""):
            found += [each.path for each in page]
        return Counter(path.split("/")[-2] for path in found)

    def ask(self) -> None:
        answer = self.ann.delete("/users/me")
        assert answer.status_code == 202, answer.text

        self.world.settle()  # The letter goes out.

    def is_over(self) -> bool:
        return self.world.document(f"timers/{erasure_id(self.ann.uid)}") is None

    def let_time_pass(self, rounds: int = 12) -> None:
        """The grace, and then however many jobs it takes."""
        self.world.pass_time(GRACE)
        for _ in range(rounds):
            if self.is_over():
                return
            self.world.pass_time(timedelta(minutes=66))
        raise AssertionError("the erasure did not come to an end")


def lived(world: World) -> Life:
    """Ann and Bob work together, on every way there is; Ann also on her own."""
    uid = f"{NAME.lower()}-{world.project_id[5:]}"
    world.at_auth("accounts", localId=uid, email=ADDRESS, displayName=NAME)
    ann, bob = world.person(NAME, ADDRESS), world.person("Bob", "bob@example.org")
    ann.patch("/users/me", {"displayName": NAME})
    ann.has_phone(TOKEN)
    prefers(world, bob, bundleMinutes=0)
    life = Life(world, ann, bob, world.team(bob, ann), world.team(ann))
    world.settle(times=2)
    _tasks(life)
    _series(life)
    _direct_writes(life)
    world.services.ports.blobs.put(
        f"exports/{ann.uid}/operation/all.zip", b"PK", content_type="application/zip"
    )
    world.settle(times=3)
    return life


def _tasks(life: Life) -> None:
    ann, bob, tasks = life.ann, life.bob, f"/workspaces/{life.team}/tasks"
    once = {"Idempotency-Key": "bob-names-ann"}
    theirs = {"title": "For Bob", "assigneeIds": [bob.uid], "watcherIds": [ann.uid]}
    made = ann.post(tasks, theirs, headers={"Idempotency-Key": "ann-makes-one"}).json()["id"]
    mine = bob.post(tasks, {"title": "For her", "assigneeIds": [ann.uid]}, headers=once).json()[
        "id"
    ]
    life.world.settle()
    bob.patch(f"{tasks}/{made}", {"title": "For Bob, changed", "assigneeIds": [bob.uid, ann.uid]})
    ann.post(f"{tasks}/{mine}/completion")
    ann.patch(f"{tasks}/{made}", {"status": "in_progress"})
    life.world.settle()
    bob.patch(f"{tasks}/{made}", {"assigneeIds": [bob.uid]})
    for place in ("me", life.alone):
        ann.post(f"/workspaces/{place}/tasks", {"title": "Her own"})
    app_task(life.world, life.team, by=ann, assignees=[bob], title="From her app")


def _series(life: Life) -> None:
    series = {"title": "Weekly", "assigneeIds": [life.ann.uid], **WEEKLY}
    for caller in (life.ann, life.bob):
        answer = caller.post(f"/workspaces/{life.team}/series", series)
        assert answer.status_code == 201, answer.text
    life.ann.post("/workspaces/me/series", {"title": "Weekly", **WEEKLY})


def _direct_writes(life: Life) -> None:
    """What apps write under the rules, and what other parts of the service will."""
    ann, bob, now = life.ann, life.bob, life.world.clock.now()
    team = f"workspaces/{life.team}"
    task = f"{team}/tasks/{app_task(life.world, life.team, by=bob, assignees=[ann])}"
    made = {
        "createdAt": now,
        "createdBy": ann.uid,
        "updatedAt": now,
        "updatedBy": ann.uid,
        "rev": 1,
    }
    said = {"mentionIds": [], "createdAt": now, "updatedAt": now, "deletedAt": None, "rev": 1}
    invited = {"emailLower": ADDRESS, "role": "member", "state": "pending", "createdAt": now}
    documents = {
        f"{team}/projects/p": {"name": "Spring", "color": None, "rank": "a", **made},
        f"{team}/boards/b": {"name": "Board", "projectId": "p", "rank": "a", **made},
        f"{team}/lists/l": {"name": "Doing", "boardId": "b", "rank": "a", **made},
        f"{team}/labels/l": {"name": "Red", "color": "#ff0000", "rank": "a", **made},
        f"{task}/comments/hers": {
            "body": "Done?",
            "authorUid": ann.uid,
            **said,
            "updatedBy": ann.uid,
        },
        f"{task}/comments/his": {
            "body": "Ask her.",
            **said,
            "authorUid": bob.uid,
            "updatedBy": bob.uid,
            "mentionIds": [ann.uid, bob.uid],
            "reactions": [{"uid": ann.uid, "emoji": "👍"}, {"uid": bob.uid, "emoji": "👍"}],
            "reactedBy": sorted([ann.uid, bob.uid]),
        },
        f"{task}/attachments/a": {"name": "plan.pdf", "uploadedBy": ann.uid, "createdAt": now},
        f"{team}/invites/hers": {**invited, "invitedBy": bob.uid, "acceptedBy": ann.uid},
        f"{team}/invites/again": {**invited, "invitedBy": bob.uid, "acceptedBy": None},
        f"{team}/invites/from-her": {
            **invited,
            "emailLower": "carl@example.org",
            "invitedBy": ann.uid,
            "acceptedBy": None,
        },
        f"users/{ann.uid}/settings/notifications": {"matrix": {}, "rev": 1, "updatedAt": now},
        f"users/{ann.uid}/intents/i": {"command": "x", "args": {}, "state": "pending"},
        f"users/{ann.uid}/focus/current": {"phase": "focus", "startedAt": now},
        f"users/{ann.uid}/focusSessions/s": {"outcome": "done", "startedAt": now},
        f"users/{ann.uid}/stats/2026-11-20": {"created": 1},
    }
    for path, fields in documents.items():
        life.world.write(path, fields)
