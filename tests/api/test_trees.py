"""Tasks below tasks: where they stand, how far they have come, and what becomes of them."""

import pytest

from backend.adapters.firestore import metered
from backend.tasks.model import MAX_DEPTH, TaskRef
from tests.api.factories import task_fields
from tests.api.world import Caller, World, cost_of

AT = "/workspaces/me/tasks"


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def grow(ann: Caller, parent: str | None = None, title: str = "A", **details) -> str:
    """Make a task, below another if one is named; return its id."""
    answer = ann.post(AT, {"title": title, "parentId": parent, **details})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def line(ann: Caller, length: int) -> list[str]:
    """Make tasks each below the one before; return their ids from the top."""
    found: list[str] = []
    for _ in range(length):
        found.append(grow(ann, found[-1] if found else None))
    return found


def app_writes(world: World, owner: Caller, task_id: str, **fields) -> None:
    """Change a task as the app does, or make one."""
    path = f"workspaces/{owner.uid}/tasks/{task_id}"
    now = world.clock.now()
    before = world.document(path) or {**task_fields(world, by=owner), "rev": 0}
    stamps = {"rev": before["rev"] + 1, "updatedAt": now, "updatedBy": owner.uid}
    world.write(path, {**before, **fields, **stamps})


def place_of(world: World, owner: Caller, task_id: str) -> tuple[str | None, list[str], int]:
    fields = world.document(f"workspaces/{owner.uid}/tasks/{task_id}") or {}
    return fields["parentId"], fields["ancestorIds"], fields["depth"]


def progress(ann: Caller, task_id: str) -> tuple[int, int]:
    counters = ann.get(f"{AT}/{task_id}").json()["counters"]
    return counters.get("subtasksDone", 0), counters.get("subtasks", 0)


def below(ann: Caller, task_id: str) -> list[str]:
    return [task["id"] for task in ann.get(f"{AT}/{task_id}/tree").json()["items"]]


class TestPlacing:
    """`parentId` by the API."""

    def test_a_subtask_knows_all_above_it(self, world: World, ann: Caller):
        """From the top, with its depth, in the very answer."""
        top, middle, low = line(ann, 3)

        task = ann.get(f"{AT}/{low}").json()

        assert (middle, [top, middle], 2) == (task["parentId"], task["ancestorIds"], task["depth"])

    def test_moving_takes_everything_below_along(self, world: World, ann: Caller):
        """The task at once, what is below it by reactions, level by level."""
        top, middle, low = line(ann, 3)
        lowest, other = grow(ann, low), grow(ann)
        world.settle()

        moved = ann.patch(f"{AT}/{middle}", {"parentId": other}).json()
        world.settle()

        assert [other] == moved["ancestorIds"]
        assert (middle, [other, middle], 2) == place_of(world, ann, low)
        assert (low, [other, middle, low], 3) == place_of(world, ann, lowest)
        assert [[], [middle, low, lowest]] == [below(ann, each) for each in (top, other)]

    def test_coming_to_the_top(self, world: World, ann: Caller):
        """`null` takes a task out from below another."""
        top, low = line(ann, 2)
        lowest = grow(ann, low)

        ann.patch(f"{AT}/{low}", {"parentId": None})
        world.settle()

        assert (None, [], 0) == place_of(world, ann, low)
        assert (low, [low], 1) == place_of(world, ann, lowest)
        assert [] == below(ann, top)

    @pytest.mark.parametrize("under", [0, 1, 2])
    def test_no_circle(self, world: World, ann: Caller, under: int):
        """Neither below itself nor below what is below it."""
        tasks = line(ann, 3)

        answer = ann.patch(f"{AT}/{tasks[0]}", {"parentId": tasks[under]})

        problem = answer.json()
        assert (422, "cycle-detected") == (answer.status_code, problem["code"])
        assert "/parentId" == problem["errors"][0]["pointer"]
        assert (None, [], 0) == place_of(world, ann, tasks[0])

    def test_ancestors_out_of_date_hide_no_circle(self, world: World, ann: Caller):
        """The chain is walked by `parentId`, whatever is stored of it."""
        top, _, low = line(ann, 3)
        world.database.document(f"workspaces/{ann.uid}/tasks/{low}").update(
            {"ancestorIds": ["elsewhere"], "depth": 1}
        )

        answer = ann.patch(f"{AT}/{top}", {"parentId": low})

        assert (422, "cycle-detected") == (answer.status_code, answer.json()["code"])

    def test_eight_deep_and_no_deeper(self, world: World, ann: Caller):
        """A ninth level is refused, for a new task and for one that is moved."""
        tasks = line(ann, MAX_DEPTH + 1)
        assert MAX_DEPTH == ann.get(f"{AT}/{tasks[-1]}").json()["depth"]

        new = ann.post(AT, {"title": "A", "parentId": tasks[-1]})
        moved = ann.patch(f"{AT}/{grow(ann)}", {"parentId": tasks[-1]})

        assert [(422, "limit-exceeded")] * 2 == [
            (answer.status_code, answer.json()["code"]) for answer in (new, moved)
        ]

    def test_what_is_below_counts_for_the_depth(self, world: World, ann: Caller):
        """A task goes as deep as its deepest subtask can follow."""
        tasks = line(ann, MAX_DEPTH)
        top, low = line(ann, 2)
        world.settle()

        refused = ann.patch(f"{AT}/{top}", {"parentId": tasks[-1]})
        moved = ann.patch(f"{AT}/{top}", {"parentId": tasks[-2]})
        world.settle()

        assert [(422, "limit-exceeded"), (200, None)] == [
            (answer.status_code, answer.json().get("code")) for answer in (refused, moved)
        ]
        assert MAX_DEPTH == place_of(world, ann, low)[2]

    def test_a_parent_has_to_be_there(self, world: World, ann: Caller):
        """Neither what never was nor what lies in the trash, nor a task of somebody else's."""
        gone, theirs = grow(ann), grow(world.person("Bob"))
        ann.delete(f"{AT}/{gone}")

        answers = [
            ann.post(AT, {"title": "A", "parentId": parent}) for parent in ("x", gone, theirs)
        ]

        assert [(422, "unknown-reference")] * 3 == [
            (answer.status_code, answer.json()["errors"][0]["code"]) for answer in answers
        ]

    def test_a_chain_that_leads_nowhere_ends(self, world: World, ann: Caller):
        """Where a task above is gone for good, the one below it becomes the top."""
        top, middle, low = line(ann, 3)
        world.database.document(f"workspaces/{ann.uid}/tasks/{top}").delete()

        task = ann.post(AT, {"title": "A", "parentId": low}).json()

        assert [middle, low] == task["ancestorIds"]
        assert (None, [], 0) == place_of(world, ann, middle)


class TestDirectWrites:
    """`parentId` by apps, which say nothing of ancestors."""

    def test_the_server_says_what_is_above(self, world: World, ann: Caller):
        """For a task that the app makes, and for one that it moves with all that is below."""
        top = grow(ann)
        app_writes(world, ann, "made", parentId=top)
        app_writes(world, ann, "below", parentId=None)
        app_writes(world, ann, "moved", parentId=None)
        world.settle()
        app_writes(world, ann, "below", parentId="moved")
        world.settle()

        app_writes(world, ann, "moved", parentId=top)
        world.settle()

        assert (top, [top], 1) == place_of(world, ann, "made")
        assert (top, [top], 1) == place_of(world, ann, "moved")
        assert ("moved", [top, "moved"], 2) == place_of(world, ann, "below")

    def test_what_is_too_deep_is_cut_off(self, world: World, ann: Caller):
        """It becomes a top task with all that is below it: nothing is lost."""
        tasks = line(ann, MAX_DEPTH + 1)
        lowest = tasks[-1]
        top = grow(ann)
        world.settle()

        app_writes(world, ann, tasks[0], parentId=top)
        world.settle()

        assert (None, [], 0) == place_of(world, ann, lowest)
        assert tasks[1:-1] == below(ann, tasks[0])
        assert MAX_DEPTH == place_of(world, ann, tasks[-2])[2]
        history = ann.get(f"{AT}/{lowest}/history").json()["items"]
        assert [{"parentId": None}] == [change["patch"] for change in history]

    def test_below_what_is_gone_for_good(self, world: World, ann: Caller):
        """Such a task comes to the top, where people see it."""
        app_writes(world, ann, "a", parentId="gone", ancestorIds=["gone"], depth=1)

        world.settle()

        assert (None, [], 0) == place_of(world, ann, "a")


class TestProgress:
    """`counters.subtasks` and `counters.subtasksDone` of the parent."""

    def test_three_of_five(self, world: World, ann: Caller):
        """Whoever wrote them, and whatever way they came and went."""
        top, other = grow(ann), grow(ann)
        tasks = [grow(ann, top) for _ in range(4)]
        app_writes(world, ann, "fifth", parentId=top)
        seen = []

        def look() -> None:
            world.settle()
            seen.append((*progress(ann, top), *progress(ann, other)))

        look()
        for each in tasks[:3]:
            ann.post(f"{AT}/{each}/completion")
        look()
        ann.patch(f"{AT}/{tasks[0]}", {"parentId": other})
        look()
        ann.delete(f"{AT}/{tasks[1]}")
        look()
        ann.post(f"{AT}/{tasks[1]}:restore")
        look()
        ann.post(f"{AT}/{tasks[2]}/archive")  # Done, and tidied up.
        look()
        ann.post(f"{AT}/{tasks[3]}/archive")  # Not done, and put away.
        look()
        ann.patch(f"{AT}/{tasks[1]}", {"status": "cancelled"})
        look()

        assert [
            (0, 5, 0, 0),
            (3, 5, 0, 0),
            (2, 4, 1, 1),
            (1, 3, 1, 1),
            (2, 4, 1, 1),
            (2, 4, 1, 1),
            (2, 3, 1, 1),
            (1, 2, 1, 1),
        ] == seen

    def test_a_doubled_doorbell_counts_once(self, world: World, ann: Caller):
        """The shadow says what was counted."""
        top = grow(ann)
        low = grow(ann, top)
        for _ in range(3):
            world.ring(ann.uid, low)
        world.settle(times=2)

        assert (0, 1) == progress(ann, top)


class TestTree:
    """GET …/tree"""

    def test_parents_before_their_subtasks(self, world: World, ann: Caller):
        """By depth, then by rank; nothing from the trash, nothing beside it."""
        top = grow(ann)
        second, first = grow(ann, top, rank="V"), grow(ann, top, rank="B")
        low, gone, _ = grow(ann, second, rank="A"), grow(ann, top), grow(ann)
        ann.delete(f"{AT}/{gone}")

        assert [first, second, low] == below(ann, top)

    def test_by_pages(self, world: World, ann: Caller):
        """As every long list."""
        top = grow(ann)
        low = {grow(ann, top, rank=rank) for rank in "ABC"}

        page = ann.get(f"{AT}/{top}/tree", params={"pageSize": 2}).json()
        params = {"pageSize": 2, "pageToken": page["nextPageToken"]}
        rest = ann.get(f"{AT}/{top}/tree", params=params).json()

        assert low == {task["id"] for task in (*page["items"], *rest["items"])}
        assert [2, 1, None] == [len(page["items"]), len(rest["items"]), rest["nextPageToken"]]

    def test_of_what_is_not_there(self, world: World, ann: Caller):
        """A leaf has an empty tree; what is absent or in the trash has none."""
        leaf, gone = grow(ann), grow(ann)
        ann.delete(f"{AT}/{gone}")

        answers = [ann.get(f"{AT}/{each}/tree") for each in (leaf, gone, "x")]

        assert [200, 404, 404] == [answer.status_code for answer in answers]
        assert [] == answers[0].json()["items"]

    def test_one_query(self, world: World, ann: Caller):
        """As many documents as there are below it, in one round trip; a leaf is asked for, too."""
        top = grow(ann)
        leaf, *_ = (grow(ann, top) for _ in range(5))

        assert [(1, 5, 0), (2, 2, 0)] == [
            cost_of(ann.get(f"{AT}/{each}/tree")) for each in (top, leaf)
        ]


class TestCosts:
    """What placing a task takes, and what follows."""

    def test_reactions(self, world: World, ann: Caller):
        """A subtask costs its parent's counter; a look at the parent where it is new below it."""
        top = grow(ann)
        low = TaskRef(ann.uid, grow(ann, top))

        def reaction() -> tuple[int, int]:
            with metered() as usage:
                assert world.services.reactor.react(low)
            return usage.rpcs, usage.reads

        made = reaction()
        ann.post(f"{AT}/{low.task_id}/completion")
        done = reaction()
        ann.patch(f"{AT}/{low.task_id}", {"parentId": None})
        moved = reaction()

        # Made: the parent. Moved: whether anything is below it that has to follow.
        assert [(3, 3), (2, 2), (3, 3)] == [made, done, moved]

    def test_one_round_trip_for_the_whole_chain(self, world: World, ann: Caller):
        """The parent with the task, all above it in another; each is guarded, which is a write."""
        tasks = line(ann, 6)
        leaf = grow(ann)

        created = ann.post(AT, {"title": "A", "parentId": tasks[0]})
        deep = ann.post(AT, {"title": "A", "parentId": tasks[-1]})
        moved = ann.patch(f"{AT}/{leaf}", {"parentId": tasks[-1]})
        freed = ann.patch(f"{AT}/{leaf}", {"parentId": None})

        assert [(2, 1, 2), (3, 6, 7), (3, 7, 8), (2, 1, 2)] == [
            cost_of(answer) for answer in (created, deep, moved, freed)
        ]
