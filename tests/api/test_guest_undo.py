"""A merge is taken back: untouched copies go, and the guest goes on."""

from contextlib import suppress
from datetime import timedelta

import pytest

from backend.guests.model import undo_operation_id
from backend.reactions.reaction import Reaction
from backend.tasks.model import TaskRef
from backend.timers.model import TimerKind
from local.cloudtasks import Fault, FaultKind
from tests.api.factories import app_task
from tests.api.guest import KilledError, dying, guest, let_go, traces
from tests.api.guest_merging import (
    app_documents,
    comment_fields,
    ended,
    home,
    merge,
    stored,
    titles,
    undo,
)
from tests.api.world import World

FIRE = "/internal/jobs/fire"
OF_A_TASK = (
    TimerKind.OVERDUE,
    TimerKind.ESCALATION,
    TimerKind.DUE_SOON,
    TimerKind.REMINDER,
    TimerKind.TRASH,
    TimerKind.RANKS,
    TimerKind.TREE,
    TimerKind.DEPENDENTS,
    TimerKind.COMMENT_ENTRIES,
    TimerKind.WITHDRAWAL,
)
DAY, MINUTE = timedelta(hours=24), timedelta(minutes=1)
WEEKLY = {"title": "Bins", "rule": "FREQ=WEEKLY", "start": {"date": "2027-03-01", "tz": "UTC"}}


class TestUndo:
    """POST /users/me:undoMerge"""

    def test_untouched_copies_go_and_the_guest_goes_on(self, world: World):
        """Both workspaces are as they were, counters and timers too."""
        ann, someone = world.person("Ann"), guest(world)
        ann.post("/workspaces/me/tasks", {"title": "Mine"})
        task_id = app_task(
            world, someone.uid, by=someone, due_at=world.clock.now() + timedelta(days=2)
        )
        someone.post("/workspaces/me/series", WEEKLY)
        app_documents(world, someone, task_id)
        world.settle()
        before = [home(world, each) for each in (ann, someone)]
        timers = sorted(each["kind"] for each in world.documents("timers"))
        counters = [world.document(f"workspaces/{each.uid}")["counters"] for each in (ann, someone)]
        merged = merge(ann, someone)

        result = undo(ann, merged)["result"]

        assert (0, []) == (result["kept"], result["keptTaskIds"])
        assert before == [home(world, each) for each in (ann, someone)]
        assert counters == [
            world.document(f"workspaces/{each.uid}")["counters"] for each in (ann, someone)
        ]
        passing = ("operation", "group")  # The latter look once more for what names the copies.
        assert timers == sorted(
            each["kind"] for each in world.documents("timers") if each["kind"] not in passing
        )
        assert 200 == someone.get(f"/workspaces/me/tasks/{task_id}").status_code
        assert [] == world.documents("merges") == world.documents("mergeCopies")

    def test_no_timer_of_a_copy_is_left(self, world: World):
        """Whatever was to happen to it later, by itself."""
        ann, someone = world.person("Ann"), guest(world)
        someone.post("/workspaces/me/tasks", {"title": "A"})
        world.settle()
        merged = merge(ann, someone)
        (copy,) = ann.get("/workspaces/me/tasks").json()["items"]
        later = Reaction()
        for kind in OF_A_TASK:
            ref = TaskRef(ann.uid, copy["id"])
            later.schedule(kind, ref, world.clock.now() + DAY, world.clock.now())
        for write in later.writes:
            world.write(write.path, write.fields)

        undo(ann, merged)

        left = [each for each in world.documents("timers") if "taskId" in each["subject"]]
        assert [] == sorted(each["kind"] for each in left)

    def test_what_was_worked_with_stays(self, world: World):
        """And is the guest's no longer: nothing is in two places."""
        ann, someone = world.person("Ann"), guest(world)
        touched, untouched, commented = (
            someone.post("/workspaces/me/tasks", {"title": title}).json()["id"]
            for title in ("Touched", "Untouched", "Commented")
        )
        world.settle()
        merged = merge(ann, someone)
        ann.patch(f"/workspaces/me/tasks/{touched}", {"title": "Touched indeed"})
        comment = comment_fields(world, ann)
        world.write(f"workspaces/{ann.uid}/tasks/{commented}/comments/c9", comment)

        result = undo(ann, merged)["result"]

        assert (2, {touched, commented}) == (result["kept"], {*result["keptTaskIds"]})
        assert ["Commented", "Touched indeed"] == titles(ann)
        assert ["Untouched"] == titles(someone)
        assert [2, 1] == [
            world.document(f"workspaces/{each.uid}")["counters"]["openTasks"]
            for each in (ann, someone)
        ]
        assert untouched not in repr(home(world, ann))

    def test_a_board_in_use_stays(self, world: World):
        """One of the account's own tasks has been put on it."""
        ann, someone = world.person("Ann"), guest(world)
        mine = app_task(world, ann.uid, by=ann)
        app_documents(world, someone, app_task(world, someone.uid, by=someone))
        merged = merge(ann, someone)
        world.database.document(f"workspaces/{ann.uid}/tasks/{mine}").update(
            {"boardId": "b1", "listId": "l1"}
        )

        result = undo(ann, merged)["result"]

        left = {place for place in home(world, ann) if not place.startswith("tasks")}
        assert {"boards/b1", "lists/l1", "projects/p1"} == left
        assert (3, []) == (result["kept"], result["keptTaskIds"])

    def test_the_guests_time_has_stood_still(self, world: World):
        """Merged an hour before the end and undone ten hours later, an hour is left."""
        ann, someone = world.person("Ann"), guest(world)
        world.clock.advance(timedelta(hours=23))
        merged = merge(ann, someone)
        world.pass_time(timedelta(hours=10))

        undo(ann, merged)
        world.clock.advance(timedelta(minutes=59))
        in_time = someone.get("/users/me").status_code
        world.clock.advance(timedelta(minutes=1))
        too_late = someone.get("/users/me").status_code
        let_go(world, someone)

        assert (200, 404) == (in_time, too_late)
        assert [] == traces(world.database, someone.uid)

    def test_after_a_day_it_is_too_late(self, world: World):
        """To the minute, also while the guest's documents are still there."""
        ann, someone = world.person("Ann"), guest(world)
        merged = merge(ann, someone)
        world.clock.advance(DAY)

        answer = ann.post("/users/me:undoMerge", {"operationId": merged["id"]})

        assert 404 == answer.status_code

    def test_while_it_is_being_merged(self, world: World):
        """409, and nothing happens."""
        ann, someone = world.person("Ann"), guest(world)
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=1))
        begun = ann.post("/users/me:mergeGuest", {"guestToken": someone.token()}).json()

        answer = ann.post("/users/me:undoMerge", {"operationId": begun["id"]})
        world.pass_time(2 * MINUTE)

        assert (409, "invalid-transition") == (answer.status_code, answer.json()["code"])
        assert "done" == ended(ann, begun["id"])["state"]

    def test_asked_twice_it_is_the_same(self, world: World):
        """Also after it has ended; meanwhile the guest cannot be merged anew."""
        ann, someone = world.person("Ann"), guest(world)
        body = {"operationId": merge(ann, someone)["id"]}
        world.tasks.settle()
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=1))

        first = ann.post("/users/me:undoMerge", body).json()["id"]
        again = ann.post("/users/me:mergeGuest", {"guestToken": someone.token()})
        second = ann.post("/users/me:undoMerge", body).json()["id"]
        world.pass_time(2 * MINUTE)
        third = ann.post("/users/me:undoMerge", body).json()

        assert (first, first, "done") == (second, third["id"], third["state"])
        assert (409, "invalid-transition") == (again.status_code, again.json()["code"])

    def test_merged_again_after_undoing(self, world: World):
        """By the same account or by another."""
        ann, bob, someone = world.person("Ann"), world.person("Bob"), guest(world)
        someone.post("/workspaces/me/tasks", {"title": "A"})
        undo(ann, merge(ann, someone))

        merge(bob, someone)

        assert ([], ["A"]) == (titles(ann), titles(bob))

    def test_many_copies_are_taken_back(self, world: World):
        """In several commits, each with what followed from it."""
        ann, someone = world.person("Ann"), guest(world)
        stored(world, someone, 60)
        world.settle()
        merged = merge(ann, someone)

        result = undo(ann, merged)["result"]

        assert 60 == result["takenBack"]
        assert {} == home(world, ann)
        assert 0 == world.document(f"workspaces/{ann.uid}")["counters"]["openTasks"]
        assert 60 == len(world.documents(f"workspaces/{someone.uid}/tasks"))


class TestCalledOff:
    """A merge that did not come to its end."""

    def test_a_cancelled_merge_is_undone(self, world: World):
        """Otherwise what was not copied yet would go with the guest."""
        ann, someone = world.person("Ann"), guest(world)
        stored(world, someone, 20)
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=1))
        begun = ann.post("/users/me:mergeGuest", {"guestToken": someone.token()}).json()

        cancelled = ann.post(f"/operations/{begun['id']}:cancel")
        undoing = ended(ann, undo_operation_id(begun["id"]))

        assert (200, "done") == (cancelled.status_code, undoing["state"])
        assert [] == titles(ann)
        assert 20 == len(titles(someone))

    def test_a_merge_that_failed_is_undone_when_its_time_comes(self, world: World):
        """The guest has everything again, and as much time as was left."""
        ann, someone = world.person("Ann"), guest(world)
        someone.post("/workspaces/me/tasks", {"title": "A"})
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=1))
        begun = ann.post("/users/me:mergeGuest", {"guestToken": someone.token()}).json()
        failed = {"state": "failed", "problem": "internal"}
        world.database.document(f"operations/{begun['id']}").update(failed)

        world.clock.advance(DAY)
        hidden = someone.get("/workspaces/me/tasks").status_code
        for _ in range(2):
            world.pass_time(2 * MINUTE)
        undoing = ended(ann, undo_operation_id(begun["id"]))

        assert (404, "done") == (hidden, undoing["state"])
        assert ["A"] == titles(someone)
        assert [] == titles(ann)

    def test_an_undoing_that_was_called_off_is_merged_again(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ):
        """Also what was taken back by then: all of it is in one place, and can be undone again."""
        monkeypatch.setattr("backend.guests.undoing.AT_ONCE", 3)
        ann, someone = world.person("Ann"), guest(world)
        stored(world, someone, 10)
        body = {"operationId": merge(ann, someone)["id"]}
        world.tasks.settle()
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=1))
        undoing = ann.post("/users/me:undoMerge", body).json()
        with dying(world, monkeypatch, after=1), suppress(KilledError):
            fire_operation(world, undoing["id"])
        before = len(titles(ann))

        ann.post(f"/operations/{undoing['id']}:cancel")
        for _ in range(3):
            world.pass_time(2 * MINUTE)
        again = ann.post("/users/me:mergeGuest", {"guestToken": someone.token()}).json()
        both = (len(titles(ann)), someone.get("/users/me").status_code)
        result = undo(ann, again)["result"]

        assert 7 == before
        assert (10, 404) == both
        assert 10 == result["takenBack"]
        assert ([], 10) == (titles(ann), len(titles(someone)))


class TestKilled:
    """Each page is one commit with the progress of the operation."""

    def test_killed_after_any_commit_it_goes_on(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ):
        """Merging and undoing, with pages so small that there are many."""
        monkeypatch.setattr("backend.guests.copying.PAGE", 5)
        monkeypatch.setattr("backend.guests.undoing.AT_ONCE", 3)
        ann, someone = world.person("Ann"), guest(world)
        task_id = someone.post("/workspaces/me/tasks", {"title": "A"}).json()["id"]
        app_documents(world, someone, task_id)
        stored(world, someone, 13)
        world.settle()
        before = home(world, someone)
        world.tasks.script(Fault(FaultKind.DROP, path=FIRE, count=0))

        begun = ann.post("/users/me:mergeGuest", {"guestToken": someone.token()}).json()
        merging = deaths_until_done(world, monkeypatch, begun["id"])
        copied = set(home(world, ann))
        undoing_id = ann.post("/users/me:undoMerge", {"operationId": begun["id"]}).json()["id"]
        undoing = deaths_until_done(world, monkeypatch, undoing_id)

        assert (merging, undoing) > (3, 3)
        assert set(before) == copied
        assert {} == home(world, ann)
        assert before == home(world, someone)
        assert 0 == world.document(f"workspaces/{ann.uid}")["counters"]["openTasks"]
        assert 14 == ann.get(f"/operations/{begun['id']}").json()["result"]["moved"]["tasks"]


def deaths_until_done(world: World, monkeypatch: pytest.MonkeyPatch, operation_id: str) -> int:
    """Deliver the alarm of an operation again and again, to a process that dies each time."""
    for deaths in range(60):
        operation = world.document(f"operations/{operation_id}") or {}
        if operation["state"] != "running":
            return deaths
        with dying(world, monkeypatch, after=1), suppress(KilledError):
            fire_operation(world, operation_id)
    raise AssertionError("it never ended")


def fire_operation(world: World, operation_id: str) -> None:
    """Deliver the alarm of a running operation."""
    (timer,) = (
        each
        for each in world.database.collection("timers").stream()
        if each.to_dict()["subject"].get("operationId") == operation_id
        and each.get("fireAt") <= world.clock.now()
    )
    body = {"timerId": timer.id, "kind": "operation", **timer.get("subject")}
    world.services.firing.fire(body)
