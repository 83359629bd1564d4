"""What becomes of a membership: another role, an end, a removal, a departure, a transfer."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.api.world import Caller, World

DAY = timedelta(days=1)


def roles(world: World, workspace: str) -> dict[str, str]:
    """Who is what, by name."""
    members = world.documents(f"workspaces/{workspace}/members")
    return {member["displayName"]: member["role"] for member in members}


def people(world: World, *names: str) -> Sequence[Caller]:
    return [world.person(name) for name in names]


class TestChange:
    """PATCH /api/v1/workspaces/{w}/members/{uid}"""

    def test_a_role_changes(self, world: World):
        """By an admin, also another admin's, and it holds from the next request."""
        ann, bob, cid = people(world, "Ann", "Bob", "Cid")
        team = world.team(ann)
        world.join(team, bob, "admin")
        world.join(team, cid, "admin")

        answer = bob.patch(f"/workspaces/{team}/members/{cid.uid}", {"role": "viewer"})

        assert (200, "viewer") == (answer.status_code, answer.json()["role"])
        assert {"Ann": "owner", "Bob": "admin", "Cid": "viewer"} == roles(world, team)
        assert 403 == cid.patch(f"/workspaces/{team}", {"name": "X"}).status_code
        assert answer.json() == ann.get(f"/workspaces/{team}/members/{cid.uid}").json()

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"role": "owner"}, "/role"),
            ({"role": "superuser"}, "/role"),
            ({"role": "Admin"}, "/role"),
            ({"role": None}, "/role"),
            ({"role": ["admin"]}, "/role"),
            ({"expireAt": "2020-01-01T00:00:00Z"}, "/expireAt"),
            ({"expireAt": "tomorrow"}, "/expireAt"),
            ({"uid": "eve"}, "/uid"),
            ({"displayName": "Eve"}, "/displayName"),
            ({"createdAt": None}, "/createdAt"),
        ],
        ids=str,
    )
    def test_what_cannot_be_is_refused(self, world: World, changes: dict, pointer: str):
        """Nobody becomes an owner so, no role is made up, and nothing ends in the past."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)

        answer = ann.patch(f"/workspaces/{team}/members/{bob.uid}", changes)

        assert (422, [pointer]) == (
            answer.status_code,
            [fault["pointer"] for fault in answer.json()["errors"]],
        )
        assert {"Ann": "owner", "Bob": "member"} == roles(world, team)

    def test_the_owner_stays_the_owner(self, world: World):
        """Neither an admin nor the owner changes that, nor gives it an end, nor takes it away."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann)
        world.join(team, bob, "admin")
        path = f"/workspaces/{team}/members/{ann.uid}"
        later = f"{world.clock.now() + DAY:%FT%TZ}"

        answers = [
            answer
            for person in (ann, bob)
            for answer in (
                person.patch(path, {"role": "member"}),
                person.patch(path, {"expireAt": later}),
                person.delete(path),
            )
        ]

        assert {(409, "invalid-transition")} == {
            (answer.status_code, answer.json()["code"]) for answer in answers
        }
        assert {"Ann": "owner", "Bob": "admin"} == roles(world, team)

    def test_nobody_outside_can_be_changed(self, world: World):
        """A stranger, somebody unknown, and whose time is over are the same."""
        ann, bob, eve = people(world, "Ann", "Bob", "Eve")
        team = world.team(ann)
        world.join(team, bob, expire_at=world.clock.now() - DAY)

        answers = [
            ann.call(method, f"/workspaces/{team}/members/{uid}", json=body)
            for uid in (bob.uid, eve.uid, "nobody")
            for method, body in (("PATCH", {"role": "viewer"}), ("GET", None))
        ]

        assert {(404, "not-found")} == {
            (answer.status_code, answer.json()["code"]) for answer in answers
        }

    def test_a_personal_workspace_has_one_member(self, world: World):
        """Whatever is tried."""
        ann, bob = people(world, "Ann", "Bob")
        me = f"/workspaces/me/members/{ann.uid}"

        answers = [
            ann.patch(me, {"role": "admin"}),
            ann.delete(me),
            ann.put(f"/workspaces/me/members/{bob.uid}", {"role": "member"}),
            ann.post("/workspaces/me:leave"),
            ann.post("/workspaces/me:transferOwnership", {"uid": ann.uid}),
            ann.post("/workspaces/me/invites", {"email": "b@example.com", "role": "member"}),
        ]

        assert {409} == {answer.status_code for answer in answers}
        assert {"Ann": "owner"} == roles(world, ann.uid)


class TestRecords:
    """Who may do what is never changed without a trace."""

    def test_each_change_is_in_the_audit_log(self, world: World):
        """With roles and ids, in the commit of the change; what changes nothing is no change."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        member = f"/workspaces/{team}/members/{bob.uid}"

        for _ in range(2):
            ann.patch(member, {"role": "admin"})
        ann.post(f"/workspaces/{team}:transferOwnership", {"uid": bob.uid})
        bob.delete(f"/workspaces/{team}/members/{ann.uid}")

        found = {
            (each["action"], each["actorUid"], each["subjectUid"], *sorted(each["details"].items()))
            for each in world.documents("audit")
            if each["workspaceId"] == team
        }
        assert {
            ("member.roleSet", ann.uid, bob.uid, ("from", "member"), ("to", "admin")),
            ("workspace.ownershipTransferred", ann.uid, bob.uid),
            ("member.removed", bob.uid, ann.uid, ("role", "admin")),
        } == found
        assert 3 == len(world.documents("audit"))


class TestEnd:
    """A membership with an end."""

    def test_it_ends_by_itself(self, world: World):
        """Access at that instant; the document within moments."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        until = world.clock.now().replace(microsecond=0) + DAY
        path = f"/workspaces/{team}/members/{bob.uid}"

        answer = ann.patch(path, {"expireAt": f"{until:%FT%TZ}"})
        world.clock.move_to(until)
        seen = bob.get(f"/workspaces/{team}").status_code
        listed = ann.get(f"/workspaces/{team}/members").json()["items"]
        world.pass_time(timedelta(minutes=1))

        assert 200 == answer.status_code
        assert 404 == seen
        assert [ann.uid] == [member["uid"] for member in listed]
        assert {"Ann": "owner"} == roles(world, team)

    @pytest.mark.parametrize("moved_by", [-DAY / 2, DAY, None], ids=["sooner", "later", "never"])
    def test_a_moved_end_lets_the_old_one_pass(self, world: World, moved_by: timedelta | None):
        """The timer of the old instant fires into nothing."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        path = f"/workspaces/{team}/members/{bob.uid}"
        until = world.clock.now().replace(microsecond=0) + DAY
        ann.patch(path, {"expireAt": f"{until:%FT%TZ}"})
        moved = until + moved_by if moved_by is not None else None

        ann.patch(path, {"expireAt": f"{moved:%FT%TZ}" if moved else None})
        world.pass_time(until - world.clock.now() + timedelta(minutes=5))
        world.pass_time(timedelta(minutes=5))

        assert (moved is None or moved > until) == ("Bob" in roles(world, team))
        timers = {timer["fireAt"] for timer in world.documents("timers")}
        assert ({moved} if moved and moved > until else set()) == timers

    def test_who_ends_does_not_stand_in_the_way_of_a_return(self, world: World):
        """Somebody whose membership has ended can be invited and added again."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann)
        world.join(team, bob, expire_at=world.clock.now() - DAY)

        gone = bob.get(f"/workspaces/{team}").status_code
        world.join(team, bob)

        assert (404, 200) == (gone, bob.get(f"/workspaces/{team}").status_code)


class TestDepart:
    """DELETE …/members/{uid} and POST …:leave"""

    @pytest.mark.parametrize("way", ["removed", "leaves"])
    def test_access_ends_at_once(self, world: World, way: str):
        """Of whatever role; a second time there is nobody."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)

        answers = [_gone(world, ann, bob, team, way) for _ in range(2)]

        assert [204, 404] == [answer.status_code for answer in answers]
        assert 404 == bob.get(f"/workspaces/{team}").status_code
        assert {"Ann": "owner"} == roles(world, team)

    def test_the_last_owner_cannot_leave(self, world: World):
        """They transfer the ownership first, or delete the workspace."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)

        refused = ann.post(f"/workspaces/{team}:leave")
        ann.post(f"/workspaces/{team}:transferOwnership", {"uid": bob.uid})
        left = ann.post(f"/workspaces/{team}:leave")

        assert (409, "invalid-transition", 204) == (
            refused.status_code,
            refused.json()["code"],
            left.status_code,
        )
        assert {"Bob": "owner"} == roles(world, team)


class TestTransfer:
    """POST /api/v1/workspaces/{w}:transferOwnership"""

    def test_the_owner_becomes_an_admin(self, world: World):
        """Both memberships and the workspace say so, from one commit."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)

        answer = ann.post(f"/workspaces/{team}:transferOwnership", {"uid": bob.uid})

        assert (200, bob.uid, 2) == (
            answer.status_code,
            answer.json()["ownerUid"],
            answer.json()["rev"],
        )
        assert {"Ann": "admin", "Bob": "owner"} == roles(world, team)
        assert bob.uid == world.document(f"workspaces/{team}")["ownerUid"]
        again = ann.post(f"/workspaces/{team}:transferOwnership", {"uid": bob.uid})
        assert 403 == again.status_code
        assert 202 == bob.delete(f"/workspaces/{team}").status_code

    def test_a_repeated_request_is_answered_as_the_first(self, world: World):
        """By its key: the caller is not the owner any more, and still learns what became of it."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)

        answers = [
            ann.post(
                f"/workspaces/{team}:transferOwnership",
                {"uid": bob.uid},
                headers={"Idempotency-Key": "once"},
            )
            for _ in range(2)
        ]

        assert [200, 200] == [answer.status_code for answer in answers]
        assert answers[0].json() == answers[1].json()

    def test_only_to_a_member_for_good(self, world: World):
        """No stranger, nobody whose time is over or has an end."""
        ann, bob, cid, eve = people(world, "Ann", "Bob", "Cid", "Eve")
        team = world.team(ann)
        world.join(team, bob, "admin", expire_at=world.clock.now() + DAY)
        world.join(team, cid, "admin", expire_at=world.clock.now() - DAY)

        answers = [
            ann.post(f"/workspaces/{team}:transferOwnership", {"uid": uid})
            for uid in (bob.uid, cid.uid, eve.uid, "nobody", "a/b")
        ]

        assert [409, 422, 422, 422, 422] == [answer.status_code for answer in answers]
        assert {"Ann": "owner", "Bob": "admin", "Cid": "admin"} == roles(world, team)

    def test_to_oneself_changes_nothing(self, world: World):
        """The owner is the owner."""
        ann = world.person("Ann")
        team = world.team(ann)

        answer = ann.post(f"/workspaces/{team}:transferOwnership", {"uid": ann.uid})

        assert (200, 1) == (answer.status_code, answer.json()["rev"])
        assert {"Ann": "owner"} == roles(world, team)


class TestAdd:
    """PUT /api/v1/workspaces/{w}/members/{uid}"""

    def test_nobody_is_added_to_a_team_by_uid(self, world: World):
        """Whoever knows a uid must not put its owner into a workspace without asking."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann)

        answer = ann.put(f"/workspaces/{team}/members/{bob.uid}", {"role": "member"})

        assert (409, "invalid-transition") == (answer.status_code, answer.json()["code"])
        assert {"Ann": "owner"} == roles(world, team)


def _gone(world: World, owner: Caller, member: Caller, team: str, way: str):
    if way == "leaves":
        return member.post(f"/workspaces/{team}:leave")
    return owner.delete(f"/workspaces/{team}/members/{member.uid}")
