"""How much attachments may take, how they go, and what they cost."""

import pytest

from backend.adapters.firestore import metered
from backend.attachments.model import ABANDONED_AFTER, KEPT_FOR, MAX_OF_TASK
from backend.attachments.usage import MAX_BYTES, MAX_GUEST_BYTES
from tests.api.attaching import (
    PIXEL,
    announced,
    attached,
    faults,
    files_of,
    finalized,
    new_task,
    room_of,
    send,
)
from tests.api.guest import guest
from tests.api.world import Caller, World, cost_of


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def task(ann: Caller) -> str:
    """The path of a task of Ann's own."""
    return f"/workspaces/{ann.uid}/tasks/{new_task(ann)}"


class TestRoom:
    """How much may be stored, counted exactly."""

    def test_of_a_workspace(self, world: World, ann: Caller, task: str):
        """What is announced takes room; what is forgotten gives it back."""
        world.write(
            f"fileUsage/{ann.uid}", {"workspaceId": ann.uid, "bytes": MAX_BYTES - 10, "files": 3}
        )

        answers = [announced(ann, task, b"x" * size) for size in (11, 10, 1)]

        assert [422, 201, 422] == [answer.status_code for answer in answers]
        assert "limit-exceeded" == answers[0].json()["code"]
        assert (MAX_BYTES, 4) == room_of(world, ann.uid)
        world.pass_time(ABANDONED_AFTER)
        assert (MAX_BYTES - 10, 3) == room_of(world, ann.uid)

    def test_at_the_same_time(self, world: World, ann: Caller, task: str, crowd):
        """Of many who want the last room, one gets it."""
        world.write(
            f"fileUsage/{ann.uid}", {"workspaceId": ann.uid, "bytes": MAX_BYTES - 10, "files": 0}
        )

        answers = [*crowd.map(lambda _: announced(ann, task, b"x" * 10).status_code, range(8))]

        assert [201] + [422] * 7 == sorted(answers)
        assert (MAX_BYTES, 1) == room_of(world, ann.uid)

    def test_of_a_guest(self, world: World):
        """Less, and smaller files."""
        someone = guest(world, "g")
        task = f"/workspaces/{someone.uid}/tasks/{new_task(someone)}"
        too_large = announced(someone, task, size=5 * 1024 * 1024 + 1)
        world.write(
            f"fileUsage/{someone.uid}",
            {"workspaceId": someone.uid, "bytes": MAX_GUEST_BYTES, "files": 1},
        )

        full = announced(someone, task)

        assert [422, 422] == [too_large.status_code, full.status_code]
        assert [[("/size", "limit-exceeded")]] * 2 == [faults(too_large), faults(full)]

    def test_of_a_task(self, world: World, ann: Caller, task: str):
        """As many as an app shows; those that were announced before are not let in either."""
        made = announced(ann, task).json()
        send(made["upload"])
        world.database.document(task[1:]).update({"counters.attachments": MAX_OF_TASK})

        answers = [announced(ann, task), finalized(ann, task, made["id"])]

        assert ["limit-exceeded"] * 2 == [answer.json()["code"] for answer in answers]


class TestDeleting:
    """Gone for everybody at once, for good a day later."""

    def test_the_file_goes_when_nobody_can_undo_it(self, world: World, ann: Caller, task: str):
        """Document, file, room and timer; until then the file is kept, and nobody fetches it."""
        made = attached(ann, task)
        path = f"{task}/attachments/{made['id']}"
        answers = [ann.delete(path), ann.delete(path), ann.get(path)]
        kept = files_of(world)
        room = room_of(world, ann.uid)
        world.pass_time(ABANDONED_AFTER)  # When an upload would have been forgotten.
        still = files_of(world)
        world.pass_time(KEPT_FOR)

        assert [204, 204, 404] == [answer.status_code for answer in answers]
        assert {"attachments": 0} == ann.get(task).json()["counters"]
        assert path[1:] in kept
        assert path[1:] in still
        assert (len(PIXEL), 1) == room
        assert ([], (0, 0)) == (files_of(world), room_of(world, ann.uid))
        assert None is world.document(path[1:])

    def test_an_upload_that_nobody_wants_any_more(self, world: World, ann: Caller, task: str):
        """It can be called off, and then not be finalized."""
        made = announced(ann, task).json()
        send(made["upload"])
        deleted = ann.delete(f"{task}/attachments/{made['id']}")

        answer = finalized(ann, task, made["id"])
        world.pass_time(KEPT_FOR)

        assert (204, 409) == (deleted.status_code, answer.status_code)
        assert {} == ann.get(task).json()["counters"]
        assert ([], (0, 0)) == (files_of(world), room_of(world, ann.uid))


class TestCosts:
    """Features, section 5: round trips, reads, writes."""

    def test_each_act_stays_within_its_budget(self, world: World, ann: Caller, task: str):
        """The attachment, its task, the room of the workspace, a timer."""
        made = announced(ann, task)
        path = f"{task}/attachments/{made.json()['id']}"
        send(made.json()["upload"])
        ready = finalized(ann, task, made.json()["id"])
        costs = {
            "announce": cost_of(made),
            "finalize": cost_of(ready),
            "finalize again": cost_of(finalized(ann, task, made.json()["id"])),
            "get": cost_of(ann.get(path)),
            "list": cost_of(ann.get(f"{task}/attachments")),
            "delete": cost_of(ann.delete(path)),
            "delete again": cost_of(ann.delete(path)),
        }

        assert {
            "announce": (2, 2, 3),
            "finalize": (2, 2, 2),
            "finalize again": (1, 2, 0),
            "get": (1, 1, 0),
            "list": (1, 1, 0),
            "delete": (2, 2, 3),
            "delete again": (1, 2, 0),
        } == costs

    def test_throwing_away_what_nobody_finished(self, world: World, ann: Caller, task: str):
        """Timer, attachment and room are read together; the document goes, then the timer."""
        made = announced(ann, task).json()
        send(made["upload"])
        world.clock.advance(ABANDONED_AFTER)
        subject = {"workspaceId": ann.uid, "taskId": task.rpartition("/")[2]}
        (timer_id,) = (
            each.id
            for each in world.database.collection("timers").stream()
            if each.to_dict()["kind"] == "attachment"
        )
        body = {"timerId": timer_id, "kind": "attachment", "attachmentId": made["id"], **subject}
        with metered() as first:
            world.services.firing.fire(body)
        with metered() as again:
            world.services.firing.fire(body)

        assert (3, 3, 3) == (first.rpcs, first.reads, first.writes)
        assert (1, 3, 0) == (again.rpcs, again.reads, again.writes)

    def test_the_sweep_costs_nothing_between_its_hours(self, world: World):
        """And a read and a write in each, where there is nothing."""
        with metered() as first:
            world.services.file_sweep.run()
        world.clock.advance(ABANDONED_AFTER / 2)
        with metered() as again:
            world.services.file_sweep.run()

        assert (2, 1, 1) == (first.rpcs, first.reads, first.writes)
        assert (0, 0, 0) == (again.rpcs, again.reads, again.writes)
