"""Who may do what: every person against every verb of every open collection."""

import pytest

from tests.rules.client import Verdict
from tests.rules.documents import device, edit
from tests.rules.wire import Query
from tests.rules.world import EDITORS, PEOPLE, READERS

NOBODY: set[str] = set()
MANAGERS = {"owner", "admin"}
PENDING = Query((("state", "EQUAL", "pending"),), limit=50)


# What lies in a workspace or below its task t1, and a document of it.
WORK = {
    "projects": "p1",
    "boards": "b1",
    "lists": "l1",
    "labels": "red",
    "stats": "2026-03-29",
    "comments": "c1",
    "attachments": "a1",
}
MOST = {"projects": 100, "boards": 100, "lists": 30, "labels": 200, "stats": 31}


def _place(w, collection):
    return f"{w.task if collection in ('comments', 'attachments') else w.w1}/{collection}"


def _reading(collection, name):
    most = Query(limit=MOST.get(collection, 50))
    return {
        "get": lambda app, w: app.get(f"{_place(w, collection)}/{name}"),
        "list": lambda app, w: app.list(_place(w, collection), most),
    }


def _writing(collection, name):
    """Writes that are for nobody: whole collections of the server, and what is no document."""
    return {
        "create odd": lambda app, w: app.create(f"{_place(w, collection)}/x", {"open": 9}),
        "change odd": lambda app, w: app.update(f"{_place(w, collection)}/{name}", {"open": 9}),
        "delete": lambda app, w: app.delete(f"{_place(w, collection)}/{name}"),
    }


# operation -> (who may, how it is done); `w` is the world, `w.w1` the shared workspace.
IN_WORKSPACE = {
    "get workspace": (READERS, lambda app, w: app.get(w.w1)),
    "get member": (READERS, lambda app, w: app.get(f"{w.w1}/members/{w.uid('owner')}")),
    "list members": (READERS, lambda app, w: app.list(f"{w.w1}/members", Query(limit=200))),
    "get invite": (MANAGERS, lambda app, w: app.get(f"{w.w1}/invites/i1")),
    "list invites": (MANAGERS, lambda app, w: app.list(f"{w.w1}/invites", PENDING)),
    "get task": (READERS, lambda app, w: app.get(w.task)),
    "list tasks": (READERS, lambda app, w: app.list(f"{w.w1}/tasks", Query(limit=300))),
    "get history": (READERS, lambda app, w: app.get(f"{w.task}/history/3")),
    "list history": (READERS, lambda app, w: app.list(f"{w.task}/history", Query(limit=20))),
    "get event": (READERS, lambda app, w: app.get(f"{w.w1}/events/e1")),
    "list events": (READERS, lambda app, w: app.list(f"{w.w1}/events", Query(limit=30))),
    "get series": (READERS, lambda app, w: app.get(f"{w.w1}/series/s1")),
    "list series": (READERS, lambda app, w: app.list(f"{w.w1}/series", Query(limit=20))),
    "get occurrence": (READERS, lambda app, w: app.get(f"{w.w1}/series/s1/occurrences/20260329")),
    "list occurrences": (
        READERS,
        lambda app, w: app.list(f"{w.w1}/series/s1/occurrences", Query(limit=20)),
    ),
    **{
        f"{verb} {collection}": (READERS, act)
        for collection, name in WORK.items()
        for verb, act in _reading(collection, name).items()
    },
    **{
        f"{verb} {collection}": (NOBODY, act)
        for collection, name in WORK.items()
        for verb, act in _writing(collection, name).items()
    },
    "create workspace": (NOBODY, lambda app, w: app.create("workspaces/new", {"name": "x"})),
    "rename workspace": (NOBODY, lambda app, w: app.update(w.w1, {"name": "x"})),
    "delete workspace": (NOBODY, lambda app, w: app.delete(w.w1)),
    "list workspaces": (NOBODY, lambda app, w: app.list("workspaces", Query(limit=1))),
    "create member": (NOBODY, lambda app, w: app.create(f"{w.w1}/members/x", {"role": "owner"})),
    "change member": (
        NOBODY,
        lambda app, w: app.update(f"{w.w1}/members/{w.uid('viewer')}", {"role": "owner"}),
    ),
    "delete member": (NOBODY, lambda app, w: app.delete(f"{w.w1}/members/{w.uid('viewer')}")),
    "create invite": (NOBODY, lambda app, w: app.create(f"{w.w1}/invites/x", {"role": "owner"})),
    "change invite": (NOBODY, lambda app, w: app.update(f"{w.w1}/invites/i1", {"role": "owner"})),
    "delete invite": (NOBODY, lambda app, w: app.delete(f"{w.w1}/invites/i1")),
    "delete task": (NOBODY, lambda app, w: app.delete(w.task)),
    "rewrite history": (NOBODY, lambda app, w: app.update(f"{w.task}/history/3", {"rev": 1})),
    "create history": (NOBODY, lambda app, w: app.create(f"{w.task}/history/4", {"rev": 4})),
    "delete history": (NOBODY, lambda app, w: app.delete(f"{w.task}/history/3")),
    "create event": (NOBODY, lambda app, w: app.create(f"{w.w1}/events/x", {"type": "x"})),
    "change event": (NOBODY, lambda app, w: app.update(f"{w.w1}/events/e1", {"type": "x"})),
    "delete event": (NOBODY, lambda app, w: app.delete(f"{w.w1}/events/e1")),
    "create series": (NOBODY, lambda app, w: app.create(f"{w.w1}/series/x", {"state": "active"})),
    "change series": (NOBODY, lambda app, w: app.update(f"{w.w1}/series/s1", {"state": "ended"})),
    "delete series": (NOBODY, lambda app, w: app.delete(f"{w.w1}/series/s1")),
    "create occurrence": (
        NOBODY,
        lambda app, w: app.create(f"{w.w1}/series/s1/occurrences/x", {"state": "open"}),
    ),
    "change occurrence": (
        NOBODY,
        lambda app, w: app.update(f"{w.w1}/series/s1/occurrences/20260329", {"state": "done"}),
    ),
    "delete occurrence": (
        NOBODY,
        lambda app, w: app.delete(f"{w.w1}/series/s1/occurrences/20260329"),
    ),
}

SELF = {"member"}
# operation -> (who may, how it is done) on the belongings of the person "member".
ON_OWN_DOCUMENTS = {
    "get user": (SELF, lambda app, me: app.get(me)),
    "list users": (NOBODY, lambda app, me: app.list("users", Query(limit=1))),
    "create user": (NOBODY, lambda app, me: app.create(f"{me}-2", {"displayName": "x"})),
    "change user": (NOBODY, lambda app, me: app.update(me, {"displayName": "x"})),
    "delete user": (NOBODY, lambda app, me: app.delete(me)),
    "get settings": (SELF, lambda app, me: app.get(f"{me}/settings/notifications")),
    "list settings": (NOBODY, lambda app, me: app.list(f"{me}/settings", Query(limit=1))),
    "delete settings": (NOBODY, lambda app, me: app.delete(f"{me}/settings/notifications")),
    "get intent": (SELF, lambda app, me: app.get(f"{me}/intents/i1")),
    "list intents": (SELF, lambda app, me: app.list(f"{me}/intents", Query(limit=20))),
    "change intent": (NOBODY, lambda app, me: app.update(f"{me}/intents/i1", {"state": "done"})),
    "delete intent": (NOBODY, lambda app, me: app.delete(f"{me}/intents/i1")),
    "get focus": (SELF, lambda app, me: app.get(f"{me}/focus/current")),
    "list focus": (NOBODY, lambda app, me: app.list(f"{me}/focus", Query(limit=1))),
    "change focus": (NOBODY, lambda app, me: app.update(f"{me}/focus/current", {"phase": "x"})),
    "get session": (SELF, lambda app, me: app.get(f"{me}/focusSessions/s1")),
    "list sessions": (SELF, lambda app, me: app.list(f"{me}/focusSessions", Query(limit=50))),
    "delete session": (NOBODY, lambda app, me: app.delete(f"{me}/focusSessions/s1")),
    "get day": (SELF, lambda app, me: app.get(f"{me}/stats/2026-03-29")),
    "list days": (SELF, lambda app, me: app.list(f"{me}/stats", Query(limit=31))),
    "change day": (NOBODY, lambda app, me: app.update(f"{me}/stats/2026-03-29", {"created": 9})),
    "get device": (SELF, lambda app, me: app.get(f"{me}/devices/d1")),
    "list devices": (SELF, lambda app, me: app.list(f"{me}/devices", Query(limit=20))),
    "create device": (SELF, lambda app, me: app.create(f"{me}/devices/new", device())),
    "change device": (SELF, lambda app, me: app.update(f"{me}/devices/d1", device())),
    "delete device": (SELF, lambda app, me: app.delete(f"{me}/devices/old")),
    "get notification": (SELF, lambda app, me: app.get(f"{me}/notifications/n1")),
    "list notifications": (
        SELF,
        lambda app, me: app.list(f"{me}/notifications", Query(limit=30)),
    ),
    "create notification": (
        NOBODY,
        lambda app, me: app.create(f"{me}/notifications/x", {"title": "x"}),
    ),
    "change notification": (
        NOBODY,
        lambda app, me: app.update(f"{me}/notifications/n1", {"readAt": None}),
    ),
    "delete notification": (NOBODY, lambda app, me: app.delete(f"{me}/notifications/n1")),
    "get decision": (SELF, lambda app, me: app.get(f"{me}/notifications/n1/decisions/push")),
    "list decisions": (
        SELF,
        lambda app, me: app.list(f"{me}/notifications/n1/decisions", Query(limit=5)),
    ),
    "create decision": (
        NOBODY,
        lambda app, me: app.create(f"{me}/notifications/n1/decisions/x", {"decision": "x"}),
    ),
    "change decision": (
        NOBODY,
        lambda app, me: app.update(f"{me}/notifications/n1/decisions/push", {"decision": "x"}),
    ),
    "delete decision": (
        NOBODY,
        lambda app, me: app.delete(f"{me}/notifications/n1/decisions/push"),
    ),
    "get inbox counter": (SELF, lambda app, me: app.get(f"{me}/counters/inbox")),
    "list counters": (NOBODY, lambda app, me: app.list(f"{me}/counters", Query(limit=1))),
    "create counter": (NOBODY, lambda app, me: app.create(f"{me}/counters/x", {"unread": 0})),
    "change inbox counter": (
        NOBODY,
        lambda app, me: app.update(f"{me}/counters/inbox", {"unread": 0}),
    ),
    "delete inbox counter": (NOBODY, lambda app, me: app.delete(f"{me}/counters/inbox")),
}


@pytest.mark.parametrize("who", PEOPLE)
class TestRoleTable:
    """Attacks 1-5, 11, 12, 15-20, 22-25, 28, 33-35, 57, 58, 66, 67, 70, 73, 77, 81."""

    @pytest.mark.parametrize("operation", IN_WORKSPACE)
    def test_in_a_workspace(self, world, operation, who):
        """The role in the member document decides, and its absence or expiry denies."""
        allowed, act = IN_WORKSPACE[operation]

        answer = act(world.as_(who), world)

        assert _verdict(who in allowed) == answer.verdict

    @pytest.mark.parametrize("operation", ON_OWN_DOCUMENTS)
    def test_on_a_persons_own_documents(self, world, operation, who):
        """Only the person, and never someone's colleague or owner, reads what is theirs."""
        allowed, act = ON_OWN_DOCUMENTS[operation]

        answer = act(world.as_(who), world.me("member"))

        assert _verdict(who in allowed) == answer.verdict

    def test_creating_a_task(self, world, who):
        """Members and up create tasks; commenters and viewers do not."""
        path, task = world.new_task(who)

        answer = world.as_(who).create(path, task)

        assert _verdict(who in EDITORS) == answer.verdict

    def test_changing_a_task(self, world, who):
        """Members and up change any task of the workspace, whoever created it."""
        task = world.store_task()

        answer = world.as_(who).update(task, edit(world.uid(who), title="Repot"))

        assert _verdict(who in EDITORS) == answer.verdict

    @pytest.mark.parametrize("verb", ["get", "list", "create", "change"])
    def test_a_foreign_workspace(self, world, verb, who):
        """No role in one workspace reaches into another (attacks 33, 35)."""
        app, task = world.as_(who), f"{world.w2}/tasks/t1"
        acts = {
            "get": lambda: app.get(task),
            "list": lambda: app.list(f"{world.w2}/tasks", Query(limit=20)),
            "create": lambda: app.create(f"{task}-new", world.new_task(who)[1]),
            "change": lambda: app.update(task, edit(world.uid(who), title="Repot")),
        }

        assert acts[verb]().verdict == Verdict.DENIED


def _verdict(allowed: bool) -> Verdict:
    return Verdict.ALLOWED if allowed else Verdict.DENIED
