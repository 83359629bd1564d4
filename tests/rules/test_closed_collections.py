"""What apps never reach: the server's collections, and invented ones."""

import re

import pytest

from backend.leaving.inventory import SERVERS
from tests.rules.client import Verdict
from tests.rules.wire import Query

ANYONE = ("owner", "guest", "stranger", "nobody")

# Attack 88. {w1} is a workspace, {task} a task in it, {me} the asking person's user document.
SERVER_ONLY = [re.sub(r"\{\w+\}", "x1", collection.path) for collection in SERVERS]

# Attacks 15, 50 and 82.
INVENTED = [
    "anything/x",
    "task/t1",
    "{me}/other/x",
    "{me}/counters/other",
    "{me}/settings/other",
    "{me}/focus/other",
    "{me}/intents/i1/more/x",
    "{me}/stats/2026-03-29/more/x",
    "{me}/devices/d1/keys/k1",
    "{w1}/secrets/x",
    "{w1}/members/m1/notes/n1",
    "{w1}/invites/i1/tokens/x",
    "{w1}/projects/p1/more/x",
    "{w1}/boards/b1/lists/x",
    "{task}/unknown/x",
    "{task}/history/3/more/x",
    "{w1}/series/s1/occurrences/20260329/x/y",
]


def test_the_servers_collections_are_those_of_the_design():
    """The inventory names them, so that none is forgotten here."""
    designed = {
        "shadows", "searchEntries", "timers", "jobs", "runs", "leases", "idempotency",
        "templates", "versions", "operations", "audit", "passwordResets", "passwordWatches",
        "suppressions",
    }  # fmt: skip

    assert designed <= {collection.name for collection in SERVERS}


@pytest.fixture(scope="module")
def closed(world):
    """Every closed place, with a document in it: who asks -> pattern -> path."""
    paths = {
        who: {
            pattern: pattern.format(w1=world.w1, task=world.task, me=world.me(who))
            for pattern in SERVER_ONLY + INVENTED
        }
        for who in ANYONE
    }
    every = {path for places in paths.values() for path in places.values()}
    bait = {"uid": world.uid("owner"), "role": "owner"}
    world.done(world.server.commit([world.server.writing(path, bait) for path in sorted(every)]))
    return paths


@pytest.mark.parametrize("who", ANYONE)
@pytest.mark.parametrize("pattern", SERVER_ONLY + INVENTED)
def test_every_verb_is_refused(world, closed, pattern, who):
    """To the owner of a workspace as to nobody, though the document exists."""
    app, path = world.as_(who), closed[who][pattern]

    verdicts = {
        "get": app.get(path).verdict,
        "list": app.list(path.rpartition("/")[0], Query(limit=1)).verdict,
        "create": app.create(f"{path}-new", {"uid": world.uid(who)}).verdict,
        "update": app.update(path, {"role": "viewer"}).verdict,
        "delete": app.delete(path).verdict,
    }

    assert dict.fromkeys(verdicts, Verdict.DENIED) == verdicts
