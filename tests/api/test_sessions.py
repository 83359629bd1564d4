"""DELETE /api/v1/users/me/sessions: signed out everywhere, whatever dies in between."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests

from backend.accounts.standing import MAX_AGE_S
from backend.adapters.credentials import FirebaseCredentials
from backend.bootstrap import Ports, build_ports
from backend.kit.errors import Unavailable
from backend.settings import Settings
from tests.api.conftest import serving
from tests.api.doorbells import write_device
from tests.api.world import Caller, World, cost_of
from tests.clock import VirtualClock

SESSIONS = "/users/me/sessions"
SECOND = timedelta(seconds=1)


class Credentials(FirebaseCredentials):
    """Firebase Auth, where signing out does what a test says, as often as it says it."""

    def __init__(self, settings: Settings, clock: VirtualClock) -> None:
        super().__init__(settings, clock)
        self.before: list[Callable[[], None]] = []
        self.after: list[Callable[[], None]] = []

    def sign_out(self, uid: str, *, before: datetime | None = None) -> None:
        if self.before:
            self.before.pop()()
        super().sign_out(uid, before=before)
        if self.after:
            self.after.pop()()


def die() -> None:
    """Go no further, as a process that is killed: nothing catches this on its way out."""
    raise RuntimeError("killed")


def be_silent() -> None:
    """What Firebase Auth does that cannot be reached."""
    raise Unavailable("The administration of accounts did not answer.")


@contextmanager
def another_process(world: World) -> Iterator[tuple[str, Credentials]]:
    """A second process of the same service: its address, and its way to Firebase Auth."""
    settings = world.services.settings
    credentials = Credentials(settings, world.clock)

    def ports(settings: Settings, clock: VirtualClock) -> Ports:
        return replace(build_ports(settings, clock), credentials=credentials)

    with serving(settings, world.clock, ports) as (_, url):
        yield url, credentials


class Session:
    """A sign-in of a person somewhere, with the ID token it got."""

    def __init__(self, person: Caller, **claims: Any) -> None:
        self.person = person
        self.token = person.world.token(person.uid, **claims)

    def call(self, method: str, path: str, url: str | None = None) -> str:
        """The code of the refusal, or the status."""
        answer = requests.request(
            method,
            f"{url or self.person.world.url}/api/v1{path}",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=60,
        )
        return answer.json()["code"] if answer.status_code >= 400 else str(answer.status_code)


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def laptop(world: World, ann: Caller) -> Session:
    """Where Ann has been signed in for a while."""
    session = Session(ann)
    world.clock.advance(timedelta(minutes=5))
    return session


class TestSignOut:
    """It takes one call with any token that holds."""

    def test_tokens_of_before_are_refused_and_later_ones_taken(
        self, world: World, ann: Caller, laptop: Session
    ):
        """Also the one that asked for it; signing in again is all it takes."""
        phone = Session(ann)
        world.clock.advance(SECOND)

        ended = phone.call("DELETE", SESSIONS)
        refused = [each.call("GET", "/users/me") for each in (laptop, phone)]

        assert "204" == ended
        assert ["token-revoked"] * 2 == refused
        assert "200" == Session(ann).call("GET", "/users/me")

    def test_devices_are_forgotten(self, world: World, ann: Caller):
        """Nothing is pushed to where nobody is signed in, however many there were."""
        for number in range(25):
            write_device(world, ann, f"d{number}", token=f"t{number}")
        bob = world.person("Bob")
        bob.has_phone()

        answer = ann.delete(SESSIONS)

        assert 204 == answer.status_code
        assert [] == world.documents(f"users/{ann.uid}/devices")
        assert 1 == len(world.documents(f"users/{bob.uid}/devices"))

    def test_nothing_waits_to_be_done_afterwards(self, world: World, ann: Caller):
        """The timer that would have made up for a crash is gone."""
        ann.delete(SESSIONS)

        assert [] == world.documents("timers")

    @pytest.mark.parametrize(
        ("method", "path", "after_s"),
        [("GET", "/users/me", MAX_AGE_S), ("DELETE", "/workspaces/me/members/nobody", 0)],
        ids=["ordinary", "dangerous"],
    )
    def test_other_processes_know_within_a_minute_and_at_once_where_it_matters(
        self, world: World, ann: Caller, laptop: Session, method: str, path: str, after_s: float
    ):
        """Security check 12: they believe for a minute what Firebase Auth said of somebody."""
        with another_process(world) as (url, _):
            before = laptop.call("GET", "/users/me", url)

            ann.delete(SESSIONS)
            world.clock.advance(timedelta(seconds=after_s))

            assert ("200", "token-revoked") == (before, laptop.call(method, path, url))

    def test_a_guest_is_asked_to_stay(self, world: World):
        """A guest who signs out can never sign in again, and would lose everything."""
        claims = {"firebase": {"sign_in_provider": "anonymous"}}
        world.sign_up("guest")
        guest = Session(Caller(world, "guest", ""), **claims)

        assert ["permission-denied", "200"] == [
            guest.call("DELETE", SESSIONS),
            guest.call("GET", "/users/me"),
        ]

    def test_it_takes_effect_once_for_each_key(self, world: World, ann: Caller):
        """The answer is that of the first call, and nobody is signed out anew."""
        headers = {"Idempotency-Key": "one"}
        first = ann.delete(SESSIONS, headers=headers)
        before = _valid_since(world, ann)

        copy = ann.delete(SESSIONS, headers=headers)

        assert [204, 204] == [first.status_code, copy.status_code]
        assert "true" == copy.headers["Idempotent-Replayed"]
        assert before == _valid_since(world, ann)

    def test_it_stays_within_its_budget(self, world: World, ann: Caller):
        """Devices, then one commit with the timer, then the timer away."""
        without = cost_of(ann.delete(SESSIONS))
        for number in range(3):
            write_device(world, ann, f"d{number}", token=f"t{number}")
        with_three = cost_of(ann.delete(SESSIONS))

        assert [(3, 1, 2), (3, 3, 5)] == [without, with_three]


class TestInterrupted:
    """Firebase Auth takes part in no commit: a timer stands for what is not done yet."""

    @pytest.mark.parametrize("moment", ["before", "after"])
    def test_a_process_that_dies_leaves_a_timer(
        self, world: World, ann: Caller, laptop: Session, moment: str
    ):
        """Killed before or after the tokens are revoked: they are, and once."""
        with another_process(world) as (url, credentials):
            getattr(credentials, moment).append(die)
            died = _delete(ann, url)
        left = [timer["kind"] for timer in world.documents("timers")]
        world.clock.advance(SECOND)
        again = Session(ann)  # Signed in anew before anybody makes up for the crash.

        world.pass_time(timedelta(minutes=2))

        assert (500, ["signOut"]) == (died.status_code, left)
        assert [] == world.documents("timers")
        assert [] == world.documents(f"users/{ann.uid}/devices")
        assert "token-revoked" == laptop.call("GET", "/users/me")
        assert "200" == again.call("GET", "/users/me")

    def test_without_firebase_auth_it_is_done_as_soon_as_it_answers(
        self, world: World, ann: Caller, laptop: Session
    ):
        """Meanwhile the process that was asked refuses the old tokens itself."""
        with another_process(world) as (url, credentials):
            credentials.before += [be_silent] * 2
            laptop.call("GET", "/users/me", url)
            ended = _delete(ann, url)
            here = laptop.call("GET", "/users/me", url)
            elsewhere = _valid_since(world, ann)
            world.tasks.settle()  # The queue asks this process to try again, in vain.
            world.pass_time(timedelta(minutes=2))

        assert (204, "token-revoked") == (ended.status_code, here)
        assert None is elsewhere
        assert _valid_since(world, ann) is not None
        assert [] == world.documents("timers")

    def test_a_late_job_ends_no_session_that_has_begun_since(self, world: World, ann: Caller):
        """And does not make tokens hold again that a second sign-out has revoked."""
        with another_process(world) as (url, credentials):
            credentials.before.append(be_silent)
            _delete(ann, url)
        world.clock.advance(timedelta(minutes=10))
        between = Session(ann)
        world.clock.advance(timedelta(minutes=10))
        ann.delete(SESSIONS)
        world.clock.advance(SECOND)
        after = Session(ann)

        world.pass_time(timedelta(minutes=2))

        assert [] == world.documents("timers")
        assert "token-revoked" == between.call("GET", "/users/me")
        assert "200" == after.call("GET", "/users/me")

    def test_doubled_and_early_jobs_do_no_harm(self, world: World, ann: Caller):
        """Where the timer is gone, or the account, nothing is done."""
        with another_process(world) as (url, credentials):
            credentials.before.append(be_silent)
            _delete(ann, url)
        world.at_auth("accounts:delete", localId=ann.uid)

        world.pass_time(timedelta(minutes=2))
        world.pass_time(timedelta(minutes=2))

        assert [] == world.documents("timers")


def _delete(person: Caller, url: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {person.world.token(person.uid)}"}
    return requests.delete(f"{url}/api/v1{SESSIONS}", headers=headers, timeout=60)


def _valid_since(world: World, person: Caller) -> str | None:
    (account,) = world.at_auth("accounts:lookup", localId=[person.uid])["users"]
    return account.get("validSince")
