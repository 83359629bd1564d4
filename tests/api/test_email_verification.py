"""POST /api/v1/users/me/emailVerification. What asks for a verified address: test_invites.py."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests

from tests.api.firebase_person import FirebasePerson, code_of, hold_jobs_back
from tests.api.world import World

PATH = "/api/v1/users/me/emailVerification"
ANN = "ann@example.com"
PASSWORD = "correct horse"


@pytest.fixture
def ann(world: World) -> FirebasePerson:
    return FirebasePerson(world, ANN, PASSWORD)


@pytest.fixture
def ask(world: World, ann: FirebasePerson) -> Callable[..., requests.Response]:
    """Ask for the letter as Ann, with what her token claims."""

    def call(key: str = "", **claims: Any) -> requests.Response:
        token = world.token(ann.uid, **{"email": ANN, "email_verified": False, **claims})
        headers = {"Authorization": f"Bearer {token}"}
        if key:
            headers["Idempotency-Key"] = key
        return requests.post(f"{world.url}{PATH}", headers=headers, timeout=60)

    return call


class TestAsking:
    """Who gets a letter."""

    def test_the_link_proves_the_address(self, world: World, ann, ask):
        """A letter to one's own address. That its link works: test_credentials.py."""
        answer = ask()
        world.settle()

        (mail,) = world.mails(ANN)
        assert (202, {"state": "accepted"}) == (answer.status_code, answer.json())
        assert "Is this your address?" == mail.subject
        assert "mode=verifyEmail" in mail.links[0]
        assert code_of(mail.links[0])

    @pytest.mark.parametrize(
        ("claims", "status", "code"),
        [
            ({"email_verified": True}, 409, "invalid-transition"),
            ({"email": None}, 409, "invalid-transition"),
            ({"email": "", "email_verified": True}, 409, "invalid-transition"),
            ({"email": 7}, 409, "invalid-transition"),
            ({"email": f"{'a' * 320}@example.com"}, 409, "invalid-transition"),
            ({"firebase": {"sign_in_provider": "anonymous"}}, 403, "permission-denied"),
        ],
        ids=str,
    )
    def test_whoever_has_nothing_to_prove_gets_none(self, world: World, ask, claims, status, code):
        """Proved already, no address, or a guest."""
        answer = ask(**claims)
        world.settle()

        assert (status, code) == (answer.status_code, answer.json()["code"])
        assert [] == world.mails(ANN)

    def test_what_is_proved_in_the_meantime_needs_no_letter(self, world: World, ann, ask):
        """The token is an hour old, and the letter looks for itself."""
        world.at_auth("accounts:update", localId=ann.uid, emailVerified=True)
        answer = ask()
        world.settle()

        assert 202 == answer.status_code
        assert [] == world.mails(ANN)

    def test_it_goes_to_the_address_at_the_time_of_sending(self, world: World, ann, ask):
        """Changed between asking and sending: the old one is nobody's to prove."""
        hold_jobs_back(world)
        ask()
        world.at_auth("accounts:update", localId=ann.uid, email="new@example.com")
        world.after_a_change_at_auth()
        world.pass_time(timedelta(seconds=5))

        assert [0, 1] == [len(world.mails(ANN)), len(world.mails("new@example.com"))]

    def test_three_letters_an_hour(self, world: World, ann, ask):
        """Whoever registers with somebody else's address cannot bury them in letters."""
        statuses = []
        for _ in range(5):
            statuses.append(ask().status_code)
            world.pass_time(timedelta(seconds=1))
        world.pass_time(timedelta(hours=1))
        ask()
        world.settle()

        assert [202] * 5 == statuses
        assert 4 == len(world.mails(ANN))

    def test_asking_twice_before_the_letter_left_is_one_letter(self, world: World, ann, ask):
        """Impatience costs nothing."""
        hold_jobs_back(world)
        for _ in range(2):
            ask()
        world.pass_time(timedelta(seconds=5))

        assert 1 == len(world.mails(ANN))

    def test_a_repeated_request_has_one_answer(self, world: World, ann, ask):
        """Under one `Idempotency-Key`, whatever time passed in between."""
        first = ask(key="k1")
        world.settle()
        second = ask(key="k1")
        world.settle()

        assert [202, 202] == [first.status_code, second.status_code]
        assert "true" == second.headers.get("Idempotent-Replayed")
        assert 1 == len(world.mails(ANN))
