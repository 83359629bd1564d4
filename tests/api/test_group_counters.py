"""`counters` of projects, boards and lists: what reactions have counted."""

import random

import pytest

from tests.api.groups import cards, counters, made, move, place_of
from tests.api.world import Caller, World


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


def standing(tasks: list[dict], field: str, group_id: str) -> tuple[int, int]:
    """Count by hand what is open and what is done in a group."""
    inside = [
        task["status"] for task in tasks if task[field] == group_id and task["archivedAt"] is None
    ]
    return inside.count("open"), inside.count("done")


class TestCounters:
    """`counters` of projects, boards and lists follow."""

    def test_they_count_what_stands_there(self, world: World, ann: Caller):
        """Through random moves, completions, archiving and the trash, by API and app alike."""
        lists = [made(ann, "me", "lists") for _ in range(2)]
        projects = [made(ann, "me", "projects")["id"] for _ in range(2)]
        ids = cards(world, ann.uid, ann, [place_of(lists[0])] * 6)
        choice = random.Random(5)
        path = "/workspaces/me/tasks"
        to_list = [{"listId": each["id"]} for each in lists] + [{"listId": None}]
        to_project = [{"projectId": each} for each in (*projects, None)]
        acts = [
            lambda task: move(ann, task, **choice.choice(to_list)),
            lambda task: move(ann, task, **choice.choice(to_list)),
            lambda task: move(ann, task, **choice.choice(to_project)),
            lambda task: ann.post(f"{path}/{task}/completion"),
            lambda task: ann.delete(f"{path}/{task}/completion"),
            lambda task: ann.post(f"{path}/{task}/archive"),
            lambda task: ann.delete(f"{path}/{task}/archive"),
        ]
        for _ in range(40):
            choice.choice(acts)(choice.choice(ids))
            if choice.random() < 0.3:
                world.settle()
        world.settle(times=2)

        found = [world.document(f"workspaces/{ann.uid}/tasks/{task_id}") for task_id in ids]
        groups = [("lists", "listId", each["id"]) for each in lists]
        groups += [("boards", "boardId", each["boardId"]) for each in lists]
        groups += [("projects", "projectId", each) for each in projects]
        expected = {group: standing(found, *group[1:]) for group in groups}
        assert expected == {
            (kind, field, group_id): counters(ann, "me", kind, group_id)
            for kind, field, group_id in groups
        }

    def test_a_reaction_to_what_stood_in_a_deleted_list(self, world: World, ann: Caller):
        """The counter is gone: the rest of the reaction takes place all the same."""
        given = made(ann, "me", "lists")
        cards(world, ann.uid, ann, [place_of(given)])
        world.settle()
        ann.delete(f"/workspaces/me/lists/{given['id']}")

        world.settle()

        assert (1, 0) == counters(ann, "me", "boards", given["boardId"])
        events = world.documents(f"workspaces/{ann.uid}/events")
        assert ["task.created", "task.moved"] == sorted(event["type"] for event in events)
