"""Ten thousand members: what is done to one of them costs what it costs among two."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from backend.adapters.cache import UNSHARED_TTL_S
from backend.adapters.firestore import metered
from backend.kit.documents import Create
from tests.api.test_membership import people
from tests.api.world import Caller, World, cost_of

SIZE, BATCH = 10_000, 400


@pytest.fixture
def crowded(world: World) -> Iterator[tuple[World, str, Caller, Caller]]:
    """A team of ten thousand, its owner, and one of its members."""
    ann, bob = people(world, "Ann", "Bob")
    team = world.team(ann, bob)
    path = f"workspaces/{team}/members"
    pattern = world.document(f"{path}/{bob.uid}")
    store = world.services.ports.store
    others = [
        Create(
            f"{path}/crowd-{number}",
            {
                **pattern,
                "uid": f"crowd-{number}",
                "createdAt": pattern["createdAt"] + timedelta(seconds=number + 1),
            },
        )
        for number in range(SIZE - 2)
    ]
    for first in range(0, len(others), BATCH):
        assert store.attempt(others[first : first + BATCH])
    return world, team, ann, bob


class TestTenThousand:
    """Counted by `Server-Timing`, as round trips, documents read and written."""

    def test_everything_stays_bounded(self, crowded: tuple[World, str, Caller, Caller]):
        """Listing, admitting, changing, handing over, removing."""
        world, team, ann, bob = crowded
        path = f"/workspaces/{team}"
        member = f"{path}/members/{bob.uid}"
        world.clock.advance(timedelta(seconds=UNSHARED_TTL_S))

        costs = {
            "admit": cost_of(bob.get(f"{path}/tasks")),
            "first page": cost_of(ann.get(f"{path}/members", params={"pageSize": 100})),
            "one": cost_of(ann.get(member)),
            "change": cost_of(ann.patch(member, {"role": "admin"})),
            "transfer": cost_of(ann.post(f"{path}:transferOwnership", {"uid": bob.uid})),
            "remove": cost_of(bob.delete(f"{path}/members/crowd-5000")),
            "leave": cost_of(ann.post(f"{path}:leave")),
        }

        assert {
            "admit": (2, 2, 0),
            "first page": (2, 101, 0),
            "one": (1, 1, 0),
            "change": (3, 2, 2),
            "transfer": (3, 4, 4),
            "remove": (4, 3, 3),
            "leave": (4, 3, 2),
        } == costs

    def test_the_pages_are_complete(self, crowded: tuple[World, str, Caller, Caller]):
        """A hundred at a time, each once."""
        world, team, ann, _ = crowded
        seen: list[str] = []
        token = None
        while True:
            query = {"pageSize": 100} | ({"pageToken": token} if token else {})
            page = ann.get(f"/workspaces/{team}/members", params=query).json()
            seen += [each["uid"] for each in page["items"]]
            token = page["nextPageToken"]
            if token is None:
                break

        assert SIZE == len(seen) == len(set(seen))
        with metered() as usage:
            world.services.handover.hand_over(ann.uid)
        assert usage.reads < 20
