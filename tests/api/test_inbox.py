"""What people do with one notification by the API, and the list of them. M107."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.doorbells import mark
from tests.api.inboxes import badge, counted, file, has_devices, ring_inbox
from tests.api.world import Caller, World, cost_of

HOME = "/users/me/notifications"


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


def ids(person: Caller, query: str = "") -> list[str]:
    """The ids of a page of somebody's notifications."""
    answer = person.get(f"{HOME}{query}")
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()["items"]]


def stamp(at: Any) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}Z"


class TestReading:
    """GET /users/me/notifications, and one of them."""

    def test_the_newest_come_first(self, world: World, ann: Caller):
        """Whatever was done with them, but for the archive."""
        file(world, ann, 1)
        world.clock.advance(timedelta(minutes=1))
        file(world, ann, 1, first=1)
        ann.patch(f"{HOME}/n001", {"readAt": True})

        assert ["n001", "n000"] == ids(ann)

    def test_filters(self, world: World, ann: Caller):
        """Unread, by category, and the archive, which is a list of its own."""
        file(world, ann, 4)  # assigned, completed, security, assigned
        ann.patch(f"{HOME}/n000", {"readAt": True})
        ann.patch(f"{HOME}/n001", {"archivedAt": True})
        ann.patch(f"{HOME}/n002", {"snoozedUntil": stamp(world.clock.now() + timedelta(hours=1))})

        found = {
            query: {*ids(ann, f"?{query}")}
            for query in (
                "unread=true",
                "category=assigned",
                "unread=true&category=assigned",
                "archived=true",
                "archived=true&category=completed",
                "archived=true&category=assigned",
                "archived=false",
            )
        }

        assert {
            "unread=true": {"n003"},
            "category=assigned": {"n000", "n003"},
            "unread=true&category=assigned": {"n003"},
            "archived=true": {"n001"},
            "archived=true&category=completed": {"n001"},
            "archived=true&category=assigned": set(),
            "archived=false": {"n000", "n002", "n003"},
        } == found

    def test_what_is_archived_cannot_be_unread(self, ann: Caller):
        """Asking for both is a mistake, not an empty list."""
        answer = ann.get(f"{HOME}?unread=true&archived=true")

        assert (422, "unsupported-query") == (answer.status_code, answer.json()["code"])

    @pytest.mark.parametrize("query", ["", "&archived=true"])
    def test_pages_skip_nothing(self, world: World, ann: Caller, query: str):
        """Also where many were filed, or archived, at one instant."""
        every = file(world, ann, 7)
        if query:
            ann.post(f"{HOME}:archiveAll")
        found, token = [], ""

        while True:
            page = ann.get(f"{HOME}?pageSize=3{query}{token}").json()
            found += [each["id"] for each in page["items"]]
            if page["nextPageToken"] is None:
                break
            token = f"&pageToken={page['nextPageToken']}"

        assert sorted(every, reverse=True) == found

    def test_one_notification(self, world: World, ann: Caller):
        """All that its person may see, and nothing of how we count it."""
        file(world, ann, 1)
        now = stamp(world.clock.now())

        assert {
            "id": "n000",
            "category": "assigned",
            "template": "assigned@0",
            "title": "Bob assigned you a task",
            "body": "A task",
            "link": "/",
            "groupKey": "task:t",
            "count": 1,
            "actorUid": "bob",
            "workspaceId": "w",
            "taskId": "t",
            "readAt": None,
            "archivedAt": None,
            "snoozedUntil": None,
            "isUnread": True,
            "createdAt": now,
            "updatedAt": now,
        } == ann.get(f"{HOME}/n000").json()

    def test_one_nobody_can_read_keeps_nobody_from_the_others(self, world: World, ann: Caller):
        """It is left out of the list."""
        file(world, ann, 2)
        now = world.clock.now()
        world.write(
            f"users/{ann.uid}/notifications/n001",
            {"archivedAt": None, "createdAt": now, "isCounted": False},
        )

        assert ["n000"] == ids(ann)

    @pytest.mark.parametrize("act", ["get", "patch", "delete", "decisions"])
    @pytest.mark.parametrize("which", ["another's", "none", "expired"])
    def test_hidden_and_absent_look_the_same(
        self, world: World, ann: Caller, bob: Caller, act: str, which: str
    ):
        """Also where its time is over, and it has not been deleted yet."""
        owner = bob if which == "another's" else ann
        if which != "none":
            file(world, owner, 1)
        if which == "expired":
            world.clock.advance(timedelta(days=90))
        method, path, body = {
            "get": ("GET", f"{HOME}/n000", None),
            "patch": ("PATCH", f"{HOME}/n000", {"readAt": True}),
            "delete": ("DELETE", f"{HOME}/n000", None),
            "decisions": ("GET", f"{HOME}/n000/decisions", None),
        }[act]

        answer = ann.call(method, path, json=body)

        assert (404, "not-found") == (answer.status_code, answer.json()["code"])

    def test_what_is_expired_is_in_no_list(self, world: World, ann: Caller):
        """TTL may come a day late."""
        file(world, ann, 1)
        world.clock.advance(timedelta(days=90))

        assert [] == ids(ann)


class TestDecisions:
    """GET /users/me/notifications/{n}/decisions: why it did, or did not, come. D1."""

    def test_what_was_muted_says_by_which_setting(self, world: World, ann: Caller, bob: Caller):
        """A pointer into the settings; it lies in the archive, where it can be asked about."""
        matrix = {"assigned": {"inbox": False, "push": False, "email": False}}
        world.write(
            f"users/{bob.uid}/settings/notifications",
            {
                "matrix": matrix,
                "quietHours": None,
                "digests": {"daily": None, "weekly": None},
                "bundleMinutes": 5,
                "rev": 1,
                "updatedAt": world.clock.now(),
            },
        )
        team = world.team(ann, bob)
        ann.post(f"/workspaces/{team}/tasks", {"title": "A", "assigneeIds": [bob.uid]})
        world.settle(times=2)
        (notification,) = ids(bob, "?archived=true")

        found = bob.get(f"{HOME}/{notification}/decisions").json()["items"]

        assert {
            channel: ("muted", f"/matrix/assigned/{channel}")
            for channel in ("inbox", "push", "email")
        } == {each["channel"]: (each["decision"], each["setting"]) for each in found}

    def test_what_became_of_it_on_each_device(self, world: World, ann: Caller):
        """With the attempts, and when."""
        file(world, ann, 1, sent_to=["phone", "watch"])

        found = ann.get(f"{HOME}/n000/decisions").json()["items"]

        (push,) = [each for each in found if each["channel"] == "push"]
        assert {
            "channel": "push",
            "decision": "sent",
            "reason": "default",
            "setting": None,
            "until": None,
            "attempts": 1,
            "at": stamp(world.clock.now()),
            "devices": {"phone": "sent", "watch": "sent"},
        } == push
        assert ["email", "inbox", "push"] == sorted(each["channel"] for each in found)


class TestMarking:
    """PATCH /users/me/notifications/{n}"""

    @pytest.mark.parametrize("name", ["readAt", "archivedAt"])
    def test_a_mark_and_its_opposite(self, world: World, ann: Caller, name: str):
        """The badge is right with the answer, and a doorbell finds nothing left."""
        file(world, ann, 2)
        shown = []

        for mark_it in (True, None):
            answer = ann.patch(f"{HOME}/n000", {name: mark_it})
            at = stamp(world.clock.now()) if mark_it else None
            assert (at, not mark_it) == (answer.json()[name], answer.json()["isUnread"])
            shown.append(badge(world, ann)["unread"])
            assert not world.services.reactors.inboxes.react(ann.uid, "n000")

        assert [1, 2] == shown

    def test_what_is_read_stays_read_since_then(self, world: World, ann: Caller):
        """Reading it again changes nothing, and there is nothing to take back."""
        file(world, ann, 1)
        first = ann.patch(f"{HOME}/n000", {"readAt": True})
        world.clock.advance(timedelta(minutes=1))

        again = ann.patch(f"{HOME}/n000", {"readAt": True})

        assert first.json() == again.json()
        assert "Undo-Token" not in again.headers
        assert 0 == badge(world, ann)["unread"]

    def test_several_marks_at_once(self, world: World, ann: Caller):
        """One request, one commit."""
        file(world, ann, 1)

        answer = ann.patch(f"{HOME}/n000", {"readAt": True, "archivedAt": True})

        now = stamp(world.clock.now())
        assert (now, now) == (answer.json()["readAt"], answer.json()["archivedAt"])
        assert {"unread": 0, "by": {}} == badge(world, ann)

    def test_a_mark_of_an_app_that_nobody_has_looked_at_yet(self, world: World, ann: Caller):
        """What follows of it is seen to by the same commit."""
        file(world, ann, 2)
        mark(world, ann, "n000", {"readAt": world.clock.now()})

        ann.patch(f"{HOME}/n000", {"archivedAt": True})

        assert counted(world, ann) == badge(world, ann)

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"readAt": False}, "/readAt"),
            ({"readAt": "2026-11-20T09:00:00Z"}, "/readAt"),
            ({"archivedAt": 1}, "/archivedAt"),
            ({"snoozedUntil": True}, "/snoozedUntil"),
            ({"snoozedUntil": "2020-01-01T00:00:00Z"}, "/snoozedUntil"),
            ({"snoozedUntil": "2099-01-01T00:00:00Z"}, "/snoozedUntil"),
            ({"title": "x"}, "/title"),
        ],
    )
    def test_what_is_no_mark(self, world: World, ann: Caller, body: dict[str, Any], pointer: str):
        """Instants are the server's; a snooze ends within a year."""
        file(world, ann, 1)

        answer = ann.patch(f"{HOME}/n000", body)

        assert 422 == answer.status_code
        assert [pointer] == [each["pointer"] for each in answer.json()["errors"]]

    def test_a_device_that_is_no_id(self, world: World, ann: Caller):
        """The header is checked as every id is."""
        file(world, ann, 1)

        answer = ann.patch(f"{HOME}/n000", {"readAt": True}, headers={"X-Device-Id": "a/b"})

        assert 422 == answer.status_code
        assert 1 == badge(world, ann)["unread"]

    def test_a_repeated_request_marks_once(self, world: World, ann: Caller):
        """Under one key it gives the same answer, and counts once."""
        file(world, ann, 2)
        key = {"Idempotency-Key": "k1"}

        answers = [ann.patch(f"{HOME}/n000", {"readAt": True}, headers=key) for _ in range(2)]

        assert answers[0].json() == answers[1].json()
        assert 1 == badge(world, ann)["unread"]


class TestDeleting:
    """DELETE /users/me/notifications/{n}"""

    def test_nothing_is_left(self, world: World, ann: Caller):
        """Neither it nor its decisions, nor its place in the badge."""
        file(world, ann, 2)

        answer = ann.delete(f"{HOME}/n000")
        world.settle()

        assert 204 == answer.status_code
        assert ["n001"] == ids(ann)
        assert [] == world.documents(f"users/{ann.uid}/notifications/n000/decisions")
        assert {"unread": 1, "by": {"completed": 1}} == badge(world, ann)

    def test_one_that_was_read_leaves_the_badge_alone(self, world: World, ann: Caller):
        """It was counted out when it was read."""
        file(world, ann, 2)
        ann.patch(f"{HOME}/n000", {"readAt": True})

        ann.delete(f"{HOME}/n000")

        assert counted(world, ann) == badge(world, ann)

    def test_deleted_twice(self, world: World, ann: Caller):
        """The second finds nothing; its doorbell neither."""
        file(world, ann, 1)

        statuses = [ann.delete(f"{HOME}/n000").status_code for _ in range(2)]
        ring_inbox(world, ann, "n000")
        world.tasks.settle()

        assert [204, 404] == statuses
        assert {"unread": 0, "by": {}} == badge(world, ann)


class TestCost:
    """What acts on notifications ask of Firestore: round trips, reads, writes."""

    def test_reading_is_one_round_trip(self, world: World, ann: Caller):
        """A page of 20 is 20 reads; one is one; its decisions come with it."""
        file(world, ann, 25)

        costs = {
            path: cost_of(ann.get(f"{HOME}{path}"))
            for path in ("", "?unread=true", "/n000", "/n000/decisions")
        }

        assert {
            "": (1, 20, 0),
            "?unread=true": (1, 20, 0),
            "/n000": (1, 1, 0),
            "/n000/decisions": (1, 4, 0),
        } == costs

    def test_marking(self, world: World, ann: Caller):
        """Notification and badge; where a device shows it, also what tells that device."""
        has_devices(world, ann, "phone")
        file(world, ann, 2)
        file(world, ann, 1, first=2, sent_to=["phone"])
        ann.patch(f"{HOME}/n000", {"readAt": True})  # The first of a day counts all.

        costs = [
            cost_of(ann.patch(f"{HOME}/{each}", {"readAt": True})) for each in ("n001", "n002")
        ]
        costs.append(cost_of(ann.delete(f"{HOME}/n001")))

        assert [(2, 3, 2), (2, 3, 4), (2, 5, 4)] == costs
