"""Devices: 20 a person, one account a token, and the others are told of a new one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from backend.accounts.documents import known_devices_fields, known_devices_path
from backend.accounts.model import (
    MAX_DEVICES,
    MAX_KNOWN_DEVICES,
    MAX_TOKEN,
    KnownDevice,
    Platform,
)
from backend.adapters.firestore import metered
from backend.kit.errors import Aborted
from local.cloudtasks import Fault, FaultKind
from tests.api.doorbells import ring_device, write_device
from tests.api.world import Caller, World

MINUTE = timedelta(minutes=1)


def register(person: Caller, device_id: str, token: str = "", platform: str = "android") -> None:
    """Register a device through the API; its token is its own unless one is given."""
    token = token or f"token-of-{person.uid}-{device_id}"
    body = {"token": token, "platform": platform}
    answer = person.put(f"/users/me/devices/{device_id}", body)
    assert answer.status_code == 200, answer.text


def ids_of(world: World, person: Caller) -> set[str]:
    """The devices that are stored for somebody."""
    found = world.database.collection(f"users/{person.uid}/devices").stream()
    return {device.id for device in found}


def notices(world: World, person: Caller) -> list[str]:
    """What somebody has been told about their account."""
    return [each["title"] for each in world.inbox(person) if each["category"] == "security"]


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


class TestQuota:
    """The device not seen for longest makes room."""

    def test_the_twenty_first_device_takes_the_place_of_the_oldest(self, world: World, ann: Caller):
        """A new phone just works; the one in the drawer is forgotten."""
        for number in range(MAX_DEVICES):
            write_device(world, ann, f"d{number}", token=f"t{number}")
            world.clock.advance(MINUTE)
        write_device(world, ann, "d0", token="t0")  # Still in use.

        world.clock.advance(MINUTE)
        register(ann, "new")
        world.settle()

        expected = {"new", *(f"d{number}" for number in range(MAX_DEVICES))} - {"d1"}
        assert expected == ids_of(world, ann)

    def test_an_app_that_writes_too_many_keeps_the_newest(self, world: World, ann: Caller):
        """Rules cannot count. One ring is enough, whichever device it is about."""
        for number in range(45):
            at = world.clock.now() + timedelta(seconds=number)
            write_device(world, ann, f"d{number:02}", token=f"t{number}", seen_at=at)

        ring_device(world, ann, "d44")
        world.tasks.settle()

        assert {f"d{number}" for number in range(25, 45)} == ids_of(world, ann)

    def test_many_at_once_leave_twenty(self, world: World, ann: Caller, crowd: ThreadPoolExecutor):
        """Reactors beside each other drop no more than is too many."""
        for number in range(MAX_DEVICES + 4):
            at = world.clock.now() + timedelta(seconds=number)
            write_device(world, ann, f"d{number:02}", token=f"t{number}", seen_at=at)

        def react(number: int) -> None:
            """As its job does, which the queue delivers again where others were always faster."""
            while True:
                try:
                    world.services.reactors.devices.react(ann.uid, f"d{number:02}")
                except Aborted:
                    continue
                return

        list(crowd.map(react, range(MAX_DEVICES + 4)))

        assert {f"d{number:02}" for number in range(4, MAX_DEVICES + 4)} == ids_of(world, ann)


class TestToken:
    """A token is one installation of the app, and belongs to whoever used it last."""

    @pytest.mark.parametrize("is_lost", [False, True], ids=["doorbell", "lost doorbell"])
    @pytest.mark.parametrize("by_app", [False, True], ids=["API", "app"])
    def test_the_latest_account_keeps_it(
        self, world: World, ann: Caller, bob: Caller, by_app: bool, is_lost: bool
    ):
        """A phone that changes hands gets no pushes for the one who had it."""
        register(ann, "phone", "shared")
        register(ann, "tablet", "own")
        world.settle()
        world.clock.advance(MINUTE)

        if by_app:
            write_device(world, bob, "mine", token="shared")
        else:
            register(bob, "mine", "shared")
        if is_lost:
            world.settle()
        else:
            ring_device(world, bob, "mine")
            world.tasks.settle()

        assert ({"tablet"}, {"mine"}) == (ids_of(world, ann), ids_of(world, bob))

    def test_it_comes_back_to_whoever_uses_it_again(self, world: World, ann: Caller, bob: Caller):
        """Also with the same id of the device."""
        for person in (ann, bob, ann):
            world.clock.advance(MINUTE)
            register(person, "phone", "shared")
            world.settle()

        assert ({"phone"}, set()) == (ids_of(world, ann), ids_of(world, bob))

    @pytest.mark.parametrize("order", [("ann", "bob"), ("bob", "ann")], ids=str)
    def test_late_doorbells_do_not_turn_it_round(
        self, world: World, ann: Caller, bob: Caller, order: tuple[str, str]
    ):
        """When it was last used decides, not when somebody looks."""
        people = {"ann": ann, "bob": bob}
        register(ann, "phone", "shared")
        world.clock.advance(MINUTE)
        register(bob, "phone", "shared")
        world.clock.advance(MINUTE)
        write_device(world, ann, "phone", token="shared")

        for name in order:
            world.services.reactors.devices.react(people[name].uid, "phone")

        assert ({"phone"}, set()) == (ids_of(world, ann), ids_of(world, bob))

    def test_reactors_at_once_agree(self, world: World, crowd: ThreadPoolExecutor):
        """Of ten accounts with one token, one keeps it."""
        people = [world.person(f"P{number}") for number in range(10)]
        for person in people:
            world.clock.advance(MINUTE)
            write_device(world, person, "phone", token="shared")
        react = world.services.reactors.devices.react

        list(crowd.map(lambda person: react(person.uid, "phone"), people * 2))

        left = [person.uid for person in people if ids_of(world, person)]
        assert [people[-1].uid] == left

    def test_two_devices_of_one_person_do_not_share_it_either(self, world: World, ann: Caller):
        """An app that was installed anew has another id, and perhaps the old token."""
        register(ann, "old", "shared")
        world.clock.advance(MINUTE)
        register(ann, "new", "shared")

        world.settle()

        assert {"new"} == ids_of(world, ann)

    def test_a_token_is_as_long_as_can_be_looked_up(self, world: World, ann: Caller, bob: Caller):
        """One that the app wrote in spite of that is nobody's business, and breaks nothing."""
        body = {"token": "x" * MAX_TOKEN, "platform": "web"}
        taken = ann.put("/users/me/devices/a", body)
        refused = ann.put("/users/me/devices/b", {**body, "token": "x" * (MAX_TOKEN + 1)})
        write_device(world, bob, "long", token="y" * 4096)

        world.settle()

        assert (200, 422) == (taken.status_code, refused.status_code)
        assert "/token" == refused.json()["errors"][0]["pointer"]
        assert ({"a"}, {"long"}) == (ids_of(world, ann), ids_of(world, bob))


class TestNewDevice:
    """Whoever else signs in with this account does not do so unnoticed."""

    def test_the_others_are_told_and_the_new_one_is_not(self, world: World, ann: Caller):
        """In the inbox, on the badge, and by push to the devices that were there before."""
        register(ann, "phone", "phone-token")
        world.settle()
        quiet = notices(world, ann)

        register(ann, "laptop", "laptop-token", platform="web")
        world.settle(times=2)

        assert [] == quiet
        assert ["New device on your account: web browser"] == notices(world, ann)
        assert 1 == world.document(f"users/{ann.uid}/counters/inbox")["unread"]
        (push,) = world.fcm.tray("phone-token")
        assert "New device on your account: web browser" == push.title
        assert [] == world.fcm.tray("laptop-token")
        decision = world.only_decision(ann, "push")
        assert ("sent", {"phone": "sent"}) == (decision["decision"], decision["devices"])

    @pytest.mark.parametrize("by_app", [False, True], ids=["API", "app"])
    def test_each_device_is_new_once(self, world: World, ann: Caller, by_app: bool):
        """Refreshed, signed out and in again, with another token: it is the same device."""
        register(ann, "phone")
        world.settle()

        for number in range(3):
            world.clock.advance(MINUTE)
            if by_app:
                write_device(world, ann, "laptop", token=f"t{number}")
            else:
                register(ann, "laptop", f"t{number}")
            world.settle(times=2)
            assert 204 == ann.delete("/users/me/devices/laptop").status_code

        assert 1 == len(notices(world, ann))

    def test_doubled_and_simultaneous_doorbells_tell_once(
        self, world: World, ann: Caller, crowd: ThreadPoolExecutor
    ):
        """The list of known devices is the guard."""
        register(ann, "phone")
        world.settle()
        world.tasks.script(Fault(FaultKind.DUPLICATE, count=0, copies=3, concurrent=True))
        for device in ("a", "b", "c"):
            register(ann, device)
        react = world.services.reactors.devices.react

        list(crowd.map(lambda device: react(ann.uid, device), ["a", "b", "c"] * 5))
        world.settle(times=2)

        assert 3 == len(notices(world, ann))
        assert 3 == world.document(f"users/{ann.uid}/counters/inbox")["unread"]
        assert [] == world.documents("timers")

    def test_a_device_that_is_gone_again_was_there(self, world: World, ann: Caller):
        """A thief who cleans up behind them is announced all the same."""
        register(ann, "phone")
        world.settle()
        register(ann, "thief")
        world.services.reactors.devices.react(ann.uid, "thief")

        ann.delete("/users/me/devices/thief")
        world.settle(times=2)

        assert 1 == len(notices(world, ann))

    def test_a_letter_goes_to_a_verified_address(self, world: World, ann: Caller):
        """For whoever has no other device at hand; in their language, and once."""
        _has_address(world, ann, "ann@example.com", is_verified=True)
        ann.patch("/users/me", {"locale": "de"})
        register(ann, "phone")
        world.settle()
        register(ann, "tablet", platform="ios")

        world.settle(times=3)

        (letter,) = world.mails("ann@example.com")
        assert "neues Gerät" in letter.text
        assert "iPhone" in letter.text
        assert [] == world.documents("timers")

    def test_no_letter_goes_to_an_address_that_may_be_somebody_elses(
        self, world: World, ann: Caller
    ):
        """Whoever signs up with another's address could have them written to."""
        _has_address(world, ann, "eve@example.com", is_verified=False)
        register(ann, "phone")
        world.settle()
        register(ann, "tablet")

        world.settle(times=3)

        assert [] == world.mails("eve@example.com")
        assert 1 == len(notices(world, ann))
        assert [] == world.documents("timers")

    def test_nobody_without_an_account_is_told(self, world: World, ann: Caller):
        """An app may register a device before its first call; nothing is left of the erased."""
        world.database.document(f"users/{ann.uid}").delete()
        for device in ("phone", "laptop"):
            write_device(world, ann, device, token=device)

        world.settle(times=2)

        assert [] == world.inbox(ann)
        assert None is world.document(known_devices_path(ann.uid))

    def test_what_is_known_stays_bounded(self, world: World, ann: Caller):
        """The device forgotten first is the one announced first."""
        at = world.clock.now()
        known = [KnownDevice(f"d{number}", Platform.WEB, at) for number in range(MAX_KNOWN_DEVICES)]
        path = known_devices_path(ann.uid)
        world.write(path, known_devices_fields(ann.uid, known))
        register(ann, "new")

        world.settle()

        ids = [each["id"] for each in world.document(path)["known"]]
        assert [*(f"d{number}" for number in range(1, MAX_KNOWN_DEVICES)), "new"] == ids


class TestRobustness:
    """What should not be there is passed over."""

    @pytest.mark.parametrize(
        "fields",
        [{"platform": "toaster"}, {"token": 5}, {"token": None, "lastSeenAt": None}],
        ids=["platform", "token", "nothing"],
    )
    def test_an_odd_device_keeps_nobody_from_the_others(
        self, world: World, ann: Caller, fields: dict[str, Any]
    ):
        """It is neither listed nor pushed to."""
        register(ann, "phone")
        path = f"users/{ann.uid}/devices/odd"
        write_device(world, ann, "odd", token="odd")
        world.database.document(path).update(fields)

        ring_device(world, ann, "odd")
        world.settle()

        listed = ann.get("/users/me/devices")
        assert (200, ["phone"]) == (
            listed.status_code,
            [device["id"] for device in listed.json()["items"]],
        )

    def test_it_stays_within_its_budget(self, world: World, ann: Caller):
        """A first device, the same again, a second one, and one too many."""
        costs = [_cost(world, ann, device) for device in ("phone", "phone", "laptop")]
        for number in range(MAX_DEVICES - 1):
            write_device(world, ann, f"d{number}", token=f"t{number}")
        too_many = _cost(world, ann, "d0")

        # Known devices; then also two timers; then also the device that makes room.
        assert [(4, 5, 1), (3, 5, 0), (4, 5, 3), (5, 26, 4)] == [*costs, too_many]


def _cost(world: World, person: Caller, device_id: str) -> tuple[int, int, int]:
    world.clock.advance(MINUTE)
    write_device(world, person, device_id, token=device_id)
    with metered() as usage:
        world.services.reactors.devices.react(person.uid, device_id)
    return usage.rpcs, usage.reads, usage.writes


def _has_address(world: World, person: Caller, email: str, *, is_verified: bool) -> None:
    world.at_auth("accounts:update", localId=person.uid, email=email, emailVerified=is_verified)
    world.after_a_change_at_auth()
