"""What the people of a workspace may change of it, and who belongs to it. Attacks 16 to 32."""

from uuid import uuid4

import pytest

from tests.rules.client import Verdict
from tests.rules.documents import FUTURE, PAST, invite, member, workspace
from tests.rules.wire import DELETE, REQUEST_TIME, Increment, Query
from tests.rules.world import PEOPLE

ALLOWED, DENIED = Verdict.ALLOWED, Verdict.DENIED
SETTINGS = {"timezone": "Europe/Berlin", "weekStart": 1}

VALID = {
    "name": {"name": "Garden"},
    "name-longest": {"name": "a" * 200},
    "settings": {"settings": SETTINGS},
    "settings-back-to-none": {"settings": {"timezone": None, "weekStart": None}},
    "escalation-soonest": {"settings": SETTINGS | {"escalateAfterHours": 1}},
    "escalation-latest": {"settings": SETTINGS | {"escalateAfterHours": 720}},
    "escalation-never": {"settings": SETTINGS | {"escalateAfterHours": None}},
    "escalation-alone": {"settings.escalateAfterHours": 24},
    "one-setting": {"settings.timezone": "Asia/Tokyo"},
    "both": {"name": "Garden", "settings": SETTINGS},
}
INVALID = {
    "name-empty": {"name": ""},
    "name-too-long": {"name": "a" * 201},
    "name-null": {"name": None},
    "name-number": {"name": 7},
    "name-removed": {"name": DELETE},
    "a26-type": {"name": "Garden", "type": "personal"},
    "a26-counters": {"name": "Garden", "counters": {"openTasks": 0, "doneTasks": 99}},
    "a26-counters-by-path": {"name": "Garden", "counters.openTasks": 0},
    "a26-counters-by-increment": {"name": "Garden", "counters.openTasks": Increment(1)},
    "a26-owner": {"name": "Garden", "ownerUid": "admin"},
    "a29-owner-alone": {"ownerUid": "admin"},
    "parent": {"parentId": "w2"},
    "purge": {"purgeAt": FUTURE},
    "created-at": {"createdAt": FUTURE},
    "unknown-field": {"plan": "enterprise"},
    "a30-settings-with-10000-keys": {"settings": {f"k{n}": n for n in range(10_000)}},
    "a30-settings-with-one-key-more": {"settings": SETTINGS | {"colour": "red"}},
    "settings-null": {"settings": None},
    "settings-list": {"settings": ["UTC"]},
    "settings-without-zone": {"settings": {"weekStart": 1}},
    "settings-removed": {"settings": DELETE},
    "zone-number": {"settings": SETTINGS | {"timezone": 2}},
    "zone-path": {"settings": SETTINGS | {"timezone": "../etc"}},
    "zone-too-long": {"settings": SETTINGS | {"timezone": "A" * 65}},
    "week-start-0": {"settings": SETTINGS | {"weekStart": 0}},
    "week-start-8": {"settings": SETTINGS | {"weekStart": 8}},
    "week-start-string": {"settings": SETTINGS | {"weekStart": "1"}},
    "escalation-0": {"settings": SETTINGS | {"escalateAfterHours": 0}},
    "escalation-721": {"settings": SETTINGS | {"escalateAfterHours": 721}},
    "escalation-float": {"settings": SETTINGS | {"escalateAfterHours": 4.0}},
    "escalation-string": {"settings": SETTINGS | {"escalateAfterHours": "4"}},
    "escalation-flag": {"settings": SETTINGS | {"escalateAfterHours": True}},
    "rev-equal": {"rev": 3},
    "rev-plus-2": {"rev": 5},
    "rev-float": {"rev": 4.0},
    "rev-removed": {"rev": DELETE},
    "updated-at-client-time": {"updatedAt": FUTURE},
    "updated-by-another": {"updatedBy": "someone"},
}


@pytest.fixture
def team(world):
    """Return a function that stores a workspace of its own with the people of `w1` in it."""

    def store(**fields):
        path = f"workspaces/{uuid4().hex}"
        people = [(who, world.uid(who)) for who in ("owner", "admin", "member", "viewer")]
        documents = {f"{path}/members/{uid}": member(uid, role) for role, uid in people}
        documents[path] = workspace(world.uid("owner")) | fields
        server = world.server
        world.done(server.commit([server.writing(p, data) for p, data in documents.items()]))
        return path

    return store


class TestChange:
    """workspaces/{w}"""

    @pytest.mark.parametrize("changes", VALID.values(), ids=VALID)
    @pytest.mark.parametrize("who", ["owner", "admin"])
    def test_by_owner_and_admin(self, world, team, who, changes):
        """Attack 24, the other half: name and settings."""
        answer = world.as_(who).update(team(), _edit(world.uid(who), **changes))

        assert answer.verdict == ALLOWED

    @pytest.mark.parametrize("changes", VALID.values(), ids=VALID)
    @pytest.mark.parametrize("who", sorted(set(PEOPLE) - {"owner", "admin"}))
    def test_by_others(self, world, who, changes):
        """Attack 24: members, commenters, viewers, guests, and whoever is outside."""
        answer = world.as_(who).update(world.w1, _edit(world.uid(who), **changes))

        assert answer.verdict == DENIED

    @pytest.mark.parametrize("changes", INVALID.values(), ids=INVALID)
    def test_that_is_refused(self, world, team, changes):
        """Attacks 26, 29 and 30; by an admin and by the owner."""
        path = team()

        verdicts = {
            world.as_(who).update(path, _edit(world.uid(who), **changes)).verdict
            for who in ("admin", "owner")
        }

        assert {DENIED} == verdicts

    def test_restoring_is_the_servers(self, world, team):
        """Whoever could write purgeAt could also put the end off for ever."""
        answer = world.as_("owner").update(
            team(purgeAt=FUTURE), _edit(world.uid("owner"), purgeAt=None)
        )

        assert answer.verdict == DENIED

    def test_of_another_workspace(self, world):
        """Being an owner here is nothing there."""
        answer = world.as_("owner").update(world.w2, _edit(world.uid("owner"), name="Mine"))

        assert answer.verdict == DENIED

    @pytest.mark.parametrize("who", ["owner", "admin", "member", "stranger", "nobody"])
    def test_whole_workspaces(self, world, who):
        """Attacks 17, 20, 21 and 25: none is created, deleted, replaced, or found by looking."""
        app, uid = world.as_(who), world.uid(who)

        verdicts = {
            app.create(f"workspaces/{uuid4().hex}", workspace(uid)).verdict,
            app.create(f"workspaces/{world.uid('member')}-{who}", workspace(uid)).verdict,
            app.set(world.w1, workspace(uid)).verdict,
            app.delete(world.w1).verdict,
            app.list("workspaces", Query(limit=1)).verdict,
            app.list("workspaces", Query((("ownerUid", "EQUAL", uid),), limit=1)).verdict,
        }

        assert {DENIED} == verdicts


class TestMembers:
    """workspaces/{w}/members/{uid}: read by all of them, written by the server."""

    def test_a_viewer_sees_who_is_there(self, world):
        """Attack 19, which is none."""
        app = world.as_("viewer")

        answers = [app.get(world.w1), app.list(f"{world.w1}/members", Query(limit=200))]

        assert [answer.verdict for answer in answers] == [ALLOWED, ALLOWED]
        assert len(answers[1].documents) == 7

    @pytest.mark.parametrize("who", ["stranger", "removed", "expired", "nobody"])
    def test_outsiders_do_not(self, world, who):
        """Attacks 16, 18 and 28."""
        app = world.as_(who)

        verdicts = {
            app.get(world.w1).verdict,
            app.get(f"{world.w1}/members/{world.uid('owner')}").verdict,
            app.get(f"{world.w1}/members/{world.uid(who)}").verdict,
            app.list(f"{world.w1}/members", Query(limit=200)).verdict,
        }

        assert {DENIED} == verdicts

    @pytest.mark.parametrize("who", PEOPLE)
    @pytest.mark.parametrize("role", ["owner", "member", "superuser"])
    def test_nobody_writes_one(self, world, who, role):
        """Attacks 22, 23, 25 and 27: joining, promoting oneself, inventing a role, leaving."""
        app, uid = world.as_(who), world.uid(who)
        own, others = f"{world.w1}/members/{uid}", f"{world.w1}/members/{world.uid('viewer')}"

        verdicts = {
            app.create(f"{world.w1}/members/{uuid4().hex}", member(uid, role)).verdict,
            app.set(own, member(uid, role, createdAt=REQUEST_TIME)).verdict,
            app.update(others, {"role": role}).verdict,
            app.update(others, {"expireAt": PAST}).verdict,
            app.delete(own).verdict,
            app.delete(others).verdict,
        }

        assert {DENIED} == verdicts


class TestInvites:
    """workspaces/{w}/invites/{i}. Accepted twice, too late or by another: the API's tests."""

    @pytest.mark.parametrize("who", PEOPLE)
    def test_reading(self, world, who):
        """Attack 31: addresses of people are for those who invite them."""
        app, expected = world.as_(who), ALLOWED if who in ("owner", "admin") else DENIED

        verdicts = {
            app.get(f"{world.w1}/invites/i1").verdict,
            app.list(f"{world.w1}/invites", _pending()).verdict,
        }

        assert {expected} == verdicts

    @pytest.mark.parametrize("who", PEOPLE)
    def test_writing(self, world, who):
        """Attack 31: not even the owner; nobody lets themselves in."""
        app, place = world.as_(who), f"{world.w1}/invites"

        verdicts = {
            app.create(f"{place}/{uuid4().hex}", invite(createdAt=REQUEST_TIME)).verdict,
            app.update(f"{place}/i1", {"emailLower": "eve@example.com"}).verdict,
            app.update(f"{place}/i1", {"state": "accepted"}).verdict,
            app.update(f"{place}/i1", {"role": "owner"}).verdict,
            app.delete(f"{place}/i1").verdict,
        }

        assert {DENIED} == verdicts

    @pytest.mark.parametrize(
        "query",
        [
            Query(limit=50),
            Query((("state", "EQUAL", "accepted"),), limit=50),
            Query((("state", "IN", ["pending", "accepted"]),), limit=50),
            Query((("emailLower", "EQUAL", "ada@example.com"),), limit=50),
        ],
    )
    def test_listing_those_that_are_over(self, world, query):
        """An app sees who is awaited, not everybody who ever was."""
        assert world.as_("owner").list(f"{world.w1}/invites", query).verdict == DENIED


def _pending():
    return Query((("state", "EQUAL", "pending"),), limit=50)


def _edit(uid, **changes):
    return {"rev": 4, "updatedAt": REQUEST_TIME, "updatedBy": uid} | changes
