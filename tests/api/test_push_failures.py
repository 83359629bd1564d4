"""What FCM answers, and what is done about it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.accounts.documents import known_devices_fields, known_devices_path
from backend.accounts.model import KnownDevice, Platform
from backend.adapters.push import Dismissal, PushMessage, PushResult
from backend.bootstrap import build_services
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
        ("outcome", "wait_s"),
        [
            ("UNAVAILABLE", 6),
            ("INTERNAL", 6),
            ("QUOTA_EXCEEDED", 76),  # FCM's documented minute, and a share that spreads returns.
            ("UNAUTHENTICATED", 6),
            ("THIRD_PARTY_AUTH", 6),
            ("MALFORMED", 6),
            ("ACCEPT_THEN_DROP", 6),
        ],
    )
    def test_a_passing_failure_is_tried_again(self, world: World, outcome: str, wait_s: int):
        """Later, from its timer, and shown once, because the tag is the same."""
        bob, pending = _assigned(world, [outcome])

        world.pass_time(timedelta(seconds=wait_s))
        decision = world.only_decision(bob, "push")

        assert ("pending", "retrying") == (pending["decision"], pending["reason"])
        assert ("sent", 2) == (decision["decision"], decision["attempts"])
        assert 1 == len(world.fcm.tray(f"token-of-{bob.uid}"))

    def test_what_fcm_asks_to_wait_is_waited(self, world: World):
        """Retry-After outweighs our own back-off."""
        bob, _ = _assigned(world, [{"outcome": "QUOTA_EXCEEDED", "retryAfter": 60}])

        world.pass_time(timedelta(seconds=30))
        early = world.only_decision(bob, "push")["attempts"]
        world.pass_time(timedelta(seconds=46))

        assert (1, "sent") == (early, world.only_decision(bob, "push")["decision"])

    def test_a_quota_that_is_never_given_back_is_told(self, world: World):
        """In words of its own: it is not the fault of the message."""
        bob, _ = _assigned(world, [{"outcome": "QUOTA_EXCEEDED", "retryAfter": 5}] * 20)

        for _ in range(8):
            world.pass_time(timedelta(hours=1))
        decision = world.only_decision(bob, "push")

        assert ("throttled", "quota", 8) == tuple(
            decision[name] for name in ("decision", "reason", "attempts")
        )
        assert [] == world.documents("timers")

    def test_a_pause_holds_others_back_and_costs_them_no_attempt(self, world: World):
        """FCM is not asked meanwhile; afterwards each gets its push."""
        ann, bob, eve = (world.person(name) for name in ("Ann", "Bob", "Eve"))
        team = world.team(ann, bob, eve)
        eve.has_phone()
        world.fcm.script(bob.has_phone(), [{"outcome": "QUOTA_EXCEEDED", "retryAfter": 60}])
        app_task(world, team, by=ann, assignees=[bob])
        world.settle()
        app_task(world, team, by=ann, assignees=[eve])
        world.settle()

        held, asked = world.only_decision(eve, "push"), len(world.fcm.messages())
        world.pass_time(timedelta(seconds=76))
        world.pass_time(timedelta(seconds=20))  # The sender's pause is Eve's wait, spread.
        sent = [world.only_decision(each, "push") for each in (bob, eve)]

        assert ("pending", "paused", 0, 1) == (
            *(held[name] for name in ("decision", "reason", "attempts")),
            asked,
        )
        assert [("sent", 2), ("sent", 1)] == [(d["decision"], d["attempts"]) for d in sent]

    def test_a_token_that_is_refused_what_another_got_is_disabled(self, world: World):
        """The same message cannot be at fault; alone, it may be, and the token is kept."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        _two_devices(world, bob)
        world.fcm.script("bad", ["INVALID_ARGUMENT"])

        app_task(world, team, by=ann, assignees=[bob])
        world.settle()
        disabled = {
            name: world.document(f"users/{bob.uid}/devices/{name}")["disabledAt"] is not None
            for name in ("phone", "tablet")
        }

        assert {"phone": False, "tablet": True} == disabled
        assert {"phone": "sent", "tablet": "refused"} == world.only_decision(bob, "push")["devices"]

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
        _two_devices(world, bob)
        world.fcm.script("bad", ["UNAVAILABLE"])

        app_task(world, team, by=ann, assignees=[bob])
        world.settle()
        world.pass_time(timedelta(seconds=6))

        assert 1 == len(world.fcm.messages("good"))
        assert 2 == len(world.fcm.messages("bad"))
        assert {"phone": "sent", "tablet": "sent"} == world.only_decision(bob, "push")["devices"]

    def test_a_timer_marked_meanwhile_is_no_second_push(self, world: World):
        """The promotion marks it as queued when its job may be at work already."""
        bob, _ = _assigned(world, ["UNAVAILABLE"])
        (timer,) = world.database.collection("timers").where("kind", "==", "push").stream()
        timer.reference.update({"state": "waiting"})
        world.clock.advance(timedelta(seconds=6))
        ports = world.services.ports

        class Marking:
            """The sender, while the timer is marked."""

            def send_all(self, messages: Sequence[PushMessage | Dismissal]) -> list[PushResult]:
                timer.reference.update({"state": "promoted"})
                return ports.push.send_all(messages)

        marking = build_services(world.services.settings, replace(ports, push=Marking()))
        marking.firing.fire({"timerId": timer.id, "kind": "push", **timer.get("subject")})

        assert "sent" == world.only_decision(bob, "push")["decision"]
        assert [] == world.documents("timers")

    def test_without_a_device_the_decision_says_so(self, world: World):
        """ "Why did I not get this?" has an answer."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)

        app_task(world, team, by=ann, assignees=[bob])
        world.settle()

        assert "noDevice" == world.only_decision(bob, "push")["decision"]


def _two_devices(world: World, who: Caller) -> None:
    known = [KnownDevice(each, Platform.IOS, world.clock.now()) for each in ("phone", "tablet")]
    world.write(known_devices_path(who.uid), known_devices_fields(who.uid, known))
    for device, token in (("phone", "good"), ("tablet", "bad")):
        who.put(f"/users/me/devices/{device}", {"token": token, "platform": "ios"})


def _assigned(world: World, outcomes: list[Any]) -> tuple[Caller, dict[str, Any]]:
    ann, bob = world.person("Ann"), world.person("Bob")
    world.fcm.script(bob.has_phone(), outcomes)
    app_task(world, world.team(ann, bob), by=ann, assignees=[bob])
    world.settle()
    return bob, world.only_decision(bob, "push")
