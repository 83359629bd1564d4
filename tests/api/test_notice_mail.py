"""Notifications by mail: to whom nothing else has told it, ten minutes later."""

import re
from datetime import timedelta

import pytest

from backend.notifications.model import Category
from tests.api.commenting import new_task, say
from tests.api.noticing import (
    TEN_MINUTES,
    decided,
    has_mail,
    mail_timers,
    mark,
    notice,
    outcome,
)
from tests.api.unsubscribing import choose, click
from tests.api.world import Caller, World

A_DIGEST = {"day": "2026-11-20", "dueCount": 1, "overdueCount": 0, "doneCount": 2}


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    """Somebody with a verified address, and without a device."""
    bob = world.person("Bob")
    has_mail(world, bob)
    return bob


def arrived(world: World, person: Caller) -> list[str]:
    """The subjects of somebody's mails."""
    return [mail.subject for mail in world.mails(f"{person.name.lower()}@example.com")]


class TestFromTheFrontDoor:
    """A comment, the way it takes through the whole service."""

    def test_it_is_mailed_after_ten_minutes(self, world: World, ann: Caller, bob: Caller):
        """In plain text and HTML, with a way out, and once."""
        team = world.team(ann, bob)
        task = new_task(ann, team, assigneeIds=[bob.uid])
        say(ann, task, "Have a look")
        world.settle(times=2)
        early = arrived(world, bob)
        world.pass_time(TEN_MINUTES)
        world.pass_time(TEN_MINUTES)

        (mail,) = world.mails("bob@example.com")
        assert [] == early
        assert "Ship it" in mail.subject
        assert "Have a look" in (mail.text or "")
        assert "Have a look" in (mail.html or "")
        assert f"https://app.taskflow.example{task}" in " ".join(mail.links)
        assert [] == mail_timers(world)

    def test_one_click_ends_them_and_says_why(self, world: World, ann: Caller, bob: Caller):
        """The header's address works as it stands; the next decision names the setting."""
        team = world.team(ann, bob)
        task = new_task(ann, team, assigneeIds=[bob.uid])
        say(ann, task, "Have a look")
        world.settle(times=2)
        world.pass_time(TEN_MINUTES)
        (mail,) = world.mails("bob@example.com")
        (way_out,) = re.findall("<(http.*?)>", mail.header("List-Unsubscribe") or "")
        click(way_out)
        world.pass_time(timedelta(hours=1))
        say(ann, task, "And now?")
        world.settle(times=2)
        world.pass_time(TEN_MINUTES)

        last = world.inbox(bob)[-1]
        (snapshot,) = (
            each
            for each in world.database.collection(f"users/{bob.uid}/notifications").stream()
            if each.get("createdAt") == last["createdAt"]
        )
        told = decided(world, bob, snapshot.id)
        assert "List-Unsubscribe=One-Click" == mail.header("List-Unsubscribe-Post")
        assert way_out in (mail.text or "")
        assert ("muted", "/matrix/comment/email") == (told["decision"], told["setting"])
        assert 1 == len(arrived(world, bob))

    def test_what_has_grown_since_is_told_anew(self, world: World, ann: Caller, bob: Caller):
        """In another mail, which counts them all: nobody takes it for the first one."""
        choose(world, bob, bundleMinutes=60)
        task = new_task(ann, world.team(ann, bob), assigneeIds=[bob.uid])
        for said in ("One", "Two"):
            say(ann, task, said)
            world.settle(times=2)
            world.pass_time(timedelta(seconds=15))  # Of a group one push goes out each ten seconds.
            world.pass_time(TEN_MINUTES)

        first, second = world.mails("bob@example.com")
        assert ("One" in (first.text or ""), "2" in second.subject) == (True, True)
        assert first.header("Message-ID") != second.header("Message-ID")

    def test_a_title_writes_no_headers(self, world: World, bob: Caller):
        """Nor a body, though mail programs would decode what it looks like."""
        title = "=?utf-8?q?=0D=0AReply-To:_eve=0D=0A=0D=0APay_here?="
        notice(world, bob, Category.OVERDUE, values={"task": title, "due": ""})
        world.pass_time(TEN_MINUTES)

        (mail,) = world.mails("bob@example.com")
        assert None is mail.header("Reply-To")
        assert title in mail.text
        assert f"Overdue: {title}" == mail.subject

    def test_a_comment_that_was_deleted_is_not_quoted(self, world: World, ann: Caller, bob: Caller):
        """Ten minutes are enough to think better of it."""
        team = world.team(ann, bob)
        task = new_task(ann, team)
        comment = say(ann, task, "What a mess", bob)
        world.settle(times=2)
        ann.delete(comment)
        world.pass_time(TEN_MINUTES)

        told = world.only_decision(bob, "email")
        assert [] == arrived(world, bob)
        assert ("suppressed", "takenBack") == (told["decision"], told["reason"])


class TestNothingTwice:
    """What reached somebody in another way is not mailed too."""

    def test_a_push_is_enough(self, world: World, bob: Caller):
        """Merged, and so recorded."""
        bob.has_phone()
        found = notice(world, bob)
        world.pass_time(TEN_MINUTES)

        assert "sent" == decided(world, bob, found, "push")["decision"]
        assert ("merged", "push") == outcome(world, bob, found)
        assert [] == arrived(world, bob)

    def test_a_push_that_failed_is_not(self, world: World, bob: Caller):
        """Then the mail is what tells."""
        token = bob.has_phone()
        world.fcm.script(token, ["UNREGISTERED"])
        found = notice(world, bob)
        world.pass_time(TEN_MINUTES)

        assert "failed" == decided(world, bob, found, "push")["decision"]
        assert ("sent", "default") == outcome(world, bob, found)

    def test_a_push_on_its_way_is_waited_for(self, world: World, bob: Caller):
        """Its next attempt may bring it."""
        token = bob.has_phone()
        world.fcm.script(token, [{"outcome": "UNAVAILABLE", "retryAfter": 900}])
        found = notice(world, bob)
        world.pass_time(TEN_MINUTES)
        waiting = outcome(world, bob, found)
        for _ in range(2):  # The push comes again after a quarter of an hour, and the mail looks.
            world.pass_time(TEN_MINUTES)

        assert ("pending", "default") == waiting
        assert ("merged", "push") == outcome(world, bob, found)
        assert [] == arrived(world, bob)

    @pytest.mark.parametrize("field", ["readAt", "archivedAt"])
    def test_what_was_seen_is_not_mailed(self, world: World, bob: Caller, field: str):
        """On whatever device."""
        found = notice(world, bob)
        world.pass_time(timedelta(minutes=9))
        mark(world, bob, found, **{field: world.clock.now()})
        world.pass_time(timedelta(minutes=1))

        assert ("suppressed", "seenAlready") == outcome(world, bob, found)
        assert [] == arrived(world, bob)

    def test_what_was_put_off_is_not_mailed(self, world: World, bob: Caller):
        """They know of it, and will be reminded."""
        found = notice(world, bob)
        mark(world, bob, found, snoozedUntil=world.clock.now() + timedelta(hours=3))
        world.pass_time(TEN_MINUTES)

        assert ("suppressed", "snoozed") == outcome(world, bob, found)

    def test_what_was_deleted_is_not_mailed(self, world: World, bob: Caller):
        """Nothing is left but a timer, and that goes."""
        found = notice(world, bob)
        path = f"users/{bob.uid}/notifications/{found}"
        world.database.document(path).delete()
        world.pass_time(TEN_MINUTES)

        assert ([], []) == (arrived(world, bob), mail_timers(world))


class TestQuietHours:
    """Held pushes come first, when it is no longer quiet."""

    @pytest.fixture
    def quiet(self, world: World, bob: Caller) -> timedelta:
        """It has been quiet for an hour; return how long it is, for sure, until it is not."""
        now, hour = world.clock.now(), timedelta(hours=1)
        span = {"start": f"{now - hour:%H:%M}", "end": f"{now + 2 * hour:%H:%M}"}
        choose(world, bob, quietHours={str(day): span for day in range(1, 8)})
        return 2 * hour

    def test_one_push_tells_of_all(self, world: World, bob: Caller, quiet: timedelta):
        """And no mail does, neither in the night nor after it."""
        token = bob.has_phone()
        found = [notice(world, bob) for _ in range(3)]
        for passing in (quiet, TEN_MINUTES, TEN_MINUTES):
            world.pass_time(passing)

        assert 1 == len(world.fcm.messages(token))
        assert [("merged", "push")] * 3 == [outcome(world, bob, each) for each in found]
        assert [] == arrived(world, bob)

    def test_without_a_device_each_is_mailed(self, world: World, bob: Caller, quiet: timedelta):
        """Released together, pushed to nobody: nothing is taken for told that was not."""
        found = [notice(world, bob) for _ in range(3)]
        world.pass_time(TEN_MINUTES)
        early = arrived(world, bob)
        for passing in (quiet, TEN_MINUTES, TEN_MINUTES):
            world.pass_time(passing)

        assert [] == early
        assert [("sent", "default")] * 3 == [outcome(world, bob, each) for each in found]
        assert 3 == len(arrived(world, bob))


class TestChannelsApart:
    """Inbox, push and mail are independent of each other."""

    def test_muted_in_the_inbox_it_is_still_mailed(self, world: World, bob: Caller):
        """Filed as archived by us is not seen by them."""
        choose(world, bob, matrix={"comment": {"inbox": False}})
        found = notice(world, bob)
        world.pass_time(TEN_MINUTES)

        assert "muted" == decided(world, bob, found, "inbox")["decision"]
        assert ("sent", "default") == outcome(world, bob, found)

    def test_muted_as_push_it_is_still_mailed(self, world: World, bob: Caller):
        """However many devices there are."""
        bob.has_phone()
        choose(world, bob, matrix={"comment": {"push": False}})
        found = notice(world, bob)
        world.pass_time(TEN_MINUTES)

        assert ("sent", "default") == outcome(world, bob, found)

    def test_a_digest_is_mailed_at_once(self, world: World, bob: Caller):
        """It comes at their hour, and has nothing to wait for."""
        choose(world, bob, digests={"daily": "08:00", "weekly": None})
        found = notice(world, bob, Category.DIGEST, "dailyDigest", A_DIGEST)

        (mail,) = world.mails("bob@example.com")
        assert ("sent", "default") == outcome(world, bob, found)
        assert ".dailyDigest." in (mail.header("List-Unsubscribe") or "")


class TestWishes:
    """What they want counts as it is when the mail goes out."""

    @pytest.mark.parametrize(
        ("fields", "setting"),
        [
            ({"matrix": {"comment": {"email": False}}}, "/matrix/comment/email"),
            ({"workspaces": {"launch": "none"}}, "/workspaces/launch"),
        ],
        ids=["category", "workspace"],
    )
    def test_a_change_of_mind(self, world: World, bob: Caller, fields: dict, setting: str):
        """Within the ten minutes: the decision names what they changed."""
        found = notice(world, bob, workspace_id="launch")
        choose(world, bob, **fields)
        world.pass_time(TEN_MINUTES)

        told = decided(world, bob, found)
        assert ("muted", setting) == (told["decision"], told["setting"])
        assert [] == arrived(world, bob)

    def test_a_digest_they_no_longer_want(self, world: World, bob: Caller):
        """While it waited for a mail server, say."""
        found = notice(world, bob, Category.DIGEST, "dailyDigest", A_DIGEST)

        told = decided(world, bob, found)
        assert ("muted", "/digests/daily") == (told["decision"], told["setting"])


class TestAddresses:
    """Where it may go."""

    def test_without_an_address(self, world: World, ann: Caller):
        """Nobody to write to."""
        found = notice(world, ann)
        world.pass_time(TEN_MINUTES)

        assert ("noAddress", "noAddress") == outcome(world, ann, found)

    def test_without_proof_that_it_is_theirs(self, world: World, ann: Caller):
        """It may be anybody's."""
        email = has_mail(world, ann, is_verified=False)
        found = notice(world, ann)
        world.pass_time(TEN_MINUTES)

        assert ("noAddress", "notVerified") == outcome(world, ann, found)
        assert [] == world.mails(email)

    def test_a_disabled_account(self, world: World, bob: Caller):
        """Nobody can sign in to look at it."""
        world.at_auth("accounts:update", localId=bob.uid, disableUser=True)
        found = notice(world, bob)
        world.pass_time(TEN_MINUTES)

        assert ("suppressed", "accountDisabled") == outcome(world, bob, found)

    def test_an_account_that_has_ended(self, world: World, bob: Caller):
        """Whatever Firebase Auth still knows."""
        found = notice(world, bob)
        world.database.document(f"users/{bob.uid}").update({"state": "erasing"})
        world.pass_time(TEN_MINUTES)

        assert ("suppressed", "accountEnded") == outcome(world, bob, found)

    def test_who_has_left_the_workspace(self, world: World, ann: Caller, bob: Caller):
        """What happens there is not theirs any more."""
        team = world.team(ann, bob)
        found = notice(world, bob, workspace_id=team)
        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.pass_time(TEN_MINUTES)

        assert ("suppressed", "leftWorkspace") == outcome(world, bob, found)
        assert [] == arrived(world, bob)
