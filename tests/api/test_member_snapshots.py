"""A new name or photo reaches every membership, whoever wrote it, with doorbells or without."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from google.cloud.firestore_v1.base_query import FieldFilter

from backend.adapters.firestore import Store, metered
from backend.kit.documents import Create, Stored
from backend.reactions.accounts import AccountReactor
from local.cloudtasks import Fault, FaultKind
from tests.api.doorbells import ring, write_profile
from tests.api.world import Caller, World

PHOTO = "https://example.com/ann.png"
REACT = "/internal/jobs/reactAccount"


def snapshots(world: World, person: Caller) -> list[tuple[Any, Any]]:
    """The different names and photos that somebody's memberships show."""
    found = (
        world.database.collection_group("members")
        .where(filter=FieldFilter("uid", "==", person.uid))
        .stream()
    )
    shown = [member.to_dict() for member in found]
    return sorted({(each["displayName"], each["photoUrl"]) for each in shown})


def names_in(world: World, reader: Caller, workspace_id: str) -> set[str]:
    """What the members of a workspace are called in the API."""
    answer = reader.get(f"/workspaces/{workspace_id}/members")
    return {member["displayName"] for member in answer.json()["items"]}


class Overtaken(Store):
    """A store whose reader is overtaken once, just after it has read an account."""

    def __init__(self, world: World, meanwhile: Callable[[], object]) -> None:
        super().__init__(world.project_id, world.clock, emulated=True)
        self._meanwhile = [meanwhile]

    def get_all(self, paths: Sequence[str]) -> list[Stored | None]:
        found = super().get_all(paths)
        if any(path.startswith("users/") for path in paths) and self._meanwhile:
            self._meanwhile.pop()()
        return found


class TestSnapshots:
    """`workspaces/{w}/members/{uid}` follows `users/{uid}`."""

    @pytest.mark.parametrize("is_lost", [False, True], ids=["doorbell", "lost doorbell"])
    @pytest.mark.parametrize("by_app", [False, True], ids=["API", "app"])
    def test_a_change_reaches_every_membership(self, world: World, by_app: bool, is_lost: bool):
        """The personal workspace, one's own team and somebody else's, but nobody else's name."""
        ann, bob = world.person("Ann"), world.person("Bob")
        own, team = world.team(ann), world.team(bob, ann)
        world.settle()

        if by_app:
            write_profile(world, ann, displayName="Hannah", photoUrl=PHOTO)
        else:
            ann.patch("/users/me", {"displayName": "Hannah", "photoUrl": PHOTO})
        before = snapshots(world, ann)
        if is_lost:
            world.settle()
        else:
            ring(world, "reactAccount", uid=ann.uid)
            world.tasks.settle()

        assert [("Ann", None)] == before
        assert [("Hannah", PHOTO)] == snapshots(world, ann)
        assert [("Bob", None)] == snapshots(world, bob)
        assert {"Hannah"} == names_in(world, ann, own)
        assert {"Hannah", "Bob"} == names_in(world, bob, team)

    def test_caches_forget_the_old_name(self, world: World):
        """Of the account, which the app changed behind them, and of the memberships."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(bob, ann)
        bob.post(f"/workspaces/{team}/tasks", {"title": "A", "assigneeIds": [ann.uid]})
        accounts = world.services.accounts
        before = accounts.profile(ann.uid).display_name

        write_profile(world, ann, displayName="Hannah")
        held = accounts.profile(ann.uid).display_name
        world.services.reactors.accounts.react(ann.uid)

        assert ("Ann", "Ann") == (before, held)
        assert "Hannah" == accounts.profile(ann.uid).display_name
        assert "Hannah" == world.document(f"workspaces/{team}/members/{ann.uid}")["displayName"]

    def test_more_memberships_than_a_page_are_reached(self, world: World):
        """A page is a commit, and the next begins after it."""
        ann = world.person("Ann")
        member = world.document(f"workspaces/{ann.uid}/members/{ann.uid}") or {}
        writes = [Create(f"workspaces/w{n:03}/members/{ann.uid}", member) for n in range(230)]
        assert world.services.ports.store.attempt(writes)

        write_profile(world, ann, displayName="Hannah")
        world.services.reactors.accounts.react(ann.uid)

        assert [("Hannah", None)] == snapshots(world, ann)

    @pytest.mark.parametrize("at_once", [True, False], ids=["at once", "one after the other"])
    def test_doubled_doorbells_change_nothing_more(self, world: World, at_once: bool):
        """Five deliveries of one ring."""
        ann = world.person("Ann")
        world.tasks.script(Fault(FaultKind.DUPLICATE, count=0, copies=4, concurrent=at_once))
        write_profile(world, ann, displayName="Hannah")

        ring(world, "reactAccount", uid=ann.uid)
        world.tasks.settle()

        assert [("Hannah", None)] == snapshots(world, ann)
        assert not world.services.reactors.accounts.react(ann.uid)

    def test_changes_in_quick_succession_end_with_the_last(
        self, world: World, crowd: ThreadPoolExecutor
    ):
        """Reactors that overtake each other, and doorbells in any order."""
        ann, bob = world.person("Ann"), world.person("Bob")
        world.team(bob, ann)
        react = world.services.reactors.accounts.react
        running = []
        for number in range(8):
            write_profile(world, ann, displayName=f"Ann {number}")
            running += [crowd.submit(react, ann.uid) for _ in range(2)]

        for one in running:
            one.result()

        assert [("Ann 7", None)] == snapshots(world, ann)

    def test_a_reactor_that_is_overtaken_writes_nothing_old(self, world: World):
        """It has read the old name when another brings in the new one; its guards have moved."""
        ann = world.person("Ann")
        services = world.services

        def meanwhile() -> None:
            write_profile(world, ann, displayName="Ann the third")
            services.reactors.accounts.react(ann.uid)

        slow = AccountReactor(
            Overtaken(world, meanwhile),
            world.clock,
            services.timers,
            services.accounts,
            services.workspaces,
        )
        write_profile(world, ann, displayName="Ann the second")

        slow.react(ann.uid)

        assert [("Ann the third", None)] == snapshots(world, ann)

    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            ({"displayName": 5, "photoUrl": ["x"]}, ("", None)),
            ({"displayName": None, "photoUrl": None}, ("", None)),
            (
                {"displayName": "x" * 10_000, "photoUrl": "https://x/" + "y" * 9000},
                ("x" * 200, None),
            ),
        ],
        ids=["types", "nothing", "lengths"],
    )
    def test_an_odd_profile_does_no_harm(
        self, world: World, written: dict[str, Any], shown: tuple[Any, Any]
    ):
        """The rules refuse such a thing; the server believes nobody all the same."""
        ann = world.person("Ann")

        write_profile(world, ann, **written)
        world.settle()

        assert [shown] == snapshots(world, ann)

    def test_who_has_no_account_is_left_alone(self, world: World):
        """Erased in the meantime, or never there: their memberships are for others to end."""
        ann = world.person("Ann")
        world.database.document(f"users/{ann.uid}").delete()

        reacted = world.services.reactors.accounts.react(ann.uid)

        assert not reacted
        assert [("Ann", None)] == snapshots(world, ann)


class TestCost:
    """What a look at an account is billed as."""

    def test_it_stays_within_its_budget(self, world: World):
        """Account, settings, memberships and two shadows are read; what differs is written."""
        ann, bob = world.person("Ann"), world.person("Bob")
        world.team(bob, ann)
        world.settle()
        costs = []
        for name in ("Hannah", "Hannah"):
            write_profile(world, ann, displayName=name)
            with metered() as usage:
                world.services.reactors.accounts.react(ann.uid)
            costs.append((usage.rpcs, usage.reads, usage.writes))

        assert [(3, 6, 2), (2, 6, 0)] == costs

    def test_a_sweep_with_nothing_new_costs_a_read_for_each_collection(self, world: World):
        """Tasks alone in most turns; what apps write besides in each fifth."""
        ann = world.person("Ann")
        ann.has_phone()
        world.settle(times=2)
        costs = []
        for turn in (0, 1, 4, 5):
            with metered() as usage:
                world.services.sweep.run(turn=turn)
            costs.append(usage.reads)

        # The last half minute is looked at again: Ann's account with her membership and what is
        # known of her, and her phone.
        again = (1 + 5) + (1 + 5)
        empty = 6  # Inboxes, settings, comments, boards, lists and waiting intents.
        assert [1 + again + empty, 1, 1, 1 + again + empty] == costs
