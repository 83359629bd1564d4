"""Killed between any two steps, nothing is left behind: no file, no room, no timer."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from backend.attachments.documents import attachment_path, ref_of
from backend.attachments.model import ABANDONED_AFTER, KEPT_FOR, AttachmentRef, State, Wanted
from backend.attachments.timers import attachment_timer
from backend.bootstrap import Services
from backend.kit.actor import Actor
from backend.kit.documents import Write
from backend.kit.errors import TaskFlowError
from backend.tasks.model import TaskRef
from backend.trash.remains import Remains
from tests.api.attaching import PIXEL, attached, files_of, room_of, send
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.world import Caller, World
from tests.files import HTML

CHANGING = ("put", "put_new", "copy", "delete", "delete_prefix")


class MortalStore(MortalAtEveryCommit):
    """But for commits of nothing, which touch nothing."""

    def _commit(self, writes: Sequence[Write]) -> list[datetime]:
        return super()._commit(writes) if writes else []


def mortal(world: World, at: int) -> Services:
    """A worker that dies at its `at`-th moment."""
    return mortal_services(world, Fate(at), MortalStore, CHANGING)


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def new_task(person: Caller) -> TaskRef:
    made = person.post("/workspaces/me/tasks", {"title": "A"}).json()["id"]
    return TaskRef(person.uid, made)


def upload(services: Services, actor: Actor, task: TaskRef, content: bytes) -> AttachmentRef:
    """Announce and send."""
    wanted = Wanted("a.png", "image/png", len(content))
    shown = services.attachments.announce(actor, task, wanted).value
    assert shown.upload is not None
    send({"method": "PUT", "url": shown.upload.url, "headers": shown.upload.headers}, content)
    return shown.attachment.ref


def story(services: Services, actor: Actor, task: TaskRef) -> None:
    """What people do: one file stays, one is deleted, one refused, one forgotten."""
    ours = services.attachments
    ours.finalize(actor, upload(services, actor, task, PIXEL))
    gone = upload(services, actor, task, PIXEL)
    ours.finalize(actor, gone)
    ours.delete(actor, gone)
    with pytest.raises(TaskFlowError):
        ours.finalize(actor, upload(services, actor, task, HTML))
    upload(services, actor, task, PIXEL)


def timers(world: World) -> list[dict[str, Any]]:
    """The bodies of the jobs of all attachments' timers."""
    found = {each.id: each.to_dict() for each in world.database.collection("timers").stream()}
    return [
        {"timerId": timer_id, "kind": timer["kind"], **timer["subject"]}
        for timer_id, timer in found.items()
        if timer["kind"] == "attachment"
    ]


def attachments(world: World, uid: str) -> dict[str, dict[str, Any]]:
    """All documents of attachments in somebody's workspace, by path."""
    found = world.services.ports.store.below(f"workspaces/{uid}", limit=1000, whole=True)
    return {each.path: dict(each.fields) for each in found if "/attachments/" in each.path}


def assert_all_is_well(world: World, uid: str) -> int:
    """Files, documents, room and counters say the same; return how many there are."""
    documents = attachments(world, uid)
    assert {State.READY.value} >= {fields["state"] for fields in documents.values()}
    assert sorted(documents) == files_of(world)
    assert (sum(each["size"] for each in documents.values()), len(documents)) == room_of(world, uid)
    counts: dict[str, int] = {}
    for path in documents:
        task_id = ref_of(path).task_id
        counts[task_id] = counts.get(task_id, 0) + 1
    tasks = world.database.collection(f"workspaces/{uid}/tasks").stream()
    counted = {each.id: each.to_dict()["counters"].get("attachments", 0) for each in tasks}
    assert counts == {task_id: number for task_id, number in counted.items() if number}
    return len(documents)


class TestKilled:
    """A process dies before and after each commit, and each change in the bucket."""

    def test_requests_and_what_cleans_up_after_them(self, world: World, ann: Caller):
        """Wherever each of them ends, a day later nothing is left but what people see."""
        actor = Actor(ann.uid)
        kills = 0
        for at in count(1):
            try:
                story(mortal(world, at), actor, new_task(ann))
            except Killed:
                kills += 1
            else:
                break
        before = len(files_of(world))
        for wait in (ABANDONED_AFTER, KEPT_FOR):
            world.clock.advance(wait)
            for body in timers(world):
                self._fire_until_done(world, body)

        stayed = assert_all_is_well(world, ann.uid)
        assert [] == timers(world)
        assert kills >= 20
        assert before > stayed > 10

    def _fire_until_done(self, world: World, body: dict[str, Any]) -> None:
        for at in count(1):
            try:
                mortal(world, at).firing.fire(body)
            except Killed:
                continue
            return

    def test_a_task_that_goes_for_good(self, world: World, ann: Caller):
        """Its job is killed at every moment, and comes again."""
        task, other = new_task(ann), new_task(ann)
        for where in (task, task, other):
            attached(ann, f"/workspaces/{where.workspace_id}/tasks/{where.task_id}")
        upload(world.services, Actor(ann.uid), task, PIXEL)
        for at in count(1):
            services = mortal(world, at)
            remains = Remains(services.ports.store, world.clock, services.ports.blobs)
            try:
                remains.clear(task)
            except Killed:
                continue
            break
        world.database.document(f"workspaces/{ann.uid}/tasks/{task.task_id}").delete()

        world.pass_time(ABANDONED_AFTER)
        assert at > 4
        assert 1 == assert_all_is_well(world, ann.uid)


class TestLate:
    """Alarms that come twice, too early, or for nothing."""

    def test_an_alarm_that_comes_too_early_is_set_anew(self, world: World, ann: Caller):
        """Finalized and taken back at the last minute, it is waited for again."""
        task = new_task(ann)
        ref = upload(world.services, Actor(ann.uid), task, PIXEL)
        (body,) = timers(world)
        world.clock.advance(ABANDONED_AFTER - timedelta(seconds=1))
        world.database.document(attachment_path(ref)).update({"updatedAt": world.clock.now()})
        world.clock.advance(timedelta(seconds=1))

        world.services.firing.fire(body)
        first = world.document(attachment_path(ref))
        world.clock.advance(ABANDONED_AFTER)
        for _ in range(2):
            world.services.firing.fire(body)

        assert "pending" == first["state"]
        assert None is world.document(attachment_path(ref))
        assert ([], (0, 0)) == (files_of(world), room_of(world, ann.uid))

    def test_what_is_waited_for_a_little_longer_has_its_alarm(self, world: World, ann: Caller):
        """No tick has to find it: the job of its later instant is queued at once."""
        left = timedelta(minutes=5)
        ref = upload(world.services, Actor(ann.uid), new_task(ann), PIXEL)
        (body,) = timers(world)
        world.clock.advance(ABANDONED_AFTER)
        world.database.document(attachment_path(ref)).update(
            {"updatedAt": world.clock.now() - ABANDONED_AFTER + left}
        )

        world.services.firing.fire(body)
        world.clock.advance(left)
        world.tasks.wake()
        world.tasks.settle()

        assert None is world.document(attachment_path(ref))
        assert ([], (0, 0)) == (files_of(world), room_of(world, ann.uid))

    def test_the_timer_of_one_that_is_ready_touches_nothing_of_it(self, world: World, ann: Caller):
        """But what was sent: it lies there twice until then."""
        task = new_task(ann)
        made = attached(ann, f"/workspaces/{ann.uid}/tasks/{task.task_id}")
        before = files_of(world)
        world.pass_time(ABANDONED_AFTER)

        assert 2 == len(before)
        assert 1 == assert_all_is_well(world, ann.uid)
        assert made["id"] in files_of(world)[0]
        assert [] == timers(world)


class TestSweep:
    """What no timer knows of."""

    def test_files_that_nobody_knows(self, world: World, ann: Caller):
        """Sent after everything was gone, or left by what nobody thought of; known ones stay."""
        task = new_task(ann)
        made = attached(ann, f"/workspaces/{ann.uid}/tasks/{task.task_id}")
        blobs = world.services.ports.blobs
        lost = [
            f"uploads/{ann.uid}/gone/late",
            f"workspaces/{ann.uid}/tasks/{task.task_id}/attachments/lost",
            "workspaces/gone/tasks/gone/attachments/lost",
        ]
        others = ["exports/x/y/z.zip", f"workspaces/{ann.uid}/something/else"]
        for name in (*lost, *others):
            blobs.put(name, b"x", content_type="text/plain")
        too_early = world.services.file_sweep.run()
        world.clock.advance(timedelta(hours=25))
        found = world.services.file_sweep.run()
        nothing = world.services.file_sweep.run()

        assert (0, len(lost) + 1, 0) == (too_early, found, nothing)  # And the pixel as it was sent.
        path = f"workspaces/{ann.uid}/tasks/{task.task_id}/attachments/{made['id']}"
        assert sorted([*others, path]) == files_of(world)

    def test_it_goes_on_where_it_was(self, world: World, monkeypatch: pytest.MonkeyPatch):
        """So many an hour, whatever is stored; another process knows how far it is."""
        monkeypatch.setattr("backend.attachments.sweep.LOOKED_UP", 2)
        blobs = world.services.ports.blobs
        for name in "abcde":
            path = f"workspaces/w/tasks/t/attachments/{name}"
            blobs.put(path, b"x", content_type="text/plain")
        world.clock.advance(timedelta(hours=3))
        found = []
        for _ in range(4):
            found.append(mortal(world, 0).file_sweep.run())
            world.clock.advance(timedelta(hours=1))

        assert [2, 2, 1, 0] == found
        assert [] == files_of(world)
        assert timers(world) == []


def test_timers_have_ids_of_their_own():
    """One for each attachment, the same each time."""
    at = datetime(2026, 11, 20)  # noqa: DTZ001
    refs = [
        AttachmentRef("w", "t", "a"),
        AttachmentRef("w", "t", "b"),
        AttachmentRef("w", "t", "a"),
    ]
    ids = [attachment_timer(ref, at=at).id for ref in refs]

    assert (ids[0] == ids[2], ids[0] == ids[1]) == (True, False)
