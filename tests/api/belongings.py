"""A person with something in every collection, in a team and with files."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from tests.api.factories import app_task
from tests.api.world import Caller, World

FILE = b"%PDF-1.7 a plan" + bytes(range(256)) * 20


@dataclass(frozen=True)
class Belongings:
    """What `furnish` made."""

    person: Caller
    other: Caller
    team: str
    mine: str
    theirs: str
    assigned: str
    private: str
    attachment: str


def furnish(world: World, person: Caller, other: Caller) -> Belongings:
    """Give a person something in every collection; `other` shares a team with them."""
    me, now = person.uid, world.clock.now()
    team = world.team(other, person)
    private = person.post("/workspaces/me/tasks", {"title": "Water the plants"}).json()["id"]
    due_at = now + timedelta(days=20)
    app_task(world, me, by=person, title="Call the gärtner 🌱", due_at=due_at)
    series = person.post(
        "/workspaces/me/series",
        {"title": "Rent", "rule": "FREQ=MONTHLY", "start": {"date": "2027-03-01", "tz": "UTC"}},
    )
    assert series.status_code == 201, series.text
    mine = person.post(f"/workspaces/{team}/tasks", {"title": "Mine"}).json()["id"]
    theirs = other.post(f"/workspaces/{team}/tasks", {"title": "Secret of others"}).json()["id"]
    wanted = {"title": "For you", "assigneeIds": [me]}
    assigned = other.post(f"/workspaces/{team}/tasks", wanted).json()["id"]
    person.has_phone()
    world.settle()
    person.post(f"/workspaces/me/tasks/{private}/completion")
    world.settle()
    attachment = f"workspaces/{me}/tasks/{private}/attachments/plan"
    for path, fields in _written_by_apps(me, team, private, mine, now).items():
        world.write(path, fields)
    world.write(f"workspaces/{team}/tasks/{theirs}/comments/c1", _comment(other.uid, now))
    world.services.ports.blobs.put(attachment, FILE, content_type="application/pdf")
    return Belongings(person, other, team, mine, theirs, assigned, private, attachment)


def _written_by_apps(me: str, team: str, private: str, mine: str, now: Any) -> dict[str, Any]:
    made = {"createdAt": now, "createdBy": me, "updatedAt": now, "updatedBy": me, "rev": 1}
    thing = {"name": "A", "color": "#336699", "rank": "a0", "archivedAt": None, **made}
    column = {name: value for name, value in thing.items() if name != "color"}
    home = f"workspaces/{me}"
    focus = {"taskId": private, "phase": "work", "startedAt": now, "plannedMs": 1_500_000}
    return {
        f"users/{me}/settings/notifications": {
            "matrix": {"assigned": {"push": False}},
            "quietHours": {"1": {"start": "22:00", "end": "07:00"}},
            "urgentPasses": False,
            "bundleMinutes": 5,
            "digests": {"daily": "08:00", "weekly": None},
            "workspaces": {team: "mentions"},
            "rev": 1,
            "updatedAt": now,
        },
        f"users/{me}/intents/i1": {
            "command": "tasks.complete",
            "args": {"taskId": private, "$weird": 2.5},
            "state": "pending",
            "createdAt": now,
            "expireAt": now + timedelta(days=1),
        },
        f"users/{me}/focus/current": focus,
        f"users/{me}/focusSessions/s1": {**focus, "outcome": "completed", "endedAt": now},
        f"users/{me}/stats/2026-11-21": {"created": 2, "completed": 1, "byLabel": {"l1": 1}},
        f"{home}/projects/p1": {**thing, "counters": {}},
        f"{home}/boards/b1": {**thing, "projectId": "p1"},
        f"{home}/lists/l1": {**column, "boardId": "b1", "wipLimit": 3},
        f"{home}/labels/x1": thing,
        f"{home}/stats/2026-11-21": {"open": 1, "byMember": {me: 1}},
        f"{home}/tasks/{private}/comments/c1": _comment(me, now),
        f"{home}/tasks/{private}/attachments/plan": _attachment(me, now),
        f"workspaces/{team}/tasks/{mine}/comments/c2": _comment(me, now),
    }


def _comment(uid: str, now: Any) -> dict[str, Any]:
    return {
        "body": f"Said by {uid[:3]}",
        "mentionIds": [],
        "authorUid": uid,
        "createdAt": now,
        "updatedAt": now,
        "updatedBy": uid,
        "deletedAt": None,
        "rev": 1,
    }


def _attachment(uid: str, now: Any) -> dict[str, Any]:
    return {
        "name": "plan.pdf",
        "size": len(FILE),
        "contentType": "application/pdf",
        "state": "ready",
        "uploadedBy": uid,
        "createdAt": now,
    }
