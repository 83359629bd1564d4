"""Commands that an app queues for the server, and what is the server's alone. Attacks 71 to 73."""

from uuid import uuid4

import pytest

from tests.rules.client import Verdict
from tests.rules.documents import FUTURE, PAST, without
from tests.rules.own_documents import intent, soon
from tests.rules.wire import REQUEST_TIME, Query

ALLOWED, DENIED = Verdict.ALLOWED, Verdict.DENIED

CREATED = {
    "as-it-should-be": ({}, ALLOWED),
    "args-none": ({"args": {}}, ALLOWED),
    "args-most": ({"args": {str(n): n for n in range(20)}}, ALLOWED),
    "kept-for-60-days": ({"expireAt": soon(59)}, ALLOWED),
    "args-too-many": ({"args": {str(n): n for n in range(21)}}, DENIED),
    "args-list": ({"args": []}, DENIED),
    "args-null": ({"args": None}, DENIED),
    "command-empty": ({"command": ""}, DENIED),
    "command-too-long": ({"command": "a" * 65}, DENIED),
    "command-path": ({"command": "../tasks"}, DENIED),
    "command-number": ({"command": 7}, DENIED),
    "state-done": ({"state": "done"}, DENIED),
    "problem-made-up": ({"problem": {"code": "x"}}, DENIED),
    "finished-already": ({"finishedAt": REQUEST_TIME}, DENIED),
    "created-at-client-time": ({"createdAt": PAST}, DENIED),
    "kept-for-ever": ({"expireAt": FUTURE}, DENIED),
    "kept-till-yesterday": ({"expireAt": PAST}, DENIED),
    "kept-till-a-string": ({"expireAt": "2999-01-01"}, DENIED),
    "kept-till-null": ({"expireAt": None}, DENIED),
    "unknown-field": ({"uid": "owner"}, DENIED),
}


class TestIntents:
    """users/{uid}/intents/{i}"""

    @pytest.mark.parametrize(("changes", "expected"), CREATED.values(), ids=CREATED)
    def test_created(self, world, changes, expected):
        """Pending, by its own clock's stamp, and gone after a while."""
        path = f"{world.me('member')}/intents/{uuid4().hex}"

        assert expected == world.as_("member").create(path, intent(**changes)).verdict

    @pytest.mark.parametrize("name", intent())
    def test_a_field_left_out(self, world, name):
        """Each is asked for."""
        path = f"{world.me('member')}/intents/{uuid4().hex}"

        assert world.as_("member").create(path, without(intent(), name)).verdict == DENIED

    @pytest.mark.parametrize("intent_id", ["x y", "ü", "x" * 129])
    def test_an_id_the_api_would_not_know(self, world, intent_id):
        """Nothing may be stored that cannot be asked about."""
        path = f"{world.me('member')}/intents/{intent_id}"

        assert world.as_("member").create(path, intent()).verdict == DENIED

    def test_what_is_said_is_said(self, world):
        """The server alone finishes an intent; nobody takes one back or puts it again."""
        app, path = world.as_("member"), f"{world.me('member')}/intents/{uuid4().hex}"
        world.done(app.create(path, intent()))

        verdicts = {
            app.update(path, {"state": "done"}).verdict,
            app.update(path, {"args": {}}).verdict,
            app.set(path, intent(command="tasks.reopen")).verdict,
            app.delete(path).verdict,
        }

        assert {DENIED} == verdicts

    @pytest.mark.parametrize("who", ["owner", "stranger", "nobody"])
    def test_in_anothers_name(self, world, who):
        """Who may write here, acts as the person."""
        app, place = world.as_(who), f"{world.me('member')}/intents"

        verdicts = {
            app.get(f"{place}/i1").verdict,
            app.list(place, Query(limit=20)).verdict,
            app.create(f"{place}/{uuid4().hex}", intent()).verdict,
        }

        assert {DENIED} == verdicts


MEASURED = {
    "focus/current": {"phase": "work", "elapsedMs": 0},
    "focusSessions/s1": {"outcome": "completed"},
    "stats/2026-03-29": {"completed": 99},
}


@pytest.mark.parametrize("place", MEASURED)
class TestMeasured:
    """Focus and statistics: the server's clock counts, and its reactions."""

    @pytest.mark.parametrize("who", ["owner", "stranger", "nobody", "expired"])
    def test_read_by_another(self, world, place, who):
        """Attack 71."""
        app, path = world.as_(who), f"{world.me('member')}/{place}"

        verdicts = {app.get(path).verdict, app.list(_parent(path), Query(limit=1)).verdict}

        assert {DENIED} == verdicts

    def test_read_by_oneself(self, world, place):
        """Attack 71, the other half."""
        assert world.as_("member").get(f"{world.me('member')}/{place}").documents

    def test_written_by_oneself(self, world, place):
        """Attacks 72, 73, 74 and 75: no value and no task makes it right."""
        app, path = world.as_("member"), f"{world.me('member')}/{place}"

        verdicts = {
            app.update(path, MEASURED[place]).verdict,
            app.set(path, MEASURED[place]).verdict,
            app.update(path, {"elapsedMs": -1}).verdict,
            app.update(path, {"taskId": "t1", "workspaceId": world.w2}).verdict,
            app.create(f"{_parent(path)}/new", MEASURED[place]).verdict,
            app.delete(path).verdict,
        }

        assert {DENIED} == verdicts


def _parent(path):
    return path.rpartition("/")[0]
