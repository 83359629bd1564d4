"""Commands on comments whose answer is lost, and reactors that die between any two steps."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from google.api_core import exceptions as gcp

from backend.adapters.firestore import Store
from backend.bootstrap import build_services
from backend.comments.service import CommentService
from backend.kit.actor import Actor
from backend.kit.documents import Write
from tests.api.commenting import app_says, count, heard, new_task, ref_of, say, stored
from tests.api.lateness import mails_pass
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.world import Caller, World


class ForgetfulStore(Store):
    """The store on a line that breaks once: a commit takes place, and its answer is lost."""

    has_forgotten = False

    def _commit(self, writes: Sequence[Write]) -> list[datetime]:
        written = super()._commit(writes)
        if writes and not self.has_forgotten:
            self.has_forgotten = True
            # The SDK repeats what was not answered, and its own precondition no longer holds.
            raise gcp.FailedPrecondition("moved on")
        return written


@pytest.fixture
def people(world: World) -> dict[str, Caller]:
    return {name: world.person(name) for name in ("Ann", "Bob")}


@pytest.fixture
def task(world: World, people: dict[str, Caller]) -> str:
    """A task of Ann's, in a team where Bob is, too."""
    return new_task(people["Ann"], world.team(people["Ann"], people["Bob"]))


ACTS: dict[str, Callable[[CommentService, Actor, Any], Any]] = {
    "write": lambda it, who, at: it.write(who, at.task, body="new", mention_ids=()),
    "edit": lambda it, who, at: it.edit(who, at, {"body": "other"}),
    "delete": lambda it, who, at: it.delete(who, at),
    "react": lambda it, who, at: it.react(who, at, "👍"),
}


@pytest.mark.parametrize("act", ACTS)
def test_an_answer_that_was_lost(world: World, people: dict[str, Caller], task: str, act: str):
    """The command took place once, says so, and can be taken back."""
    said = say(people["Bob"], task, "one")
    settings, ports = world.services.settings, world.services.ports
    store = ForgetfulStore(settings.project_id, ports.clock, emulated=True)
    services = build_services(settings, replace(ports, store=store))

    done = ACTS[act](services.comments, Actor(people["Bob"].uid), ref_of(said))

    path = f"{task}/comments/{done.value.id}"
    written = stored(world, path)
    revs = {"write": 1, "edit": 2, "delete": 2, "react": 2}
    assert store.has_forgotten
    assert (revs[act], done.value.body) == (written["rev"], written["body"])
    assert len(world.documents(f"{task[1:]}/comments")) == 1 + (act == "write")
    assert 200 == people["Bob"].post("/undo", {"token": done.undo}).status_code


def test_a_reactor_that_is_killed(world: World, people: dict[str, Caller], task: str):
    """Before its commit nothing has happened, after it everything; the sweep sees to the rest."""
    for at in (1, 2):
        said = app_says(world, people["Bob"], task, f"{at}", people["Ann"])
        services = mortal_services(world, Fate(at), MortalAtEveryCommit)
        with pytest.raises(Killed):
            services.reactors.comments.react(ref_of(said))

    world.settle(times=2)
    world.pass_time(timedelta(minutes=10))  # The alarm of the second was never set.
    mails_pass(world)

    assert 2 == count(world, task)
    assert {"Ann": ["mention Ship it: 1", "mention Ship it: 2"]} == {
        name: sorted(bodies) for name, bodies in heard(world, people).items()
    }
    assert [] == world.documents("timers")
