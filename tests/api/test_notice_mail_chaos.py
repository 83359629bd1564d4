"""Notices by mail while everything goes wrong at once: none lost, each told once."""

import random
from datetime import timedelta

import pytest

from backend.kit.errors import TaskFlowError
from backend.timers.documents import timer_of
from backend.timers.model import TimerKind
from backend.timers.service import alarm_body
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.noticing import TEN_MINUTES, has_mail, mail_timers, notice, outcome
from tests.api.world import World

FAULTS = ["ACCEPT", "BUSY_451", "ACCEPT_THEN_DROP"]
MOMENTS = 4  # A mail has two commits: the worker may die before and after each.


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens(world: World, seed: int):
    """Workers die, servers are busy or lose their answers, and jobs come twice and too late."""
    chance = random.Random(seed)
    people = [world.person(name) for name in ("Ann", "Bob", "Cy")]
    addresses = [has_mail(world, person) for person in people]
    found = [(person, notice(world, person)) for person in people for _ in range(3)]
    for address in addresses:
        world.mail.script(address, [chance.choice(FAULTS) for _ in range(9)])
    world.clock.advance(TEN_MINUTES)
    for _ in range(30):
        _fire_one(world, chance)
        world.clock.advance(timedelta(seconds=chance.choice([0, 20, 70])))
    for address in addresses:
        world.mail.script(address, [])
    for _ in range(8):
        world.pass_time(timedelta(minutes=30))

    outcomes = [outcome(world, *each) for each in found]
    told = [mail.header("Message-ID") for each in addresses for mail in world.mails(each)]
    assert [("sent", "default")] * len(found) == outcomes
    assert len(found) == len(set(told))
    assert [] == mail_timers(world)


def _fire_one(world: World, chance: random.Random) -> None:
    """Run some mail's job: once or twice, by a worker that may die over it."""
    store = world.services.ports.store
    timers = [
        timer_of(stored)
        for each in world.database.collection("timers").stream()
        if (stored := store.get(each.reference.path)) is not None
    ]
    waiting = [timer for timer in timers if timer.kind is TimerKind.NOTICE_MAIL]
    if not waiting:
        return
    body = alarm_body(chance.choice(sorted(waiting, key=lambda timer: timer.id)))
    for _ in range(chance.choice([1, 1, 2])):
        fate = Fate(chance.randint(1, MOMENTS * 2))
        try:
            mortal_services(world, fate, MortalAtEveryCommit).firing.fire(dict(body))
        except (Killed, TaskFlowError):
            continue
