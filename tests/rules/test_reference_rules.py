"""Attack 36, with ids that would bend the path of a look-up to a document that is there."""

from uuid import uuid4

import pytest

from tests.rules.client import Verdict
from tests.rules.documents import edit
from tests.rules.work_documents import new_board


@pytest.mark.parametrize(
    "reference", ["p1/notes/n1", "../projects/p1", "p1/", "/p1", ".", "..", ""], ids=repr
)
def test_a_reference_that_is_no_id(world, reference):
    """Not even if something lies where it leads to."""
    world.store(f"{world.w1}/projects/p1/notes/n1", {"parentId": None, "boardId": None})
    app, uid = world.as_("member"), world.uid("member")
    path, task = world.new_task("member", projectId=reference)

    verdicts = {
        app.create(f"{world.w1}/boards/{uuid4().hex}", new_board(uid, projectId=reference)).verdict,
        app.create(path, task).verdict,
        app.update(world.store_task(), edit(uid, projectId=reference)).verdict,
        app.update(world.store_task(), edit(uid, boardId=reference)).verdict,
        app.update(world.store_task(), edit(uid, listId=reference)).verdict,
        app.update(world.store_task(), edit(uid, parentId=reference)).verdict,
    }

    assert {Verdict.DENIED} == verdicts
