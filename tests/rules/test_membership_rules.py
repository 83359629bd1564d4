"""Member documents decide alone: odd ones deny, and nothing else stands in for one."""

from uuid import uuid4

import pytest

from tests.rules.client import Verdict
from tests.rules.documents import FUTURE, PAST, edit, member, new_task, stored_task, workspace
from tests.rules.wire import DELETE
from tests.rules.world import READERS

ALLOWED, DENIED = Verdict.ALLOWED, Verdict.DENIED

STORED = {
    "no-expiry": ({"expireAt": DELETE}, ALLOWED),
    "expiry-null": ({"expireAt": None}, ALLOWED),
    "expiry-ahead": ({"expireAt": FUTURE}, ALLOWED),
    "expiry-past": ({"expireAt": PAST}, DENIED),
    "a32-expiry-string": ({"expireAt": "2999-01-01T00:00:00Z"}, DENIED),
    "a32-expiry-number": ({"expireAt": 32_503_680_000}, DENIED),
    "a32-expiry-map": ({"expireAt": {}}, DENIED),
    "a32-role-in-another-case": ({"role": "Owner"}, DENIED),
    "a27-role-invented": ({"role": "superuser"}, DENIED),
    "role-null": ({"role": None}, DENIED),
    "role-list": ({"role": ["owner"]}, DENIED),
    "role-missing": ({"role": DELETE}, DENIED),
}


class TestStoredMembers:
    """Attacks 27, 32 and 84: whatever shape the server once stored."""

    @pytest.mark.parametrize(("fields", "expected"), STORED.values(), ids=STORED)
    def test_read_and_write(self, world, fields, expected):
        """A guest's end is checked at the second, for a read and for a write alike."""
        uid = world.uid(uuid4().hex)
        document = member(uid, "owner") | fields
        world.store(
            f"{world.w1}/members/{uid}", {k: v for k, v in document.items() if v is not DELETE}
        )
        app, task = world.client.as_(uid), world.store_task()

        verdicts = {app.get(world.w1).verdict, app.update(task, edit(uid, title="x")).verdict}

        assert {expected} == verdicts


class TestOtherClaims:
    """Attacks 28, 80 and 83: what a token says about itself changes nothing."""

    @pytest.mark.parametrize(
        "claims",
        [
            {"admin": True},
            {"admin": "true"},
            {"role": "owner"},
            {"workspaces": {"w1": "owner"}},
            {"email_verified": True, "email": "owner@example.org"},
            {"provider": "anonymous"},
            {"user_id": "owner"},
        ],
        ids=lambda claims: next(iter(claims)),
    )
    def test_claims_open_nothing(self, world, claims):
        """No claim replaces a member document."""
        app = world.client.as_(world.uid("stranger"), **claims)

        verdicts = {app.get(world.w1).verdict, app.get(world.task).verdict}

        assert {DENIED} == verdicts

    @pytest.mark.parametrize("uid", ["", "..", "{member}/tasks/t1", "{member}/", "{MEMBER}"])
    def test_uids_that_are_no_uid(self, world, uid):
        """An identity that would bend the path of the look-up finds nothing."""
        uid = uid.format(member=world.uid("member"), MEMBER=world.uid("member").upper())

        assert world.client.as_(uid).get(world.task).verdict == DENIED

    def test_an_anonymous_member_is_a_member(self, world):
        """Guests sign in anonymously; what they may do hangs on their membership."""
        app = world.client.as_(world.uid("guest"), provider="anonymous")

        assert app.get(world.task).verdict == ALLOWED


class TestRemoval:
    """Attack 28: a token outlives a membership."""

    @pytest.mark.parametrize("role", sorted(READERS - {"guest"}))
    def test_removal_holds_from_the_next_request(self, world, role):
        """Allowed, removed, refused; with the same token."""
        uid = world.uid(f"leaving-{role}")
        membership = f"{world.w1}/members/{uid}"
        world.store(membership, member(uid, role))
        app = world.client.as_(uid)

        before = app.get(world.task).verdict
        world.done(world.server.delete(membership))
        after = app.get(world.task).verdict

        assert [before, after] == [ALLOWED, DENIED]

    def test_a_lowered_role_holds_from_the_next_write(self, world):
        """A member who becomes a viewer stops writing at once."""
        uid = world.uid("lowered")
        world.store(f"{world.w1}/members/{uid}", member(uid, "viewer"))
        app, task = world.client.as_(uid), world.store_task()

        verdicts = [app.get(task).verdict, app.update(task, edit(uid, title="x")).verdict]

        assert verdicts == [ALLOWED, DENIED]


class TestGuests:
    """Attacks 76 to 78: a guest in a workspace of their own."""

    @pytest.mark.parametrize(("expire_at", "expected"), [(FUTURE, ALLOWED), (PAST, DENIED)])
    def test_their_own_workspace(self, world, expire_at, expected):
        """Everything until the end, nothing after it."""
        uid = world.uid(f"guest-{expire_at.year}")
        place = f"workspaces/{uid}"
        world.store(place, workspace(uid, kind="personal"))
        world.store(f"{place}/members/{uid}", member(uid, "owner", expireAt=expire_at))
        world.store(f"{place}/tasks/t1", stored_task(uid))
        app = world.client.as_(uid, provider="anonymous")

        verdicts = {
            app.get(place).verdict,
            app.get(f"{place}/tasks/t1").verdict,
            app.create(f"{place}/tasks/t2", new_task(uid)).verdict,
            app.update(f"{place}/tasks/t1", edit(uid, title="x")).verdict,
        }

        assert {expected} == verdicts

    def test_another_guests_workspace(self, world):
        """Guests share nothing."""
        other = world.uid("other-guest")
        world.store(f"workspaces/{other}", workspace(other, kind="personal"))
        world.store(f"workspaces/{other}/members/{other}", member(other, "owner", expireAt=FUTURE))
        app = world.as_("guest")

        verdicts = {
            app.get(f"workspaces/{other}").verdict,
            app.create(f"workspaces/{other}/tasks/t1", new_task(world.uid("guest"))).verdict,
        }

        assert {DENIED} == verdicts

    def test_claiming_the_personal_workspace_of_someone(self, world):
        """Attack 21: the id of a personal workspace is a uid; only the server creates it."""
        app = world.as_("stranger")

        verdicts = {
            app.create(f"workspaces/{world.uid(who)}", workspace(world.uid("stranger"))).verdict
            for who in ("member", "stranger")
        }

        assert {DENIED} == verdicts
