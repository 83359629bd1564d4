"""Who owns what once its owner is erased."""

from datetime import timedelta

import pytest

from tests.api.test_membership import people, roles
from tests.api.test_spaces import space_in
from tests.api.world import World

DAY = timedelta(days=1)


class TestHandover:
    """`Handover.hand_over`, which erasing a person begins with."""

    def test_the_highest_and_longest_becomes_the_owner(self, world: World):
        """Whoever was it becomes an admin, until they are gone."""
        ann, bob, cid, dan = people(world, "Ann", "Bob", "Cid", "Dan")
        team = world.team(ann)
        for person, role in ((bob, "member"), (cid, "admin"), (dan, "admin")):
            world.join(team, person, role)
            world.clock.advance(timedelta(seconds=1))

        alone = world.services.handover.hand_over(ann.uid)

        assert [] == alone
        assert {"Ann": "admin", "Bob": "member", "Cid": "owner", "Dan": "admin"} == roles(
            world, team
        )
        workspace = world.document(f"workspaces/{team}")
        assert (cid.uid, "system", 2) == tuple(
            workspace[name] for name in ("ownerUid", "updatedBy", "rev")
        )
        assert 200 == cid.patch(f"/workspaces/{team}", {"name": "Mine"}).status_code

    def test_who_stays_comes_before_who_is_about_to_go(self, world: World):
        """Whatever their role; among those who go, the role decides, and then nothing ends."""
        ann, bob, cid, dan = people(world, "Ann", "Bob", "Cid", "Dan")
        staying, going = world.team(ann), world.team(ann)
        world.join(staying, bob, "admin", expire_at=world.clock.now() + DAY)
        world.join(staying, cid, "viewer")
        world.join(going, bob, "viewer", expire_at=world.clock.now() + DAY)
        world.join(going, cid, "member", expire_at=world.clock.now() + DAY)
        world.join(going, dan, "admin", expire_at=world.clock.now() - DAY)

        alone = world.services.handover.hand_over(ann.uid)
        world.pass_time(2 * DAY)

        assert [] == alone
        assert "owner" == roles(world, staying)["Cid"]
        assert "owner" == roles(world, going)["Cid"]
        assert None is world.document(f"workspaces/{going}/members/{cid.uid}")["expireAt"]

    def test_where_nobody_else_is_the_caller_purges(self, world: World):
        """Named, and left as they are; the personal workspace is not among them."""
        ann, bob = people(world, "Ann", "Bob")
        alone, expired, shared = world.team(ann), world.team(ann), world.team(ann, bob)
        world.join(expired, bob, expire_at=world.clock.now() - DAY)

        found = world.services.handover.hand_over(ann.uid)

        assert {alone, expired} == set(found)
        assert ann.uid == world.document(f"workspaces/{alone}")["ownerUid"]
        assert {"Ann": "admin", "Bob": "owner"} == roles(world, shared)

    def test_spaces_go_to_the_owner_of_their_team(self, world: World):
        """The new one, where the team was theirs as well; and whether they were in it or not."""
        ann, bob, cid = people(world, "Ann", "Bob", "Cid")
        mine, theirs = world.team(ann, bob), world.team(cid, ann)
        spaces = [
            space_in(world, mine, ann),
            space_in(world, mine, ann, bob),
            space_in(world, theirs, ann),
        ]

        alone = world.services.handover.hand_over(ann.uid)

        assert [] == alone
        assert [
            {"Ann": "admin", "Bob": "owner"},
            {"Ann": "admin", "Bob": "owner"},
            {"Ann": "admin", "Cid": "owner"},
        ] == [roles(world, space) for space in spaces]

    def test_running_it_again_changes_nothing(self, world: World):
        """Killed in the middle, it goes on where it stopped."""
        ann, bob = people(world, "Ann", "Bob")
        teams = [world.team(ann, bob) for _ in range(3)]
        lonely = world.team(ann)

        found = [world.services.handover.hand_over(ann.uid) for _ in range(2)]

        assert [[lonely]] * 2 == found
        assert [2] * 3 == [world.document(f"workspaces/{team}")["rev"] for team in teams]

    @pytest.mark.parametrize("count", [55])
    def test_more_than_a_page_of_workspaces(self, world: World, count: int):
        """Each of them."""
        ann, bob = people(world, "Ann", "Bob")
        first = world.team(ann, bob)
        workspace = world.document(f"workspaces/{first}")
        members = {
            uid: world.document(f"workspaces/{first}/members/{uid}") for uid in (ann.uid, bob.uid)
        }
        for number in range(count):
            world.write(f"workspaces/team-{number}", workspace)
            for uid, member in members.items():
                world.write(f"workspaces/team-{number}/members/{uid}", member)

        assert [] == world.services.handover.hand_over(ann.uid)
        owners = {world.document(f"workspaces/team-{n}")["ownerUid"] for n in range(count)}
        assert {bob.uid} == owners
