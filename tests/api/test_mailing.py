"""From a timer to a letter in somebody's hands: refusals, outages, repetitions, and no server."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from structlog.testing import capture_logs

from backend.adapters import smtp_lines
from backend.adapters.jobs import Job
from backend.kit.ids import random_id
from backend.mailing.model import mail_timer
from backend.mailing.service import MAX_ATTEMPTS
from backend.timers.documents import timer_fields, timer_path
from backend.timers.model import TimerState
from tests.api.conftest import serving
from tests.api.firebase_person import FirebasePerson, hold_jobs_back
from tests.api.smtp_servers import talking
from tests.api.world import World

ANN = "ann@example.com"
LETTER = "passwordReset"


@pytest.fixture
def ann(world: World) -> FirebasePerson:
    return FirebasePerson(world, ANN, "correct horse")


def ask(world: World, email: str = ANN) -> requests.Response:
    url = f"{world.url}/api/v1/auth/passwordReset"
    return requests.post(url, json={"email": email}, timeout=60)


def the_timer(world: World) -> dict[str, Any]:
    """The only timer for a letter."""
    (timer,) = (each for each in world.documents("timers") if each["kind"] == "mail")
    return timer


@contextmanager
def other_world(world: World, **settings: Any) -> Iterator[World]:
    """The same database, with other settings of the service."""
    changed = replace(world.services.settings, **settings)
    with serving(changed, world.clock) as (services, url):
        yield World(services, url, world.clock, world.tasks, world.fcm, world.mail)


class TestRefused:
    """What the server refuses for good."""

    def test_it_is_recorded_and_ends(self, world: World, ann):
        """With the server's code, without anybody's address, and for thirty days."""
        world.mail.script(ANN, ["REFUSE_550"], repeat=True)
        ask(world)
        world.settle()
        world.pass_time(timedelta(hours=1))

        timer = the_timer(world)
        assert [] == world.mails(ANN)
        assert "failed" == timer["state"]
        assert "It was refused for good: 550 5.1.1" == timer["problem"]
        assert timer["expireAt"] > world.clock.now() + timedelta(days=29)
        assert ANN not in str(timer)
        assert [] == world.documents("passwordResets")

    def test_the_log_says_which_letter_and_why(self, world: World, ann):
        """And not whose it was."""
        world.mail.script(ANN, ["REFUSE_550"])
        with capture_logs() as lines:
            ask(world)
            world.settle()

        (told,) = (line for line in lines if line["event"] == "mail.answered")
        assert ["refused", "550 5.1.1", LETTER] == [
            told[key] for key in ("outcome", "error_code", "letter")
        ]
        assert ANN not in str(lines)


class TestOutages:
    """A letter waits for its server, and the queue for neither."""

    def test_it_is_tried_again_ever_later(self, world: World, ann):
        """After 15 seconds, then after 30, and so on."""
        world.mail.script(ANN, ["BUSY_451"] * 3)
        ask(world)
        world.settle()
        waits = []
        while not world.mails(ANN):
            timer = the_timer(world)
            waits.append((timer["attempts"], timer["fireAt"] - world.clock.now()))
            world.pass_time(waits[-1][1])

        seconds = [(1, 15), (2, 30), (3, 60)]
        assert [(n, timedelta(seconds=s)) for n, s in seconds] == waits

    def test_in_the_end_it_is_given_up_and_recorded(self, world: World):
        """A letter that no outage of hours explains is a fault, and stays as one."""
        world.mail.script(ANN, ["BUSY_451"], repeat=True)
        person = FirebasePerson(world, ANN, "correct horse")
        now = world.clock.now()
        timer = mail_timer("passwordChanged", (person.uid,), {"uid": person.uid}, now)
        world.write(timer_path(timer.id), dict(timer_fields(timer, TimerState.WAITING)))
        for _ in range(MAX_ATTEMPTS + 3):  # A busy machine may lose a try, which comes again.
            world.pass_time(timedelta(hours=1))

        given_up = the_timer(world)
        assert "failed" == given_up["state"]
        assert "passwordChanged was not taken in 11 attempts" in given_up["problem"]

    def test_a_request_waits_for_no_mail_server(
        self, world: World, ann, monkeypatch: pytest.MonkeyPatch
    ):
        """One that says nothing costs a job some seconds, and nobody else anything."""
        monkeypatch.setattr(smtp_lines, "STEP_S", 0.3)
        with (
            talking(lambda caller: caller.recv(1)) as url,
            other_world(world, smtp_url=url) as silent,
        ):
            hold_jobs_back(world)
            asked = ask(silent)
            before = the_timer(world)["attempts"]
            silent.pass_time(timedelta(seconds=5))

        assert 202 == asked.status_code
        assert [0, 1] == [before, the_timer(world)["attempts"]]

    def test_it_waits_for_firebase_auth_too(self, world: World, ann):
        """No link, no letter: it comes when there is one."""
        with other_world(world, auth_emulator_host="127.0.0.1:1") as cut_off:
            ask(cut_off)
            cut_off.settle()
            attempts = the_timer(world)["attempts"]
        # Queued for the service that is gone; a later look finds it late, and queues it anew.
        world.pass_time(timedelta(minutes=3))

        assert 1 == attempts
        assert 1 == len(world.mails(ANN))


class TestRepetition:
    """At least once, and seen for what it is."""

    def test_a_lost_answer_repeats_the_letter_under_its_id(self, world: World, ann):
        """Mail programs and people see one letter twice, not two."""
        world.mail.script(ANN, ["ACCEPT_THEN_DROP"])
        ask(world)
        world.settle()
        world.pass_time(timedelta(minutes=1))

        ids = [mail.header("Message-ID") for mail in world.mails(ANN)]
        assert 2 == len(ids)
        assert 1 == len(set(ids))

    def test_a_second_alarm_finds_nothing(self, world: World, ann):
        """Late, or twice: the timer is gone with the letter."""
        hold_jobs_back(world)
        ask(world)
        (timer,) = world.database.collection("timers").stream()
        world.pass_time(timedelta(seconds=5))
        body = {"timerId": timer.id, "kind": "mail", **timer.to_dict()["subject"]}
        for _ in range(2):
            world.services.ports.jobs.enqueue(Job("fire", body, key=random_id()))
        world.pass_time(timedelta(seconds=5))

        assert 1 == len(world.mails(ANN))

    def test_an_early_alarm_sends_nothing(self, world: World, ann):
        """A letter that was put off stays so, whoever rings."""
        world.mail.script(ANN, ["BUSY_451"])
        ask(world)
        world.settle()
        (timer,) = (
            each for each in world.database.collection("timers").stream()
            if each.get("kind") == "mail"
        )  # fmt: skip
        body = {"timerId": timer.id, "kind": "mail", **timer.to_dict()["subject"]}
        world.services.ports.jobs.enqueue(Job("fire", body, key=random_id()))
        world.settle()

        assert [] == world.mails(ANN)


class TestWithout:
    """What cannot be sent."""

    def test_without_a_server_letters_end_and_the_log_says_so(self, world: World, ann):
        """Who tries the service without one is not left with a heap of timers."""
        with other_world(world, smtp_url="") as quiet, capture_logs() as lines:
            ask(quiet)
            quiet.settle()

        (told,) = (line for line in lines if line["event"] == "mail.answered")
        assert "off" == told["outcome"]
        assert [] == [each for each in world.documents("timers") if each["kind"] == "mail"]

    def test_a_letter_that_nobody_composes_is_kept_as_a_fault(self, world: World):
        """Of a version that is gone, or has yet to come."""
        timer = mail_timer("poem", ("p1",), {"poemId": "p1"}, world.clock.now())
        world.write(timer_path(timer.id), dict(timer_fields(timer, TimerState.WAITING)))
        world.settle()

        assert "failed" == the_timer(world)["state"]
        assert "poem" in the_timer(world)["problem"]
