"""D10: link, merge, expire and return, as real apps on the real SDK live through it."""

import time

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore

from local.running import RunningStack
from tests.api.guest import traces
from tests.clients.programs import findings

PATIENCE_S = 60


@pytest.fixture(scope="module")
def found(stack: RunningStack):
    """What three guests came to."""
    return findings(
        "guests.mjs",
        environment=dict(stack.environment),
        project=stack.project_id,
        firestore=f"127.0.0.1:{stack.ports['firestore']}",
    )


def test_linking_keeps_uid_and_work(found):
    """And ends the countdown at the next call."""
    assert {
        "isSameUid": True,
        "wasGuest": True,
        "isGuest": False,
        "expireAt": None,
        "tasks": ["kept"],
        "mayFoundTeams": True,
    } == found["linked"]


def test_an_account_takes_the_work_over_and_gives_it_back(found):
    """It comes to the account's listeners; the guest sees nothing, and then everything again."""
    assert {
        "moved": 1,
        "guestFinds": 404,
        "guestReads": "permission-denied",
        "takenBack": {"olga": [], "guest": ["moved"]},
        "readsAgain": "allowed",
        "isSameId": True,
    } == found["merged"]


def test_when_the_time_is_over_nothing_is_left(found, stack, monkeypatch):
    """Not for the API, not for the rules, not for the sign-in; no document names the uid."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", f"127.0.0.1:{stack.ports['firestore']}")
    database = firestore.Client(project=stack.project_id, credentials=AnonymousCredentials())
    ended = dict(found["ended"])
    uid, give_up_at = ended.pop("uid"), time.monotonic() + PATIENCE_S

    while left := traces(database, uid):  # The sign-in goes first, then the documents.
        assert time.monotonic() < give_up_at, left

    assert [] == left
    assert {
        "finds": 404,
        "reads": "permission-denied",
        "renewal": "auth/invalid-refresh-token",
        "comesBackAsAnother": True,
    } == ended
