"""A guest's time: on the second it is over, whatever still lies there. Attacks 76 to 80."""

from uuid import uuid4

import pytest

from backend.guests.model import MAX_GUEST_TASKS
from tests.rules.client import Verdict
from tests.rules.documents import (
    FUTURE,
    PAST,
    device,
    edit,
    member,
    new_task,
    stored_task,
    workspace,
)
from tests.rules.own_documents import belongings, intent, profile_edit, settings
from tests.rules.wire import DELETE, REQUEST_TIME, Query

ALLOWED, DENIED = Verdict.ALLOWED, Verdict.DENIED
READ = {"readAt": REQUEST_TIME, "updatedAt": REQUEST_TIME}

# All that a person does with their own documents, in an order in which each can be done.
OWN_ACTS = {
    "get account": lambda app, me: app.get(me),
    "change account": lambda app, me: app.update(me, profile_edit(timezone="Asia/Tokyo")),
    "get settings": lambda app, me: app.get(f"{me}/settings/notifications"),
    "change settings": lambda app, me: app.set(f"{me}/settings/notifications", settings(rev=4)),
    "get device": lambda app, me: app.get(f"{me}/devices/d1"),
    "list devices": lambda app, me: app.list(f"{me}/devices", Query(limit=20)),
    "create device": lambda app, me: app.create(f"{me}/devices/d9", device()),
    "change device": lambda app, me: app.update(f"{me}/devices/d1", device(token="t2")),
    "delete device": lambda app, me: app.delete(f"{me}/devices/old"),
    "get notification": lambda app, me: app.get(f"{me}/notifications/n1"),
    "list notifications": lambda app, me: app.list(f"{me}/notifications", Query(limit=30)),
    "read notification": lambda app, me: app.update(f"{me}/notifications/n1", READ),
    "get decision": lambda app, me: app.get(f"{me}/notifications/n1/decisions/push"),
    "list decisions": lambda app, me: app.list(f"{me}/notifications/n1/decisions", Query(limit=5)),
    "get badge": lambda app, me: app.get(f"{me}/counters/inbox"),
    "get intent": lambda app, me: app.get(f"{me}/intents/i1"),
    "list intents": lambda app, me: app.list(f"{me}/intents", Query(limit=20)),
    "create intent": lambda app, me: app.create(f"{me}/intents/i9", intent()),
    "get focus": lambda app, me: app.get(f"{me}/focus/current"),
    "get session": lambda app, me: app.get(f"{me}/focusSessions/s1"),
    "list sessions": lambda app, me: app.list(f"{me}/focusSessions", Query(limit=50)),
    "get day": lambda app, me: app.get(f"{me}/stats/2026-03-29"),
    "list days": lambda app, me: app.list(f"{me}/stats", Query(limit=31)),
}


@pytest.fixture
def guest(world):
    """Return a function that makes a guest, whose account and membership end when it says."""

    def make(expire_at, provider="anonymous"):
        uid = f"guest-{uuid4().hex}"
        home = f"workspaces/{uid}"
        documents = belongings(f"users/{uid}", uid, expire_at) | {
            home: workspace(uid, kind="personal"),
            f"{home}/members/{uid}": member(uid, "owner", expireAt=expire_at),
            f"{home}/tasks/t1": stored_task(uid),
        }
        server = world.server
        world.done(server.commit([server.writing(p, data) for p, data in documents.items()]))
        return uid, world.client.as_(uid, provider=provider)

    return make


class TestTheirTime:
    """users/{uid}.expireAt and members/{uid}.expireAt."""

    @pytest.mark.parametrize(("expire_at", "expected"), [(FUTURE, ALLOWED), (PAST, DENIED)])
    def test_own_documents(self, guest, expire_at, expected):
        """Attack 78: everything until the end, and nothing from then on."""
        uid, app = guest(expire_at)

        verdicts = {name: act(app, f"users/{uid}").verdict for name, act in OWN_ACTS.items()}

        assert dict.fromkeys(OWN_ACTS, expected) == verdicts

    @pytest.mark.parametrize(("expire_at", "expected"), [(FUTURE, ALLOWED), (PAST, DENIED)])
    def test_own_workspace(self, guest, expire_at, expected):
        """Attack 78: read, listed, written; and which workspaces there are."""
        uid, app = guest(expire_at)
        home = f"workspaces/{uid}"
        mine = Query((("uid", "EQUAL", uid),), limit=50, every_path=True)

        verdicts = {
            app.get(home).verdict,
            app.get(f"{home}/tasks/t1").verdict,
            app.list(f"{home}/tasks", Query(limit=20)).verdict,
            app.create(f"{home}/tasks/t2", new_task(uid)).verdict,
            app.update(home, {"name": "x", "rev": 4} | _stamps(uid)).verdict,
            app.list("members", mine).verdict,
        }

        assert {expected} == verdicts

    @pytest.mark.parametrize(
        "end", ["2999-01-01", 32_503_680_000, {}, DELETE], ids=["string", "number", "map", "absent"]
    )
    def test_an_end_that_is_no_instant(self, world, guest, end):
        """Attack 84: an account without a readable end is over, not endless."""
        uid, app = guest(FUTURE)
        world.done(world.server.update(f"users/{uid}", {"expireAt": end}))

        assert app.get(f"users/{uid}/counters/inbox").verdict == DENIED

    def test_before_the_first_call(self, world):
        """A guest without account has nothing yet: the first call of the API opens it."""
        uid = f"guest-{uuid4().hex}"
        app = world.client.as_(uid, provider="anonymous")

        assert app.create(f"users/{uid}/devices/d1", device()).verdict == DENIED

    def test_after_registering(self, guest):
        """A token from before the link still says anonymous; the account says otherwise."""
        uid, app = guest(None)

        verdicts = {name: act(app, f"users/{uid}").verdict for name, act in OWN_ACTS.items()}

        assert dict.fromkeys(OWN_ACTS, ALLOWED) == verdicts

    def test_nobody_else_is_looked_up(self, world):
        """Attack 80: being a guest is what the token says; registered people need no account."""
        uid = f"new-{uuid4().hex}"

        answer = world.client.as_(uid).create(f"users/{uid}/devices/d1", device())

        assert answer.verdict == ALLOWED


class TestRoom:
    """How many tasks a guest may write, by what the server has counted."""

    @pytest.mark.parametrize(
        ("counted", "provider", "expected"),
        [
            ({}, "anonymous", ALLOWED),
            ({"allTasks": MAX_GUEST_TASKS - 1}, "anonymous", ALLOWED),
            ({"allTasks": MAX_GUEST_TASKS}, "anonymous", DENIED),
            ({"allTasks": MAX_GUEST_TASKS + 7}, "anonymous", DENIED),
            ({"allTasks": MAX_GUEST_TASKS}, "password", ALLOWED),
        ],
    )
    def test_a_guest_has_so_many_tasks(self, world, guest, counted, provider, expected):
        """The API counts exactly; here the count follows within moments. Others have no limit."""
        uid, app = guest(FUTURE, provider)
        home = f"workspaces/{uid}"
        world.done(world.server.update(home, {"counters": counted}))

        created = app.create(f"{home}/tasks/t2", new_task(uid)).verdict
        changed = app.update(f"{home}/tasks/t1", edit(uid, title="B")).verdict

        assert (expected, ALLOWED) == (created, changed)


class TestOthers:
    """What is not theirs."""

    def test_another_guest(self, guest):
        """Attack 76: guests share nothing."""
        (other, _), (_, app) = guest(FUTURE), guest(FUTURE)

        verdicts = {
            app.get(f"users/{other}").verdict,
            app.get(f"workspaces/{other}").verdict,
            app.get(f"workspaces/{other}/tasks/t1").verdict,
            app.list(f"workspaces/{other}/tasks", Query(limit=20)).verdict,
        }

        assert {DENIED} == verdicts

    def test_a_team_they_are_not_in(self, world, guest):
        """Attack 77."""
        uid, app = guest(FUTURE)

        answer = app.create(f"{world.w1}/tasks/{uuid4().hex}", new_task(uid))

        assert answer.verdict == DENIED

    def test_claiming_what_a_guest_left(self, world, guest):
        """Attack 78: an account takes a guest's work through the API, never by itself."""
        uid, _ = guest(PAST)
        app = world.as_("stranger")

        verdicts = {
            app.get(f"workspaces/{uid}").verdict,
            app.create(f"workspaces/{uid}/members/{world.uid('stranger')}", {}).verdict,
            app.update(f"users/{uid}", profile_edit(displayName="mine")).verdict,
        }

        assert {DENIED} == verdicts

    def test_a_note_over_size(self, guest):
        """Attack 79: 20,000 characters are a description, more are not."""
        uid, app = guest(FUTURE)

        verdicts = [
            app.create(
                f"workspaces/{uid}/tasks/{uuid4().hex}", new_task(uid, description="a" * size)
            ).verdict
            for size in (20_000, 20_001)
        ]

        assert verdicts == [ALLOWED, DENIED]

    def test_inviting(self, guest):
        """Attack 80: not even into their own workspace."""
        uid, app = guest(FUTURE)

        verdicts = {
            app.create(f"workspaces/{uid}/invites/i1", {"emailLower": "a@example.com"}).verdict,
            app.create(f"workspaces/{uid}/members/other", member("other", "member")).verdict,
        }

        assert {DENIED} == verdicts


def _stamps(uid):
    return {"updatedAt": REQUEST_TIME, "updatedBy": uid}
