"""The badge is exactly what is unread, after each step of random walks, whoever takes them. D9."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest

from backend.kit.documents import Query, Where
from backend.timers.documents import timer_of
from backend.timers.service import alarm_body
from tests.api.doorbells import mark
from tests.api.inboxes import badge, counted, dismissed, file, has_devices, ring_inbox
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.undoing import UNDO_TOKEN
from tests.api.world import Caller, World

HOME = "/users/me/notifications"
STEPS = 60


@pytest.fixture
def ann(world: World) -> Caller:
    """Somebody with a phone and a tablet."""
    person = world.person("Ann")
    has_devices(world, person, "phone", "tablet")
    return person


class Walk:
    """Somebody who uses their inbox at random, by the API and by an app."""

    def __init__(self, world: World, person: Caller, seed: int) -> None:
        self.world, self.person, self.chance = world, person, Random(seed)
        self.filed, self.tokens = 0, ["none"]
        self.taken: list[str] = []

    def step(self) -> None:
        """Do something, let its doorbell ring once, twice or too late, and the sweep come by."""
        usual = [self.by_api, self.by_app] * 2
        others = [self.file, self.delete, self.undo, self.clear, self.wait]
        act: Callable[[], None] = self.chance.choice([*usual, *others])
        self.taken.append(act.__name__)
        act()

    def any_of_them(self) -> str:
        return f"n{self.chance.randrange(max(1, self.filed)):03}"

    def marks(self) -> dict[str, object]:
        later = self.world.clock.now() + timedelta(minutes=self.chance.randrange(1, 9))
        return self.chance.choice(
            [
                {"readAt": True},
                {"readAt": None},
                {"archivedAt": True},
                {"archivedAt": None},
                {"snoozedUntil": f"{later + timedelta(seconds=1):%FT%TZ}"},
                {"snoozedUntil": None},
            ]
        )

    def file(self) -> None:
        number = self.chance.randrange(1, 4)
        file(self.world, self.person, number, first=self.filed, sent_to=["phone", "tablet"])
        self.filed += number

    def by_api(self) -> None:
        self.keep(self.person.patch(f"{HOME}/{self.any_of_them()}", self.marks()))

    def by_app(self) -> None:
        each, now = self.any_of_them(), self.world.clock.now()
        if self.world.document(f"users/{self.person.uid}/notifications/{each}") is None:
            return
        name = self.chance.choice(["readAt", "archivedAt", "snoozedUntil"])
        at = now + timedelta(minutes=self.chance.randrange(1, 9)) if name[0] == "s" else now
        mark(self.world, self.person, each, {name: self.chance.choice([None, at])})
        for _ in range(self.chance.choice([1, 2])):
            ring_inbox(self.world, self.person, each)
        self.world.tasks.settle()

    def delete(self) -> None:
        self.keep(self.person.delete(f"{HOME}/{self.any_of_them()}"))

    def undo(self) -> None:
        token = self.chance.choice(self.tokens)
        self.keep(self.person.post("/undo", {"token": token}))

    def clear(self) -> None:
        if self.chance.random() < 0.4:
            act = self.chance.choice(["markAllRead", "archiveAll"])
            self.keep(self.person.post(f"{HOME}:{act}"))

    def wait(self) -> None:
        self.world.pass_time(timedelta(minutes=self.chance.randrange(1, 5), seconds=2))

    def keep(self, answer) -> None:
        assert answer.status_code < 500, answer.text
        if UNDO_TOKEN in answer.headers:
            self.tokens.append(answer.headers[UNDO_TOKEN])


@pytest.mark.parametrize("seed", range(3))
def test_after_each_step(world: World, ann: Caller, seed: int):
    """Read, archived, snoozed, deleted, undone, by the API and by apps, while more is filed."""
    walk = Walk(world, ann, seed)
    walk.file()
    ann.post(f"{HOME}:markAllRead")

    for _ in range(STEPS):
        walk.step()

        assert counted(world, ann) == badge(world, ann), walk.taken


def test_several_at_once(world: World, ann: Caller, crowd: ThreadPoolExecutor):
    """Devices beside each other, each at something else: the sum is right, and nothing is lost."""
    file(world, ann, 12, sent_to=["phone", "tablet"])

    def reads(number: int) -> None:
        for each in range(number, 12, 3):
            answer = ann.patch(f"{HOME}/n{each:03}", {"readAt": True})
            assert answer.status_code in (200, 404), answer.text

    def clears() -> None:
        assert ann.post(f"{HOME}:archiveAll").ok

    def deletes() -> None:
        for each in ("n003", "n007"):
            assert ann.delete(f"{HOME}/{each}").status_code == 204

    running = [crowd.submit(reads, number) for number in range(3)]
    running += [crowd.submit(clears), crowd.submit(deletes)]
    file(world, ann, 2, first=20)
    for each in running:
        each.result()
    world.settle(times=2)

    assert 2 >= badge(world, ann)["unread"]
    assert counted(world, ann) == badge(world, ann)


@pytest.mark.parametrize("at", range(1, 7))
def test_killed_while_devices_are_told(world: World, ann: Caller, at: int):
    """Each device is told at least once, and nothing is left over."""
    file(world, ann, 2, sent_to=["phone", "tablet"])
    ann.patch(f"{HOME}/n000", {"readAt": True}, headers={"X-Device-Id": "phone"})
    (stored,) = world.services.ports.store.find(
        Query("timers", limit=1, where=(Where("kind", "==", "dismiss"),))
    )
    world.clock.advance(timedelta(seconds=2))
    dying = mortal_services(world, Fate(at), MortalAtEveryCommit)

    with suppress(Killed):
        dying.firing.fire(alarm_body(timer_of(stored)))
    world.tasks.wake()
    world.pass_time(timedelta(minutes=10))

    told = dismissed(world, ann, "tablet")
    assert {("n000", "1")} == {(each, number) for ids, number in told for each in ids}
    assert [] == dismissed(world, ann, "phone")
    assert [] == [each for each in world.documents("timers") if each["kind"] == "dismiss"]
    assert [] == [each for each in world.documents("shadows") if "waiting" in each]
