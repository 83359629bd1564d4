"""PATCH /api/v1/users/me: what people say about themselves."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.api.world import Caller, World, cost_of

ME = "/users/me"


class TestEdit:
    """A merge patch with revisions."""

    def test_what_is_given_changes_and_the_rest_stays(self, world: World):
        """One revision for all of it, which the tag names."""
        ann = world.person("Ann")
        before = ann.get(ME).json()
        changes = {
            "displayName": "Ann Berger",
            "photoUrl": "https://example.com/ann.png?size=96",
            "locale": "pt-BR",
            "weekStart": 7,
        }

        answer = ann.patch(ME, changes)

        assert 200 == answer.status_code
        assert '"2"' == answer.headers["ETag"]
        assert {**before, **changes, "rev": 2} == answer.json()
        assert answer.json() == ann.get(ME).json()
        assert '"2"' == ann.get(ME).headers["ETag"]

    def test_a_photo_is_taken_away_with_null(self, world: World):
        """As a merge patch has it."""
        ann = world.person("Ann")
        ann.patch(ME, {"photoUrl": "https://example.com/ann.png"})

        answer = ann.patch(
            ME, {"photoUrl": None}, headers={"Content-Type": "application/merge-patch+json"}
        )

        assert (None, 3) == (answer.json()["photoUrl"], answer.json()["rev"])

    @pytest.mark.parametrize("changes", [{}, {"displayName": "Ann"}, {"photoUrl": None}])
    def test_what_changes_nothing_counts_nothing(self, world: World, changes: dict[str, Any]):
        """No revision, and no write."""
        ann = world.person("Ann")

        answer = ann.patch(ME, changes)

        assert (200, 1) == (answer.status_code, answer.json()["rev"])

    def test_a_stale_revision_is_refused_with_the_present(self, world: World):
        """The app merges, and asks again with the tag it got."""
        ann = world.person("Ann")
        ann.patch(ME, {"weekStart": 7})

        stale = ann.patch(ME, {"weekStart": 6}, headers={"If-Match": '"1"'})
        merged = ann.patch(ME, {"weekStart": 6}, headers={"If-Match": stale.headers["ETag"]})

        assert (412, "precondition-failed") == (stale.status_code, stale.json()["code"])
        assert (2, 7) == (stale.json()["current"]["rev"], stale.json()["current"]["weekStart"])
        assert (200, 3, 6) == (
            merged.status_code,
            merged.json()["rev"],
            merged.json()["weekStart"],
        )

    def test_a_repeated_call_takes_effect_once(self, world: World):
        """Also where it names the revision it was meant for."""
        ann = world.person("Ann")
        headers = {"Idempotency-Key": "one", "If-Match": '"1"'}

        answers = [ann.patch(ME, {"weekStart": 7}, headers=headers) for _ in range(2)]

        assert [200, 200] == [answer.status_code for answer in answers]
        assert answers[0].json() == answers[1].json()
        assert "true" == answers[1].headers["Idempotent-Replayed"]
        assert 2 == ann.get(ME).json()["rev"]

    def test_edits_at_the_same_time_all_take_effect(self, world: World, crowd: ThreadPoolExecutor):
        """Each changes a field of its own, and says nothing of a revision."""
        ann = world.person("Ann")
        edits: list[dict[str, Any]] = [
            {"displayName": "A. B."},
            {"photoUrl": "https://example.com/a"},
            {"locale": "de"},
            {"timezone": "Asia/Tokyo"},
            {"weekStart": 3},
        ]

        answers = list(crowd.map(lambda edit: ann.patch(ME, edit), edits))

        assert {200} == {answer.status_code for answer in answers}
        merged: dict[str, Any] = {}
        for edit in edits:
            merged |= edit
        assert merged.items() <= ann.get(ME).json().items()
        assert 6 == ann.get(ME).json()["rev"]

    def test_services_that_name_people_see_it_at_once(self, world: World):
        """They look at a cache, which forgets whoever changes."""
        ann = world.person("Ann")
        accounts = world.services.accounts
        before = accounts.profile(ann.uid).display_name

        ann.patch(ME, {"displayName": "Hannah"})

        assert ("Ann", "Hannah") == (before, accounts.profile(ann.uid).display_name)

    def test_it_stays_within_its_budget(self, world: World):
        """Read, decide, write."""
        ann = world.person("Ann")
        costs = [
            cost_of(ann.patch(ME, {"weekStart": 7})),
            cost_of(ann.patch(ME, {"weekStart": 7})),
            cost_of(ann.patch(ME, {"weekStart": 6}, headers={"If-Match": '"1"'})),
            cost_of(ann.patch(ME, {"weekStart": 5}, headers={"Idempotency-Key": "k"})),
            cost_of(ann.get(ME)),
        ]

        assert [(2, 1, 1), (1, 1, 0), (1, 1, 0), (2, 1, 2), (1, 1, 0)] == costs

    def test_a_guest_has_a_profile_too(self, world: World):
        """They may well want to be called something."""
        guest = Caller(world, "guest", "")

        answer = guest.patch(ME, {"displayName": "Visitor"})

        assert (200, "Visitor") == (answer.status_code, answer.json()["displayName"])


GOOD = [
    {"displayName": "x"},
    {"displayName": "ß" * 200},
    {"displayName": "名前 🎉"},
    {"photoUrl": "https://example.com"},
    {"photoUrl": "https://example.com/" + "a" * 2028},
    {"locale": "de"},
    {"locale": "zh-Hant-TW"},
    {"timezone": "America/Argentina/Buenos_Aires"},
    {"timezone": "UTC"},
    {"weekStart": 1},
]

BAD: list[tuple[str, Any]] = [
    ("displayName", ""),
    ("displayName", "   "),
    ("displayName", "\u200b\u2060"),
    ("displayName", "a\nb"),
    ("displayName", "x" * 201),
    ("displayName", None),
    ("displayName", 5),
    ("photoUrl", ""),
    ("photoUrl", "http://example.com/a.png"),
    ("photoUrl", "HTTPS://example.com/a.png"),
    ("photoUrl", "javascript:alert(1)"),
    ("photoUrl", "data:image/png;base64,AAAA"),
    ("photoUrl", "file:///etc/passwd"),
    ("photoUrl", "//example.com/a.png"),
    ("photoUrl", "https://"),
    ("photoUrl", "https:///a.png"),
    ("photoUrl", "https://ann:secret@example.com/a.png"),
    ("photoUrl", "https://example.com/a b"),
    ("photoUrl", "https://example.com/\ud800"),
    ("photoUrl", "https://example.com/" + "a" * 2029),
    ("locale", ""),
    ("locale", "d"),
    ("locale", "de_DE"),
    ("locale", "de-"),
    ("locale", "deutsch-" + "a" * 30),
    ("locale", None),
    ("timezone", ""),
    ("timezone", "Mars/Olympus"),
    ("timezone", "../etc/passwd"),
    ("timezone", "europe/berlin"),
    ("timezone", "Factory"),
    ("timezone", "+01:00"),
    ("timezone", None),
    ("weekStart", 0),
    ("weekStart", 8),
    ("weekStart", "1"),
    ("weekStart", 1.0),
    ("weekStart", True),
]

SERVER_FIELDS = ("uid", "state", "isGuest", "expireAt", "eraseAt", "createdAt", "updatedAt", "rev")


class TestWhatItTakes:
    """Types, limits, and who vouches for what."""

    def test_good_values_are_taken_as_they_are(self, world: World):
        """To the last character that is allowed."""
        ann = world.person("Ann")

        answers = [ann.patch(ME, changes) for changes in GOOD]

        assert [200] * len(GOOD) == [answer.status_code for answer in answers]
        for changes, answer in zip(GOOD, answers, strict=True):
            assert changes.items() <= answer.json().items()

    def test_bad_values_are_refused_and_named(self, world: World):
        """By a pointer, and nothing of them is stored."""
        ann = world.person("Ann")
        before = world.document(f"users/{ann.uid}")

        answers = [ann.patch(ME, {field: value}) for field, value in BAD]

        verdicts = [
            (answer.status_code, answer.json()["errors"][0]["pointer"].lstrip("/"))
            for answer in answers
        ]
        assert [(_status(value), field) for field, value in BAD] == verdicts
        assert before == world.document(f"users/{ann.uid}")

    def test_what_the_server_says_is_refused_not_ignored(self, world: World):
        """Nobody makes themselves a member of staff, or a guest for longer."""
        ann = world.person("Ann")
        before = world.document(f"users/{ann.uid}")

        answers = [ann.patch(ME, {field: 1}) for field in SERVER_FIELDS]

        assert {(422, "unknown-field")} == {
            (answer.status_code, answer.json()["code"]) for answer in answers
        }
        assert before == world.document(f"users/{ann.uid}")


def _status(value: Any) -> int:
    """Half a character is no text at all, and found by the gate that reads all bodies."""
    return 400 if isinstance(value, str) and "\ud800" in value else 422


class TestFirstCall:
    """What the profile is made from."""

    def test_a_photo_without_https_is_left_out(self, world: World):
        """The provider's word is not ours: apps load photos."""
        world.sign_up("ann")
        claims = {"name": "Ann", "picture": "http://example.com/a.png"}

        answer = _first_call(world, "ann", claims)

        assert (200, "Ann", None) == (
            answer.status_code,
            answer.json()["displayName"],
            answer.json()["photoUrl"],
        )


def _first_call(world: World, uid: str, claims: dict[str, Any]) -> Any:
    headers = {"Authorization": f"Bearer {world.token(uid, **claims)}"}
    return requests.get(f"{world.url}/api/v1{ME}", headers=headers, timeout=60)
