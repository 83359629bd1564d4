"""What FCM answers, and what is done about it."""

from datetime import timedelta
from typing import Any

import pytest

from backend.accounts.documents import known_devices_fields, known_devices_path
from backend.accounts.model import KnownDevice, Platform
from tests.api.factories import app_task
from tests.api.world import Caller, World


class TestPushFailures:
    """Each row of FCM's error table. The inbox has the notification whatever happens."""

    @pytest.mark.parametrize("outcome", ["UNREGISTERED", "SENDER_ID_MISMATCH"])
    def test_a_device_that_is_gone_is_disabled(self, world: World, outcome: str):
        """Not deleted: FCM reports live tokens too, and registering again revives it."""
        bob, decision = _assigned(world, [outcome])
        phone = f"users/{bob.uid}/devices/phone"

        disabled_at = world.document(phone)["disabledAt"]
        bob.has_phone()

        assert "failed" == decision["decision"]
        assert None is not disabled_at
        assert None is world.document(phone)["disabledAt"]
        assert 1 == len(world.inbox(bob))

    @pytest.mark.parametrize("outcome", ["NOT_FOUND", "INVALID_ARGUMENT"])
    def test_a_refused_message_keeps_the_device(self, world: World, outcome: str):
        """The same message would be refused again; another may pass."""
        bob, decision = _assigned(world, [outcome])

        assert ("failed", 1) == (decision["decision"], decision["attempts"])
        assert None is world.document(f"users/{bob.uid}/devices/phone")["disabledAt"]
        assert [] == world.documents("timers")

    @pytest.mark.parametrize(
        "outcome",
        [
            "UNAVAILABLE",
            "INTERNAL",
            "QUOTA_EXCEEDED",
            "UNAUTHENTICATED",
            "THIRD_PARTY_AUTH",
            "MALFORMED",
            "ACCEPT_THEN_DROP",
        ],
    )
    def test_a_passing_failure_is_tried_again(self, world: World, outcome: str):
        """Later, from its timer, and shown once, because the tag is the same."""
        bob, pending = _assigned(world, [outcome])

        world.pass_time(timedelta(seconds=6))
        decision = world.only_decision(bob, "push")

        assert ("pending", "retrying") == (pending["decision"], pending["reason"])
        assert ("sent", 2) == (decision["decision"], decision["attempts"])
        assert 1 == len(world.fcm.tray(f"token-of-{bob.uid}"))

    def test_what_fcm_asks_to_wait_is_waited(self, world: World):
        """Retry-After outweighs our own back-off."""
        bob, _ = _assigned(world, [{"outcome": "QUOTA_EXCEEDED", "retryAfter": 60}])

        world.pass_time(timedelta(seconds=30))
        early = world.only_decision(bob, "push")["attempts"]
        world.pass_time(timedelta(seconds=31))

        assert (1, "sent") == (early, world.only_decision(bob, "push")["decision"])

    def test_it_gives_up_in_the_end(self, world: World):
        """The record says so, and nothing is left over."""
        bob, _ = _assigned(world, ["UNAVAILABLE"] * 20)

        for _ in range(8):
            world.pass_time(timedelta(hours=1))
        decision = world.only_decision(bob, "push")

        assert ("failed", "busy", 8) == tuple(
            decision[name] for name in ("decision", "reason", "attempts")
        )
        assert [] == world.documents("timers")

    def test_one_bad_device_does_not_keep_the_other_from_it(self, world: World):
        """And is not sent to a second time because of it."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        known = [KnownDevice(each, Platform.IOS, world.clock.now()) for each in ("phone", "tablet")]
        world.write(known_devices_path(bob.uid), known_devices_fields(bob.uid, known))
        for device, token in (("phone", "good"), ("tablet", "bad")):
            body = {"token": token, "platform": "ios"}
            bob.put(f"/users/me/devices/{device}", body)
        world.fcm.script("bad", ["UNAVAILABLE"])

        app_task(world, team, by=ann, assignees=[bob])
        world.settle()
        world.pass_time(timedelta(seconds=6))

        assert 1 == len(world.fcm.messages("good"))
        assert 2 == len(world.fcm.messages("bad"))
        assert {"phone": "sent", "tablet": "sent"} == world.only_decision(bob, "push")["devices"]

    def test_without_a_device_the_decision_says_so(self, world: World):
        """ "Why did I not get this?" has an answer."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)

        app_task(world, team, by=ann, assignees=[bob])
        world.settle()

        assert "noDevice" == world.only_decision(bob, "push")["decision"]


def _assigned(world: World, outcomes: list[Any]) -> tuple[Caller, dict[str, Any]]:
    ann, bob = world.person("Ann"), world.person("Bob")
    world.fcm.script(bob.has_phone(), outcomes)
    app_task(world, world.team(ann, bob), by=ann, assignees=[bob])
    world.settle()
    return bob, world.only_decision(bob, "push")
