"""Notifications while the processes that make and send them are killed: none lost, none twice."""

import random
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backend.accounts.documents import (
    device_fields,
    device_path,
    known_devices_fields,
    known_devices_path,
)
from backend.accounts.model import Device, KnownDevice, Platform
from backend.bootstrap import build_ports, build_services
from backend.kit.clock import SystemClock
from backend.notifications.preferences import (
    Preferences,
    preferences_fields,
    preferences_path,
)
from local.cloudtasks import CloudTasksStandIn
from local.fcm import FcmStandIn
from local.suite import EmulatorSuite
from tests.api.conftest import settings_of
from tests.api.factories import app_task
from tests.api.world import Caller, World
from tests.faults.crew import Crew, free_port
from tests.faults.herd import Herd, wait_until

TTL_S = 2.0
# Each fourth person has two devices, so that there are 20 of them, or 500.
SHORT, LONG = (
    {"people": 16, "notices": 60, "kills": 8},
    {
        "people": 400,
        "notices": 3000,
        "kills": 300,
    },
)


@pytest.fixture
def fcm() -> Iterator[FcmStandIn]:
    with FcmStandIn() as fcm:
        yield fcm


@pytest.fixture
def world(
    suite: EmulatorSuite, fcm: FcmStandIn, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A world whose jobs go to a crew, and not to this process."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", suite.firestore_host)
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", suite.auth_host)
    project_id = f"demo-{secrets.token_hex(6)}"
    queue = f"projects/{project_id}/locations/here/queues/jobs"
    with CloudTasksStandIn(queues=[queue]) as tasks:
        url = f"http://127.0.0.1:{free_port()}"
        settings = replace(settings_of(suite, project_id, tasks, fcm), worker_url=url)
        clock = SystemClock()
        yield World(build_services(settings, build_ports(settings, clock)), url, clock, tasks, fcm)


@pytest.fixture
def crew(world: World, tmp_path: Path) -> Iterator[Crew]:
    """The workers of that world."""
    port = int(world.url.rpartition(":")[2])
    with Crew(world.services.settings, tmp_path / "crew", port) as crew:
        yield crew


class TestNotificationsKilled:
    """The whole way: a task written by an app, an event, a notification, a push."""

    def test_none_is_lost_and_none_is_shown_twice(
        self,
        world: World,
        crew: Crew,
        suite: EmulatorSuite,
        tmp_path: Path,
        request: pytest.FixtureRequest,
        record_property: Callable[[str, object], None],
    ):
        """And each has its decisions, while workers die, and FCM answers late, badly or not."""
        size = LONG if request.config.getoption("--long") else SHORT
        record_property("seed", seed := secrets.randbits(32))
        chance = random.Random(seed)
        ann = world.person("Ann")
        people = [world.person(f"Person{number}") for number in range(size["people"])]
        team = world.team(ann, *people)
        tokens = {person.uid: equip(world, person, number) for number, person in enumerate(people)}
        for token in chance.sample([each for two in tokens.values() for each in two], 8):
            world.fcm.script(token, [chance.choice(FAULTS)])

        with Herd(world, suite, tmp_path, ttl_s=TTL_S) as herd:
            herd.start(1)
            every_s = size["notices"] / size["kills"] / 3
            trouble = crew.trouble(chance, kills=size["kills"], every_s=every_s)
            told = assign(world, team, ann, people, size["notices"], chance)
            wait_until(lambda: filed(world) >= size["notices"], patience_s=60 + size["notices"])
            trouble.join()
            wait_until(lambda: not under_way(world), patience_s=60 + size["notices"])
            world.tasks.settle()
        delivered = sum(push.delivered for push in world.fcm.messages())
        due = sum(len(told[uid]) * len(own) for uid, own in tokens.items())
        record_property("kills", crew.kills)
        record_property("repeated", delivered - due)

        inbox = {uid: tasks_in_inbox(world, uid) for uid in tokens}
        shown = {uid: [tasks_in_tray(world, token) for token in tokens[uid]] for uid in tokens}
        assert {uid: Counter(tasks) for uid, tasks in told.items()} == inbox
        assert {uid: [Counter(told[uid])] * len(tokens[uid]) for uid in tokens} == shown
        decided = {("inbox", "sent"), ("push", "sent"), ("email", "muted")}
        assert dict.fromkeys(decided, size["notices"]) == decisions(world)


FAULTS = ("UNAVAILABLE", "INTERNAL", "ACCEPT_THEN_DROP", "MALFORMED")


def equip(world: World, person: Caller, number: int) -> list[str]:
    """Give somebody a device or two, and the wish to hear of each thing by itself."""
    now = world.clock.now()
    ids = ["phone", "tablet"][: 2 if number % 4 == 0 else 1]
    known = [KnownDevice(each, Platform.ANDROID, now) for each in ids]
    world.write(known_devices_path(person.uid), known_devices_fields(person.uid, known))
    apart = preferences_fields(Preferences(bundle_minutes=0))
    world.write(preferences_path(person.uid), {**apart, "updatedAt": now})
    for each in ids:
        device = Device(each, f"{each}-of-{person.uid}", Platform.ANDROID, None, None, now)
        world.write(device_path(person.uid, each), device_fields(device))
    return [f"{each}-of-{person.uid}" for each in ids]


def assign(
    world: World, team: str, by: Caller, people: list[Caller], count: int, chance: random.Random
) -> dict[str, list[str]]:
    """Write tasks as an app does, each somebody's; of every third no doorbell tells."""
    told: dict[str, list[str]] = {person.uid: [] for person in people}
    for number in range(count):
        person = people[number % len(people)]
        task_id = app_task(world, team, by=by, assignees=[person])
        told[person.uid].append(task_id)
        if chance.random() < 2 / 3:
            world.ring(team, task_id)
    return told


def filed(world: World) -> int:
    """How many notifications there are."""
    return len(list(world.database.collection_group("notifications").select([]).stream()))


def under_way(world: World) -> list[str]:
    """What still waits to be done, but for jobs of the service that wait for their hour."""
    return [timer["kind"] for timer in world.documents("timers") if timer["kind"] != "job"]


def decisions(world: World) -> Counter[tuple[str, str]]:
    """How often each verdict was given, by channel."""
    found = world.database.collection_group("decisions").stream()
    return Counter((each.id, each.to_dict()["decision"]) for each in found)


def tasks_in_inbox(world: World, uid: str) -> Counter[str]:
    """The tasks that somebody's notifications are about."""
    return Counter(each["taskId"] for each in world.documents(f"users/{uid}/notifications"))


def tasks_in_tray(world: World, token: str) -> Counter[str]:
    """The tasks that a device shows something about."""
    return Counter(shown.push.fields["data"]["taskId"] for shown in world.fcm.tray(token))
