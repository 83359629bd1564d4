"""`POST …/tasks/{t}:move` with a `workspaceId`: a task goes to another workspace."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.attaching import room_of
from tests.api.bulk import tasks
from tests.api.guest import guest
from tests.api.mortality import Fate, Killed, mortal_services
from tests.api.relocating import belongings, below, furnish, move, moved, task, unattended
from tests.api.undoing import undo, undone
from tests.api.world import World, cost_of


class TestMove:
    """What arrives, and what is left."""

    def test_everything_that_belongs_to_it_comes_along(self, world: World):
        """Comments, files and history; here it lies in the trash, with the way to where it is."""
        ann = world.person("Ann")
        team = world.team(ann)
        old = task(ann, "me", description="All", priority="high")
        furnish(ann, "me", old)
        world.settle()

        operation = moved(ann, "me", old, team)

        result = operation["result"]
        new = result["taskId"]
        assert ("moveTask", "done", team, 1, 3, 1) == (
            operation["kind"],
            operation["state"],
            *(result[name] for name in ("workspaceId", "tasks", "comments", "attachments")),
        )
        answer = ann.get(f"/workspaces/{team}/tasks/{new}").json()
        assert ["Second title", "All", "high", 3] == [
            answer[name] for name in ("title", "description", "priority", "rev")
        ]
        left = tasks(world, ann.uid)[old]
        assert {"workspaceId": team, "taskId": new} == left["movedTo"]
        assert left["deletedAt"] is not None
        said = ann.get(f"/workspaces/{team}/tasks/{new}/comments").json()["items"]
        assert {"Comment **0**", "Comment **1**", "Comment **2**"} == {e["body"] for e in said}
        (file,) = ann.get(f"/workspaces/{team}/tasks/{new}/attachments").json()["items"]
        assert "ready" == file["state"]

    def test_what_is_counted_is_counted_there(self, world: World):
        """Comments, files, subtasks, open tasks, and the room that files take."""
        ann = world.person("Ann")
        team = world.team(ann)
        old = task(ann, "me")
        furnish(ann, "me", old)
        child = below(world, ann, "me", old, "Child")
        world.settle()
        size, _ = room_of(world, ann.uid)

        new = moved(ann, "me", old, team)["result"]["taskId"]
        world.settle(times=2)

        counters = tasks(world, team)[new]["counters"]
        assert {"comments": 3, "attachments": 1, "subtasks": 1} == {
            name: counters.get(name) for name in ("comments", "attachments", "subtasks")
        }
        opened = [
            (world.document(f"workspaces/{each}") or {})["counters"]["openTasks"]
            for each in (ann.uid, team)
        ]
        assert [0, 2] == opened
        assert (size, 1) == room_of(world, team)
        assert tasks(world, ann.uid)[child]["movedTo"]["workspaceId"] == team

    def test_the_history_stays_readable(self, world: World):
        """Before the move, and the move itself; then it goes on."""
        ann = world.person("Ann")
        team = world.team(ann)
        old = task(ann, "me")
        ann.patch(f"/workspaces/me/tasks/{old}", {"title": "Second"})

        new = moved(ann, "me", old, team)["result"]["taskId"]
        ann.patch(f"/workspaces/{team}/tasks/{new}", {"title": "Third"})
        changes = ann.get(f"/workspaces/{team}/tasks/{new}/history").json()["items"]

        assert [4, 3, 2] == [each["rev"] for each in changes]
        assert ["Third", None, "Second"] == [each["patch"].get("title") for each in changes]

    def test_a_subtree_keeps_its_shape(self, world: World):
        """Under new ids; the root stands below nothing any more."""
        ann = world.person("Ann")
        team = world.team(ann)
        top = task(ann, "me", title="Top")
        root = below(world, ann, "me", top, "Root")
        child = below(world, ann, "me", root, "Child")
        below(world, ann, "me", child, "Grandchild")
        ann.put(f"/workspaces/me/tasks/{root}/blockers/{child}")

        moved(ann, "me", root, team)
        world.settle()

        found = {each["title"]: (key, each) for key, each in tasks(world, team).items()}
        key = {title: each[0] for title, each in found.items()}
        assert {
            "Root": (None, [], 0, [key["Child"]]),
            "Child": (key["Root"], [key["Root"]], 1, []),
            "Grandchild": (key["Child"], [key["Root"], key["Child"]], 2, []),
        } == {
            title: tuple(each[name] for name in ("parentId", "ancestorIds", "depth", "blockedBy"))
            for title, (_, each) in found.items()
        }
        assert [top] == [
            key for key, each in tasks(world, ann.uid).items() if each["deletedAt"] is None
        ]

    def test_what_cannot_come_along_is_named(self, world: World):
        """People who are no members there, project, labels; who is there stays on it."""
        ann, bob, cid = (world.person(name) for name in ("Ann", "Bob", "Cid"))
        here, there = world.team(ann, bob, cid), world.team(ann, bob)
        project = ann.post(f"/workspaces/{here}/projects", {"name": "P"}).json()["id"]
        label = ann.post(f"/workspaces/{here}/labels", {"name": "L"}).json()["id"]
        old = task(
            ann,
            here,
            assigneeIds=[bob.uid, cid.uid],
            watcherIds=[cid.uid],
            projectId=project,
            labelIds=[label],
        )

        result = moved(ann, here, old, there)["result"]

        assert [cid.uid] == result["people"]
        assert {"projectId", "labelIds"} == set(result["leftBehind"])
        new = tasks(world, there)[result["taskId"]]
        assert ([bob.uid], [], None, []) == tuple(
            new[name] for name in ("assigneeIds", "watcherIds", "projectId", "labelIds")
        )

    def test_nobody_is_told_of_old_comments_again(self, world: World):
        """Although they were mentioned in them."""
        ann, bob = world.person("Ann"), world.person("Bob")
        here, there = world.team(ann, bob), world.team(ann, bob)
        old = task(ann, here, watcherIds=[bob.uid])
        said = {"body": "Look", "mentionIds": [bob.uid]}
        ann.post(f"/workspaces/{here}/tasks/{old}/comments", said)
        world.settle(times=2)
        before = len(world.inbox(bob))

        moved(ann, here, old, there)
        world.settle(times=2)

        assert 1 == before == len(world.inbox(bob))


class TestWhoMay:
    """Rights on both sides."""

    def test_rights_on_both_sides(self, world: World):
        """To throw away here, and to create there; what one does not see is not there."""
        ann, bob = world.person("Ann"), world.person("Bob")
        here, there = world.team(ann), world.team(ann)
        old = task(ann, here)
        verdicts = {}
        for role_here, role_there in (
            ("member", "member"),
            ("viewer", "member"),
            ("member", "viewer"),
            (None, "member"),
            ("member", None),
        ):
            fresh, other = world.team(ann), world.team(ann)
            mine = task(ann, fresh)
            for team, role in ((fresh, role_here), (other, role_there)):
                if role is not None:
                    world.join(team, bob, role)
            verdicts[role_here, role_there] = move(bob, fresh, mine, other).status_code

        assert {
            ("member", "member"): 202,
            ("viewer", "member"): 403,
            ("member", "viewer"): 403,
            (None, "member"): 404,
            ("member", None): 404,
        } == verdicts
        assert 404 == move(bob, here, old, there).status_code

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ({"workspaceId": "a/b"}, 422),
            ({"workspaceId": None}, 422),
            ({"workspaceId": "me", "rank": "V"}, 422),
            ({"workspaceId": ["me"]}, 422),
            ({"workspaceId": "nobodys"}, 404),
            ({"workspaceId": "me"}, 422),
        ],
        ids=str,
    )
    def test_hostile_bodies(self, world: World, body: dict, status: int):
        """Where it is already is no other workspace."""
        ann = world.person("Ann")

        answer = ann.post(f"/workspaces/me/tasks/{task(ann, 'me')}:move", body)

        assert status == answer.status_code, answer.text

    def test_a_stale_tag(self, world: World):
        """Moves nothing, and shows what the task is now."""
        ann = world.person("Ann")
        team, old = world.team(ann), task(ann, "me")

        answer = move(ann, "me", old, team, headers={"If-Match": '"7"'})

        assert (412, 1) == (answer.status_code, answer.json()["current"]["rev"])
        assert {} == tasks(world, team)

    def test_more_than_a_commit_holds(self, world: World, monkeypatch: pytest.MonkeyPatch):
        """Is refused, and nothing moves."""
        monkeypatch.setattr("backend.relocation.service.MOST_TASKS", 2)
        ann = world.person("Ann")
        team, old = world.team(ann), task(ann, "me")
        for number in range(2):
            below(world, ann, "me", old, f"Child {number}")

        answer = move(ann, "me", old, team)

        assert (422, "limit-exceeded") == (answer.status_code, answer.json()["code"])
        assert {} == tasks(world, team)

    def test_a_guest_has_nowhere_to_go(self, world: World):
        """But their own workspace."""
        ann, someone = world.person("Ann"), guest(world, "gus")

        assert 404 == move(someone, "me", task(someone, "me"), ann.uid).status_code


class TestUndo:
    """Back where it was."""

    def test_it_is_back_with_what_was_said(self, world: World):
        """The original as it was; what arrived goes to the trash there."""
        ann = world.person("Ann")
        team, old = world.team(ann), task(ann, "me")
        furnish(ann, "me", old)
        child = below(world, ann, "me", old, "Child")
        answer = move(ann, "me", old, team)
        world.settle(times=3)

        undone(ann, answer)
        world.settle(times=2)

        found = tasks(world, ann.uid)
        assert [None] * 2 == [found[each]["deletedAt"] for each in (old, child)]
        assert [None] * 2 == [found[each]["movedTo"] for each in (old, child)]
        assert None not in [each["deletedAt"] for each in tasks(world, team).values()]
        assert 3 == len(ann.get(f"/workspaces/me/tasks/{old}/comments").json()["items"])
        counters = (world.document(f"workspaces/{team}") or {})["counters"]
        assert 0 == counters["openTasks"]

    def test_not_before_it_has_ended(self, world: World):
        """What is under way is called off, or waited for."""
        ann = world.person("Ann")
        team, old = world.team(ann), task(ann, "me")
        answer, _ = unattended(world, ann, "me", old, team)

        assert 409 == undo(ann, answer).status_code

    def test_restoring_the_original_forgets_the_way(self, world: World):
        """There are two of it then, which somebody wanted."""
        ann = world.person("Ann")
        team, old = world.team(ann), task(ann, "me")
        moved(ann, "me", old, team)

        restored = ann.post(f"/workspaces/me/tasks/{old}:restore")

        assert (200, None) == (restored.status_code, restored.json()["movedTo"])
        assert tasks(world, ann.uid)[old]["movedTo"] is None


class TestInterrupted:
    """Neither lost nor doubled."""

    def test_killed_between_any_two_commits(self, world: World, monkeypatch: pytest.MonkeyPatch):
        """Whenever the worker dies, everything arrives once, and is counted once."""
        monkeypatch.setattr("backend.relocation.work.PAGE", 4)
        ann = world.person("Ann")
        team = world.team(ann)
        moments = 0
        while True:
            old = task(ann, "me")
            furnish(ann, "me", old)
            world.settle()
            answer, job = unattended(world, ann, "me", old, team)
            try:
                mortal_services(world, Fate(at=moments + 1)).firing.fire(job)
            except Killed:
                moments += 1
            else:
                break
            world.services.firing.fire(job)
            world.settle()

            new = answer.json()["result"]["taskId"]
            # Of the history: the change of title, and the move.
            wanted = {"comments": 3, "attachments": 1, "history": 2}
            assert (moments, wanted) == (moments, belongings(world, team, new))
            counters = tasks(world, team)[new]["counters"]
            assert (3, 1) == (counters["comments"], counters["attachments"])
            state = ann.get(f"/operations/{job['operationId']}").json()["state"]
            assert "done" == state

        assert moments >= 8

    def test_several_workers_at_once(self, world: World, crowd: ThreadPoolExecutor):
        """Each page is copied once."""
        ann = world.person("Ann")
        team, old = world.team(ann), task(ann, "me")
        furnish(ann, "me", old)
        answer, job = unattended(world, ann, "me", old, team)

        list(crowd.map(lambda _: world.services.firing.fire(job), range(4)))
        world.settle()

        new = answer.json()["result"]["taskId"]
        assert {"comments": 3, "attachments": 1, "history": 2} == belongings(world, team, new)
        assert 3 == tasks(world, team)[new]["counters"]["comments"]

    def test_two_who_move_it_at_once(self, world: World, crowd: ThreadPoolExecutor):
        """To two places: one of them has it."""
        ann = world.person("Ann")
        teams, old = [world.team(ann) for _ in range(4)], task(ann, "me")

        answers = list(crowd.map(lambda team: move(ann, "me", old, team), teams))

        assert [202, 404, 404, 404] == sorted(answer.status_code for answer in answers)
        assert 1 == sum(len(tasks(world, team)) for team in teams)

    def test_an_edit_at_the_same_moment_is_not_lost(self, world: World, crowd: ThreadPoolExecutor):
        """It took place before, and came along, or found nothing there any more."""
        ann = world.person("Ann")
        team = world.team(ann)
        seen = set()
        for _ in range(6):
            old = task(ann, "me")
            moving = crowd.submit(move, ann, "me", old, team)
            path = f"/workspaces/me/tasks/{old}"
            edited = crowd.submit(ann.patch, path, {"title": "Edited"}).result()
            new = moving.result().json()["result"]["taskId"]
            seen.add((edited.status_code, tasks(world, team)[new]["title"]))

        assert seen <= {(200, "Edited"), (404, "Root")}

    def test_a_repeated_request_moves_once(self, world: World):
        """By its `Idempotency-Key`."""
        ann = world.person("Ann")
        team, old = world.team(ann), task(ann, "me")

        answers = [move(ann, "me", old, team, headers={"Idempotency-Key": "k"}) for _ in range(2)]

        assert [202, 202] == [answer.status_code for answer in answers]
        assert 1 == len(tasks(world, team))

    def test_cost(self, world: World):
        """A task: it and the memberships are read; both tasks, their history, the operation."""
        ann = world.person("Ann")
        team, old = world.team(ann), task(ann, "me")
        ann.get(f"/workspaces/{team}")

        # The task there and its first history, the one here, the operation, two timers, a record.
        assert (2, 1, 7) == cost_of(move(ann, "me", old, team))
