"""The badge is exactly what is neither read nor archived, whoever marked it, whatever was lost."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from google.cloud import firestore

from backend.adapters.firestore import metered
from backend.notifications.model import Category
from local.cloudtasks import Fault, FaultKind
from tests.api.doorbells import mark
from tests.api.inboxes import badge, counted, file, ring_inbox
from tests.api.wishes import prefers
from tests.api.world import Caller, World

REACT = "/internal/jobs/reactInbox"


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


class TestMarking:
    """An app marks notifications itself, under the rules."""

    @pytest.mark.parametrize("is_lost", [False, True], ids=["doorbell", "lost doorbell"])
    @pytest.mark.parametrize(
        "names", [["readAt"], ["archivedAt"], ["readAt", "archivedAt"]], ids=" and ".join
    )
    def test_what_is_marked_is_counted_no_more(
        self, world: World, ann: Caller, names: list[str], is_lost: bool
    ):
        """Once, also where it is read and archived."""
        first, *_ = file(world, ann, 3)

        mark(world, ann, first, dict.fromkeys(names, world.clock.now()))
        before = badge(world, ann)["unread"]
        if is_lost:
            world.settle()
        else:
            ring_inbox(world, ann, first)
            world.tasks.settle()

        assert 3 == before
        assert {"unread": 2, "by": {"completed": 1, "security": 1}} == badge(world, ann)

    def test_what_is_unread_again_is_counted_again(self, world: World, ann: Caller):
        """Marks can be taken back."""
        first, *_ = file(world, ann, 1)
        shown = []

        for read_at in (world.clock.now(), None, world.clock.now()):
            mark(world, ann, first, {"readAt": read_at})
            world.settle()
            shown.append(badge(world, ann)["unread"])

        assert [0, 1, 0] == shown

    @pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one after the other"])
    def test_doubled_and_reordered_doorbells_count_once(
        self, world: World, ann: Caller, at_once: bool
    ):
        """Each notification says itself whether it is counted."""
        ids = file(world, ann, 6)
        world.tasks.script(
            Fault(FaultKind.DUPLICATE, path=REACT, count=0, copies=3, concurrent=at_once)
        )

        now = world.clock.now()
        for marks in ({"readAt": now}, {"readAt": None}, {"archivedAt": now}):
            for each in ids[:4]:
                mark(world, ann, each, marks)
                ring_inbox(world, ann, each)
        world.tasks.settle()

        assert {"unread": 2, "by": {"completed": 1, "security": 1}} == badge(world, ann)

    def test_marking_all_while_more_arrive(
        self, world: World, ann: Caller, crowd: ThreadPoolExecutor
    ):
        """Reactors beside each other and beside what is being filed: nothing is lost or doubled."""
        ids = file(world, ann, 12)
        prefers(world, ann, bundleMinutes=0)
        bob = world.person("Bob")
        team = world.team(bob, ann)
        react = world.services.reactors.inboxes.react

        def look(notification_id: str) -> None:
            mark(world, ann, notification_id, {"readAt": world.clock.now()})
            react(ann.uid, notification_id)
            react(ann.uid, notification_id)

        running = [crowd.submit(look, each) for each in ids]
        for _ in range(4):
            bob.post(f"/workspaces/{team}/tasks", {"title": "A", "assigneeIds": [ann.uid]})
            world.settle()
        for one in running:
            one.result()
        world.settle(times=2)

        assert {"unread": 4, "by": {"assigned": 4}} == badge(world, ann)
        assert counted(world, ann) == badge(world, ann)

    def test_whatever_happens_the_badge_is_right_in_the_end(self, world: World, ann: Caller):
        """Marks, deletions, doorbells that ring for nothing, twice, or never; then a sweep."""
        ids = file(world, ann, 8)
        chance = random.Random(4)
        notifications = world.database.collection(f"users/{ann.uid}/notifications")

        for step in range(60):
            world.clock.advance(timedelta(seconds=1))
            each = chance.choice(ids)
            if not notifications.document(each).get().exists:
                world.services.reactors.inboxes.react(ann.uid, each)
                continue
            at = chance.choice([None, world.clock.now()])
            mark(world, ann, each, {chance.choice(["readAt", "archivedAt"]): at})
            if step % 20 == 19:
                notifications.document(each).delete()
            for _ in range(chance.choice([0, 1, 2])):
                world.services.reactors.inboxes.react(ann.uid, each)
            if step % 15 == 14:
                world.services.sweep.run()
        for each in ids:
            world.services.reactors.inboxes.react(ann.uid, each)

        assert counted(world, ann) == badge(world, ann)


class TestRepair:
    """What a badge can no longer learn from the notifications themselves."""

    def test_a_deleted_notification_is_counted_no_more(self, world: World, ann: Caller):
        """TTL deletes without marking; its doorbell finds nothing, so all are counted."""
        first, second, *_ = file(world, ann, 3)
        mark(world, ann, second, {"readAt": world.clock.now()})
        world.settle()

        world.database.document(f"users/{ann.uid}/notifications/{first}").delete()
        ring_inbox(world, ann, first)
        world.tasks.settle()

        assert {"unread": 1, "by": {"security": 1}} == badge(world, ann)

    def test_a_deletion_nobody_rang_for_is_noticed_within_a_day(self, world: World, ann: Caller):
        """With the next mark of anything, after the last count of all has become old."""
        first, second, third = file(world, ann, 3)
        mark(world, ann, first, {"readAt": world.clock.now()})
        world.settle()
        world.database.document(f"users/{ann.uid}/notifications/{second}").delete()
        world.clock.advance(timedelta(days=1))

        mark(world, ann, third, {"readAt": world.clock.now()})
        world.settle()

        assert {"unread": 0, "by": {}} == badge(world, ann)

    @pytest.mark.parametrize(
        "spoilt",
        [
            None,
            {"unread": 0, "unreadByCategory": {}},
            {"unread": 1, "unreadByCategory": {"assigned": -5}},
        ],
        ids=["missing", "too small", "nonsense"],
    )
    def test_a_badge_that_cannot_be_right_is_counted_anew(
        self, world: World, ann: Caller, spoilt: dict[str, Any] | None
    ):
        """Rather than shown below nothing."""
        first, *_ = file(world, ann, 3)
        document = world.database.document(f"users/{ann.uid}/counters/inbox")
        if spoilt is None:
            document.delete()
        else:
            document.set({**spoilt, "countedAt": world.clock.now()})

        mark(world, ann, first, {"readAt": world.clock.now()})
        world.settle()

        assert {"unread": 2, "by": {"completed": 1, "security": 1}} == badge(world, ann)

    def test_what_was_filed_before_there_was_a_mark_counts(self, world: World, ann: Caller):
        """A notification without `isCounted` is of an older version of ours, which counted all."""
        first, second = file(world, ann, 2)
        for each in (first, second):
            path = f"users/{ann.uid}/notifications/{each}"
            world.database.document(path).update({"isCounted": firestore.DELETE_FIELD})
        world.write(
            f"users/{ann.uid}/counters/inbox",
            {
                "unread": 2,
                "unreadByCategory": {"assigned": 1, "completed": 1},
                "countedAt": world.clock.now(),
            },
        )

        mark(world, ann, first, {"readAt": world.clock.now()})
        world.settle()

        assert {"unread": 1, "by": {"completed": 1}} == badge(world, ann)

    @pytest.mark.parametrize("category", ["ofAnotherVersion", None, 5])
    def test_an_odd_notification_keeps_nobody_from_the_others(
        self, world: World, ann: Caller, category: Any
    ):
        """It is in no category that the badge knows, and all others are counted right."""
        first, second, _ = file(world, ann, 3)
        path = f"users/{ann.uid}/notifications/{first}"
        now = world.clock.now()
        world.database.document(path).set({"category": category, "readAt": now, "updatedAt": now})

        mark(world, ann, second, {"archivedAt": now})
        world.settle()

        assert {"unread": 1, "by": {"security": 1}} == badge(world, ann)

    def test_nothing_comes_back_of_who_is_gone(self, world: World, ann: Caller):
        """Their notifications were deleted, and each deletion rang."""
        (first,) = file(world, ann, 1)
        world.database.document(f"users/{ann.uid}/notifications/{first}").delete()
        world.database.document(f"users/{ann.uid}/counters/inbox").delete()

        ring_inbox(world, ann, first)
        world.tasks.settle()

        assert None is world.document(f"users/{ann.uid}/counters/inbox")


class TestCost:
    """What a look at a notification is billed as."""

    def test_it_stays_within_its_budget(self, world: World, ann: Caller):
        """
        The first of a day counts all; a mark corrects two documents, and the rest is nothing.

        Whether a device shows it stands in the decision about its push, the third of the reads.
        """
        first, second, *_ = file(world, ann, 3)
        costs = []
        for each in (first, second, second):
            mark(world, ann, each, {"readAt": world.clock.now()})
            costs.append(_cost(world, ann, each))

        # A read for each category there is; in how many round trips matters once a day.
        kinds = len(Category)
        assert [(3 + kinds, 3 + kinds, 2), (3, 3, 2), (1, 2, 0)] == costs

    def test_a_sweep_reads_what_is_right_only_once(self, world: World, ann: Caller):
        """It has the notification before it, and needs no more."""
        (first,) = file(world, ann, 1)
        found = world.services.ports.store.get(f"users/{ann.uid}/notifications/{first}")
        assert found is not None
        with metered() as usage:
            world.services.reactors.inboxes.look(found)

        assert (0, 0, 0) == (usage.rpcs, usage.reads, usage.writes)


def _cost(world: World, person: Caller, notification_id: str) -> tuple[int, int, int]:
    with metered() as usage:
        world.services.reactors.inboxes.react(person.uid, notification_id)
    return usage.rpcs, usage.reads, usage.writes
