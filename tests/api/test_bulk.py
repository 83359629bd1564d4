"""`POST /workspaces/{w}/tasks:batch`: up to a hundred commands, answered at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.api.bulk import batch, creating, made, outcomes, tasks
from tests.api.undoing import undone
from tests.api.world import World, cost_of


class TestCommands:
    """What each command does is what its route does."""

    def test_every_command_in_one_request(self, world: World):
        """One of each, in their order, each with its verdict and the task as it is then."""
        ann = world.person("Ann")
        one, two, three, four = made(ann, 4)
        ann.delete(f"/workspaces/me/tasks/{four}")

        answer = batch(
            ann,
            [
                {"op": "create", "title": "New", "priority": "high"},
                {"op": "update", "taskId": one, "title": "Changed", "ifMatch": 1},
                {"op": "complete", "taskId": one},
                {"op": "reopen", "taskId": one},
                {"op": "archive", "taskId": two},
                {"op": "unarchive", "taskId": two},
                {"op": "delete", "taskId": three},
                {"op": "restore", "taskId": four},
            ],
            mode="atomic",
        )

        assert 200 == answer.status_code, answer.text
        report = answer.json()
        assert ("atomic", 8, 0, 0) == tuple(
            report[name] for name in ("mode", "done", "unchanged", "refused")
        )
        assert [*range(8)] == [each["index"] for each in report["results"]]
        assert ["New", "high"] == [report["results"][0]["task"][n] for n in ("title", "priority")]
        assert [2, 3, 4] == [each["rev"] for each in report["results"][1:4]]
        found = tasks(world, ann.uid)
        assert ("Changed", "open", 4) == tuple(found[one][n] for n in ("title", "status", "rev"))
        assert found[two]["archivedAt"] is None
        assert found[three]["deletedAt"] is not None
        assert found[four]["deletedAt"] is None

    def test_verdicts_come_in_the_order_given(self, world: World):
        """Refused ones name the problem and the value at fault; the others took place."""
        ann, eve = world.person("Ann"), world.person("Eve")
        one, two = made(ann, 2)

        report = batch(
            ann,
            [
                {"op": "complete", "taskId": one},
                {"op": "complete", "taskId": "nobodys"},
                {"op": "update", "taskId": two, "title": "B", "ifMatch": 7},
                {"op": "update", "taskId": two, "assigneeIds": [ann.uid, eve.uid]},
                {"op": "update", "taskId": two, "projectId": "none"},
                {"op": "complete", "taskId": one},
                {"op": "create", "title": "C"},
            ],
        ).json()

        assert [
            ("done", None, []),
            ("refused", "not-found", []),
            ("refused", "precondition-failed", []),
            ("refused", "validation-failed", ["/operations/3/assigneeIds/1"]),
            ("refused", "validation-failed", ["/operations/4/projectId"]),
            ("unchanged", None, []),
            ("done", None, []),
        ] == [
            (each["outcome"], each["code"], [fault["pointer"] for fault in each["errors"]])
            for each in report["results"]
        ]
        assert (2, 1, 4) == tuple(report[name] for name in ("done", "unchanged", "refused"))
        stale = report["results"][2]  # What it is now, which the caller would ask for next.
        assert (1, "Task 001") == (stale["rev"], stale["task"]["title"])
        assert [2, 1] == [tasks(world, ann.uid)[each]["rev"] for each in (one, two)]

    def test_atomic_means_all_or_nothing(self, world: World):
        """One problem names each that cannot be carried out, and nothing is changed."""
        ann = world.person("Ann")
        one, two = made(ann, 2)
        before = tasks(world, ann.uid)

        answer = batch(
            ann,
            [
                {"op": "create", "title": "New"},
                {"op": "complete", "taskId": one},
                {"op": "update", "taskId": two, "title": "B", "ifMatch": 9},
                {"op": "update", "taskId": two, "assigneeIds": ["nobody"]},
                {"op": "delete", "taskId": "none"},
            ],
            mode="atomic",
        )

        assert (409, "batch-refused") == (answer.status_code, answer.json()["code"])
        assert [
            ("/operations/2", "precondition-failed"),
            ("/operations/3/assigneeIds/0", "not-a-member"),
            ("/operations/4", "not-found"),
        ] == [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]]
        assert before == tasks(world, ann.uid)
        assert "Undo-Token" not in answer.headers

    def test_verdicts_are_in_the_language_of_the_caller(self, world: World):
        """As problems are."""
        ann = world.person("Ann")
        german = {"Accept-Language": "de"}
        once = {"op": "complete", "taskId": "none"}

        (said,) = batch(ann, [once], headers=german).json()["results"]

        assert ("not-found", "Das gibt es hier nicht") == (said["code"], said["detail"][:22])

    def test_cards_move_in_their_order(self, world: World):
        """Each finds those that moved before it, and what is full refuses one more."""
        ann = world.person("Ann")
        board = ann.post("/workspaces/me/boards", {"name": "B"}).json()["id"]
        wanted = {"name": "L", "boardId": board, "wipLimit": 4}
        column = ann.post("/workspaces/me/lists", wanted).json()["id"]
        ids = made(ann, 5)

        report = batch(
            ann,
            [
                *({"op": "move", "taskId": each, "listId": column} for each in ids),
                {"op": "move", "taskId": ids[0], "after": ids[2], "ifMatch": 2},
                {"op": "move", "taskId": ids[1], "after": "none"},
            ],
        ).json()

        assert ["done"] * 4 + ["refused", "done", "refused"] == outcomes(report)
        assert ["limit-exceeded", "validation-failed"] == [
            report["results"][index]["code"] for index in (4, 6)
        ]
        found = {key: each for key, each in tasks(world, ann.uid).items() if each["listId"]}
        assert {board} == {each["boardId"] for each in found.values()}
        in_order = sorted(found, key=lambda each: found[each]["rank"])
        assert [ids[1], ids[2], ids[0], ids[3]] == in_order

    def test_what_is_below_goes_along(self, world: World):
        """To the trash, up, or keeps it, as when it is deleted alone; and comes back with it."""
        ann = world.person("Ann")
        roots, below = made(ann, 3), made(ann, 3)
        moves = [
            {"op": "move", "taskId": child, "parentId": root}
            for root, child in zip(roots, below, strict=True)
        ]
        assert batch(ann, moves, mode="atomic").status_code == 200
        world.settle()

        answer = batch(
            ann,
            [
                {"op": "delete", "taskId": roots[0]},
                {"op": "delete", "taskId": roots[1], "children": "promote"},
                {"op": "delete", "taskId": roots[2], "children": "refuse"},
            ],
        )
        world.settle()
        found = tasks(world, ann.uid)
        undone(ann, answer)
        world.settle()

        assert ["done", "done", "refused"] == outcomes(answer.json())
        assert [True, False, False] == [found[each]["deletedAt"] is not None for each in below]
        assert [roots[0], None, roots[2]] == [found[each]["parentId"] for each in below]
        back = tasks(world, ann.uid)
        assert roots == [back[each]["parentId"] for each in below]
        assert {None} == {each["deletedAt"] for each in back.values()}

    def test_consequences_follow_as_from_single_commands(self, world: World):
        """Assignees are told, the workspace counts, and the history says who did it."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        one, two = made(ann, 2, team)
        world.settle()

        batch(
            ann,
            [
                {"op": "update", "taskId": one, "assigneeIds": [bob.uid]},
                {"op": "complete", "taskId": two},
            ],
            workspace=team,
        )
        world.settle(times=2)

        assert ["assigned"] == [each["category"] for each in world.inbox(bob)]
        counters = (world.document(f"workspaces/{team}") or {})["counters"]
        assert {"openTasks": 1, "doneTasks": 1} == {
            name: counters[name] for name in ("openTasks", "doneTasks")
        }
        (change,) = world.documents(f"workspaces/{team}/tasks/{two}/history")
        assert (ann.uid, "done") == (change["actorUid"], change["patch"]["status"])


class TestCost:
    """Two round trips, a read and a write for each task, and what undoing needs."""

    @pytest.mark.parametrize("mode", ["atomic", "perItem"])
    def test_a_batch_stays_within_its_budget(self, world: World, mode: str):
        """The token of a few carries what undoing needs; that of many names three documents."""
        ann = world.person("Ann")
        few, many = made(ann, 3), made(ann, 100)

        costs = [
            cost_of(batch(ann, [{"op": "complete", "taskId": each} for each in some], mode=mode))
            for some in (few, many)
        ]

        assert [(2, 3, 3), (2, 100, 103)] == costs

    def test_a_list_is_asked_once_for_its_end(self, world: World):
        """However many cards come there: the list, its last card, and those that move."""
        ann = world.person("Ann")
        board = ann.post("/workspaces/me/boards", {"name": "B"}).json()["id"]
        column = ann.post("/workspaces/me/lists", {"name": "L", "boardId": board}).json()["id"]
        moves = [{"op": "move", "taskId": each, "listId": column} for each in made(ann, 10)]

        answer = batch(ann, moves, mode="atomic")

        assert (3, 12, 10) == cost_of(answer)

    def test_refusals_cost_no_write(self, world: World):
        """One round trip."""
        ann = world.person("Ann")
        made(ann, 1)

        answer = batch(ann, [{"op": "complete", "taskId": f"none{n}"} for n in range(10)])

        assert (1, 10, 0) == cost_of(answer)


class TestRaces:
    """At the same time, and twice."""

    def test_batches_on_the_same_tasks(self, world: World, crowd: ThreadPoolExecutor):
        """Of several who saw the same revisions, one gets all of them."""
        ann = world.person("Ann")
        ids = made(ann, 20)
        batches = [
            [{"op": "update", "taskId": each, "title": f"By {n}", "ifMatch": 1} for each in ids]
            for n in range(6)
        ]

        answers = list(crowd.map(lambda each: batch(ann, each, mode="atomic"), batches))

        assert [200] + [409] * 5 == sorted(answer.status_code for answer in answers)
        found = tasks(world, ann.uid).values()
        assert [1, {2}] == [len({each["title"] for each in found}), {e["rev"] for e in found}]

    def test_a_repeated_request_has_one_effect(self, world: World, crowd: ThreadPoolExecutor):
        """By its `Idempotency-Key`, token and all."""
        ann = world.person("Ann")
        key = {"Idempotency-Key": "once"}

        answers = list(crowd.map(lambda _: batch(ann, creating(50), headers=key), range(5)))

        assert [200] * 5 == [answer.status_code for answer in answers]
        assert 1 == len({answer.text for answer in answers})
        assert 1 == len({answer.headers["Undo-Token"] for answer in answers})
        assert 50 == len(tasks(world, ann.uid))


class TestUndo:
    """One token for all of it."""

    @pytest.mark.parametrize("count", [3, 100])
    def test_a_batch_is_taken_back_at_once(self, world: World, count: int):
        """Whether the token carries it or names the record."""
        ann = world.person("Ann")
        ids = made(ann, count)
        done = batch(ann, [{"op": "update", "taskId": each, "title": "Same"} for each in ids])

        undone = ann.post("/undo", {"token": done.headers["Undo-Token"]})

        assert 200 == undone.status_code, undone.text
        titles = {key: each["title"] for key, each in tasks(world, ann.uid).items()}
        assert {each: f"Task {n:03}" for n, each in enumerate(ids)} == titles

    def test_a_batch_that_changed_nothing_offers_nothing(self, world: World):
        """There is nothing to take back."""
        ann = world.person("Ann")

        answer = batch(ann, [{"op": "complete", "taskId": "none"}])

        assert (200, False) == (answer.status_code, "Undo-Token" in answer.headers)
