"""Attachments: members look on, and nobody but the server writes one. Attack 65."""

from uuid import uuid4

import pytest

from tests.rules.client import Verdict
from tests.rules.documents import PAST
from tests.rules.wire import REQUEST_TIME, Query
from tests.rules.world import PEOPLE, READERS

ALLOWED, DENIED = Verdict.ALLOWED, Verdict.DENIED
READY = Query((("state", "EQUAL", "ready"),), ("createdAt",), limit=50)


def attachment(uid, **changes):
    """An attachment as the server writes it."""
    return {
        "name": "plan.pdf",
        "contentType": "application/pdf",
        "size": 5,
        "sha256": None,
        "state": "pending",
        "uploadedBy": uid,
        "createdAt": PAST,
        "updatedAt": PAST,
        "deletedAt": None,
        "rev": 1,
        **changes,
    }


def stored(world, who, **changes):
    """Put an attachment of someone's below the task t1 and return its path."""
    path = f"{world.task}/attachments/{uuid4().hex}"
    world.store(path, attachment(world.uid(who), **changes))
    return path


@pytest.mark.parametrize("who", PEOPLE)
class TestWho:
    """Every role, and everybody without one."""

    def test_reads(self, world, who):
        """One, and those that are ready, as the app's listener asks for them."""
        expected = ALLOWED if who in READERS else DENIED
        path = stored(world, "owner", state="ready")
        app = world.as_(who)

        found = [app.get(path), app.list(f"{world.task}/attachments", READY)]

        assert [expected] * 2 == [answer.verdict for answer in found]

    @pytest.mark.parametrize("limit", [None, 51])
    def test_does_not_read_all(self, world, who, limit):
        """A list has its bound."""
        asked = Query(READY.where, READY.order_by, limit=limit)

        assert DENIED == world.as_(who).list(f"{world.task}/attachments", asked).verdict

    def test_creates_none(self, world, who):
        """Not even one as the server would: its file was looked at by nobody."""
        for state in ("pending", "ready"):
            mine = attachment(
                world.uid(who), state=state, createdAt=REQUEST_TIME, updatedAt=REQUEST_TIME
            )

            answer = world.as_(who).create(f"{world.task}/attachments/{uuid4().hex}", mine)

            assert DENIED == answer.verdict

    @pytest.mark.parametrize(
        "change",
        [
            {"state": "ready"},
            {"state": "deleted", "deletedAt": REQUEST_TIME},
            {"name": "plan.exe"},
            {"contentType": "text/html"},
            {"sha256": "0" * 64},
            {"uploadedBy": "somebody"},
            {"rev": 2, "updatedAt": REQUEST_TIME},
        ],
    )
    def test_changes_none(self, world, who, change):
        """Not their own either: what is ready was looked at."""
        assert DENIED == world.as_(who).update(stored(world, who), change).verdict

    def test_deletes_none(self, world, who):
        """Its file would be left behind."""
        assert DENIED == world.as_(who).delete(stored(world, who)).verdict

    def test_counts_none(self, world, who):
        """The number of a task's attachments is the server's."""
        path = world.store_task(counters={"attachments": 2})
        change = {
            "counters": {"attachments": 3},
            "rev": 4,
            "updatedAt": REQUEST_TIME,
            "updatedBy": world.uid(who),
        }

        assert DENIED == world.as_(who).update(path, change).verdict

    def test_sees_nothing_of_the_room_that_files_take(self, world, who):
        """It is counted beside the workspace, and closed to everybody."""
        path = f"fileUsage/{world.w1.rpartition('/')[2]}"
        world.store(path, {"workspaceId": "w", "bytes": 5, "files": 1})
        app = world.as_(who)

        answers = [app.get(path), app.update(path, {"bytes": 0}), app.delete(path)]

        assert [DENIED] * 3 == [answer.verdict for answer in answers]
