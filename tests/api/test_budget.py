"""What each act costs in round trips and billed documents. More is a failure."""

from datetime import timedelta

from backend.adapters.cache import UNSHARED_TTL_S
from backend.adapters.firestore import Usage, metered
from backend.tasks.model import TaskRef
from tests.api.factories import app_task
from tests.api.test_invites import BOBS, accept, token_of
from tests.api.world import World, cost_of


class TestRequests:
    """`Server-Timing` says what Firestore was asked."""

    def test_requests_stay_within_their_budget(self, world: World):
        """Authorisation takes nothing once the cache holds the membership."""
        ann = world.person("Ann")
        ann.get("/workspaces/me")
        created = ann.post("/workspaces/me/tasks", {"title": "A"})
        path = f"/workspaces/me/tasks/{created.json()['id']}"
        costs = {
            "create": cost_of(created),
            "get": cost_of(ann.get(path)),
            "change": cost_of(ann.patch(path, {"title": "B"})),
            "change nothing": cost_of(ann.patch(path, {"title": "B"})),
            "complete": cost_of(ann.post(f"{path}/completion")),
            "list one": cost_of(ann.get("/workspaces/me/tasks")),
            "list none": cost_of(ann.get("/workspaces/me/tasks", params={"status": "cancelled"})),
            "profile": cost_of(ann.get("/users/me")),
        }

        assert {
            "create": (1, 0, 1),
            "get": (1, 1, 0),
            # The task and its history, which the reaction then need not write.
            "change": (2, 1, 2),
            "change nothing": (1, 1, 0),
            "complete": (2, 1, 2),
            "list one": (1, 1, 0),
            "list none": (1, 1, 0),
            "profile": (1, 1, 0),
        } == costs

    def test_a_membership_not_held_costs_one_read(self, world: World):
        """Of everybody who is named, in one round trip."""
        ann, bob = world.person("Ann"), world.person("Bob")
        path = f"/workspaces/{world.team(ann, bob)}/tasks"
        costs = []
        for task in ({"title": "A"}, {"title": "B", "assigneeIds": [bob.uid]}):
            world.clock.advance(timedelta(seconds=UNSHARED_TTL_S))
            costs.append(cost_of(ann.post(path, task)))

        assert [(2, 1, 1), (2, 2, 1)] == costs

    def test_a_stranger_costs_one_read(self, world: World):
        """The membership that is not there."""
        ann, eve = world.person("Ann"), world.person("Eve")

        assert (1, 1, 0) == cost_of(eve.get(f"/workspaces/{ann.uid}/tasks"))


class TestMemberships:
    """What managers do is decided by documents read anew."""

    def test_memberships_stay_within_their_budget(self, world: World):
        """From the invitation to the departure, and what its job costs."""
        ann, bob = world.person("Ann"), world.person("Bob", BOBS)
        founded = ann.post("/workspaces", {"name": "A"})
        path = f"/workspaces/{founded.json()['id']}"
        invited = ann.post(f"{path}/invites", {"email": BOBS, "role": "member"})
        invite_id = invited.json()["id"]
        resent = ann.post(f"{path}/invites/{invite_id}:resend")
        token = token_of(world, founded.json()["id"], invite_id, 2)
        costs = {
            "found": cost_of(founded),
            "invite": cost_of(invited),
            "resend": cost_of(resent),
            "list invites": cost_of(ann.get(f"{path}/invites")),
            "accept": cost_of(accept(bob, token)),
            "accept again": cost_of(accept(bob, token)),
            "found a space": cost_of(bob.post("/workspaces", {"name": "B", "parentId": path[12:]})),
            "change a workspace": cost_of(ann.patch(path, {"name": "C"})),
            "delete it": cost_of(ann.delete(path)),
            "restore it": cost_of(ann.post(f"{path}:restore")),
            "remove who owns a space": cost_of(ann.delete(f"{path}/members/{bob.uid}")),
        }

        assert {
            "found": (3, 2, 2),
            "invite": (4, 4, 2),
            "resend": (3, 2, 2),
            "list invites": (2, 2, 0),
            "accept": (4, 5, 2),
            "accept again": (2, 4, 0),
            "found a space": (5, 5, 3),
            "change a workspace": (3, 2, 1),
            "delete it": (3, 2, 2),
            "restore it": (3, 2, 2),
            "remove who owns a space": (6, 7, 8),
        } == costs


class TestReactions:
    """One `get_all` of document and shadow, one commit."""

    def test_reactions_stay_within_their_budget(self, world: World):
        """A first look, a look that finds nothing, a change."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        ref = TaskRef(team, app_task(world, team, by=ann, assignees=[bob]))

        created = _reaction(world, ref)
        nothing = _reaction(world, ref)
        ann.patch(f"/workspaces/{team}/tasks/{ref.task_id}", {"title": "B"})
        edited = _reaction(world, ref)
        bob.post(f"/workspaces/{team}/tasks/{ref.task_id}/completion")
        completed = _reaction(world, ref)

        # Created: shadow, two events, counter, outbox, search entry. Edited: shadow, event, entry.
        # Completed: shadow, event, counters, outbox; what had asked for it leaves the devices.
        assert [(2, 2, 6), (1, 2, 0), (2, 2, 3), (2, 2, 5)] == [
            created,
            nothing,
            edited,
            completed,
        ]

    def test_a_completed_occurrence_stays_within_its_budget(self, world: World):
        """The request, its reaction with the next occurrence, and the reaction to that."""
        ann = world.person("Ann")
        weekly = {"rule": "FREQ=WEEKLY", "start": {"date": "2027-03-01", "tz": "UTC"}}
        series = ann.post("/workspaces/me/series", {"title": "A", **weekly}).json()
        first = TaskRef(ann.uid, series["firstTaskId"])
        _reaction(world, first)

        request = cost_of(ann.post(f"/workspaces/me/tasks/{first.task_id}/completion"))
        reaction = _reaction(world, first)
        following = _reaction(world, TaskRef(ann.uid, f"{series['id']}-20270308"))

        # Reaction: shadow, event, counters, two timers withdrawn; series, both occurrences,
        # next task. Following: shadow, event, counters, search entry, two timers set; the zone of
        # who should do it, which its day is meant in.
        assert [(2, 1, 2), (3, 3, 9), (3, 3, 6)] == [request, reaction, following]

    def test_a_tick_with_nothing_due_costs_one_read(self, world: World):
        """However much is stored."""
        ann = world.person("Ann")
        for _ in range(3):
            app_task(world, ann.uid, by=ann)
        world.settle()
        costs = []
        for tick in (world.services.timers.promote, world.services.timers.repair):
            with metered() as usage:
                tick()
            costs.append(_of(usage))

        assert [(1, 1, 0), (1, 1, 0)] == costs


def _reaction(world: World, ref: TaskRef) -> tuple[int, int, int]:
    with metered() as usage:
        world.services.reactor.react(ref)
    return _of(usage)


def _of(usage: Usage) -> tuple[int, int, int]:
    return usage.rpcs, usage.reads, usage.writes
