"""Undo of a change of notification settings."""

import pytest

from backend.notifications.settings_changes import MOST_WORKSPACES
from tests.api.undoing import UNDO_TOKEN, undo, undone
from tests.api.world import Caller, World

PATH = "/users/me/settings/notifications"
NIGHT = {"start": "22:00", "end": "07:00"}
FORMER = {
    "matrix": {},
    "quietHours": NIGHT,
    "bundleMinutes": 5,
    "digests": {"daily": None, "weekly": None},
    "rev": 4,
}


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def document_path(person: Caller) -> str:
    return f"users/{person.uid}/settings/notifications"


class TestUndo:
    """POST /undo, of PATCH /users/me/settings/notifications"""

    def test_an_edit(self, ann: Caller):
        """As it was, at a further revision; and forth again."""
        before = ann.patch(PATH, {"matrix": {"comment": {"push": False}}}).json()
        changed = ann.patch(PATH, {"matrix": {"comment": None}, "quietHours": {"5": NIGHT}})

        back = undo(ann, changed)

        after = ann.get(PATH).json()
        assert [document_path(ann)] == back.json()["undone"]
        assert {**before, "rev": 3, "updatedAt": after["updatedAt"]} == after
        undone(ann, back)
        forth = ann.get(PATH).json()
        assert {**changed.json(), "rev": 4, "updatedAt": forth["updatedAt"]} == forth

    def test_the_first_edit(self, ann: Caller):
        """Everything is as by default, yet no tag comes to stand for two contents."""
        before = ann.get(PATH).json()
        changed = ann.patch(PATH, {"bundleMinutes": 9, "workspaces": {"w1": "none"}})

        undone(ann, changed)

        after = ann.get(PATH).json()
        assert {**before, "rev": 2, "updatedAt": after["updatedAt"]} == after

    def test_a_repeated_undo_answers_the_same(self, ann: Caller):
        """And changes nothing."""
        changed = ann.patch(PATH, {"bundleMinutes": 9})

        answers = [undone(ann, changed) for _ in range(2)]

        assert answers[0] == answers[1]
        assert 2 == ann.get(PATH).json()["rev"]

    def test_what_they_changed_since_stays(self, ann: Caller):
        """The other field goes back all the same."""
        changed = ann.patch(PATH, {"bundleMinutes": 9, "urgentPasses": False})
        ann.patch(PATH, {"bundleMinutes": 7})

        undone(ann, changed)

        found = ann.get(PATH).json()
        assert (7, True) == (found["bundleMinutes"], found["urgentPasses"])

    def test_where_all_was_changed_since_nothing_is_left(self, ann: Caller):
        """409, and the settings stay."""
        changed = ann.patch(PATH, {"bundleMinutes": 9})
        ann.patch(PATH, {"bundleMinutes": 7})

        assert 409 == undo(ann, changed).status_code
        assert 7 == ann.get(PATH).json()["bundleMinutes"]

    def test_another_cannot(self, world: World, ann: Caller):
        """A token is good for whom it was given to."""
        changed = ann.patch(PATH, {"bundleMinutes": 9})

        bob = world.person("Bob").post("/undo", {"token": changed.headers[UNDO_TOKEN]})

        assert 409 == bob.status_code
        assert 9 == ann.get(PATH).json()["bundleMinutes"]

    def test_of_a_document_of_before(self, world: World, ann: Caller):
        """What is put back has the shape that apps may write today."""
        world.write(document_path(ann), FORMER | {"updatedAt": world.clock.now()})
        changed = ann.patch(PATH, {"quietHours": None})

        undone(ann, changed)

        found = world.document(document_path(ann))
        assert {str(day): NIGHT for day in range(1, 8)} == found["quietHours"]
        assert (True, {}, 6) == (found["urgentPasses"], found["workspaces"], found["rev"])

    def test_of_more_than_a_header_holds(self, ann: Caller):
        """200 workspaces with the longest ids: the token names a record of them."""
        most = {f"{number:_>128}": "none" for number in range(MOST_WORKSPACES)}
        ann.patch(PATH, {"workspaces": most})
        changed = ann.patch(PATH, {"workspaces": None})

        answer = undo(ann, changed)

        assert 200 == answer.status_code, answer.text
        assert most == ann.get(PATH).json()["workspaces"]
