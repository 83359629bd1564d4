"""Broadcasts for tests: an admin, people to be told, and how a broadcast runs."""

from typing import Any

from backend.accounts.documents import account_fields, account_path
from backend.accounts.model import Account
from backend.admin.model import StaffRole
from backend.bootstrap import Services
from backend.kit.ids import derived_id
from tests.api.world import Caller, World

PATH = "/admin/broadcasts"
TEXTS = {
    "en": {"title": "Down on Sunday", "body": "From 2:00 on nothing can be saved."},
    "de": {"title": "Pause am Sonntag", "body": "Ab 2:00 wird nichts gespeichert."},
}


def an_admin(world: World, name: str = "Ada") -> Caller:
    """Somebody of the staff who may do everything."""
    admin = world.person(name)
    world.services.admin.appoint_first(admin.uid, StaffRole.ADMIN)
    world.settle()
    return admin


def named(*people: Caller) -> dict[str, Any]:
    """The segment of these people."""
    return {"audience": [each.uid for each in people]}


def broadcast(admin: Caller, **wanted: Any) -> str:
    """Begin a broadcast; return its id."""
    answer = admin.post(PATH, {"texts": TEXTS, **wanted})
    assert 202 == answer.status_code, answer.text
    return str(answer.json()["id"])


def shown(admin: Caller, broadcast_id: str) -> dict[str, Any]:
    """A broadcast as it is now."""
    found: dict[str, Any] = admin.get(f"{PATH}/{broadcast_id}").json()
    return found


def titles(world: World, person: Caller) -> list[str]:
    """What somebody was told, by its titles."""
    return [each["title"] for each in world.inbox(person) if each["category"] == "announcement"]


def crowd_of(world: World, count: int) -> list[str]:
    """So many people who have an account and nothing else; their uids."""
    now = world.clock.now()
    uids = [f"one-{number:04}" for number in range(count)]
    batch = world.database.batch()
    for uid in uids:
        account = Account(
            uid=uid,
            display_name="",
            photo_url=None,
            locale="en",
            timezone="UTC",
            week_start=1,
            state="active",
            is_guest=False,
            expire_at=None,
            erase_at=None,
            created_at=now,
            updated_at=now,
            rev=1,
        )
        batch.set(world.database.document(account_path(uid)), dict(account_fields(account)))
    batch.commit()
    return uids


def told(world: World, uids: list[str]) -> dict[str, int]:
    """How often each of these people was told something."""
    paths = [f"users/{uid}/notifications" for uid in uids]
    return {uid: len(world.documents(path)) for uid, path in zip(uids, paths, strict=True)}


def fire(world: World, services: Services, broadcast_id: str) -> None:
    """Let a worker of these services do the job of a broadcast, past the queue."""
    timer_id = derived_id("operation", broadcast_id)
    timer = world.document(f"timers/{timer_id}")
    if timer is not None:
        services.firing.fire({**timer["subject"], "timerId": timer_id, "kind": timer["kind"]})
