"""What somebody may do with what they were told. Attacks 66 to 70."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from tests.rules.client import Verdict
from tests.rules.documents import FUTURE, PAST, notification
from tests.rules.own_documents import soon
from tests.rules.wire import DELETE, REQUEST_TIME, Query

ALLOWED, DENIED = Verdict.ALLOWED, Verdict.DENIED
NEW, SEEN = {}, {"readAt": PAST, "archivedAt": PAST, "snoozedUntil": PAST}
RECENTLY = datetime.now(UTC) - timedelta(hours=1)

# What was stored, what the app sends, and the verdict.
CHANGES = {
    "a68-read": (NEW, {"readAt": REQUEST_TIME}, ALLOWED),
    "a68-unread": (SEEN, {"readAt": None}, ALLOWED),
    "archived": (NEW, {"archivedAt": REQUEST_TIME}, ALLOWED),
    "taken-out-of-the-archive": (SEEN, {"archivedAt": None}, ALLOWED),
    "snoozed": (NEW, {"snoozedUntil": soon()}, ALLOWED),
    "snoozed-for-a-year": (NEW, {"snoozedUntil": soon(365)}, ALLOWED),
    "woken": (SEEN, {"snoozedUntil": None}, ALLOWED),
    "snoozed-further": (
        {"snoozedUntil": FUTURE, "wakesAt": FUTURE},
        {"snoozedUntil": soon()},
        ALLOWED,
    ),
    "snoozed-and-read": (NEW, {"readAt": REQUEST_TIME, "snoozedUntil": soon()}, ALLOWED),
    "read-while-snoozed": ({"snoozedUntil": FUTURE}, {"readAt": REQUEST_TIME}, ALLOWED),
    "all-at-once": (SEEN, {"readAt": REQUEST_TIME, "archivedAt": None}, ALLOWED),
    "a68-read-and-title": (NEW, {"readAt": REQUEST_TIME, "title": "x"}, DENIED),
    "a68-read-and-category": (NEW, {"readAt": REQUEST_TIME, "category": "x"}, DENIED),
    "a68-counted": (NEW, {"isCounted": False}, DENIED),
    "a68-woken-by-itself-never": (NEW, {"snoozedUntil": soon(), "wakesAt": soon()}, DENIED),
    "a68-wakes-at-removed": ({"wakesAt": FUTURE}, {"wakesAt": DELETE}, DENIED),
    "a68-locale": (NEW, {"readAt": REQUEST_TIME, "locale": "de"}, DENIED),
    "a68-values": (NEW, {"values": {"task": "x"}}, DENIED),
    "a68-kept-longer": (NEW, {"expireAt": FUTURE + timedelta(days=1)}, DENIED),
    "a68-unknown-field": (NEW, {"pinned": True}, DENIED),
    "a69-read-in-the-past": (NEW, {"readAt": PAST}, DENIED),
    "a69-read-in-the-future": (NEW, {"readAt": FUTURE}, DENIED),
    "a69-read-as-flag": (NEW, {"readAt": True}, DENIED),
    "a69-read-removed": (SEEN, {"readAt": DELETE}, DENIED),
    "a69-read-backdated": (SEEN, {"readAt": RECENTLY}, DENIED),
    "a69-archived-in-the-past": (NEW, {"archivedAt": PAST}, DENIED),
    "a69-archived-as-flag": (NEW, {"archivedAt": True}, DENIED),
    "a69-snoozed-until-a-string": (NEW, {"snoozedUntil": "tomorrow"}, DENIED),
    "a69-snoozed-until-a-number": (NEW, {"snoozedUntil": 32_503_680_000}, DENIED),
    "a69-snoozed-until-the-past": (NEW, {"snoozedUntil": RECENTLY}, DENIED),
    "a69-snoozed-removed": (SEEN, {"snoozedUntil": DELETE}, DENIED),
    "a69-snoozed-until-now": (NEW, {"snoozedUntil": REQUEST_TIME}, DENIED),
    "a69-snoozed-for-ever": (NEW, {"snoozedUntil": FUTURE}, DENIED),
    "a69-snoozed-for-two-years": (NEW, {"snoozedUntil": soon(730)}, DENIED),
}


@pytest.fixture
def stored(world):
    """Return a function that puts a notification into the inbox of "member"."""

    def store(**fields):
        path = f"{world.me('member')}/notifications/{uuid4().hex}"
        world.store(path, notification("owner") | fields)
        return path

    return store


class TestNotifications:
    """users/{uid}/notifications/{n}"""

    @pytest.mark.parametrize(("before", "changes", "expected"), CHANGES.values(), ids=CHANGES)
    def test_change(self, world, stored, before, changes, expected):
        """Read, archived and snoozed are the reader's; all else is the server's."""
        path = stored(**before)

        answer = world.as_("member").update(path, {"updatedAt": REQUEST_TIME} | changes)

        assert expected == answer.verdict

    @pytest.mark.parametrize("updated_at", [None, PAST, FUTURE, DELETE])
    def test_a_change_without_its_time(self, world, stored, updated_at):
        """The sweep finds a change by updatedAt, so that the badge follows it."""
        answer = world.as_("member").update(
            stored(updatedAt=PAST), {"readAt": REQUEST_TIME, "updatedAt": updated_at}
        )

        assert answer.verdict == DENIED

    def test_a_change_that_says_nothing_of_its_time(self, world, stored):
        """Absent, as in every notification that the server filed."""
        assert world.as_("member").update(stored(), {"readAt": REQUEST_TIME}).verdict == DENIED

    @pytest.mark.parametrize("who", ["owner", "stranger", "nobody"])
    def test_somebody_elses(self, world, stored, who):
        """Attack 67: neither read nor marked as read."""
        app, path = world.as_(who), stored()
        read = {"readAt": REQUEST_TIME, "updatedAt": REQUEST_TIME}

        assert {DENIED} == {app.get(path).verdict, app.update(path, read).verdict}

    @pytest.mark.parametrize("place", ["member", "stranger"])
    def test_created_by_an_app(self, world, place):
        """Attack 66: for oneself or another; and none is deleted."""
        path = f"{world.me(place)}/notifications/{uuid4().hex}"
        new = notification("member") | {"createdAt": REQUEST_TIME, "updatedAt": REQUEST_TIME}

        assert world.as_("member").create(path, new).verdict == DENIED

    def test_deleted_by_an_app(self, world, stored):
        """It would leave its count in the badge: apps archive."""
        assert world.as_("member").delete(stored()).verdict == DENIED

    def test_without_limit_and_elsewhere(self, world):
        """Attack 70: a list without bound, decisions and badge written."""
        app, me = world.as_("member"), world.me("member")

        verdicts = {
            app.list(f"{me}/notifications", Query()).verdict,
            app.update(f"{me}/notifications/n1/decisions/push", {"decision": "sent"}).verdict,
            app.create(f"{me}/notifications/n1/decisions/mail", {"decision": "sent"}).verdict,
            app.update(f"{me}/counters/inbox", {"unread": 0}).verdict,
            app.delete(f"{me}/counters/inbox").verdict,
        }

        assert {DENIED} == verdicts
