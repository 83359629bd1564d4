"""The jobs `purgeExpired` and `recountTotals`: the database is put in order, a page at a time."""

from datetime import timedelta

import pytest

from backend.adapters.firestore import metered
from backend.jobs.doing.purging import EXPIRING, LEFT_TO_TTL, PAGE
from backend.notifications.model import KEPT
from tests.api.job_runs import a_run, carried_out, handler_of, one_step
from tests.api.world import Caller, World

DAY = timedelta(days=1)
IN_GROUPS = {
    "intents": "users/ann/intents",
    "invites": "workspaces/w/invites",
    "notifications": "users/ann/notifications",
    "decisions": "users/ann/notifications/n/decisions",
    "runs": "jobs/j/runs",
}


def path_of(collection: str, name: str) -> str:
    return f"{IN_GROUPS.get(collection, collection)}/{name}"


class TestPurgeExpired:
    """purgeExpired {}"""

    @pytest.mark.parametrize("each", EXPIRING, ids=lambda each: each.name)
    def test_what_ttl_has_left_goes(self, world: World, each):
        """Two days after its time, in every collection that expires; what is younger stays."""
        over_at = world.clock.now() - LEFT_TO_TTL - each.kept
        for name, at in (("old", over_at), ("young", over_at + DAY)):
            world.write(path_of(each.name, name), {each.field: at})
        handler = handler_of(world, "purgeExpired")

        items, last = carried_out(handler, a_run(world, handler))

        there = [world.document(path_of(each.name, name)) is not None for name in ("old", "young")]
        assert (1, {each.name: 1}, [False, True]) == (items, last.result, there)

    def test_a_notification_goes_with_its_decisions_and_its_place_in_the_badge(self, world: World):
        """The bell counts what can be seen."""
        old = world.clock.now() - KEPT
        fields = {"expireAt": old, "isCounted": True, "category": "assigned"}
        for number in range(2):
            path = f"users/ann/notifications/n{number}"
            world.write(path, fields)
            world.write(f"{path}/decisions/push", {"at": world.clock.now()})
        world.write("users/ann/notifications/n2", {**fields, "isCounted": False})
        world.write("users/ann/counters/inbox", {"unread": 3, "unreadByCategory": {"assigned": 3}})
        handler = handler_of(world, "purgeExpired")

        carried_out(handler, a_run(world, handler))

        assert [] == world.documents("users/ann/notifications")
        assert [] == world.documents("users/ann/notifications/n0/decisions")
        assert {"unread": 1, "unreadByCategory": {"assigned": 1}} == world.document(
            "users/ann/counters/inbox"
        )

    def test_more_than_a_page_goes_in_several_steps(self, world: World):
        """Each step is one commit; the run goes on where it was."""
        old = world.clock.now() - 3 * DAY
        batch = world.database.batch()
        for number in range(PAGE + 5):
            batch.set(world.database.document(f"idempotency/k{number}"), {"expireAt": old})
        batch.commit()
        handler = handler_of(world, "purgeExpired")
        run = a_run(world, handler)

        first = one_step(handler, run)
        items, last = carried_out(handler, run)

        assert (PAGE, 5) == (first.items, items)
        assert {"idempotency": 5} == last.result

    def test_where_ttl_works_it_costs_a_read_a_collection(self, world: World, ann: Caller):
        """However much is stored."""
        for _ in range(3):
            ann.post("/workspaces/me/tasks", {"title": "T"}, headers={"Idempotency-Key": "k" * 20})
        handler = handler_of(world, "purgeExpired")

        with metered() as usage:
            carried_out(handler, a_run(world, handler))

        count = len(EXPIRING)
        assert (count, count, 0) == (usage.rpcs, usage.reads, usage.writes)


class TestRecountTotals:
    """recountTotals {}"""

    def test_it_mends_every_workspace(self, world: World, ann: Caller):
        """And says how many had been wrong."""
        bob = world.person("Bob")
        for caller in (ann, bob):
            caller.post("/workspaces/me/tasks", {"title": "T"})
        world.settle()
        path = f"workspaces/{bob.uid}"
        world.database.document(path).update({"counters.openTasks": 7})
        handler = handler_of(world, "recountTotals")

        items, last = carried_out(handler, a_run(world, handler))

        assert (2, {"mended": 1, "tooBusy": 0}) == (items, last.result)
        assert 1 == world.document(path)["counters"]["openTasks"]


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")
