"""Why somebody did, or did not, get something: one decision a channel, with its reason."""

from typing import Any

import pytest

from backend.notifications.deciding import decision_from, inputs_of
from backend.notifications.documents import decision_of
from backend.notifications.model import Channel
from tests.api.broadcasting import an_admin
from tests.api.factories import app_task
from tests.api.wishes import ALWAYS, decision, ids, prefers
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


def told(world: World, ann: Caller, bob: Caller) -> dict[str, dict[str, Any]]:
    """Ann gives Bob a task; return what was decided about each channel."""
    team = world.team(ann, bob)
    world.ring(team, app_task(world, team, by=ann, assignees=[bob]))
    world.settle()
    (only,) = ids(world, bob)
    return {each.value: decision(world, bob, only, each.value) for each in Channel}


def verdicts(decisions: dict[str, dict[str, Any]]) -> dict[str, tuple[str, Any]]:
    return {name: (each["decision"], each["setting"]) for name, each in decisions.items()}


class TestReasons:
    """D1."""

    def test_somebody_who_has_chosen_nothing(self, world: World, ann: Caller, bob: Caller):
        """Inbox and push; an assignment is not mailed."""
        bob.has_phone()

        assert {
            "inbox": ("sent", None),
            "push": ("sent", None),
            "email": ("muted", "/matrix/assigned/email"),
        } == verdicts(told(world, ann, bob))

    def test_a_category_that_is_muted(self, world: World, ann: Caller, bob: Caller):
        """By channel; what the inbox does not show lies in the archive, where it can be asked."""
        prefers(world, bob, matrix={"assigned": {"inbox": False, "push": False}})

        found = verdicts(told(world, ann, bob))

        assert ("muted", "/matrix/assigned/inbox") == found["inbox"]
        assert ("muted", "/matrix/assigned/push") == found["push"]
        assert None is not world.inbox(bob)[0]["archivedAt"]
        assert not (world.document(f"users/{bob.uid}/counters/inbox") or {}).get("unread")

    @pytest.mark.parametrize("level", ["mentions", "none"])
    def test_a_workspace_that_is_muted(self, world: World, ann: Caller, bob: Caller, level: str):
        """The setting named is that of the workspace, on every channel."""
        team = world.team(ann, bob)
        prefers(world, bob, workspaces={team: level})
        world.ring(team, app_task(world, team, by=ann, assignees=[bob]))
        world.settle()
        (only,) = ids(world, bob)

        settings = [decision(world, bob, only, each.value)["setting"] for each in Channel]

        assert [f"/workspaces/{team}"] * 3 == settings

    def test_no_device(self, world: World, ann: Caller, bob: Caller):
        """Which is no setting."""
        assert ("noDevice", None) == verdicts(told(world, ann, bob))["push"]

    def test_quiet_hours(self, world: World, ann: Caller, bob: Caller):
        """It is held until they end."""
        prefers(world, bob, quietHours=ALWAYS)

        push = told(world, ann, bob)["push"]

        assert ("held", "/quietHours") == (push["decision"], push["setting"])
        assert world.clock.now() < push["until"]

    def test_the_next_one_obeys(self, world: World, ann: Caller, bob: Caller):
        """Settings are read with each notification, whoever wrote them."""
        phone = bob.has_phone()
        prefers(world, bob, bundleMinutes=0)
        told(world, ann, bob)
        prefers(world, bob, bundleMinutes=0, matrix={"assigned": {"push": False}})
        team = world.team(ann, bob)
        world.ring(team, app_task(world, team, by=ann, assignees=[bob]))
        world.settle()

        assert 2 == len(world.inbox(bob))
        assert 1 == len(world.fcm.messages(phone))

    def test_somebody_who_is_locked_out(self, world: World, ann: Caller, bob: Caller):
        """Their phone shows nothing more of what they may not see; what they missed is kept."""
        phone = bob.has_phone()
        team = world.team(ann, bob)
        an_admin(world).post(f"/admin/users/{bob.uid}/disablement", {"reason": "Dismissed."})
        world.ring(team, app_task(world, team, by=ann, assignees=[bob]))
        world.settle()

        (only,) = ids(world, bob)
        found = {each: decision(world, bob, only, each.value) for each in Channel}

        assert [] == world.fcm.messages(phone)
        assert "sent" == found[Channel.INBOX]["decision"]
        assert {("suppressed", "accountDisabled")} == {
            (found[each]["decision"], found[each]["reason"])
            for each in (Channel.PUSH, Channel.EMAIL)
        }


class TestReplay:
    """The inputs of a decision lie beside it."""

    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"matrix": {"assigned": {"push": False}}},
            {"quietHours": ALWAYS},
            {"matrix": {"assigned": {"inbox": False, "email": True}}},
        ],
    )
    def test_it_is_decided_alike_again(
        self, world: World, ann: Caller, bob: Caller, changes: dict[str, Any]
    ):
        """From what is stored alone, before anything was tried."""
        prefers(world, bob, **changes)
        told(world, ann, bob)
        (only,) = ids(world, bob)
        path = f"users/{bob.uid}/notifications/{only}/decisions"
        store = world.services.ports.store

        for channel in Channel:
            stored = store.get(f"{path}/{channel.value}")
            assert stored is not None
            found = decision_of(stored)
            again = decision_from(inputs_of(found.inputs))
            assert (again.setting, again.until) == (found.setting, found.until)
            assert again.verdict.value in ("pending", found.verdict.value)
