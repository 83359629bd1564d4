"""Comments, and what hangs on a task beside them. Attacks 60 to 65."""

import re
from uuid import uuid4

import pytest

from tests.rules.documents import PAST, edit, without
from tests.rules.task_cases import ALLOWED, DENIED
from tests.rules.wire import DELETE, REQUEST_TIME
from tests.rules.work_cases import (
    COMMENTS_INVALID,
    COMMENTS_NOT_ON_CREATE,
    COMMENTS_NOT_ON_UPDATE,
    COMMENTS_VALID,
)
from tests.rules.work_documents import STORED, new_comment
from tests.rules.world import EDITORS, PEOPLE

WRITERS = EDITORS | {"commenter"}


def fresh(world, who, **changes):
    """Return an unused path below the task t1 and a comment for it."""
    return f"{world.task}/comments/{uuid4().hex}", new_comment(world.uid(who), **changes)


def stored(world, who, **changes):
    """Put a comment of someone at rev 3 below the task t1 and return its path."""
    path, data = fresh(world, who, **STORED | changes)
    world.store(path, data)
    return path


@pytest.mark.parametrize("who", PEOPLE)
class TestWho:
    """Commenters and up write; each changes what is their own."""

    def test_comments(self, world, who):
        """Attacks 63 and 64: strangers, expired guests and viewers do not, commenters do."""
        expected = ALLOWED if who in WRITERS else DENIED

        assert expected == world.as_(who).create(*fresh(world, who)).verdict

    def test_changes_their_own(self, world, who):
        """As long as they may comment: who has become a viewer only looks on."""
        expected = ALLOWED if who in WRITERS else DENIED

        answer = world.as_(who).update(
            stored(world, who), edit(world.uid(who), body="Not any more.")
        )

        assert expected == answer.verdict

    @pytest.mark.parametrize("author", ["removed", "another"])
    @pytest.mark.parametrize("change", [{"body": "x"}, {"deletedAt": REQUEST_TIME}])
    def test_changes_someone_elses(self, world, who, author, change):
        """Attack 61: neither owner nor admin puts words into another's mouth."""
        another = "owner" if who == "admin" else "admin"
        path = stored(world, another if author == "another" else "gone")

        assert world.as_(who).update(path, edit(world.uid(who), **change)).verdict == DENIED

    def test_comments_in_another_name(self, world, who):
        """Attack 60."""
        path, data = fresh(world, who, authorUid=world.uid("spare"))

        assert world.as_(who).create(path, data).verdict == DENIED

    def test_deletes_for_good(self, world, who):
        """Nobody; `deletedAt` is the way."""
        assert world.as_(who).delete(stored(world, who)).verdict == DENIED


class TestShape:
    """Every deviation as a create and as an update by its author."""

    @pytest.mark.parametrize("changes", COMMENTS_VALID.values(), ids=COMMENTS_VALID)
    def test_valid(self, world, changes):
        """Attack 65: markup is stored as typed, and sanitised by the server to be shown."""
        app, uid = world.as_("commenter"), world.uid("commenter")

        answers = [
            app.create(*fresh(world, "commenter", **changes)),
            app.update(stored(world, "commenter"), edit(uid, **changes)),
        ]

        assert [ALLOWED, ALLOWED] == [answer.verdict for answer in answers]

    @pytest.mark.parametrize(
        "changes",
        (COMMENTS_INVALID | COMMENTS_NOT_ON_CREATE).values(),
        ids=COMMENTS_INVALID | COMMENTS_NOT_ON_CREATE,
    )
    def test_refused_on_create(self, world, changes):
        """One fault refuses the whole comment."""
        path, data = fresh(world, "commenter", **world.named(changes))

        assert world.as_("commenter").create(path, data).verdict == DENIED

    @pytest.mark.parametrize(
        "changes",
        (COMMENTS_INVALID | COMMENTS_NOT_ON_UPDATE).values(),
        ids=COMMENTS_INVALID | COMMENTS_NOT_ON_UPDATE,
    )
    def test_refused_on_update(self, world, changes):
        """Attack 62 among them: author, time and task are fixed."""
        path = stored(world, "commenter")
        changes = edit(world.uid("commenter"), **world.named(changes))

        assert world.as_("commenter").update(path, changes).verdict == DENIED

    def test_every_field_is_there_from_the_start(self, world):
        """The thread orders and filters by them."""
        path, data = fresh(world, "member")

        verdicts = {
            name: world.as_("member").create(path, without(data, name)).verdict for name in data
        }

        assert dict.fromkeys(data, DENIED) == verdicts

    @pytest.mark.parametrize("name", ["body", "mentionIds", "authorUid", "deletedAt", "rev"])
    def test_a_stored_comment_of_an_old_shape(self, world, name):
        """Attack 84: what the rules do not know denies, and does not open."""
        path, data = fresh(world, "commenter", **STORED)
        world.store(path, without(data, name))
        changes = without(edit(world.uid("commenter"), body="x"), name)

        assert world.as_("commenter").update(path, changes).verdict == DENIED

    def test_an_id_the_api_would_not_know(self, world):
        """It could be written by the app, and never reached through the API."""
        _, data = fresh(world, "member")

        assert world.as_("member").create(f"{world.task}/comments/x y", data).verdict == DENIED

    def test_the_documents_of_these_tests_hold_what_the_rules_list(self, rules_text):
        """A field added to the rules without a case here is noticed."""
        listed = [
            rules_text.split(f"function {name}()")[1].split("}")[0]
            for name in ("commentFields", "commentServerFields")
        ]

        assert set(new_comment("x")) == {*re.findall(r"'(\w+)'", "".join(listed))}

    def test_what_the_server_added_stays(self, world):
        """HTML and reactions neither keep the author from an edit, nor go with it."""
        mine = {
            "bodyHtml": "<p>They look thirsty.</p>",
            "reactions": [{"uid": world.uid("owner"), "emoji": "👍"}],
            "reactedBy": [world.uid("owner")],
        }
        path, uid = stored(world, "commenter", **mine), world.uid("commenter")
        app = world.as_("commenter")
        taken = [{"bodyHtml": "<b>"}, {"reactions": []}, {"reactedBy": []}, {"reactions": DELETE}]

        refused = [app.update(path, edit(uid, body="x", **each)).verdict for each in taken]

        assert [DENIED] * 4 == refused
        assert app.update(path, edit(uid, body="x")).verdict == ALLOWED


class TestPlace:
    """A comment hangs on a task that is there."""

    def test_of_a_task_that_is_not_there(self, world):
        """Nothing would ever show or delete it."""
        answer = world.as_("member").create(
            f"{world.w1}/tasks/t9/comments/c1", new_comment(world.uid("member"))
        )

        assert answer.verdict == DENIED

    def test_with_its_task_in_one_batch(self, world):
        """The task is looked up as it is after the commit."""
        app = world.as_("member")
        path, task = world.new_task("member")
        comment = new_comment(world.uid("member"))

        answer = app.commit(
            [
                app.writing(f"{path}/comments/c1", comment, exists=False),
                app.writing(path, task, exists=False),
            ]
        )

        assert answer.verdict == ALLOWED

    def test_under_another_workspace(self, world):
        """No role in one workspace reaches into another."""
        answer = world.as_("member").create(
            f"{world.w2}/tasks/t1/comments/x", new_comment(world.uid("member"))
        )

        assert answer.verdict == DENIED


class TestDeletion:
    """Soft: `deletedAt` is set to now, cleared, or left alone."""

    @pytest.mark.parametrize(
        ("before", "change", "expected"),
        [
            (None, {"deletedAt": REQUEST_TIME}, ALLOWED),
            (PAST, {"deletedAt": None}, ALLOWED),
            (PAST, {"body": "x"}, ALLOWED),
            (None, {"deletedAt": PAST}, DENIED),
        ],
        ids=["delete", "restore", "edit-while-deleted", "backdate"],
    )
    def test_by_the_author(self, world, before, change, expected):
        """The instant is the server's."""
        path = stored(world, "commenter", deletedAt=before)

        answer = world.as_("commenter").update(path, edit(world.uid("commenter"), **change))

        assert expected == answer.verdict

    def test_delete_and_create_in_one_batch(self, world):
        """Attack 85: it counts as an update, so author and time cannot be reset that way."""
        app, path = world.as_("commenter"), stored(world, "commenter")
        _, data = fresh(world, "commenter")

        answer = app.commit([app.deleting(path), app.writing(path, data)])

        assert answer.verdict == DENIED
