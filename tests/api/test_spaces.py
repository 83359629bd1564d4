"""Spaces: workspaces inside a team, for some of its people."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.api.test_membership import people, roles
from tests.api.world import Caller, World


def space_in(world: World, team: str, founder: Caller, *others: Caller) -> str:
    """A space of these people."""
    body = {"name": "Corner", "parentId": team}
    space = founder.post("/workspaces", body).json()["id"]
    for person in others:
        path = f"/workspaces/{space}/members/{person.uid}"
        assert founder.put(path, {"role": "member"}).status_code == 200
    return space


class TestFound:
    """POST /api/v1/workspaces with a parentId"""

    def test_a_member_founds_a_space(self, world: World):
        """It is theirs, and the other people of the team do not see it."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)

        answer = bob.post("/workspaces", {"name": "Corner", "parentId": team})

        space = answer.json()["id"]
        assert (201, team, bob.uid) == (
            answer.status_code,
            answer.json()["parentId"],
            answer.json()["ownerUid"],
        )
        assert team == world.document(f"workspaces/{space}/members/{bob.uid}")["parentId"]
        assert (200, 404) == tuple(
            person.get(f"/workspaces/{space}").status_code for person in (bob, ann)
        )

    @pytest.mark.parametrize(
        ("role", "status"),
        [("admin", 201), ("member", 201), ("commenter", 403), ("viewer", 403), (None, 404)],
    )
    def test_who_may_found_one(self, world: World, role: str | None, status: int):
        """As the permission table says."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann)
        if role:
            world.join(team, bob, role)

        assert status == bob.post("/workspaces", {"name": "A", "parentId": team}).status_code

    def test_only_in_a_team_that_stays(self, world: World):
        """Not in a personal workspace, not in a space, not where all will be deleted."""
        ann = world.person("Ann")
        team, doomed = world.team(ann), world.team(ann)
        space = space_in(world, team, ann)
        ann.delete(f"/workspaces/{doomed}")

        answers = [
            ann.post("/workspaces", {"name": "A", "parentId": parent})
            for parent in (ann.uid, space, doomed, "nothing", "a/b")
        ]

        assert [409, 409, 409, 404, 422] == [answer.status_code for answer in answers]


class TestAdd:
    """PUT /api/v1/workspaces/{space}/members/{uid}"""

    def test_somebody_of_the_team_is_added(self, world: World):
        """And given another role the same way."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        space = space_in(world, team, ann, bob)

        answer = ann.put(f"/workspaces/{space}/members/{bob.uid}", {"role": "viewer"})

        assert (200, "viewer") == (answer.status_code, answer.json()["role"])
        assert {"Ann": "owner", "Bob": "viewer"} == roles(world, space)
        assert 200 == bob.get(f"/workspaces/{space}").status_code

    def test_nobody_else_is_added(self, world: World):
        """No stranger, nobody whose time in the team is over; nobody is made its owner."""
        ann, bob, cid, eve = people(world, "Ann", "Bob", "Cid", "Eve")
        team = world.team(ann, bob)
        world.join(team, cid, expire_at=world.clock.now() - timedelta(days=1))
        space = space_in(world, team, ann)
        path = f"/workspaces/{space}/members"

        answers = [
            ann.put(f"{path}/{eve.uid}", {"role": "member"}),
            ann.put(f"{path}/{cid.uid}", {"role": "member"}),
            ann.put(f"{path}/{bob.uid}", {"role": "owner"}),
            ann.put(f"{path}/{ann.uid}", {"role": "viewer"}),
            ann.post(f"/workspaces/{space}/invites", {"email": "b@example.com", "role": "viewer"}),
        ]

        assert [409, 409, 422, 409, 409] == [answer.status_code for answer in answers]
        assert {"Ann": "owner"} == roles(world, space)

    def test_a_space_has_roles_of_its_own(self, world: World):
        """The team's owner is nobody there unless they are added."""
        ann, bob, cid = people(world, "Ann", "Bob", "Cid")
        team = world.team(ann, bob, cid)
        space = space_in(world, team, bob, cid)

        by_member = cid.put(f"/workspaces/{space}/members/{ann.uid}", {"role": "viewer"})
        by_owner = ann.put(f"/workspaces/{space}/members/{ann.uid}", {"role": "owner"})

        assert (403, 404) == (by_member.status_code, by_owner.status_code)


class TestTogether:
    """Memberships of a team and its spaces end together."""

    @pytest.mark.parametrize("way", ["removed", "leaves", "ends"])
    def test_who_is_out_of_the_team_is_out_of_its_spaces(self, world: World, way: str):
        """At once, on every way out; other teams' spaces stay."""
        ann, bob = people(world, "Ann", "Bob")
        team, other = world.team(ann, bob), world.team(ann, bob)
        inside = [space_in(world, team, ann, bob) for _ in range(2)]
        outside = space_in(world, other, ann, bob)

        _out(world, ann, bob, team, way)

        seen = [bob.get(f"/workspaces/{space}").status_code for space in (*inside, outside)]
        world.settle()
        assert [404, 404, 200] == seen
        assert [{"Ann": "owner"}] * 2 == [roles(world, space) for space in inside]

    def test_what_somebody_owned_goes_to_the_owner_of_the_team(self, world: World):
        """Whether they were in it or not, so that no space is ever without an owner."""
        ann, bob, cid = people(world, "Ann", "Bob", "Cid")
        team = world.team(ann, bob, cid)
        with_ann, without = space_in(world, team, bob, ann), space_in(world, team, bob, cid)

        ann.delete(f"/workspaces/{team}/members/{bob.uid}")

        assert {"Ann": "owner"} == roles(world, with_ann)
        assert {"Ann": "owner", "Cid": "member"} == roles(world, without)
        owners = [
            world.document(f"workspaces/{space}")["ownerUid"] for space in (with_ann, without)
        ]
        assert [ann.uid] * 2 == owners
        assert 200 == ann.get(f"/workspaces/{without}").status_code

    def test_an_end_in_the_team_is_an_end_in_its_spaces(self, world: World):
        """It moves there as it is moved in the team, and cannot be set there."""
        ann, bob = people(world, "Ann", "Bob")
        team = world.team(ann, bob)
        space = space_in(world, team, ann, bob)
        until = world.clock.now().replace(microsecond=0) + timedelta(days=1)
        end = {"expireAt": f"{until:%FT%TZ}"}

        refused = ann.patch(f"/workspaces/{space}/members/{bob.uid}", end)
        ann.patch(f"/workspaces/{team}/members/{bob.uid}", end)
        later = space_in(world, team, ann, bob)
        found = [
            world.document(f"workspaces/{each}/members/{bob.uid}")["expireAt"]
            for each in (space, later)
        ]
        ann.patch(f"/workspaces/{team}/members/{bob.uid}", {"expireAt": None})

        assert 409 == refused.status_code
        assert [until, until] == found
        assert None is world.document(f"workspaces/{space}/members/{bob.uid}")["expireAt"]

    def test_added_and_removed_at_once_leaves_nobody_behind(
        self, world: World, crowd: ThreadPoolExecutor
    ):
        """Whoever joins a space writes on their membership of the team, too: one must lose."""
        ann, bob = people(world, "Ann", "Bob")
        for _ in range(4):
            team = world.team(ann, bob)
            space = space_in(world, team, ann)
            path = f"/workspaces/{space}/members/{bob.uid}"
            founded = crowd.submit(bob.post, "/workspaces", {"name": "B", "parentId": team})
            added = crowd.submit(ann.put, path, {"role": "member"})
            removed = crowd.submit(ann.delete, f"/workspaces/{team}/members/{bob.uid}")

            assert 204 == removed.result().status_code
            assert added.result().status_code in (200, 409)
            assert founded.result().status_code in (201, 404)
            assert {"Ann": "owner"} == roles(world, space)
            if founded.result().status_code == 201:
                assert {"Ann": "owner"} == roles(world, founded.result().json()["id"])


def _out(world: World, owner: Caller, member: Caller, team: str, way: str) -> None:
    path = f"/workspaces/{team}/members/{member.uid}"
    if way == "removed":
        assert owner.delete(path).status_code == 204
    elif way == "leaves":
        assert member.post(f"/workspaces/{team}:leave").status_code == 204
    else:
        until = world.clock.now().replace(microsecond=0) + timedelta(days=1)
        assert owner.patch(path, {"expireAt": f"{until:%FT%TZ}"}).status_code == 200
        world.clock.move_to(until)
