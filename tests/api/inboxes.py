"""Inboxes as tests fill them and look at them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from backend.accounts.documents import known_devices_fields, known_devices_path
from backend.accounts.model import KnownDevice, Platform
from backend.kit.documents import Put
from backend.notifications.addressees import Addressee
from backend.notifications.delivery import deliver
from backend.notifications.documents import decision_fields, decision_path
from backend.notifications.model import Category, Channel, Decision, Notification, Verdict
from backend.notifications.preferences import Preferences
from backend.templating.model import Rendered
from backend.timers.outbox import Outbox
from tests.api.doorbells import ring, write_device
from tests.api.world import Caller, World

KINDS = [Category.ASSIGNED, Category.COMPLETED, Category.SECURITY]


def file(
    world: World,
    person: Caller,
    number: int,
    *,
    sent_to: Sequence[str] = (),
    first: int = 0,
    **fields: Any,
) -> list[str]:
    """
    File some notifications as the service does, but as if they had been sent; return their ids.

    `sent_to` are the devices that a push has reached; `fields` are of each notification.
    """
    now = world.clock.now()
    blank = Notification(
        id="",
        uid=person.uid,
        category=Category.ASSIGNED,
        words=Rendered("assigned@0", "Bob assigned you a task", "A task", "en"),
        link="/",
        group_key="task:t",
        actor_uid="bob",
        workspace_id="w",
        task_id="t",
        created_at=now,
    )
    ids = [f"n{first + each:03}" for each in range(number)]
    to = Addressee(person.uid, "en", "UTC", Preferences())
    for each, notification_id in enumerate(ids):
        filed = Outbox()
        own = {"id": notification_id, "category": KINDS[each % len(KINDS)], **fields}
        deliver(filed, replace(blank, **own), to, now)
        timers = {f"timers/{timer.id}" for timer in filed.timers}
        writes = [write for write in filed.writes if getattr(write, "path", "") not in timers]
        writes += [_pushed(person, str(own["id"]), sent_to, world)]
        assert world.services.ports.store.attempt(writes)
    return ids


def _pushed(person: Caller, notification_id: str, sent_to: Sequence[str], world: World) -> Put:
    verdict = Verdict.SENT if sent_to else Verdict.NO_DEVICE
    decision = Decision(verdict, "default", 1, world.clock.now(), dict.fromkeys(sent_to, "sent"))
    path = decision_path(person.uid, notification_id, Channel.PUSH)
    return Put(path, decision_fields(decision))


def has_devices(world: World, person: Caller, *names: str) -> None:
    """Register devices, of which the person has been told."""
    for name in names:
        write_device(world, person, name, token=f"token-{person.uid}-{name}")
    known = [KnownDevice(name, Platform.ANDROID, world.clock.now()) for name in names]
    world.write(known_devices_path(person.uid), known_devices_fields(person.uid, known))


def dismissed(world: World, person: Caller, device: str) -> list[tuple[set[str], str]]:
    """Which notifications a device was told to show no more, and its badge, one by one."""
    said = [each.message["data"] for each in world.fcm.messages(f"token-{person.uid}-{device}")]
    return [({*data["dismiss"].split(",")}, data["badge"]) for data in said if "dismiss" in data]


def badge(world: World, person: Caller) -> dict[str, Any]:
    """What the bell shows: the number, and the numbers by category that are not 0."""
    counters = world.document(f"users/{person.uid}/counters/inbox") or {}
    by = {kind: number for kind, number in counters["unreadByCategory"].items() if number}
    return {"unread": counters["unread"], "by": by}


def counted(world: World, person: Caller) -> dict[str, Any]:
    """What the bell ought to show, counted by hand."""
    now = world.clock.now()
    unread = [
        each["category"]
        for each in world.documents(f"users/{person.uid}/notifications")
        if each["readAt"] is None and each["archivedAt"] is None
        if each["snoozedUntil"] is None or each["snoozedUntil"] <= now
    ]
    return {"unread": len(unread), "by": dict(Counter(unread))}


def ring_inbox(world: World, person: Caller, notification_id: str) -> None:
    """Ring the doorbell of a notification."""
    ring(world, "reactInbox", uid=person.uid, notificationId=notification_id)
