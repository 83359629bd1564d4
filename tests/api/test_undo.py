"""`POST /undo`: what a command did is taken back, and nothing else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.api.undoing import UNDO_TOKEN, undo, undone
from tests.api.world import Caller, World, cost_of


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


@pytest.fixture
def team(world: World, ann: Caller, bob: Caller) -> str:
    return world.team(ann, bob)


@pytest.fixture
def task(ann: Caller, team: str) -> str:
    """The path of a task, as the API and Firestore name it."""
    made = ann.post(f"/workspaces/{team}/tasks", {"title": "Plan", "description": "As it was"})
    return f"workspaces/{team}/tasks/{made.json()['id']}"


class TestEdits:
    """What was changed gets its former values."""

    def test_an_edit_is_taken_back(self, world: World, ann: Caller, task: str):
        """All of its fields, by a revision of its own that says who did it."""
        changed = ann.patch(f"/{task}", {"title": "Party", "priority": "high"})

        found = undone(ann, changed)

        after = world.document(task)
        assert {"undone": [task], "kept": []} == found
        assert ("Plan", 0, 3, ann.uid) == tuple(
            after[name] for name in ("title", "priority", "rev", "updatedBy")
        )
        assert world.document(f"{task}/history/3")["patch"] == {"title": "Plan", "priority": 0}

    def test_it_costs_what_an_edit_costs(self, ann: Caller, task: str):
        """The task and its history are read together, and written together."""
        changed = ann.patch(f"/{task}", {"title": "Party"})

        assert (2, 2, 2) == cost_of(undo(ann, changed))

    def test_an_undo_is_undone(self, world: World, ann: Caller, task: str):
        """Its answer offers the way back to the edit."""
        changed = ann.patch(f"/{task}", {"title": "Party"})
        back = undo(ann, changed)

        again = undone(ann, back)

        assert ([task], "Party") == (again["undone"], world.document(task)["title"])

    def test_repeated_it_changes_nothing_and_answers_the_same(
        self, world: World, ann: Caller, task: str
    ):
        """However often an app that lost the answer asks."""
        changed = ann.patch(f"/{task}", {"title": "Party"})
        first = undone(ann, changed)
        before = world.document(task)

        answers = [undo(ann, changed) for _ in range(2)]

        assert [first, first] == [answer.json() for answer in answers]
        assert before == world.document(task)
        assert not any(UNDO_TOKEN in answer.headers for answer in answers)

    def test_what_somebody_changed_since_stays(
        self, world: World, ann: Caller, bob: Caller, task: str
    ):
        """Field by field: the rest goes back."""
        changed = ann.patch(f"/{task}", {"title": "Party", "description": "As it is"})
        bob.patch(f"/{task}", {"title": "Bob's party"})

        found = undone(ann, changed)

        after = world.document(task)
        assert {"undone": [task], "kept": []} == found
        assert ("Bob's party", "As it was") == (after["title"], after["description"])

    def test_nothing_is_left_to_take_back(self, ann: Caller, bob: Caller, task: str):
        """Somebody has changed all of it."""
        changed = ann.patch(f"/{task}", {"title": "Party"})
        bob.patch(f"/{task}", {"title": "Bob's party"})

        answer = undo(ann, changed)

        assert (409, "undo-unavailable") == (answer.status_code, answer.json()["code"])

    def test_nothing_changed_offers_nothing(self, ann: Caller, task: str):
        """There is no way back from where one is."""
        same = ann.patch(f"/{task}", {"title": "Plan"})

        assert (200, False) == (same.status_code, UNDO_TOKEN in same.headers)

    def test_a_due_date_goes_back_with_all_that_follows_from_it(
        self, world: World, ann: Caller, task: str
    ):
        """Instant and day are those of before, and it is late again as it was."""
        at = world.clock.now() + timedelta(hours=1)
        due = {"kind": "zoned", "date": f"{at:%F}", "time": f"{at:%H:%M}", "tz": "UTC"}
        ann.patch(f"/{task}", {"due": due})
        world.settle()
        world.pass_time(timedelta(hours=2))
        before = world.document(task)
        changed = ann.patch(f"/{task}", {"due": None})

        undone(ann, changed)

        names = ("due", "dueAt", "dueDay", "isOverdue")
        after = world.document(task)
        assert before["isOverdue"] is True
        assert [before[name] for name in names] == [after[name] for name in names]

    def test_nobody_who_has_left_is_assigned_again(
        self, world: World, ann: Caller, bob: Caller, team: str, task: str
    ):
        """They could not even see it."""
        ann.patch(f"/{task}", {"assigneeIds": [ann.uid, bob.uid]})
        changed = ann.patch(f"/{task}", {"assigneeIds": []})
        ann.delete(f"/workspaces/{team}/members/{bob.uid}")

        undone(ann, changed)

        assert [ann.uid] == world.document(task)["assigneeIds"]


class TestRaces:
    """Several at once."""

    def test_many_undo_the_same(
        self, world: World, ann: Caller, task: str, crowd: ThreadPoolExecutor
    ):
        """It is put back once, and all get the same answer."""
        changed = ann.patch(f"/{task}", {"title": "Party"})

        answers = list(crowd.map(lambda _: undo(ann, changed), range(8)))

        assert [200] * 8 == [answer.status_code for answer in answers]
        assert [{"undone": [task], "kept": []}] * 8 == [answer.json() for answer in answers]
        assert ("Plan", 3) == tuple(world.document(task)[name] for name in ("title", "rev"))

    def test_an_edit_beside_it_is_never_lost(
        self, world: World, ann: Caller, bob: Caller, task: str, crowd: ThreadPoolExecutor
    ):
        """Whoever comes first: Bob's title stands in the end."""
        changed = ann.patch(f"/{task}", {"title": "Party", "priority": "high"})

        calls = [
            lambda: undo(ann, changed),
            lambda: bob.patch(f"/{task}", {"title": "Bob's party"}),
        ]
        answers = list(crowd.map(lambda call: call(), calls))

        after = world.document(task)
        assert [200, 200] == [answer.status_code for answer in answers]
        assert ("Bob's party", 0, 4) == tuple(after[n] for n in ("title", "priority", "rev"))


class TestLives:
    """Made, deleted, restored, completed."""

    def test_what_was_made_goes_to_the_trash(self, world: World, ann: Caller, team: str):
        """It is never destroyed, and redo brings it back."""
        made = ann.post(f"/workspaces/{team}/tasks", {"title": "Mistake"})
        path = f"workspaces/{team}/tasks/{made.json()['id']}"

        back = undo(ann, made)
        assert world.document(path)["deletedAt"] is not None

        undone(ann, back)
        assert world.document(path)["deletedAt"] is None

    def test_what_somebody_worked_with_since_is_not_trashed(
        self, ann: Caller, bob: Caller, task: str, team: str
    ):
        """Bob has written into it: it is his as well by now."""
        made = ann.post(f"/workspaces/{team}/tasks", {"title": "Mine"})
        bob.patch(f"/workspaces/{team}/tasks/{made.json()['id']}", {"title": "Ours"})

        assert 409 == undo(ann, made).status_code

    def test_that_its_time_came_is_nobodys_work(self, world: World, ann: Caller, team: str):
        """A task that fell due meanwhile is as its maker left it."""
        at = world.clock.now() + timedelta(hours=1)
        due = {"kind": "zoned", "date": f"{at:%F}", "time": f"{at:%H:%M}", "tz": "UTC"}
        made = ann.post(f"/workspaces/{team}/tasks", {"title": "Late", "due": due})
        world.settle()
        world.pass_time(timedelta(hours=2))
        path = f"workspaces/{team}/tasks/{made.json()['id']}"
        assert world.document(path)["rev"] == 2

        assert [path] == undone(ann, made)["undone"]

    def test_a_deleted_task_comes_back(self, world: World, ann: Caller, task: str):
        """Out of the trash, as it was."""
        before = world.document(task)

        undone(ann, ann.delete(f"/{task}"))

        after = world.document(task)
        journal = ("rev", "updatedAt", "recorded")
        assert {**before, **{name: after[name] for name in journal}} == after

    def test_a_reopened_task_is_done_when_it_was_done(
        self, world: World, ann: Caller, bob: Caller, task: str
    ):
        """By whom and when it was, not by who takes the reopening back."""
        bob.post(f"/{task}/completion")
        before = world.document(task)
        world.clock.advance(timedelta(hours=1))
        reopened = ann.delete(f"/{task}/completion")

        undone(ann, reopened)

        names = ("status", "completedAt", "completedBy")
        after = world.document(task)
        assert [before[name] for name in names] == [after[name] for name in names]


class TestTokens:
    """Whose they are, and how long they are good."""

    @pytest.mark.parametrize(
        "spoil", [str.swapcase, lambda t: t[:-1], lambda t: "x", lambda t: t + "."]
    )
    def test_altered(self, ann: Caller, task: str, spoil):
        """Only what we have signed is believed."""
        token = ann.patch(f"/{task}", {"title": "Party"}).headers[UNDO_TOKEN]

        answer = ann.post("/undo", {"token": spoil(token)})

        assert (409, "undo-unavailable") == (answer.status_code, answer.json()["code"])

    def test_another_persons(self, ann: Caller, bob: Caller, task: str):
        """Though Bob could take it back by hand."""
        changed = ann.patch(f"/{task}", {"title": "Party"})

        assert 409 == undo(bob, changed).status_code

    def test_too_old(self, world: World, ann: Caller, task: str):
        """After a day nobody remembers what they did."""
        changed = ann.patch(f"/{task}", {"title": "Party"})
        world.clock.advance(timedelta(hours=24))

        assert 409 == undo(ann, changed).status_code

    def test_of_somebody_who_has_left(self, ann: Caller, bob: Caller, team: str, task: str):
        """To them the workspace is not there any more."""
        changed = bob.patch(f"/{task}", {"title": "Party"})
        ann.delete(f"/workspaces/{team}/members/{bob.uid}")

        assert 404 == undo(bob, changed).status_code

    def test_of_somebody_who_may_only_look_now(
        self, world: World, ann: Caller, bob: Caller, team: str, task: str
    ):
        """What somebody may do is asked anew."""
        changed = bob.patch(f"/{task}", {"title": "Party"})
        world.join(team, bob, "viewer")

        assert 403 == undo(bob, changed).status_code


class TestStructure:
    """An undo respects what an edit has to respect."""

    def test_no_circle_of_parents_is_closed(self, world: World, ann: Caller, team: str):
        """What went below the task meanwhile cannot become its parent again."""
        upper, lower = (
            ann.post(f"/workspaces/{team}/tasks", {"title": title}).json()["id"]
            for title in ("Upper", "Lower")
        )
        path = f"/workspaces/{team}/tasks"
        assert ann.post(f"{path}/{lower}:move", {"parentId": upper}).ok
        freed = ann.post(f"{path}/{lower}:move", {"parentId": None})
        assert ann.post(f"{path}/{upper}:move", {"parentId": lower}).ok

        answer = undo(ann, freed)

        assert 409 == answer.status_code
        assert None is world.document(f"workspaces/{team}/tasks/{lower}")["parentId"]

    def test_no_circle_of_blockers_is_closed(self, world: World, ann: Caller, team: str):
        """Nor does it wait again for what waits for it by now."""
        one, other = (
            ann.post(f"/workspaces/{team}/tasks", {"title": title}).json()["id"]
            for title in ("One", "Other")
        )
        path = f"/workspaces/{team}/tasks"
        assert ann.put(f"{path}/{one}/blockers/{other}").ok
        freed = ann.delete(f"{path}/{one}/blockers/{other}")
        assert ann.put(f"{path}/{other}/blockers/{one}").ok

        answer = undo(ann, freed)

        assert 409 == answer.status_code
        assert [] == world.document(f"workspaces/{team}/tasks/{one}")["blockedBy"]

    def test_what_waits_for_others_is_not_done_again(self, world: World, ann: Caller, team: str):
        """It was done, was reopened, and got a blocker; taking the reopening back is refused."""
        path = f"/workspaces/{team}/tasks"
        task, blocker = (
            ann.post(path, {"title": title}).json()["id"] for title in ("Task", "Blocker")
        )
        ann.post(f"{path}/{task}/completion")
        reopened = ann.delete(f"{path}/{task}/completion")
        assert ann.put(f"{path}/{task}/blockers/{blocker}").ok
        world.settle()

        answer = undo(ann, reopened)

        assert 409 == answer.status_code
        assert "open" == world.document(f"workspaces/{team}/tasks/{task}")["status"]

    def test_what_is_gone_is_not_referred_to(self, world: World, ann: Caller, team: str):
        """The label has been deleted; the rest of the edit goes back."""
        label = ann.post(f"/workspaces/{team}/labels", {"name": "Red", "color": "#ff0000"}).json()
        body = {"title": "Plan", "labelIds": [label["id"]]}
        task = ann.post(f"/workspaces/{team}/tasks", body).json()
        path = f"workspaces/{team}/tasks/{task['id']}"
        changed = ann.patch(f"/{path}", {"title": "Party", "labelIds": []})
        assert ann.delete(f"/workspaces/{team}/labels/{label['id']}").ok
        world.pass_time(timedelta(minutes=5))

        undone(ann, changed)

        after = world.document(path)
        assert ("Plan", []) == (after["title"], after["labelIds"])
