"""Deleting a list with many cards, and the last look at it, by workers that die at any moment."""

from datetime import timedelta

from local.cloudtasks import Fault, FaultKind
from tests.api.groups import cards, made, place_of, undo
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.world import Caller, World

COUNT = 130


def job_of(world: World, kind: str, **subject: str) -> dict[str, str]:
    """Return the body of the job of a timer that stands."""
    ((timer_id, fields),) = (
        (timer.id, timer.to_dict())
        for timer in world.database.collection("timers").stream()
        if timer.to_dict()["kind"] == kind
        and subject.items() <= timer.to_dict()["subject"].items()
        and timer.to_dict()["fireAt"] <= world.clock.now()
    )
    return {"timerId": timer_id, "kind": kind, **fields["subject"]}


def standing(world: World, ann: Caller, list_id: str) -> int:
    """Count the tasks that name a list."""
    found = world.documents(f"workspaces/{ann.uid}/tasks")
    return sum(task["listId"] == list_id for task in found)


class TestKilled:
    """Whenever the worker dies, the next one goes on."""

    def test_while_it_is_taken_off_its_tasks(self, world: World):
        """Each task is taken off once, the list goes last, and all of it comes back."""
        ann = world.person("Ann")
        given = made(ann, "me", "lists")
        cards(world, ann.uid, ann, [place_of(given, rank="V")] * COUNT)
        world.settle()
        path = f"/workspaces/me/lists/{given['id']}"
        moments, revs = 0, set()
        while True:
            world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=1))
            deleted = ann.delete(path)
            job = job_of(world, "operation", operationId=deleted.json()["operationId"])
            fate = Fate(at=moments + 1)
            try:
                mortal_services(world, fate).firing.fire(job)
            except Killed:
                moments += 1
                world.services.firing.fire(job)
                is_last = False
            else:
                is_last = True
            operation = ann.get(f"/operations/{job['operationId']}").json()
            assert ("done", {"tasks": COUNT}) == (operation["state"], operation["result"])
            assert (404, 0) == (ann.get(path).status_code, standing(world, ann, given["id"]))
            assert 202 == undo(ann, deleted).status_code
            world.tasks.settle()
            assert (200, COUNT) == (ann.get(path).status_code, standing(world, ann, given["id"]))
            revs.add(len({task["rev"] for task in world.documents(f"workspaces/{ann.uid}/tasks")}))
            if is_last:
                break

        assert moments == 6  # Before and after each commit: 100 tasks, 30 tasks, the list.
        assert {1} == revs  # None was taken off, or put back, more often than the others.

    def test_while_it_is_looked_at_once_more(self, world: World):
        """What an app put there while it was deleted is taken off, whenever the worker dies."""
        ann = world.person("Ann")
        moments = 0
        while True:
            given = made(ann, "me", "lists")
            ann.delete(f"/workspaces/me/lists/{given['id']}")
            cards(world, ann.uid, ann, [place_of(given)] * COUNT, name=given["id"])
            world.clock.advance(timedelta(minutes=5))
            job = job_of(world, "group", groupId=given["id"])
            fate = Fate(at=moments + 1)
            try:
                mortal_services(world, fate, MortalAtEveryCommit).firing.fire(job)
            except Killed:
                moments += 1
            else:
                break
            world.services.firing.fire(job)
            assert 0 == standing(world, ann, given["id"])
            assert None is world.document(f"timers/{job['timerId']}")

        assert moments >= 4  # Before and after each commit: 100 tasks, 30 tasks, lost races.
