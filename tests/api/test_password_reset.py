"""POST /api/v1/auth/passwordReset, the letter, the link, and what follows once it was used."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
import requests

from backend.settings import AppCheckMode
from tests.api.conftest import serving
from tests.api.firebase_person import FirebasePerson, code_of, hold_jobs_back
from tests.api.world import World, cost_of

OLD, NEW, NEWER = "old-Passw0rd", "new-Passw0rd", "newer-Passw0rd"
NOBODY = "nobody@example.com"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ann(world: World) -> FirebasePerson:
    return FirebasePerson(world, "ann@example.com", OLD)


def ask(world: World, email: object, **headers: str) -> requests.Response:
    return requests.post(
        f"{world.url}/api/v1/auth/passwordReset",
        json={"email": email},
        headers=headers,
        timeout=60,
    )


def link_for(world: World, person: FirebasePerson) -> str:
    """Ask for a link and return the one in the newest letter."""
    assert ask(world, person.email).status_code == 202
    world.settle()
    return world.mails(person.email)[-1].links[0]


def follow(person: FirebasePerson, link: str, password: str) -> requests.Response:
    return person.attempt("resetPassword", oobCode=code_of(link), newPassword=password)


def tell_apart(world: World) -> float:
    """Wait for the next second: Firebase Auth counts revocation in whole ones."""
    began_at = int(time.time())
    while int(time.time()) == began_at:
        time.sleep(0.05)
    return time.time()


class TestAsking:
    """What the caller learns: nothing."""

    def test_known_and_unknown_addresses_get_the_same_answer(self, world: World, ann):
        """Same status, body and headers, but for what differs between any two requests."""
        answers = [ask(world, ann.email), ask(world, NOBODY)]

        varying = {"X-Request-Id", "Date", "Server-Timing", "RateLimit-Remaining"}
        told = [
            (a.status_code, a.content, {k: v for k, v in a.headers.items() if k not in varying})
            for a in answers
        ]
        assert told[0] == told[1]
        assert (202, {"state": "accepted"}) == (answers[0].status_code, answers[0].json())

    def test_known_and_unknown_addresses_cost_the_same(self, world: World, ann):
        """The same round trips, reads and writes, and documents of the same form."""
        hold_jobs_back(world)
        answers = [ask(world, ann.email), ask(world, NOBODY)]

        costs = [cost_of(answer) for answer in answers]
        wishes, timers = world.documents("passwordResets"), world.documents("timers")
        assert [(1, 0, 2)] * 2 == costs
        assert [2, 2] == [len(wishes), len(timers)]
        assert {ann.email, NOBODY} == {wish.pop("email") for wish in wishes}
        assert wishes[0].keys() == wishes[1].keys()
        assert [{"letter", "requestId"}] * 2 == [set(timer["subject"]) for timer in timers]

    def test_firebase_auth_is_not_asked_before_the_answer(self, world: World, ann):
        """A letter only exists once its job has run, and nobody waits for that."""
        hold_jobs_back(world)
        ask(world, ann.email)

        assert [] == world.mails(ann.email)
        assert [] == world.documents("passwordWatches")

    @pytest.mark.parametrize(
        "email",
        ["", "ann", "ann@", "@example.com", "a@b", "a@b@example.com", "ann@exa mple.com", 7, None,
         "ann@example.com\r\nBcc: eve@example.com", "a" * 300 + "@example.com", ["a@example.com"]],
        ids=repr,
    )  # fmt: skip
    def test_what_is_no_address_is_refused(self, world: World, email: object):
        """By its form alone, which says nothing about accounts."""
        answer = ask(world, email)

        assert 422 == answer.status_code
        assert {"/email"} == {fault["pointer"] for fault in answer.json()["errors"]}
        assert [] == world.documents("passwordResets")

    def test_an_address_gets_three_letters_an_hour(self, world: World, ann):
        """Whoever goes on asking gets the same answer, and their victim no more mail."""
        answers = [ask(world, email) for email in (ann.email, ann.email.upper()) for _ in range(3)]
        world.settle()
        within = len(world.mails(ann.email))
        world.pass_time(timedelta(hours=1))
        ask(world, ann.email)
        world.settle()

        assert [202] * 6 == [answer.status_code for answer in answers]
        assert [3, 4] == [within, len(world.mails(ann.email))]

    def test_an_address_of_the_network_may_ask_ten_times_a_minute(self, world: World):
        """Each costs what sixty other requests do, whomever it is for."""
        settings = replace(world.services.settings, rate_limit_per_minute=600)
        with serving(settings, world.clock) as (services, url):
            limited = World(services, url, world.clock, world.tasks, world.fcm, world.mail)
            answers = [ask(limited, f"{n}@example.com") for n in range(11)]

        assert [202] * 10 + [429] == [answer.status_code for answer in answers]
        assert answers[-1].headers["Retry-After"]

    def test_it_takes_an_app_of_ours_where_app_check_is_enforced(self, world: World):
        """Nobody is signed in, and so it is the one thing that tells apps from scripts."""
        settings = replace(world.services.settings, app_check=AppCheckMode.ENFORCE)
        with serving(settings, world.clock) as (services, url):
            strict = World(services, url, world.clock, world.tasks, world.fcm, world.mail)
            answer = ask(strict, NOBODY)

        assert (401, "app-check-failed") == (answer.status_code, answer.json()["code"])
        assert [] == world.documents("passwordResets")

    def test_a_key_for_idempotency_is_nobodys_here(self, world: World):
        """Without a person there is no answer to keep for one; repeating harms nothing."""
        answers = [ask(world, NOBODY, **{"Idempotency-Key": "same"}) for _ in range(2)]

        assert [202, 202] == [answer.status_code for answer in answers]
        assert [] == world.documents("idempotency")


class TestLetter:
    """What arrives."""

    def test_it_is_in_the_readers_language(self, world: World, ann):
        """That of their profile; before they have one, what their app speaks."""
        ask(world, ann.email, **{"Accept-Language": "de-AT,de;q=0.9"})
        world.settle()
        ann.get("/users/me", ann.token(OLD))
        ask(world, ann.email, **{"Accept-Language": "de"})
        world.settle()

        subjects = [mail.subject for mail in world.mails(ann.email)]
        assert ["Neues Passwort wählen", "Choose a new password"] == subjects

    def test_nobody_gets_none(self, world: World, ann):
        """And nothing is left of the address that was typed."""
        world.at_auth("accounts:update", localId=ann.uid, disableUser=True)
        for email in (NOBODY, ann.email):
            ask(world, email)
        world.settle()

        assert [[], []] == [world.mails(NOBODY), world.mails(ann.email)]
        assert [[], []] == [world.documents("passwordResets"), world.documents("timers")]

    def test_the_link_is_in_the_letter_and_nowhere_else(self, world: World, ann, capfd):
        """Not in a document, not in the log: whoever has it has the account."""
        code = code_of(link_for(world, ann))

        stored = [
            document.to_dict()
            for collection in world.database.collections()
            for document in collection.stream()
        ]
        assert stored
        assert code not in str(stored)
        assert code not in "".join(capfd.readouterr())

    def test_a_letter_nobody_waits_for_is_not_sent(self, world: World, ann):
        """After an outage of more than an hour, a link would come as a surprise."""
        world.mail.script(ann.email, ["BUSY_451"], repeat=True)
        ask(world, ann.email)
        world.pass_time(timedelta(minutes=61))
        world.mail.script(ann.email, [])
        world.pass_time(timedelta(hours=2))

        assert [] == world.mails(ann.email)
        assert [] == world.documents("passwordResets")


class TestLink:
    """What Firebase Auth does with it, as its emulator does: the reason for what we add."""

    def test_it_works_once(self, world: World, ann):
        """The old password is gone with the first use, and so is the link."""
        link = link_for(world, ann)

        used = [follow(ann, link, password) for password in (NEW, NEWER)]

        assert [200, 400] == [answer.status_code for answer in used]
        assert "INVALID_OOB_CODE" == used[1].json()["error"]["message"]
        assert 400 == ann.attempt("signInWithPassword", email=ann.email, password=OLD).status_code
        assert ann.token(NEW)

    def test_old_sign_ins_are_dead_and_the_new_one_lives(self, world: World, ann):
        """Refused by Firebase Auth's own mark, within the minute for which we believe it."""
        old = ann.token(OLD)
        before = ann.get("/users/me", old).status_code
        link = link_for(world, ann)
        tell_apart(world)
        follow(ann, link, NEW)
        world.pass_time(MINUTE)

        refused = ann.get("/users/me", old)
        assert [200, 401] == [before, refused.status_code]
        assert "token-revoked" == refused.json()["code"]
        assert 200 == ann.get("/users/me", ann.token(NEW)).status_code


class TestWatch:
    """What follows from a password that was changed."""

    def test_its_owner_is_told_once(self, world: World, ann):
        """However often we look, and however many links there were."""
        links = [link_for(world, ann), link_for(world, ann)]
        follow(ann, links[0], NEW)
        for _ in range(4):
            world.pass_time(timedelta(minutes=20))

        subjects = [mail.subject for mail in world.mails(ann.email)]
        assert ["Choose a new password"] * 2 + ["Your password was changed"] == subjects
        assert [[], []] == [world.documents("passwordWatches"), world.documents("timers")]

    def test_its_owner_is_told_once_by_many_at_once(self, world: World, ann, crowd):
        """Of eight looks at the same moment, one has its say."""
        follow(ann, link_for(world, ann), NEW)
        (timer,) = world.database.collection("timers").stream()
        body = {"timerId": timer.id, "kind": "passwordWatch", "uid": ann.uid}
        world.clock.advance(MINUTE)
        list(crowd.map(world.services.firing.fire, [body] * 8))
        world.settle(times=2)

        subjects = [mail.subject for mail in world.mails(ann.email)]
        assert ["Choose a new password", "Your password was changed"] == subjects

    def test_each_change_is_told(self, world: World, ann):
        """The second link may have been somebody else's."""
        links = [link_for(world, ann), link_for(world, ann)]
        for link, password in zip(links, (NEW, NEWER), strict=True):
            follow(ann, link, password)
            world.pass_time(timedelta(minutes=20))

        subjects = [mail.subject for mail in world.mails(ann.email)]
        assert ["Your password was changed"] * 2 == subjects[2:]

    def test_devices_of_before_get_no_more_pushes(self, world: World, ann):
        """A thief's phone is forgotten; the one that signed in afterwards stays."""
        devices = f"users/{ann.uid}/devices"
        link = link_for(world, ann)
        follow(ann, link, NEW)
        changed_at = world.clock.now() + MINUTE
        for name, by in (("thiefs", -5), ("anns", +5)):
            seen_at = changed_at + by * MINUTE
            world.write(f"{devices}/{name}", {"token": name, "lastSeenAt": seen_at})
        world.pass_time(timedelta(minutes=15))

        assert ["anns"] == [device["token"] for device in world.documents(devices)]

    def test_tokens_that_firebase_left_alone_are_revoked(self, world: World, ann):
        """Whatever Firebase Auth does itself, sign-ins of before end; the one after goes on."""
        link = link_for(world, ann)
        follow(ann, link, NEW)
        world.at_auth("accounts:update", localId=ann.uid, validSince="1")
        world.pass_time(MINUTE)

        changed_s = int(ann.known_at_auth()["passwordUpdatedAt"]) // 1000
        assert changed_s == int(ann.known_at_auth()["validSince"])

    def test_nothing_follows_from_a_link_that_was_not_used(self, world: World, ann):
        """After the link's hour nobody looks any more, and nothing is left."""
        link_for(world, ann)
        before = ann.known_at_auth()
        for _ in range(10):
            world.pass_time(timedelta(minutes=10))

        assert 1 == len(world.mails(ann.email))
        assert before == ann.known_at_auth()
        assert [[], []] == [world.documents("passwordWatches"), world.documents("timers")]

    def test_it_ends_with_the_account(self, world: World, ann):
        """Deleted in the meantime: nobody is there to be told."""
        link_for(world, ann)
        world.at_auth("accounts:delete", localId=ann.uid)
        world.pass_time(MINUTE)

        assert [[], []] == [world.documents("passwordWatches"), world.documents("timers")]

    def test_it_is_looked_at_less_and_less(self, world: World, ann):
        """An hour costs some ten looks, most of them soon after the letter."""
        link_for(world, ann)
        looks = []
        while watches := world.documents("passwordWatches"):
            looks.append(watches[0]["looks"])
            world.pass_time(MINUTE)

        assert 60 <= len(looks) <= 70
        assert 7 <= max(looks) <= 12
