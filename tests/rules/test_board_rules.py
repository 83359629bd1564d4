"""What members and up write of projects, boards, lists and labels. Attacks 55 to 59."""

import re
from uuid import uuid4

import pytest

from tests.rules.documents import edit, without
from tests.rules.task_cases import ALLOWED, DENIED
from tests.rules.wire import REQUEST_TIME, Increment
from tests.rules.work_cases import (
    EVERY,
    INVALID,
    NOT_ON_CREATE,
    NOT_ON_UPDATE,
    SHELVED,
    VALID,
)
from tests.rules.work_documents import NEW, STORED, new_board, new_project
from tests.rules.world import EDITORS, PEOPLE

EVERY_COLLECTION = pytest.mark.parametrize("collection", EVERY)


@pytest.fixture(scope="module", autouse=True)
def _beside(world) -> None:
    """Store what lies in the other workspace only, and what only an odd id would reach."""
    for odd in ("{}1/x/y", "7"):  # A number in a path is written as a string.
        world.store(f"{world.w1}/projects/{odd.format('p')}", new_project("x", **STORED))
        world.store(f"{world.w1}/boards/{odd.format('b')}", new_board("x", **STORED))
    world.store(f"{world.w2}/projects/only-in-w2", new_project("someone-else", **STORED))
    world.store(f"{world.w2}/boards/only-in-w2", new_board("someone-else", **STORED))


def fresh(world, who, collection, **changes):
    """Return an unused path and a document for it."""
    return f"{world.w1}/{collection}/{uuid4().hex}", NEW[collection](world.uid(who), **changes)


def stored(world, collection, **changes):
    """Put a document at rev 3 into `w1` and return its path."""
    path, data = fresh(world, "removed", collection, **STORED | changes)
    world.store(path, data)
    return path


@pytest.mark.parametrize("who", PEOPLE)
@EVERY_COLLECTION
class TestWho:
    """Attacks 57 and 58."""

    def test_creates_and_changes(self, world, collection, who):
        """Members and up; viewers and commenters look on."""
        app, uid = world.as_(who), world.uid(who)
        expected = ALLOWED if who in EDITORS else DENIED

        answers = [
            app.create(*fresh(world, who, collection)),
            app.update(stored(world, collection), edit(uid, name="Shed", rank="W")),
        ]

        assert {expected} == {answer.verdict for answer in answers}

    def test_deletes(self, world, collection, who):
        """Attack 58: nobody for good; what is no longer wanted is archived, labels by the API."""
        assert world.as_(who).delete(stored(world, collection)).verdict == DENIED

    def test_writes_elsewhere(self, world, collection, who):
        """No role in one workspace reaches into another."""
        _, data = fresh(world, who, collection)

        answer = world.as_(who).create(f"{world.w2}/{collection}/{uuid4().hex}", data)

        assert answer.verdict == DENIED


class TestShape:
    """Every deviation as a create and as an update."""

    @pytest.mark.parametrize(("collection", "changes"), VALID.values(), ids=VALID)
    def test_valid(self, world, collection, changes):
        """What may be there."""
        app, uid = world.as_("member"), world.uid("member")

        answers = [
            app.create(*fresh(world, "member", collection, **changes)),
            app.update(stored(world, collection), edit(uid, **changes)),
        ]

        assert [ALLOWED, ALLOWED] == [answer.verdict for answer in answers]

    @pytest.mark.parametrize(
        ("collection", "changes"), (INVALID | NOT_ON_CREATE).values(), ids=INVALID | NOT_ON_CREATE
    )
    def test_refused_on_create(self, world, collection, changes):
        """One fault refuses the whole document."""
        path, data = fresh(world, "member", collection, **changes)

        assert world.as_("member").create(path, data).verdict == DENIED

    @pytest.mark.parametrize(
        ("collection", "changes"), (INVALID | NOT_ON_UPDATE).values(), ids=INVALID | NOT_ON_UPDATE
    )
    def test_refused_on_update(self, world, collection, changes):
        """One fault refuses the whole change."""
        path = stored(world, collection)

        answer = world.as_("member").update(path, edit(world.uid("member"), **changes))

        assert answer.verdict == DENIED

    @EVERY_COLLECTION
    def test_every_field_is_there_from_the_start(self, world, collection):
        """A list that orders by a field passes over documents that lack it."""
        path, data = fresh(world, "member", collection)

        verdicts = {
            name: world.as_("member").create(path, without(data, name)).verdict for name in data
        }

        assert dict.fromkeys(data, DENIED) == verdicts

    @EVERY_COLLECTION
    def test_an_id_the_api_would_not_know(self, world, collection):
        """It could be written by the app, and never reached through the API."""
        _, data = fresh(world, "member", collection)

        answer = world.as_("member").create(f"{world.w1}/{collection}/x y", data)

        assert answer.verdict == DENIED

    @EVERY_COLLECTION
    def test_a_stored_document_of_an_old_shape(self, world, collection):
        """Attack 84: what the rules do not know denies, and does not open."""
        path, data = fresh(world, "removed", collection, **STORED)
        world.store(path, without(data, "rank"))

        answer = world.as_("member").update(path, edit(world.uid("member"), name="Shed"))

        assert answer.verdict == DENIED

    @EVERY_COLLECTION
    def test_delete_and_create_in_one_batch(self, world, collection):
        """Attack 85: it counts as an update, so nothing fixed can be reset that way."""
        app, path = world.as_("member"), stored(world, collection)
        _, data = fresh(world, "member", collection)

        answer = app.commit([app.deleting(path), app.writing(path, data)])

        assert answer.verdict == DENIED

    @EVERY_COLLECTION
    def test_a_set_over_what_is_there_and_an_update_of_what_is_not(self, world, collection):
        """Attack 86: both are judged as updates."""
        app, uid = world.as_("member"), world.uid("member")
        path, data = fresh(world, "member", collection)

        answers = [app.set(stored(world, collection), data), app.update(path, edit(uid))]

        assert [DENIED, DENIED] == [answer.verdict for answer in answers]


@pytest.mark.parametrize("collection", SHELVED)
class TestArchiving:
    """Attack 58: the way out that is open."""

    def test_by_a_member(self, world, collection):
        """Put away now, and brought back."""
        app, uid, path = world.as_("member"), world.uid("member"), stored(world, collection)

        answers = [
            app.update(path, edit(uid, archivedAt=REQUEST_TIME)),
            app.update(path, edit(uid, rev=5, name="Renamed in the archive")),
            app.update(path, edit(uid, rev=6, archivedAt=None)),
        ]

        assert [ALLOWED] * 3 == [answer.verdict for answer in answers]

    def test_what_was_counted_stays(self, world, collection):
        """Attack 59: the counters are the server's, also where there are some."""
        app, uid = world.as_("member"), world.uid("member")
        path = stored(world, collection, counters={"open": 3})

        answers = [
            app.update(path, edit(uid, name="Shed", counters={"open": 3})),
            app.update(path, edit(uid, rev=5, counters={})),
            app.update(path, edit(uid, rev=5) | {"counters.open": Increment(-3)}),
        ]

        assert [ALLOWED, DENIED, DENIED] == [answer.verdict for answer in answers]


def test_an_archived_board_is_closed_to_who_was_removed(world):
    """Attack 59: archived or not, R and E read nothing; viewers do."""
    board = f"{world.w1}/boards/archived"

    verdicts = {who: world.as_(who).get(board).verdict for who in ("removed", "expired", "viewer")}

    assert {"removed": DENIED, "expired": DENIED, "viewer": ALLOWED} == verdicts


def test_a_board_changes_its_project(world):
    """To another that is there, or to none; the project that stays is not looked up."""
    app, uid = world.as_("member"), world.uid("member")
    path = stored(world, "boards", projectId="gone")

    answers = [
        app.update(path, edit(uid, name="Shed")),
        app.update(path, edit(uid, rev=5, projectId="p1")),
        app.update(path, edit(uid, rev=6, projectId=None)),
    ]

    assert [ALLOWED] * 3 == [answer.verdict for answer in answers]


@pytest.mark.parametrize("collection", EVERY)
def test_the_documents_of_these_tests_hold_what_the_rules_list(rules_text, collection):
    """A field added to the rules without a case here is noticed."""
    name = collection.removesuffix("s")
    server = {"lists": "listServerFields", "labels": "labelServerFields"}

    listed = _fields(rules_text, f"{name}Fields") | _fields(
        rules_text, server.get(collection, "countedFields")
    )

    assert set(NEW[collection]("someone")) == listed


def _fields(rules_text, function):
    body = rules_text.split(f"function {function}()")[1].split("}")[0]
    return set(re.findall(r"'(\w+)'", body))
