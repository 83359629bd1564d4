"""What apps never reach: the server's collections, those of later versions, invented ones."""

import pytest

from tests.rules.client import Verdict
from tests.rules.wire import Query

ANYONE = ("owner", "nobody")

# Attack 88. {w1} is a workspace, {task} a task in it, {me} the asking person's user document.
SERVER_ONLY = [
    "shadows/tasks-t1",
    "searchEntries/e1",
    "timers/t1",
    "jobs/j1",
    "jobs/j1/runs/r1",
    "leases/scheduler",
    "idempotency/k1",
    "templates/assigned",
    "templates/assigned/versions/1",
    "operations/o1",
    "audit/a1",
]

# Designed, and closed until the rules of their own issue open them. Move a row out when it does.
NOT_YET_OPEN = [
    "{w1}/projects/p1",
    "{w1}/boards/b1",
    "{w1}/lists/l1",
    "{w1}/labels/l1",
    "{w1}/invites/i1",
    "{w1}/stats/2026-03-29",
    "{task}/comments/c1",
    "{task}/attachments/a1",
    "{me}/settings/notifications",
    "{me}/intents/i1",
    "{me}/focus/current",
    "{me}/focusSessions/s1",
    "{me}/stats/2026-03-29",
]

# Attacks 15, 50 and 82.
INVENTED = [
    "anything/x",
    "task/t1",
    "{me}/other/x",
    "{me}/counters/other",
    "{me}/devices/d1/keys/k1",
    "{w1}/secrets/x",
    "{w1}/members/m1/notes/n1",
    "{task}/unknown/x",
    "{task}/history/3/more/x",
    "{w1}/series/s1/occurrences/20260329/x/y",
]


@pytest.fixture(scope="module")
def closed(world):
    """Every closed place, with a document in it: who asks -> pattern -> path."""
    paths = {
        who: {
            pattern: pattern.format(w1=world.w1, task=world.task, me=world.me(who))
            for pattern in SERVER_ONLY + NOT_YET_OPEN + INVENTED
        }
        for who in ANYONE
    }
    every = {path for places in paths.values() for path in places.values()}
    bait = {"uid": world.uid("owner"), "role": "owner"}
    world.done(world.server.commit([world.server.writing(path, bait) for path in sorted(every)]))
    return paths


@pytest.mark.parametrize("who", ANYONE)
@pytest.mark.parametrize("pattern", SERVER_ONLY + NOT_YET_OPEN + INVENTED)
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
