"""Broadcasts, and people who leave for good."""

from datetime import timedelta

from backend.broadcasts.telling import AT_ONCE
from backend.leaving.model import GRACE, erasure_id
from backend.leaving.scan import Scan
from tests.api.broadcasting import PATH, an_admin, broadcast, crowd_of, named, shown, told
from tests.api.world import Caller, World

MINUTE = timedelta(minutes=1)


def erased(world: World, person: Caller) -> None:
    """Somebody leaves, and however many jobs it takes are done."""
    assert 202 == person.delete("/users/me").status_code
    world.pass_time(GRACE)
    for _ in range(12):
        if world.document(f"timers/{erasure_id(person.uid)}") is None:
            return
        world.pass_time(timedelta(minutes=66))
    raise AssertionError("the erasure did not come to an end")


class TestErasure:
    """Nothing is found by them any more."""

    def test_who_was_named_and_told_is_forgotten(self, world: World):
        """By the list of those named, and among the recipients; the others stay."""
        ada, ann, bob = an_admin(world), world.person("Ann"), world.person("Bob")
        broadcast_id = broadcast(ada, segment=named(ann, bob))
        world.settle()

        erased(world, ann)
        ports = world.services.ports

        assert [] == [*Scan(ports.store, ports.blobs).find((ann.uid,))]
        assert [bob.uid] == shown(ada, broadcast_id)["segment"]["audience"]
        recipients = ada.get(f"{PATH}/{broadcast_id}/recipients").json()["items"]
        assert [bob.uid] == [each["uid"] for each in recipients]

    def test_nobody_is_skipped_because_another_has_left(self, world: World):
        """It goes on behind whom it told last, whatever number they had."""
        ada = an_admin(world)
        uids = crowd_of(world, AT_ONCE + 5)
        broadcast_id = broadcast(ada, segment={"audience": uids}, perMinute=AT_ONCE)
        world.settle()
        path = world.database.document(f"broadcasts/{broadcast_id}")
        path.update({"audience": uids[3:]})  # As an erasure leaves it.

        world.pass_time(MINUTE)

        assert dict.fromkeys(uids, 1) == told(world, uids)

    def test_staff_who_leave_are_replaced(self, world: World):
        """What they began stays, and goes on."""
        ada = an_admin(world)
        eve = an_admin(world, "Eve")
        bob = world.person("Bob")
        broadcast_id = broadcast(eve, segment=named(bob))
        world.settle()

        ada.patch(f"/admin/users/{eve.uid}", {"role": None})
        erased(world, eve)

        assert eve.uid != shown(ada, broadcast_id)["createdBy"]
        assert "counting" != shown(ada, broadcast_id)["state"]
