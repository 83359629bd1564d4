"""Notifications filed as the service files them, for people who have addresses."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from backend.kit.documents import Create, Write
from backend.kit.ids import random_id
from backend.notifications.addressees import Addressees
from backend.notifications.delivery import deliver
from backend.notifications.model import Category, Notification
from backend.templating.service import Templates
from backend.timers.outbox import Outbox
from tests.api.world import Caller, World

SAID = {"actor": "Ann", "task": "Ship it", "comment": "Hello"}
TEN_MINUTES = timedelta(minutes=10)


def has_mail(world: World, person: Caller, *, is_verified: bool = True) -> str:
    """Give somebody an address at Firebase Auth, and return it."""
    email = f"{person.name.lower()}@example.com"
    world.at_auth("accounts:update", localId=person.uid, email=email, emailVerified=is_verified)
    world.after_a_change_at_auth()
    return email


def notice(
    world: World,
    person: Caller,
    category: Category = Category.COMMENT,
    template: str = "",
    values: Mapping[str, Any] | None = None,
    **fields: Any,
) -> str:
    """File a notification as whoever files any does, and let it be pushed; return its id."""
    ports, now = world.services.ports, world.clock.now()
    templates = Templates(ports.store, ports.clock, app_url=world.services.settings.app_url)
    values = SAID if values is None else values
    rendered = templates.render(template or category.value, "en", values)
    filed = Notification(
        id=random_id(),
        uid=person.uid,
        category=category,
        words=rendered,
        link="/tasks",
        group_key="test",
        actor_uid="system",
        workspace_id=None,
        task_id=None,
        created_at=now,
    )
    filed = replace(filed, **fields)

    def plan() -> tuple[Outbox, list[Write]]:
        to = Addressees(ports.store, ports.clock, sends_mail=True).of([person.uid])[person.uid]
        outbox = Outbox([Create(f"tests/{filed.id}", {})])  # A guarded write is needed.
        deliver(outbox, filed, to, now)
        return outbox, outbox.writes

    outbox = ports.store.commit(plan)
    world.services.timers.announce(outbox.timers, now=now)
    world.settle()
    return filed.id


def decided(
    world: World, person: Caller, notification_id: str, channel: str = "email"
) -> dict[str, Any]:
    """What was decided about a notification on a channel."""
    path = f"users/{person.uid}/notifications/{notification_id}/decisions/{channel}"
    return world.document(path) or {}


def outcome(world: World, person: Caller, notification_id: str) -> tuple[str, str]:
    """What became of its mail, and why."""
    decision = decided(world, person, notification_id)
    return decision["decision"], decision["reason"]


def mark(world: World, person: Caller, notification_id: str, **fields: Any) -> None:
    """Change a notification as the person's app does."""
    path = f"users/{person.uid}/notifications/{notification_id}"
    world.database.document(path).update({**fields, "updatedAt": world.clock.now()})


def mail_timers(world: World) -> list[dict[str, Any]]:
    """What waits to be mailed."""
    return [each for each in world.documents("timers") if each["kind"] == "noticeMail"]
