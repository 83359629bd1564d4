"""Commands on an inbox whose answer is lost: done once, told as done, and taken back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from backend.bootstrap import build_services
from backend.bootstrap.services import Services
from backend.inbox.clearing import Clear
from backend.kit.actor import Actor
from tests.api.inboxes import badge, counted, file
from tests.api.test_comments_killed import ForgetfulStore
from tests.api.world import World

ACTS: dict[str, Callable[[Services, Actor], Any]] = {
    "read": lambda it, who: it.inbox.mark(who, "n000", {"read_at": True}),
    "delete": lambda it, who: it.inbox.delete(who, "n000"),
    "read all": lambda it, who: it.inbox_clearing.clear(who, Clear.READ),
    "archive all": lambda it, who: it.inbox_clearing.clear(who, Clear.ARCHIVE),
}


@pytest.mark.parametrize("act", ACTS)
def test_an_answer_that_was_lost(world: World, act: str):
    """The badge moves once, and the token it offers brings all of it back."""
    ann = world.person("Ann")
    file(world, ann, 3)
    before = badge(world, ann)
    settings, ports = world.services.settings, world.services.ports
    store = ForgetfulStore(settings.project_id, ports.clock, emulated=True)
    services = build_services(settings, replace(ports, store=store))

    done = ACTS[act](services, Actor(ann.uid))
    after = badge(world, ann)

    assert store.has_forgotten
    assert counted(world, ann) == after
    assert before != after
    assert 200 == ann.post("/undo", {"token": done.undo}).status_code
    assert before == badge(world, ann)
