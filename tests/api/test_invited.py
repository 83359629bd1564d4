"""Invitations to people whom the service knows: told as their settings say, accepted in the app."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from backend.adapters.firestore import metered
from local.cloudtasks import Fault, FaultKind
from tests.api.noticing import has_mail
from tests.api.test_invites import BOBS, invite, verdict
from tests.api.wishes import decision, ids, prefers
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    """Somebody who has an account, and has proved their address."""
    bob = world.person("Bob", BOBS)
    has_mail(world, bob)
    return bob


@pytest.fixture
def team(world: World, ann: Caller) -> str:
    return world.team(ann)


def accept(person: Caller, team: str, invitation: dict[str, Any]) -> requests.Response:
    """Accept what a notification told of."""
    return person.post(f"/workspaces/{team}/invites/{invitation['id']}:accept", {})


def outcomes(world: World, person: Caller, notification_id: str) -> dict[str, tuple[str, str]]:
    """What became of a notification on each channel."""
    channels = ("inbox", "push", "email")
    found = {each: decision(world, person, notification_id, each) for each in channels}
    return {each: (told["decision"], told["reason"]) for each, told in found.items()}


class TestTold:
    """What the person hears, and by which way."""

    def test_by_each_channel_once(self, world: World, ann: Caller, bob: Caller, team: str):
        """In the app, and at once in a mail that leads there; no letter besides."""
        found = invite(world, ann, team)
        world.settle(times=2)

        (told,) = world.inbox(bob)
        link = f"/invites/{team}/{found['id']}"
        assert ("invitation", "Ann invited you", link) == (
            told["category"],
            told["title"],
            told["link"],
        )
        (mail,) = world.mails(BOBS)
        assert "Ann invited you to Launch" == mail.subject
        assert f"https://app.taskflow.example{link}" in mail.links
        assert [] == world.documents("timers")

    def test_as_they_wish(self, world: World, ann: Caller, bob: Caller, team: str):
        """Whoever wants no such mail gets none; the decision names the setting."""
        prefers(world, bob, matrix={"invitation": {"email": False}})

        invite(world, ann, team)
        world.settle(times=2)

        (only,) = ids(world, bob)
        assert {
            "inbox": ("sent", "default"),
            "push": ("noDevice", "noDevice"),
            "email": ("muted", "category"),
        } == outcomes(world, bob, only)
        assert "/matrix/invitation/email" == decision(world, bob, only, "email")["setting"]
        assert [] == world.mails(BOBS)

    def test_an_unproved_address_gets_a_letter(self, world: World, ann: Caller, team: str):
        """An account that only claims it hears nothing."""
        eve = world.person("Bob", BOBS)
        has_mail(world, eve, is_verified=False)

        invite(world, ann, team)
        world.settle(times=2)

        (letter,) = world.mails(BOBS)
        assert [] == world.inbox(eve)
        assert "/invites/accept#" in " ".join(letter.links)

    def test_whoever_has_joined_is_not_told(self, world: World, ann: Caller, bob: Caller):
        """They are in it, and stay what they are."""
        team = world.team(ann, bob)

        invite(world, ann, team)
        world.settle(times=2)

        assert [] == world.inbox(bob)
        assert [] == world.mails(BOBS)

    def test_only_of_the_latest_sending(self, world: World, ann: Caller, bob: Caller, team: str):
        """What was replaced or revoked before anybody was told is not told."""
        world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=2))
        found = invite(world, ann, team)
        ann.post(f"/workspaces/{team}/invites/{found['id']}:resend")
        timers = [each.id for each in world.database.collection("timers").stream()]

        for timer_id in timers:
            fire(world, timer_id)

        assert 2 == len(timers)
        assert 1 == len(world.inbox(bob))

    def test_once_however_often_it_is_fired(
        self, world: World, ann: Caller, bob: Caller, team: str
    ):
        """Eight deliveries at once are one notification, and one mail."""
        world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=1))
        invite(world, ann, team)
        (timer,) = world.database.collection("timers").stream()

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: fire(world, timer.id, timer.to_dict()), range(8)))
        world.settle(times=2)

        assert [1, 1] == [len(world.inbox(bob)), len(world.mails(BOBS))]
        assert 1 == (world.document(f"users/{bob.uid}/counters/inbox") or {})["unread"]

    def test_what_it_costs(self, world: World, ann: Caller, bob: Caller, team: str):
        """Read: timer, team, invitation; member; inviter; account and settings; templates."""
        world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=1))
        invite(world, ann, team)
        (timer,) = world.database.collection("timers").stream()

        with metered() as usage:
            fire(world, timer.id)

        assert (6, 8, 8) == (usage.rpcs, usage.reads, usage.writes)


class TestAccepted:
    """POST /api/v1/workspaces/{w}/invites/{i}:accept"""

    def test_it_lets_them_in(self, world: World, ann: Caller, bob: Caller, team: str):
        """As what the invitation says; doing it again changes nothing."""
        found = invite(world, ann, team, role="commenter")

        answers = [accept(bob, team, found) for _ in range(2)]

        assert [(200, "commenter")] * 2 == [
            (answer.status_code, answer.json()["role"]) for answer in answers
        ]
        assert 200 == bob.get(f"/workspaces/{team}").status_code

    def test_only_them(self, world: World, ann: Caller, bob: Caller, team: str):
        """For anybody else there is no such invitation; whoever proved no address is told so."""
        eve, noname = world.person("Eve", "eve@example.com"), world.person("Noname")
        found = invite(world, ann, team)

        answers = [accept(person, team, found) for person in (eve, noname)]
        answers += [accept(bob, "elsewhere", found), accept(bob, team, {"id": "0" * 40})]

        assert [
            (404, "not-found"),
            (403, "email-not-verified"),
            (404, "not-found"),
            (404, "not-found"),
        ] == [verdict(answer) for answer in answers]

    def test_not_after_it_was_taken_back(self, world: World, ann: Caller, bob: Caller, team: str):
        """The notification may still be there: its answer says what has become of it."""
        found = invite(world, ann, team)
        ann.delete(f"/workspaces/{team}/invites/{found['id']}")

        assert (409, "invalid-transition") == verdict(accept(bob, team, found))

    def test_whoever_left_does_not_come_back_by_it(
        self, world: World, ann: Caller, bob: Caller, team: str
    ):
        """It was used; they are invited anew."""
        found = invite(world, ann, team)
        accept(bob, team, found)
        bob.post(f"/workspaces/{team}:leave", {})

        assert (409, "invalid-transition") == verdict(accept(bob, team, found))


def fire(world: World, timer_id: str, timer: dict[str, Any] | None = None) -> None:
    """Deliver the job of a timer."""
    found = timer or world.document(f"timers/{timer_id}") or {}
    job = {"timerId": timer_id, "kind": found["kind"], **found["subject"]}
    world.services.firing.fire(job)
