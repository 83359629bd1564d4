"""What somebody may read and change of their own account. Attacks 1 to 8 and 15."""

from uuid import uuid4

import pytest

from tests.rules.client import Verdict
from tests.rules.documents import FUTURE, user
from tests.rules.own_documents import profile_edit
from tests.rules.wire import DELETE, REQUEST_TIME, Increment, Query

ALLOWED, DENIED = Verdict.ALLOWED, Verdict.DENIED

VALID = {
    "name": {"displayName": "Ada"},
    "name-longest": {"displayName": "a" * 200},
    "photo": {"photoUrl": "https://example.com/ada.png"},
    "photo-none": {"photoUrl": None},
    "photo-with-port-and-query": {"photoUrl": "https://example.com:8443?size=96&of=@ada"},
    "photo-longest": {"photoUrl": "https://" + "a" * 2040},
    "locale": {"locale": "de"},
    "locale-long": {"locale": "zh-Hant-TW"},
    "zone": {"timezone": "America/Argentina/Buenos_Aires"},
    "week-from-monday": {"weekStart": 1},
    "week-from-sunday": {"weekStart": 7},
    "all-at-once": {"displayName": "Ada", "photoUrl": None, "locale": "en", "weekStart": 2},
}
INVALID = {
    "a04-state": {"state": "admin"},
    "a04-is-guest": {"isGuest": True},
    "a04-role": {"role": "owner"},
    "a04-expiry-put-off": {"expireAt": FUTURE},
    "a04-erasure-called-off": {"eraseAt": DELETE},
    "a06-created-at": {"createdAt": FUTURE},
    "a07-unknown-field": {"email": "ada@example.com"},
    "a08-name-10-kb": {"displayName": "a" * 10_240},
    "a08-name-one-too-long": {"displayName": "a" * 201},
    "a08-name-empty": {"displayName": ""},
    "a08-name-null": {"displayName": None},
    "a08-name-number": {"displayName": 7},
    "a08-name-removed": {"displayName": DELETE},
    "a08-zone-number": {"timezone": 2},
    "a08-zone-path": {"timezone": "../etc/passwd"},
    "a08-zone-empty": {"timezone": ""},
    "a08-zone-too-long": {"timezone": "A" * 65},
    "a08-zone-null": {"timezone": None},
    "a08-locale-sentence": {"locale": "English please"},
    "a08-locale-too-long": {"locale": "en-" + "-".join(["abcdefgh"] * 4)},
    "a08-locale-null": {"locale": None},
    "a08-photo-script": {"photoUrl": "javascript:alert(1)"},
    "a08-photo-unencrypted": {"photoUrl": "http://example.com/ada.png"},
    "a08-photo-with-blank": {"photoUrl": "https://example.com/a b"},
    "a08-photo-with-password": {"photoUrl": "https://ada:secret@example.com/"},
    "a08-photo-with-backslash": {"photoUrl": "https://example.com\\@evil.example"},
    "a08-photo-without-host": {"photoUrl": "https:///ada.png"},
    "a08-photo-too-long": {"photoUrl": "https://" + "a" * 2041},
    "a08-photo-number": {"photoUrl": 7},
    "a08-week-start-0": {"weekStart": 0},
    "a08-week-start-8": {"weekStart": 8},
    "a08-week-start-float": {"weekStart": 1.0},
    "a08-week-start-string": {"weekStart": "1"},
    "rev-equal": {"rev": 3},
    "rev-plus-2": {"rev": 5},
    "rev-float": {"rev": 4.0},
    "rev-removed": {"rev": DELETE},
    "rev-increment-by-5": {"rev": Increment(5)},
    "updated-at-client-time": {"updatedAt": FUTURE},
    "updated-at-null": {"updatedAt": None},
}


@pytest.fixture
def account(world):
    """Return a function that stores an account at rev 3 and gives its uid."""

    def store(**fields):
        uid = f"someone-{uuid4().hex}"
        world.store(f"users/{uid}", user(uid, **fields))
        return uid

    return store


class TestProfile:
    """users/{uid}, as oneself."""

    @pytest.mark.parametrize("changes", VALID.values(), ids=VALID)
    def test_a_valid_change(self, world, account, changes):
        """Name, photo, locale, time zone, first day of the week."""
        uid = account()

        answer = world.client.as_(uid).update(f"users/{uid}", profile_edit(**changes))

        assert answer.verdict == ALLOWED

    @pytest.mark.parametrize("changes", INVALID.values(), ids=INVALID)
    def test_a_change_that_is_refused(self, world, account, changes):
        """Fields of the server, fields nobody knows, values out of bounds, wrong stamps."""
        uid = account()

        answer = world.client.as_(uid).update(f"users/{uid}", profile_edit(**changes))

        assert answer.verdict == DENIED

    @pytest.mark.parametrize("stored", ["", "a" * 300], ids=["no-name", "long-name"])
    def test_what_the_sign_in_provider_gave_may_stay(self, world, account, stored):
        """A name or photo that no app could write does not keep a person from moving house."""
        uid = account(displayName=stored, photoUrl="http://example.com/old.png")

        answer = world.client.as_(uid).update(f"users/{uid}", profile_edit(timezone="Asia/Tokyo"))

        assert answer.verdict == ALLOWED

    def test_an_account_of_an_old_shape_is_not_opened(self, world, account):
        """Attack 84: what a condition asks about must be there."""
        uid = account()
        old = {name: value for name, value in user(uid).items() if name != "rev"}
        world.store(f"users/{uid}", old)

        assert world.client.as_(uid).update(f"users/{uid}", profile_edit()).verdict == DENIED

    def test_nobody_creates_an_account(self, world):
        """Attack 5: neither one's own before the first call, nor another's."""
        uid = f"new-{uuid4().hex}"
        app = world.client.as_(uid)

        verdicts = {
            app.create(f"users/{who}", user(who, rev=1, updatedAt=REQUEST_TIME)).verdict
            for who in (uid, f"{uid}-other")
        }

        assert {DENIED} == verdicts

    def test_nobody_deletes_an_account(self, world, account):
        """Attack 15: leaving is the server's business, also for a copy put back at once."""
        uid = account()
        app = world.client.as_(uid)

        replacing = [app.deleting(f"users/{uid}"), app.writing(f"users/{uid}", user(uid, rev=1))]

        verdicts = [app.delete(f"users/{uid}").verdict, app.commit(replacing).verdict]

        assert verdicts == [DENIED, DENIED]

    def test_a_document_beside_those_that_are_known(self, world, account):
        """Attack 15."""
        uid = account()

        assert world.client.as_(uid).create(f"users/{uid}/other/x", {"a": 1}).verdict == DENIED


class TestOthers:
    """Somebody else's account."""

    def test_reading(self, world):
        """Attacks 1 and 2: only one's own, and nobody without a token."""
        verdicts = {
            who: world.as_(who).get(world.me("member")).verdict
            for who in ("member", "owner", "stranger", "nobody")
        }

        assert verdicts == {
            "member": ALLOWED,
            "owner": DENIED,
            "stranger": DENIED,
            "nobody": DENIED,
        }

    @pytest.mark.parametrize("query", [Query(limit=1), Query((("rev", "EQUAL", 3),), limit=1)])
    def test_listing(self, world, query):
        """Attack 3: accounts are no directory."""
        verdicts = {world.as_(who).list("users", query).verdict for who in ("owner", "nobody")}

        assert {DENIED} == verdicts

    @pytest.mark.parametrize("who", ["owner", "stranger", "nobody"])
    def test_changing(self, world, account, who):
        """A valid change, by another."""
        answer = world.as_(who).update(f"users/{account()}", profile_edit(displayName="Eve"))

        assert answer.verdict == DENIED
