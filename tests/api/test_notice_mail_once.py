"""Notices by mail, twice, late, killed, and with servers that are down: none lost, none new."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backend.adapters.firestore import metered
from backend.adapters.mail import OutgoingMail
from backend.bootstrap import build_services
from backend.kit.clock import Clock
from backend.mailing.suppression import (
    Cause,
    Suppression,
    Suppressions,
    suppression_fields,
    suppression_path,
)
from backend.notifications.mailing import CLAIMED_FOR, MAX_ATTEMPTS
from backend.timers.documents import timer_of
from backend.timers.service import alarm_body
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.noticing import (
    TEN_MINUTES,
    decided,
    has_mail,
    mail_timers,
    mark,
    notice,
    outcome,
)
from tests.api.test_mailing import other_world
from tests.api.world import Caller, World

BOB = "bob@example.com"


@pytest.fixture
def bob(world: World) -> Caller:
    bob = world.person("Bob")
    has_mail(world, bob)
    return bob


def due_job(world: World, after: timedelta = TEN_MINUTES) -> dict[str, str]:
    """Let time pass without any job being run; return the body of the mail's own."""
    world.clock.advance(after)
    (timer,) = (
        each
        for each in world.database.collection("timers").stream()
        if each.get("kind") == "noticeMail"
    )
    stored = world.services.ports.store.get(timer.reference.path)
    assert stored is not None
    return dict(alarm_body(timer_of(stored)))


def ids(world: World) -> list[str | None]:
    """The Message-IDs of what Bob got."""
    return [mail.header("Message-ID") for mail in world.mails(BOB)]


class TestTwice:
    """Anything may run twice."""

    def test_many_jobs_at_once_send_one(self, world: World, bob: Caller, crowd: ThreadPoolExecutor):
        """One claims it; the others see that."""
        found = notice(world, bob)
        job = due_job(world)
        list(crowd.map(lambda _: world.services.firing.fire(dict(job)), range(12)))

        assert 1 == len(ids(world))
        assert ("sent", "default") == outcome(world, bob, found)
        assert [] == mail_timers(world)

    def test_a_second_job_finds_nothing(self, world: World, bob: Caller):
        """Late, or again."""
        notice(world, bob)
        job = due_job(world)
        for _ in range(3):
            world.services.firing.fire(dict(job))

        assert 1 == len(ids(world))

    def test_an_early_job_sends_nothing(self, world: World, bob: Caller):
        """The ten minutes are the person's to see it themselves."""
        notice(world, bob)
        job = due_job(world, TEN_MINUTES - timedelta(seconds=5))
        world.services.firing.fire(job)

        assert [] == ids(world)

    def test_a_timer_that_is_left_over_goes(self, world: World, bob: Caller):
        """Whatever set it again: what is settled stays so."""
        found = notice(world, bob)
        job = due_job(world)
        (timer,) = mail_timers(world)
        world.services.firing.fire(dict(job))
        world.write(f"timers/{job['timerId']}", timer)
        world.services.firing.fire(dict(job))

        assert ("sent", "default") == outcome(world, bob, found)
        assert (1, []) == (len(ids(world)), mail_timers(world))


class TestKilled:
    """A worker dies; another one comes."""

    @pytest.mark.parametrize(
        ("moment", "copies"),
        [(1, 1), (2, 1), (3, 2), (4, 1)],
        ids=["before its claim", "before the mail", "after the mail", "after its record"],
    )
    def test_at_each_moment(self, world: World, bob: Caller, moment: int, copies: int):
        """It comes. Where nobody knows whether it did, it comes again under the same id."""
        found = notice(world, bob)
        job = due_job(world)
        mortal = mortal_services(world, Fate(moment), MortalAtEveryCommit)
        with pytest.raises(Killed):
            mortal.firing.fire(dict(job))
        world.pass_time(timedelta(minutes=3))
        world.pass_time(timedelta(minutes=3))

        assert copies == len(ids(world))
        assert 1 == len(set(ids(world)))
        assert ("sent", "default") == outcome(world, bob, found)
        assert [] == mail_timers(world)

    def test_a_claim_is_respected_for_a_minute(self, world: World, bob: Caller):
        """Whoever made it may still be talking to the mail server."""
        notice(world, bob)
        job = due_job(world)
        with pytest.raises(Killed):
            mortal_services(world, Fate(2), MortalAtEveryCommit).firing.fire(dict(job))
        world.services.firing.fire(dict(job))
        early = len(ids(world))
        world.clock.advance(CLAIMED_FOR)
        world.services.firing.fire(dict(job))

        assert [0, 1] == [early, len(ids(world))]

    def test_what_kills_every_worker_ends(self, world: World, bob: Caller):
        """A mail that nobody survives is given up, and recorded."""
        found = notice(world, bob)
        job = due_job(world)
        for _ in range(MAX_ATTEMPTS):
            with pytest.raises(Killed):
                mortal_services(world, Fate(2), MortalAtEveryCommit).firing.fire(dict(job))
            world.clock.advance(CLAIMED_FOR)
        world.services.firing.fire(dict(job))

        assert ("failed", "unreachable") == outcome(world, bob, found)
        assert [] == ids(world)


class TestOutages:
    """A mail waits for its server."""

    def test_it_is_tried_again_ever_later(self, world: World, bob: Caller):
        """After 15 seconds, 30, 60, and its attempts are counted."""
        found = notice(world, bob)
        world.mail.script(BOB, ["BUSY_451"] * 3)
        world.pass_time(TEN_MINUTES)
        waits = []
        while not ids(world) and len(waits) < 5:
            (timer,) = mail_timers(world)
            waits.append(timer["fireAt"] - world.clock.now())
            assert ("pending", "retrying") == outcome(world, bob, found)
            world.pass_time(waits[-1])

        assert [timedelta(seconds=s) for s in (15, 30, 60)] == waits
        assert 4 == decided(world, bob, found)["attempts"]

    def test_in_the_end_it_is_given_up(self, world: World, bob: Caller):
        """After hours; the decision says so, and no timer is left."""
        found = notice(world, bob)
        world.mail.script(BOB, ["BUSY_451"], repeat=True)
        world.pass_time(TEN_MINUTES)
        for _ in range(MAX_ATTEMPTS):
            world.pass_time(timedelta(hours=1))

        assert ("failed", "unreachable") == outcome(world, bob, found)
        assert [] == mail_timers(world)

    def test_what_they_see_meanwhile_is_not_mailed(self, world: World, bob: Caller):
        """Each attempt looks again."""
        found = notice(world, bob)
        world.mail.script(BOB, ["BUSY_451"])
        world.pass_time(TEN_MINUTES)
        mark(world, bob, found, readAt=world.clock.now())
        world.pass_time(timedelta(seconds=15))

        assert ("suppressed", "seenAlready") == outcome(world, bob, found)
        assert [] == ids(world)

    def test_a_lost_answer_repeats_it_under_its_id(self, world: World, bob: Caller):
        """The server may have taken it."""
        notice(world, bob)
        world.mail.script(BOB, ["ACCEPT_THEN_DROP"])
        world.pass_time(TEN_MINUTES)
        world.pass_time(timedelta(minutes=1))

        assert (2, 1) == (len(ids(world)), len(set(ids(world))))

    def test_it_waits_for_firebase_auth(self, world: World, bob: Caller):
        """Nobody else knows the address."""
        found = notice(world, bob)
        job = due_job(world)
        with other_world(world, auth_emulator_host="127.0.0.1:1") as cut_off:
            cut_off.services.firing.fire(job)
        waiting = outcome(world, bob, found)
        world.pass_time(timedelta(seconds=15))
        world.pass_time(timedelta(minutes=3))

        assert ("pending", "retrying") == waiting
        assert ("sent", "default") == outcome(world, bob, found)

    def test_after_days_it_still_comes(self, world: World, bob: Caller):
        """To whoever has not looked in the meantime."""
        found = notice(world, bob)
        world.pass_time(timedelta(days=3))

        assert ("sent", "default") == outcome(world, bob, found)
        assert 1 == len(ids(world))

    def test_without_a_server_it_ends(self, world: World, bob: Caller):
        """One that was taken away between filing and sending."""
        found = notice(world, bob)
        job = due_job(world)
        with other_world(world, smtp_url="") as quiet:
            quiet.services.firing.fire(job)

        assert ("muted", "mailOff") == outcome(world, bob, found)
        assert [] == mail_timers(world)


class TestForGood:
    """What will never arrive."""

    def test_a_refusal_is_recorded_and_remembered(self, world: World, bob: Caller):
        """With the server's code; nobody is written to there again."""
        world.mail.script(BOB, ["REFUSE_550"])
        first = notice(world, bob)
        world.pass_time(TEN_MINUTES)
        second = notice(world, bob)
        world.pass_time(TEN_MINUTES)

        assert ("failed", "550 5.1.1") == outcome(world, bob, first)
        assert ("muted", "hardBounce") == outcome(world, bob, second)
        assert [] == ids(world)

    def test_who_complained_is_left_alone(self, world: World, bob: Caller):
        """They said what they think of our mail."""
        listed = Suppression(_listed(world).id_of(BOB), Cause.COMPLAINT, "", world.clock.now())
        world.write(suppression_path(listed.id), suppression_fields(listed))
        found = notice(world, bob)
        world.pass_time(TEN_MINUTES)

        assert ("muted", "complaint") == outcome(world, bob, found)
        assert [] == ids(world)

    def test_words_that_nobody_knows_any_more(self, world: World, bob: Caller):
        """Of a release that is gone: recorded, not tried for ever."""
        found = notice(world, bob, template="comment")
        mark(world, bob, found, template="haiku@3")
        world.pass_time(TEN_MINUTES)

        assert ("failed", "template") == outcome(world, bob, found)
        assert [] == mail_timers(world)


class TestMarks:
    """What a mail says about itself."""

    def test_more_to_tell_is_another_mail(self, world: World, bob: Caller):
        """What has grown since has another id: mail programs must not take it for the same."""
        sent: list[OutgoingMail] = []

        class Listening:
            """The mail server's own adapter, and what was handed to it."""

            def __init__(self, sender: Any) -> None:
                self._sender = sender

            def send(self, mail: OutgoingMail) -> Any:
                sent.append(mail)
                return self._sender.send(mail)

        ports = world.services.ports
        listening = build_services(
            world.services.settings, replace(ports, mail=Listening(ports.mail))
        )
        found = notice(world, bob, events=("e1",))
        job = due_job(world)
        (timer,) = mail_timers(world)
        listening.firing.fire(dict(job))
        path = f"users/{bob.uid}/notifications/{found}"
        pending = {**decided(world, bob, found), "decision": "pending", "reason": "default"}
        world.write(f"{path}/decisions/email", pending)
        mark(world, bob, found, events=["e1", "e2"], count=2)
        world.write(f"timers/{job['timerId']}", timer)
        listening.firing.fire(dict(job))

        assert 2 == len({mail.key for mail in sent})
        assert {"comment"} == {mail.list_name for mail in sent}
        assert 2 == len(set(ids(world)))


class TestCosts:
    """Firestore's bill for one mail."""

    def test_one_that_is_sent(self, world: World, bob: Caller):
        """Look, look at the address, claim, record."""
        notice(world, bob)
        job = due_job(world)
        with metered() as usage:
            world.services.firing.fire(job)

        assert (4, 7, 3) == (usage.rpcs, usage.reads, usage.writes)

    def test_one_that_is_not(self, world: World, bob: Caller):
        """Seen, or pushed: most of them."""
        found = notice(world, bob)
        mark(world, bob, found, readAt=world.clock.now())
        job = due_job(world)
        with metered() as usage:
            world.services.firing.fire(job)

        assert (2, 6, 2) == (usage.rpcs, usage.reads, usage.writes)


def _listed(world: World) -> Suppressions:
    clock: Clock = world.services.ports.clock
    return Suppressions(world.services.ports.store, clock, world.services.settings.signing_secret)
