"""Two changes of the same people at once: one of them wins, and nothing is ever half done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import requests

from tests.api.test_membership import people, roles
from tests.api.world import World

ROUNDS = 5
Call = Callable[[], requests.Response]


def at_once(crowd: ThreadPoolExecutor, *calls: Call) -> list[int]:
    """The statuses of calls that are made together."""
    futures = [crowd.submit(call) for call in calls]
    return [future.result().status_code for future in futures]


def owners(world: World, team: str) -> list[str]:
    """Who is the owner, by the memberships and by the workspace."""
    members = world.documents(f"workspaces/{team}/members")
    found = [member["uid"] for member in members if member["role"] == "owner"]
    return [*found, world.document(f"workspaces/{team}")["ownerUid"]]


class TestRaces:
    """With threads, several times each."""

    def test_transfer_and_leave(self, world: World, crowd: ThreadPoolExecutor):
        """The heir leaves as they are made the owner: there is always one."""
        ann, bob = people(world, "Ann", "Bob")
        for _ in range(ROUNDS):
            team = world.team(ann, bob)

            statuses = at_once(
                crowd,
                lambda team=team: ann.post(
                    f"/workspaces/{team}:transferOwnership", {"uid": bob.uid}
                ),
                lambda team=team: bob.post(f"/workspaces/{team}:leave"),
            )

            assert statuses in ([200, 409], [422, 204])
            assert {200: [bob.uid] * 2, 422: [ann.uid] * 2}[statuses[0]] == owners(world, team)

    def test_two_transfers(self, world: World, crowd: ThreadPoolExecutor):
        """To two people: one of them owns it, and says so everywhere."""
        ann, bob, cid = people(world, "Ann", "Bob", "Cid")
        for _ in range(ROUNDS):
            team = world.team(ann, bob, cid)
            path = f"/workspaces/{team}:transferOwnership"

            statuses = at_once(
                crowd,
                lambda path=path: ann.post(path, {"uid": bob.uid}),
                lambda path=path: ann.post(path, {"uid": cid.uid}),
            )

            assert [200, 403] == sorted(statuses)
            winner = bob if statuses[0] == 200 else cid
            assert [winner.uid] * 2 == owners(world, team)
            assert "admin" == roles(world, team)["Ann"]

    def test_remove_and_change(self, world: World, crowd: ThreadPoolExecutor):
        """Whoever is removed does not come back with another role."""
        ann, bob = people(world, "Ann", "Bob")
        for _ in range(ROUNDS):
            team = world.team(ann, bob)
            path = f"/workspaces/{team}/members/{bob.uid}"

            statuses = at_once(
                crowd,
                lambda path=path: ann.delete(path),
                lambda path=path: ann.patch(path, {"role": "admin"}),
            )

            assert statuses in ([204, 200], [204, 404])
            assert {"Ann": "owner"} == roles(world, team)
            assert 404 == bob.get(f"/workspaces/{team}").status_code

    def test_transfer_and_remove(self, world: World, crowd: ThreadPoolExecutor):
        """An admin removes whom the owner is making the owner."""
        ann, bob, cid = people(world, "Ann", "Bob", "Cid")
        for _ in range(ROUNDS):
            team = world.team(ann, bob)
            world.join(team, cid, "admin")

            statuses = at_once(
                crowd,
                lambda team=team: ann.post(
                    f"/workspaces/{team}:transferOwnership", {"uid": bob.uid}
                ),
                lambda team=team: cid.delete(f"/workspaces/{team}/members/{bob.uid}"),
            )

            assert statuses in ([200, 409], [422, 204])
            assert 1 == len(set(owners(world, team)))
            assert 2 == len(owners(world, team))

    def test_two_removals(self, world: World, crowd: ThreadPoolExecutor):
        """One takes them out, and the other finds nobody, or that it is done."""
        ann, bob = people(world, "Ann", "Bob")
        for _ in range(ROUNDS):
            team = world.team(ann, bob)
            path = f"/workspaces/{team}/members/{bob.uid}"

            statuses = at_once(crowd, *[lambda path=path: ann.delete(path)] * 3)

            assert 204 in statuses
            assert {204, 404} >= set(statuses)
            assert {"Ann": "owner"} == roles(world, team)

    def test_the_last_two_leave(self, world: World, crowd: ThreadPoolExecutor):
        """The owner stays, whoever else goes."""
        ann, bob = people(world, "Ann", "Bob")
        for _ in range(ROUNDS):
            team = world.team(ann, bob)

            statuses = at_once(
                crowd,
                *[
                    lambda who=who, team=team: who.post(f"/workspaces/{team}:leave")
                    for who in (ann, bob)
                ],
            )

            assert [409, 204] == statuses
            assert [ann.uid] * 2 == owners(world, team)
