"""The permission table through the rules: every row and every field, as everybody."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.permissions.kinds import COMPANIONS, KINDS, MADE_BY_CHANGE
from tests.permissions.table import APP, AUTHOR, MEMBERS, SELF, is_own, rows, server_fields
from tests.rules.client import Verdict
from tests.rules.documents import FUTURE, PAST, member, workspace
from tests.rules.wire import REQUEST_TIME, Query
from tests.rules.world import World

ROWS = {row.name: row for row in rows(APP)}
OUTSIDERS = ("stranger", "removed", "expired", "nobody")
EVERYBODY = (*MEMBERS, *OUTSIDERS)
CHANGES = [
    pytest.param(row, name, id=f"{row.name}.{name}")
    for row in ROWS.values()
    if row.action == "change"
    for name in row.fields
]
SERVERS = [pytest.param(*pair, id=".".join(pair)) for pair in server_fields()]
WRITTEN = sorted({row.resource for row in ROWS.values() if row.is_open and row.action != "read"})
VERBS = ("create", "change", "delete")


def opened(resource: str) -> set[str]:
    """Return the verbs of Firestore that rows of the table open for a resource."""
    verbs = {row.action for row in ROWS.values() if row.resource == resource and row.is_open}
    return verbs | {"create"} if resource in MADE_BY_CHANGE else verbs


WITHOUT_ROW = [(each, verb) for each in KINDS for verb in VERBS if verb not in opened(each)]


def rows_of(*actions: str) -> Any:
    """Run a test for each row of these actions that is open to apps."""
    found = [row for row in ROWS.values() if row.action in actions and row.is_open]
    return pytest.mark.parametrize("row", found, ids=[row.name for row in found])


class Bench:
    """Does one act as everybody, each on a document of their own, and says who was let."""

    def __init__(self, world: World, resource: str) -> None:
        self.world = world
        self.kind = KINDS[resource]
        self.is_own = is_own(resource)

    def put(self, by: str = "removed") -> str:
        """Store one, or put it back as it was."""
        path = self.kind.path(self.world)
        self.world.store(path, self.kind.stored(self.world, by))
        return path

    def granted(self, act: Any, by: str = "removed") -> set[str]:
        """Say whom `act(app, path, who)` was granted, on what `by` has made."""
        found, path = set(), self.put(by)
        for who in EVERYBODY:
            if act(self.world.as_(who), path, who).verdict == Verdict.ALLOWED:
                found.add(who)
                path = self.put(by)
        return found

    def expected(self, row: Any) -> set[str]:
        """Say whom the table grants it: by role, to the person themselves, or to the author."""
        if SELF in row.roles:
            return {"member"}
        return {"commenter"} if AUTHOR in row.roles else set(row.roles)


@pytest.fixture
def bench(rules_world):
    """Return a function that makes a bench for a resource."""
    return lambda resource: Bench(rules_world, resource)


class TestOpen:
    """What the table opens to apps, to whom, and to nobody else."""

    @rows_of("read")
    def test_get(self, bench, row):
        """One document."""
        on = bench(row.resource)

        assert on.expected(row) == on.granted(lambda app, path, _who: app.get(path))

    @rows_of("read")
    def test_list(self, bench, row):
        """The collection, within its bound; nothing that is one document alone can be listed."""
        on = bench(row.resource)
        expected = on.expected(row) if on.kind.query else set()
        query = on.kind.query or Query(limit=1)

        found = on.granted(lambda app, path, _who: app.list(path.rpartition("/")[0], query))

        assert expected == found

    @rows_of("create")
    def test_create(self, bench, row):
        """A whole new document, in the caller's name."""
        on = bench(row.resource)

        def create(app, _path, who):
            return app.create(on.kind.path(on.world), on.kind.valid(on.world.uid(who)))

        assert on.expected(row) == on.granted(create)

    @pytest.mark.parametrize("resource", MADE_BY_CHANGE)
    def test_the_first_change(self, bench, resource):
        """Where there is no document yet, a change makes it."""
        on = bench(resource)

        def create(app, path, _who):
            on.world.done(on.world.server.delete(path))
            return app.create(path, on.kind.valid("someone"))

        assert on.granted(create) == {"member"}

    @pytest.mark.parametrize(("row", "name"), CHANGES)
    def test_change(self, bench, row, name):
        """Each field alone. What somebody wrote is its author's, whoever else may write."""
        on = bench(row.resource)
        by = "commenter" if AUTHOR in row.roles else "removed"

        found = on.granted(
            lambda app, path, who: app.update(path, on.kind.change(on.world, who, name)), by
        )

        assert on.expected(row) == found

    @rows_of("trash")
    def test_trash(self, bench, row):
        """Which apps do by a field: it can be taken back."""
        on = bench(row.resource)

        found = on.granted(
            lambda app, path, who: app.update(path, on.kind.change(on.world, who, "deletedAt"))
        )

        assert on.expected(row) == found

    @rows_of("delete")
    def test_delete(self, bench, row):
        """For good."""
        on = bench(row.resource)

        assert on.expected(row) == on.granted(lambda app, path, _who: app.delete(path))


class TestClosed:
    """What nobody does past the server: fields, rows, and verbs that no row names."""

    @pytest.mark.parametrize(("resource", "name"), SERVERS)
    def test_a_field_of_the_server(self, bench, resource, name):
        """Not with any value of any kind, alone or in the company of a field that is free."""
        on = bench(resource)
        stored = on.kind.stored(on.world).get(name)
        free = next(iter(on.kind.values), None)

        for value in _others(stored):

            def alone(app, path, who, value=value):
                return app.update(path, on.kind.stamped(on.world, who) | {name: value})

            def beside(app, path, who, value=value):
                return app.update(path, on.kind.change(on.world, who, free) | {name: value})

            assert set() == on.granted(alone), value
            if free:
                assert set() == on.granted(beside), value

    @pytest.mark.parametrize(("resource", "name"), SERVERS)
    def test_a_field_of_the_server_at_birth(self, bench, resource, name):
        """A new document begins as the server would begin it."""
        on = bench(resource)

        for value in _others(on.kind.valid("someone").get(name)):

            def create(app, _path, who, value=value):
                new = on.kind.valid(on.world.uid(who)) | {name: value}
                return app.create(on.kind.path(on.world), new)

            assert set() == on.granted(create), value

    @pytest.mark.parametrize("resource", WRITTEN)
    def test_a_field_that_nobody_knows(self, bench, resource):
        """A random one, in a change and in a new document."""
        on, name = bench(resource), f"field{uuid4().hex}"
        free = next(iter(on.kind.values))

        def change(app, path, who):
            return app.update(path, on.kind.change(on.world, who, free) | {name: 1})

        def create(app, _path, who):
            new = on.kind.valid(on.world.uid(who)) | {name: 1}
            return app.create(on.kind.path(on.world), new)

        assert (set(), set()) == (on.granted(change), on.granted(create))

    @pytest.mark.parametrize(("resource", "verb"), WITHOUT_ROW)
    def test_a_verb_without_a_row(self, bench, resource, verb):
        """Reading opens no writing, and changing no deleting."""
        on = bench(resource)
        acts = {
            "create": lambda app, path, who: app.create(
                f"{path}-new", on.kind.valid(on.world.uid(who))
            ),
            "change": lambda app, path, who: app.update(
                path, on.kind.stamped(on.world, who) | {"updatedAt": REQUEST_TIME}
            ),
            "delete": lambda app, path, _who: app.delete(path),
        }

        assert set() == on.granted(acts[verb])


# What a row that is closed to apps would be, written straight into Firestore.
DIRECTLY = {
    "workspace.delete": lambda app, w, _who: app.delete(w.w1),
    "workspace.transfer": lambda app, w, who: app.update(
        w.w1, _stamps(w, who) | {"ownerUid": w.uid("admin")}
    ),
    "workspace.leave": lambda app, w, who: app.delete(f"{w.w1}/members/{w.uid(who)}"),
    "space.create": lambda app, w, who: app.create(
        f"workspaces/{uuid4().hex}", workspace(w.uid(who)) | {"parentId": w.w1, "rev": 1}
    ),
    "member.add": lambda app, w, _who: app.create(
        f"{w.w1}/members/{uuid4().hex}", member("x", "viewer", createdAt=REQUEST_TIME)
    ),
    "member.change": lambda app, w, who: app.update(
        f"{w.w1}/members/{w.uid('viewer')}", {"role": "member"}
    ),
    "member.remove": lambda app, w, _who: app.delete(f"{w.w1}/members/{w.uid('viewer')}"),
    "invite.create": lambda app, w, who: app.create(
        f"{w.w1}/invites/{uuid4().hex}", KINDS["invite"].valid(w.uid(who))
    ),
    "invite.resend": lambda app, w, _who: app.update(
        f"{w.w1}/invites/i1", {"expireAt": FUTURE + timedelta(days=1)}
    ),
    "invite.revoke": lambda app, w, _who: app.update(f"{w.w1}/invites/i1", {"state": "revoked"}),
    "comment.moderate": lambda app, w, who: app.update(
        _comment(w), _stamps(w, who) | {"deletedAt": REQUEST_TIME}
    ),
    "comment.react": lambda app, w, who: app.update(
        _comment(w, by=who),
        _stamps(w, who) | {"reactions": [{"uid": w.uid(who), "emoji": "👍"}]},
    ),
    "series.create": lambda app, w, who: app.create(
        f"{w.w1}/series/{uuid4().hex}", {"rule": "FREQ=DAILY", "createdBy": w.uid(who)}
    ),
    "series.change": lambda app, w, _who: app.update(f"{w.w1}/series/s1", {"rule": "FREQ=DAILY"}),
    "occurrence.change": lambda app, w, _who: app.update(
        f"{w.w1}/series/s1/occurrences/20260329", {"state": "skipped"}
    ),
    "series.end": lambda app, w, _who: app.update(f"{w.w1}/series/s1", {"state": "ended"}),
    "project.delete": lambda app, w, _who: app.delete(f"{w.w1}/projects/p1"),
    "board.delete": lambda app, w, _who: app.delete(f"{w.w1}/boards/b1"),
    "list.delete": lambda app, w, _who: app.delete(f"{w.w1}/lists/l1"),
    "label.delete": lambda app, w, _who: app.delete(f"{w.w1}/labels/red"),
    "attachment.create": lambda app, w, who: app.create(
        f"{w.w1}/tasks/t1/attachments/{uuid4().hex}", {"state": "ready", "uploadedBy": w.uid(who)}
    ),
    "attachment.delete": lambda app, w, _who: app.delete(f"{w.w1}/tasks/t1/attachments/a1"),
    "job.read": lambda app, _w, _who: app.list("jobs", Query(limit=1)),
    "job.create": lambda app, w, _who: app.create(
        f"jobs/{uuid4().hex}", {"workspaceId": w.w1.partition("/")[2], "handler": "emptyTrash"}
    ),
    "job.change": lambda app, _w, _who: app.update("jobs/backup", {"state": "paused"}),
    "job.delete": lambda app, _w, _who: app.delete("jobs/backup"),
    "job.run": lambda app, _w, _who: app.create(f"jobs/backup/runs/{uuid4().hex}", {"items": 0}),
    "notification.delete": lambda app, w, who: app.delete(f"users/{w.uid(who)}/notifications/n1"),
    "search.read": lambda app, _w, _who: app.list("searchEntries", Query(limit=1)),
}


class TestThroughTheApiAlone:
    """Rows without a way for apps."""

    @pytest.mark.parametrize("name", DIRECTLY)
    def test_written_directly(self, rules_world, name):
        """Refused to everybody, the owner among them."""
        verdicts = {
            who: DIRECTLY[name](rules_world.as_(who), rules_world, who).verdict for who in EVERYBODY
        }

        assert dict.fromkeys(EVERYBODY, Verdict.DENIED) == verdicts

    def test_none_is_missing(self):
        """A new row of this kind comes with how somebody would try to get round it."""
        assert {row.name for row in ROWS.values() if not row.is_open} == set(DIRECTLY)


class TestTheTableIsWhole:
    """What makes the cells above all cells."""

    def test_every_resource_has_its_kind(self):
        """But a space, which is a workspace, a search, which is no document, and jobs: no app's."""
        apart = {"space", "search", "job"}
        assert {row.resource for row in ROWS.values()} - apart == set(KINDS)

    def test_every_open_row_is_run(self):
        """An action of another name would be passed over."""
        run = {"read", "create", "change", "trash", "delete"}

        assert {row.action for row in ROWS.values() if row.is_open} <= run

    def test_every_collection_of_the_rules_has_a_row(self, rules_text):
        """Each match of the rules is the place of one kind."""
        matched = re.findall(r"match /(\w+)(?:/(?:\{\w+\}|\w+))? \{", rules_text)
        placed = [kind.place.split("/")[-2] for kind in KINDS.values() if "/" in kind.place]
        roots = {"databases", "users", "workspaces"}

        assert sorted(set(matched) - roots) == sorted(set(placed))

    @pytest.mark.parametrize("resource", ["task", "project", "board", "list", "label", "comment"])
    def test_the_allow_lists_are_the_tables(self, rules_text, resource):
        """Fields of the table, those that go with them, and the stamps: no more, no fewer."""
        name = "taskClient" if resource == "task" else resource
        listed = rules_text.split(f"function {name}Fields()")[1].split("]")[0]
        row = ROWS[f"{resource}.change"]

        expected = {*row.fields, *COMPANIONS.get(resource, []), *KINDS[resource].stamps}

        assert expected == set(re.findall(r"'(\w+)'", listed))


def _others(value: Any) -> list[Any]:
    """Return values that a field does not have, of its own kind; of any kind if it has none."""
    another = {
        bool: lambda: [not value],
        int: lambda: [value + 5],
        str: lambda: [f"{value}x"],
        list: lambda: [[*value, "x"]],
        dict: lambda: [{**value, "x": 1}],
        type(None): lambda: ["x", True, 1, FUTURE],
    }
    times = [FUTURE, PAST - timedelta(days=1), None]
    return another[type(value)]() if type(value) in another else times


def _comment(world: World, by: str = "removed") -> str:
    """Put a comment of somebody's onto the task, and return its path."""
    path = KINDS["comment"].path(world)
    world.store(path, KINDS["comment"].stored(world, by))
    return path


def _stamps(world: World, who: str) -> dict[str, Any]:
    return KINDS["workspace"].stamped(world, who)
