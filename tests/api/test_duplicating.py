"""`POST …/tasks/{t}:duplicate`."""

import pytest

from tests.api.bulk import batch, tasks
from tests.api.guest import guest
from tests.api.world import Caller, World, cost_of

CHECKLIST = [
    {"id": "a", "text": "Ask", "isDone": True},
    {"id": "b", "text": "Answer", "isDone": False},
]


def created(caller: Caller, workspace: str, **fields) -> dict:
    answer = caller.post(f"/workspaces/{workspace}/tasks", {"title": "Original", **fields})
    assert answer.status_code == 201, answer.text
    return answer.json()


def duplicate(caller: Caller, workspace: str, task_id: str, **wanted):
    return caller.post(f"/workspaces/{workspace}/tasks/{task_id}:duplicate", wanted)


def below(world: World, caller: Caller, parent_id: str, title: str, **fields) -> str:
    """Make a task below another, as an app does, and let the reactions follow."""
    task = created(caller, "me", title=title, **fields)
    moved = world.database.document(f"workspaces/{caller.uid}/tasks/{task['id']}")
    moved.update({"parentId": parent_id, "rev": 2, "updatedAt": world.clock.now()})
    world.settle()
    return task["id"]


class TestOneTask:
    """Alone."""

    def test_a_copy_is_the_same_thing_not_yet_done(self, world: World):
        """What was said of the task is copied; what became of it is not."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        label = ann.post(f"/workspaces/{team}/labels", {"name": "Red"}).json()["id"]
        task = created(
            ann,
            team,
            description="All of it",
            priority="high",
            assigneeIds=[bob.uid],
            watcherIds=[ann.uid],
            labelIds=[label],
            due={"kind": "allDay", "date": "2027-03-01", "tz": "UTC"},
            reminders=[{"kind": "relative", "minutesBefore": 30}],
            checklist=CHECKLIST,
            estimateMin=45,
        )
        bob.post(f"/workspaces/{team}/tasks/{task['id']}/completion")

        answer = duplicate(ann, team, task["id"])

        assert 201 == answer.status_code, answer.text
        copy = answer.json()
        same = ("title", "description", "priority", "assigneeIds", "watcherIds", "labelIds")
        more = ("due", "dueAt", "reminders", "estimateMin", "projectId", "parentId")
        assert [task[name] for name in (*same, *more)] == [copy[name] for name in (*same, *more)]
        assert [("Ask", False), ("Answer", False)] == [
            (item["text"], item["isDone"]) for item in copy["checklist"]
        ]
        assert ("open", None, 1, ann.uid) == tuple(
            copy[name] for name in ("status", "completedAt", "rev", "createdBy")
        )
        assert copy["id"] != task["id"]
        assert answer.headers["Location"].endswith(copy["id"])

    def test_another_title(self, world: World):
        """For who wants to tell them apart."""
        ann = world.person("Ann")
        task = created(ann, "me")

        assert "Copy" == duplicate(ann, "me", task["id"], title="Copy").json()["title"]

    def test_it_stands_behind_its_original(self, world: World):
        """In the list of it, before what came next."""
        ann = world.person("Ann")
        project = ann.post("/workspaces/me/projects", {"name": "P"}).json()["id"]
        first, second = (created(ann, "me", projectId=project, rank=rank) for rank in ("F", "V"))

        copy = duplicate(ann, "me", first["id"]).json()

        assert first["rank"] < copy["rank"] < second["rank"]

    def test_who_left_is_not_on_the_copy(self, world: World):
        """Although the original still names them for a moment."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        task = created(ann, team, assigneeIds=[bob.uid])
        ann.delete(f"/workspaces/{team}/members/{bob.uid}")
        world.write(
            f"workspaces/{team}/tasks/{task['id']}",
            {**(tasks(world, team)[task["id"]]), "assigneeIds": [bob.uid]},
        )

        assert [] == duplicate(ann, team, task["id"]).json()["assigneeIds"]

    def test_what_is_not_there_is_not_copied(self, world: World):
        """Nor what lies in the trash."""
        ann = world.person("Ann")
        task = created(ann, "me")
        ann.delete(f"/workspaces/me/tasks/{task['id']}")

        answers = [duplicate(ann, "me", each) for each in ("none", task["id"])]

        assert [404, 404] == [answer.status_code for answer in answers]

    def test_cost(self, world: World):
        """The task is read, and one document written."""
        ann = world.person("Ann")
        task = created(ann, "me")

        assert (2, 1, 1) == cost_of(duplicate(ann, "me", task["id"]))

    def test_a_repeated_request_makes_one_copy(self, world: World):
        """By its `Idempotency-Key`."""
        ann = world.person("Ann")
        path = f"/workspaces/me/tasks/{created(ann, 'me')['id']}:duplicate"

        answers = [ann.post(path, {}, headers={"Idempotency-Key": "k"}) for _ in range(2)]

        assert 1 == len({answer.json()["id"] for answer in answers})
        assert 2 == len(tasks(world, ann.uid))

    def test_undo_puts_the_copy_in_the_trash(self, world: World):
        """And leaves the original."""
        ann = world.person("Ann")
        task = created(ann, "me")
        answer = duplicate(ann, "me", task["id"])

        undone = ann.post("/undo", {"token": answer.headers["Undo-Token"]})

        assert 200 == undone.status_code, undone.text
        found = tasks(world, ann.uid)
        assert [True, False] == [
            found[each]["deletedAt"] is None for each in (task["id"], answer.json()["id"])
        ]


class TestSubtree:
    """With everything below."""

    def test_the_whole_tree_is_copied(self, world: World):
        """Shape and blockers as they were, all of it open, and the parent counts."""
        ann = world.person("Ann")
        root = created(ann, "me", title="Root")["id"]
        child = below(world, ann, root, "Child")
        grandchild = below(world, ann, child, "Grandchild", checklist=CHECKLIST)
        other = below(world, ann, root, "Other")
        ann.put(f"/workspaces/me/tasks/{other}/blockers/{child}")
        ann.post(f"/workspaces/me/tasks/{grandchild}/completion")
        world.settle()

        answer = duplicate(ann, "me", root, subtree=True)
        world.settle(times=2)

        assert 201 == answer.status_code, answer.text
        found = tasks(world, ann.uid)
        new = {
            each["title"]: (key, each)
            for key, each in found.items()
            if key not in (root, child, grandchild, other)
        }
        key = {title: each[0] for title, each in new.items()}
        assert {
            "Root": (None, [], []),
            "Child": (key["Root"], [key["Root"]], []),
            "Grandchild": (key["Child"], [key["Root"], key["Child"]], []),
            "Other": (key["Root"], [key["Root"]], [key["Child"]]),
        } == {
            title: (each["parentId"], each["ancestorIds"], each["blockedBy"])
            for title, (_, each) in new.items()
        }
        assert {"open"} == {each["status"] for _, each in new.values()}
        assert (True, False) == (new["Other"][1]["isBlocked"], new["Child"][1]["isBlocked"])
        assert 2 == found[key["Root"]]["counters"]["subtasks"]

    def test_without_subtree_it_is_one_task(self, world: World):
        """What is below stays below the original alone."""
        ann = world.person("Ann")
        root = created(ann, "me", title="Root")["id"]
        below(world, ann, root, "Child")

        duplicate(ann, "me", root)

        assert 3 == len(tasks(world, ann.uid))

    def test_more_than_a_commit_holds(self, world: World, monkeypatch: pytest.MonkeyPatch):
        """Is refused, and nothing is copied."""
        monkeypatch.setattr("backend.tasks.duplicating.MOST_COPIES", 3)
        ann = world.person("Ann")
        root = created(ann, "me", title="Root")["id"]
        for number in range(3):
            below(world, ann, root, f"Child {number}")

        answer = duplicate(ann, "me", root, subtree=True)

        assert (422, "limit-exceeded") == (answer.status_code, answer.json()["code"])
        assert 4 == len(tasks(world, ann.uid))

    def test_a_guest_has_room_for_so_many(self, world: World, monkeypatch: pytest.MonkeyPatch):
        """Each copy counts."""
        monkeypatch.setattr("backend.guests.quota.MAX_GUEST_TASKS", 3)
        someone = guest(world, "gus")
        root = created(someone, "me", title="Root")["id"]
        below(world, someone, root, "Child")

        answers = [
            duplicate(someone, "me", root, subtree=True),
            duplicate(someone, "me", root),
            batch(someone, [{"op": "create", "title": "A"}], mode="atomic"),
        ]

        assert [422, 201, 409] == [answer.status_code for answer in answers]
