"""
Listeners that are open when the right to what they show ends.

The emulator looks at the rules again when a document changes that they looked up, and then at the
next change that a listener would be shown. Of time alone it takes no notice: all that is asked over
one connection is judged by the time at which that was made. So the server takes a membership away
at the second at which it is over; whoever connects after that second is refused even without.
"""

from uuid import uuid4

import pytest

from tests.clients.programs import findings
from tests.rules.client import RulesClient
from tests.rules.conftest import ROOT
from tests.rules.world import seed_world

REFUSED = "permission-denied"


@pytest.fixture(scope="module")
def found(suite):
    """What happened to the listeners of three people whose right ended."""
    project = f"demo-revoked-{uuid4().hex[:12]}"
    client = RulesClient(suite.firestore_host, project)
    client.load_rules((ROOT / "firestore.rules").read_text())
    return findings(
        "revoked.mjs",
        project=project,
        firestore=suite.firestore_host,
        auth=suite.auth_host,
        workspace=seed_world(client).w1,
    )


class TestRemoved:
    """Somebody is taken out of a workspace with every listener of their app open."""

    def test_no_listener_shows_what_was_written_afterwards(self, found):
        """Not one character of it."""
        assert [] == found["removed"]["sawTooMuch"]

    def test_every_listener_ends_at_the_next_change(self, found):
        """Refused, not silent: the app knows."""
        ended = found["removed"]["ended"]

        assert dict.fromkeys(ended, REFUSED) == ended

    def test_the_app_knows_at_once(self, found):
        """The list of members ends before anything changes; the list of workspaces shrinks."""
        assert found["removed"]["memberships"] is None

    def test_the_next_read_is_refused(self, found):
        """Whereas those who stayed read on."""
        assert {"removed": REFUSED, "witness": "allowed"} == found["removed"]["read"]


class TestExpired:
    """A membership with an end, while every listener is open."""

    def test_whoever_connects_anew_is_refused(self, found):
        """A phone that was away, or a token that was renewed: by time alone, without the server."""
        ended = found["expired"]["connectedAnew"]["ended"]

        assert dict.fromkeys(ended, REFUSED) == ended

    def test_the_server_ends_what_is_still_open(self, found):
        """Once it has taken the membership away, nothing of what follows is shown or read."""
        expired = found["expired"]["open"]

        assert ([], {REFUSED}) == (expired["sawTooMuch"], set(expired["ended"].values()))
        assert expired["read"] == REFUSED


class TestGuest:
    """A guest who has really signed in anonymously, at the end of their 24 hours."""

    def test_before_the_first_call_there_is_nothing(self, found):
        """The account is opened by the API; a guest without one has no time."""
        assert REFUSED == found["guest"]["before"]

    def test_their_own_listeners_end(self, found):
        """Once the account is deleted, nothing of what follows is shown."""
        guest = found["guest"]

        assert {"account": REFUSED, "bell": REFUSED, "badge": REFUSED} == guest["ended"]
        assert [] == guest["sawTooMuch"]
