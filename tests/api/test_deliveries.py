"""Deliveries as staff see them, and those that are tried once more."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.broadcasting import an_admin, broadcast, named
from tests.api.wishes import decision, ids, quiet_for
from tests.api.world import Caller, World, cost_of

PATH = "/admin/deliveries"
SECOND = timedelta(seconds=1)  # Two jobs of one timer at one instant would be one job.


@pytest.fixture
def ada(world: World) -> Caller:
    return an_admin(world)


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


@pytest.fixture
def refused(world: World, ada: Caller, bob: Caller) -> dict[str, str]:
    """A push to Bob that FCM has refused."""
    world.fcm.script(bob.has_phone(), ["INVALID_ARGUMENT"])
    return push_to(world, ada, bob)


def push_to(world: World, ada: Caller, person: Caller) -> dict[str, str]:
    """Tell somebody something; return which delivery its push is."""
    broadcast(ada, segment=named(person), channels=["push"])
    world.settle()
    world.clock.advance(SECOND)
    return {"uid": person.uid, "notificationId": ids(world, person)[-1], "channel": "push"}


def push_of(world: World, person: Caller) -> dict[str, Any]:
    """What was decided about somebody's latest push."""
    return decision(world, person, ids(world, person)[-1], "push")


class TestListing:
    """`GET /admin/deliveries`."""

    def test_what_failed_is_listed(self, ada: Caller, bob: Caller, refused: dict[str, str]):
        """With the reason, and without a word of what it said."""
        (found,) = ada.get(PATH).json()["items"]

        assert {**refused, "decision": "failed", "reason": "refused", "attempts": 1} == {
            name: found[name] for name in found if name not in ("at", "until")
        }

    def test_by_what_became_of_it(self, world: World, ada: Caller, bob: Caller):
        """Whatever that is, the latest first, by pages."""
        for _ in range(3):
            world.clock.advance(timedelta(minutes=10))
            push_to(world, ada, bob)
        asked = {"decision": "noDevice", "pageSize": 2}

        first = ada.get(PATH, params=asked).json()
        rest = ada.get(PATH, params={**asked, "pageToken": first["nextPageToken"]}).json()

        assert ids(world, bob)[::-1] == [
            each["notificationId"] for each in first["items"] + rest["items"]
        ]
        assert [] == ada.get(PATH).json()["items"]

    @pytest.mark.parametrize("query", [{"decision": "lost"}, {"channel": "push"}])
    def test_what_nobody_can_ask_for(self, ada: Caller, query: dict[str, str]):
        """422."""
        assert 422 == ada.get(PATH, params=query).status_code

    def test_it_reads_what_it_shows(self, ada: Caller, refused: dict[str, str]):
        """The caller's role, and a page."""
        assert (2, 2, 0) == cost_of(ada.get(PATH))


class TestHealth:
    """`GET /admin/deliveries:health`."""

    def test_it_tells_what_waits_and_since_when(self, world: World, ada: Caller, bob: Caller):
        """What is on its way, what should have been released, and what failed lately."""
        eve = world.person("Eve")
        world.fcm.script(bob.has_phone(), ["UNAVAILABLE"] * 9)
        eve.has_phone()
        released_at = quiet_for(world, eve, 1)
        push_to(world, ada, bob)
        push_to(world, ada, eve)
        world.clock.advance(timedelta(hours=2))
        since = push_of(world, bob)["at"]

        found = ada.get(f"{PATH}:health").json()

        assert 1 == found["pending"]["count"]
        assert (world.clock.now() - since).total_seconds() == found["pending"]["oldestAgeS"]
        assert 1 == found["late"]["count"]
        assert (world.clock.now() - released_at).total_seconds() == found["late"]["oldestAgeS"]
        assert (0, 0) == (found["failed"], found["throttled"])

    def test_what_waits_as_it_should_is_counted_apart(self, world: World, ada: Caller):
        """All night long; what is not on its way in the morning is as late as the morning is."""
        bea = world.person("Bea", email="bea@example.com")
        quiet_for(world, bea, 10, matrix={"announcement": {"email": True}})
        broadcast(ada, segment=named(bea), channels=["push", "email"])
        world.settle()
        world.clock.advance(timedelta(hours=9))

        night = ada.get(f"{PATH}:health").json()
        world.clock.advance(timedelta(hours=3))
        morning = ada.get(f"{PATH}:health").json()

        due_at = decision(world, bea, ids(world, bea)[-1], "email")["until"]
        assert (0, 0, 2) == (night["pending"]["count"], night["late"]["count"], night["waiting"])
        assert (1, 1, 0) == (
            morning["pending"]["count"],
            morning["late"]["count"],
            morning["waiting"],
        )
        late_s = (world.clock.now() - due_at).total_seconds()
        assert late_s == morning["pending"]["oldestAgeS"]

    def test_where_nothing_waits(self, ada: Caller, refused: dict[str, str]):
        """Failures are counted for a day."""
        found = ada.get(f"{PATH}:health").json()

        assert (
            {"count": 0, "oldestAt": None, "oldestAgeS": 0.0} == found["pending"] == found["late"]
        )
        assert (0, 1) == (found["waiting"], found["failed"])

    def test_what_it_costs(self, world: World, ada: Caller, bob: Caller):
        """Eleven round trips at the most, and a read for every thousand."""
        rpcs, reads, writes = cost_of(ada.get(f"{PATH}:health"))

        assert (8, 8, 0) == (rpcs, reads, writes)


class TestRedriving:
    """`POST /admin/deliveries:redrive`."""

    def test_what_failed_is_tried_once_more(
        self, world: World, ada: Caller, bob: Caller, refused: dict[str, str]
    ):
        """And arrives; who did it is in the audit log."""
        answer = ada.post(f"{PATH}:redrive", {"deliveries": [refused]})
        world.settle()

        assert [{**refused, "outcome": "redriven"}] == answer.json()["items"]
        assert ("sent", 1) == tuple(push_of(world, bob)[name] for name in ("decision", "attempts"))
        assert 1 == len(world.fcm.tray(f"token-of-{bob.uid}"))
        assert [(ada.uid, {"count": "1"})] == [
            (each["actorUid"], each["details"])
            for each in world.documents("audit")
            if each["action"] == "deliveries.redriven"
        ]

    def test_late_as_it_is_it_has_all_its_attempts(
        self, world: World, ada: Caller, bob: Caller, refused: dict[str, str]
    ):
        """They count from now on, not from when it was first to go out."""
        world.clock.advance(timedelta(days=3))
        world.fcm.script(f"token-of-{bob.uid}", ["UNAVAILABLE"])

        ada.post(f"{PATH}:redrive", {"deliveries": [refused]})
        world.settle()
        between = push_of(world, bob)["decision"]
        world.pass_time(timedelta(minutes=5))

        assert ("pending", "sent") == (between, push_of(world, bob)["decision"])

    def test_who_had_no_device_has_one_now(self, world: World, ada: Caller, bob: Caller):
        """That is a reason to try again."""
        ref = push_to(world, ada, bob)
        phone = bob.has_phone()

        ada.post(f"{PATH}:redrive", {"deliveries": [ref]})
        world.settle()

        assert 1 == len(world.fcm.tray(phone))

    def test_it_is_done_once(self, world: World, ada: Caller, bob: Caller, refused: dict[str, str]):
        """What is being tried, was sent, or is gone is left; the same one named twice is one."""
        gone = {**refused, "notificationId": "nothing"}
        inbox = {**refused, "channel": "inbox"}
        world.fcm.script(f"token-of-{bob.uid}", [])

        first = ada.post(f"{PATH}:redrive", {"deliveries": [refused, refused, gone, inbox]})
        again = ada.post(f"{PATH}:redrive", {"deliveries": [refused]})
        world.settle()

        assert ["redriven", "gone", "left"] == [each["outcome"] for each in first.json()["items"]]
        assert ["left"] == [each["outcome"] for each in again.json()["items"]]
        assert 1 == len(world.fcm.tray(f"token-of-{bob.uid}"))

    def test_what_was_seen_meanwhile_is_not_sent(
        self, world: World, ada: Caller, bob: Caller, refused: dict[str, str]
    ):
        """A push would tell them what they know."""
        path = f"users/{bob.uid}/notifications/{refused['notificationId']}"
        world.database.document(path).update({"readAt": world.clock.now()})

        ada.post(f"{PATH}:redrive", {"deliveries": [refused]})
        world.settle()

        assert ("suppressed", "seenAlready") == tuple(
            push_of(world, bob)[name] for name in ("decision", "reason")
        )

    @pytest.mark.parametrize(
        "wanted",
        [
            [],
            [{"uid": "a/b", "notificationId": "n", "channel": "push"}],
            [{"uid": "a", "notificationId": "..", "channel": "push"}],
            [{"uid": "a", "notificationId": "n", "channel": "fax"}],
            [{"uid": "a", "notificationId": "n"}],
            [{"uid": f"{each}", "notificationId": "n", "channel": "push"} for each in range(101)],
        ],
    )
    def test_what_is_refused(self, ada: Caller, wanted: list[dict[str, str]]):
        """422, before anything is read."""
        assert 422 == ada.post(f"{PATH}:redrive", {"deliveries": wanted}).status_code

    def test_what_it_costs(self, ada: Caller, refused: dict[str, str]):
        """The caller's role; decision and notification; decision, timer and the audit's entry."""
        answer = ada.post(f"{PATH}:redrive", {"deliveries": [refused]})

        assert (3, 3, 3) == cost_of(answer)
