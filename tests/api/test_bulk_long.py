"""More than a hundred commands: an operation with progress, a report and one `Undo-Token`."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.adapters.firestore import metered
from local.cloudtasks import Fault, FaultKind
from tests.api.bulk import at_length, batch, creating, made, outcomes, tasks
from tests.api.guest_merging import ended
from tests.api.mortality import Fate, Killed, mortal_services
from tests.api.world import Caller, World


def completing(ids: list[str]) -> list[dict]:
    return [{"op": "complete", "taskId": each, "ifMatch": 1} for each in ids]


def unattended(
    world: World, caller: Caller, operations: list[dict], mode: str, workspace: str = "me"
) -> tuple[dict[str, str], str]:
    """Begin an operation whose jobs get lost; return the body of its job, and its token."""
    world.tasks.settle()
    world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=0))
    answer = batch(caller, operations, mode=mode, workspace=workspace)
    assert answer.status_code == 202, answer.text
    ((timer_id, fields),) = (
        (timer.id, timer.to_dict())
        for timer in world.database.collection("timers").stream()
        if timer.to_dict()["subject"].get("operationId") == answer.json()["id"]
        and timer.to_dict()["fireAt"] <= world.clock.now()
    )
    body = {"timerId": timer_id, "kind": fields["kind"], **fields["subject"]}
    return body, answer.headers["Undo-Token"]


def die(world: World, job: dict[str, str], at: int) -> None:
    """Let the worker be killed at the `at`-th moment."""
    with pytest.raises(Killed):
        mortal_services(world, Fate(at=at)).firing.fire(job)


class TestLongBatches:
    """From the 202 to the report."""

    def test_a_report_on_each_of_400(self, world: World):
        """In the order given, through pages; progress says how far it is."""
        ann = world.person("Ann")
        ids = made(ann, 200)
        mixed = [*completing(ids), *completing(["nobodys"] * 3), *creating(197)]

        answer = batch(ann, mixed)
        begun = answer.json()
        operation = ended(ann, begun["id"])

        assert (202, "batch", "running", 0, 400) == (
            answer.status_code,
            *(begun[name] for name in ("kind", "state", "done", "total")),
        )
        assert f"/api/v1/operations/{begun['id']}" == answer.headers["Location"]
        report = operation["result"]
        assert ("done", 400, 400) == tuple(operation[n] for n in ("state", "done", "total"))
        assert ["done"] * 200 + ["refused"] * 3 + ["done"] * 197 == outcomes(report)
        assert [*range(400)] == [each["index"] for each in report["results"]]
        assert (397, 0, 3) == tuple(report[name] for name in ("done", "unchanged", "refused"))
        assert 397 == len(tasks(world, ann.uid))

    def test_400_in_one_commit(self, world: World):
        """Atomic: nobody sees a part of it."""
        ann = world.person("Ann")
        ids = made(ann, 400)

        operation = at_length(ann, completing(ids), mode="atomic")

        assert ("done", 400) == (operation["state"], operation["result"]["done"])
        found = tasks(world, ann.uid).values()
        assert {"done"} == {each["status"] for each in found}
        assert 1 == len({each["updatedAt"] for each in found})

    def test_one_stale_item_stops_an_atomic_one(self, world: World):
        """Of 400; the report names it alone, and nothing is changed."""
        ann = world.person("Ann")
        ids = made(ann, 400)
        ann.patch(f"/workspaces/me/tasks/{ids[217]}", {"title": "Moved on"})
        before = tasks(world, ann.uid)

        operation = at_length(ann, completing(ids), mode="atomic")

        assert ("failed", "batch-refused") == (operation["state"], operation["problem"])
        (refused,) = operation["result"]["results"]
        assert (217, "precondition-failed") == (refused["index"], refused["code"])
        assert before == tasks(world, ann.uid)

    def test_what_more_than_a_document_holds_is_too_much(self, world: World):
        """Said at once, with a pointer."""
        ann = world.person("Ann")
        large = [{**each, "description": "x" * 6_000} for each in creating(101)]

        answer = batch(ann, large)

        assert (422, "limit-exceeded") == (answer.status_code, answer.json()["code"])
        assert [] == world.documents("operations")

    def test_membership_that_ends_meanwhile(self, world: World):
        """Stops it; what was done stays done, and stays in the report."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        job, _ = unattended(world, bob, creating(150), "perItem", workspace=team)
        die(world, job, at=2)

        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.services.firing.fire(job)

        operation = bob.get(f"/operations/{job['operationId']}").json()
        assert ("failed", "not-found") == (operation["state"], operation["problem"])
        assert 100 == operation["result"]["done"] == len(tasks(world, team))

    def test_cost(self, world: World):
        """Atomic: two round trips, and a read and a write for each task; a page likewise."""
        ann = world.person("Ann")
        ids = made(ann, 250)
        costs = {}
        for mode in ("atomic", "perItem"):
            job, _ = unattended(world, ann, [{"op": "complete", "taskId": e} for e in ids], mode)
            if mode == "perItem":
                batch(ann, [{"op": "reopen", "taskId": e} for e in ids[:100]])
            with metered() as usage:
                world.services.firing.fire(job)
            costs[mode] = usage.rpcs, usage.reads, usage.writes

        # Each step also reads and writes its operation and timers. Atomic: 250 tasks, 3 records,
        # the operation, its timers. Per item: three steps, and one page of 100 that changes.
        assert {"atomic": (3, 252, 256), "perItem": (9, 256, 106)} == costs


class TestInterrupted:
    """Killed, doubled, called off."""

    @pytest.mark.parametrize("mode", ["atomic", "perItem"])
    def test_killed_between_any_two_commits(self, world: World, mode: str):
        """Whenever the worker dies, each command takes effect once, and all are reported."""
        ann = world.person("Ann")
        moments = 0
        while True:
            ids = made(ann, 60)
            before = len(tasks(world, ann.uid))
            job, _ = unattended(world, ann, [*completing(ids), *creating(60)], mode)
            fate = Fate(at=moments + 1)
            try:
                mortal_services(world, fate).firing.fire(job)
            except Killed:
                moments += 1
            else:
                break
            world.services.firing.fire(job)

            operation = ann.get(f"/operations/{job['operationId']}").json()
            found = tasks(world, ann.uid)
            assert ("done", 120) == (operation["state"], operation["result"]["done"])
            assert [2] * 60 == [found[each]["rev"] for each in ids]
            assert before + 60 == len(found)

        assert moments == (2 if mode == "atomic" else 4)

    def test_several_workers_at_once(self, world: World, crowd: ThreadPoolExecutor):
        """Each page is carried out once."""
        ann = world.person("Ann")
        job, _ = unattended(world, ann, creating(250), "perItem")

        list(crowd.map(lambda _: world.services.firing.fire(job), range(4)))

        assert 250 == len(tasks(world, ann.uid))

    def test_a_repeated_request_is_one_operation(self, world: World, crowd: ThreadPoolExecutor):
        """By its `Idempotency-Key`."""
        ann = world.person("Ann")
        key = {"Idempotency-Key": "once"}

        answers = list(crowd.map(lambda _: batch(ann, creating(120), headers=key), range(4)))
        (begun,) = {answer.json()["id"] for answer in answers}
        ended(ann, begun)

        assert 120 == len(tasks(world, ann.uid))

    def test_called_off_it_keeps_what_was_done(self, world: World):
        """It stands in the report, and the token takes it back."""
        ann = world.person("Ann")
        job, token = unattended(world, ann, creating(300), "perItem")
        die(world, job, at=2)
        path = f"/operations/{job['operationId']}"

        cancelled = ann.post(f"{path}:cancel").json()
        world.services.firing.fire(job)
        world.settle()
        undone = ann.post("/undo", {"token": token})

        assert ("cancelled", 100) == (cancelled["state"], cancelled["result"]["done"])
        found = tasks(world, ann.uid).values()
        assert (200, 100) == (undone.status_code, len(found))
        assert None not in [each["deletedAt"] for each in found]


class TestUndo:
    """One token for all of it."""

    @pytest.mark.parametrize("mode", ["atomic", "perItem"])
    def test_a_long_batch_is_taken_back(self, world: World, mode: str):
        """By an operation: every task is as it was, and new ones are in the trash."""
        ann = world.person("Ann")
        ids = made(ann, 130)
        answer = batch(ann, [*completing(ids), *creating(20)], mode=mode)
        ended(ann, answer.json()["id"])

        undone = ann.post("/undo", {"token": answer.headers["Undo-Token"]})
        ended(ann, undone.json()["id"])

        assert 202 == undone.status_code, undone.text
        found = tasks(world, ann.uid)
        assert {"open"} == {found[each]["status"] for each in ids}
        assert 20 == sum(each["deletedAt"] is not None for each in found.values())
