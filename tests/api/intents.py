"""Intents as apps write them under the rules, and as the job queue delivers them."""

from datetime import timedelta
from typing import Any

from backend.kit.ids import random_id
from tests.api.doorbells import ring
from tests.api.world import Caller, World


def queue(world: World, person: Caller, command: str, /, **args: Any) -> str:
    """Write an intent as the app does; return its id. `args` in the names of documents."""
    intent_id = random_id()
    now = world.clock.now()
    fields = {
        "command": command,
        "args": args,
        "state": "pending",
        "problem": None,
        "createdAt": now,
        "finishedAt": None,
        "expireAt": now + timedelta(days=30),
    }
    world.write(f"users/{person.uid}/intents/{intent_id}", fields)
    return intent_id


def deliver(world: World, person: Caller, *intent_ids: str) -> None:
    """Ring the doorbells of intents, and let what they ask for happen."""
    for intent_id in intent_ids:
        ring(world, "runIntent", uid=person.uid, intentId=intent_id)
    world.tasks.settle()


def answer(world: World, person: Caller, intent_id: str) -> dict[str, Any]:
    """Return an intent as it is now."""
    return world.document(f"users/{person.uid}/intents/{intent_id}") or {}


def asked(world: World, person: Caller, command: str, /, **args: Any) -> dict[str, Any]:
    """Write an intent, deliver it, and return it answered."""
    intent_id = queue(world, person, command, **args)
    deliver(world, person, intent_id)
    return answer(world, person, intent_id)
