"""What happened in a workspace: GET `/workspaces/{w}/events`."""

from datetime import timedelta

import pytest

from tests.api.factories import app_task
from tests.api.world import Caller, World, cost_of


@pytest.fixture
def team(world: World) -> tuple[Caller, Caller, str, list[str]]:
    """Two people, their team, and two tasks there: made by an app, the first completed."""
    ann, bob = world.person("Ann"), world.person("Bob")
    team = world.team(ann, bob)
    tasks = []
    for _ in range(2):
        tasks.append(app_task(world, team, by=ann))
        world.settle()
        world.clock.advance(timedelta(seconds=2))
    bob.post(f"/workspaces/{team}/tasks/{tasks[0]}/completion")
    world.settle()
    return ann, bob, team, tasks


class TestEvents:
    """Feature M130, read through the API."""

    def test_the_latest_comes_first_whoever_did_it(self, team):
        """Through the API or straight into Firestore; ids alone, and nobody's name."""
        ann, bob, workspace_id, (first, second) = team

        items = ann.get(f"/workspaces/{workspace_id}/events").json()["items"]

        assert [
            ("task.completed", first, bob.uid, 2),
            ("task.created", second, ann.uid, 1),
            ("task.created", first, ann.uid, 1),
        ] == [
            (each["type"], each["subject"]["id"], each["actorUid"], each["rev"]) for each in items
        ]
        assert {"id", "type", "subject", "actorUid", "rev", "at"} == set(items[0])

    def test_of_one_kind_or_one_task(self, team):
        """Filters combine."""
        ann, _, workspace_id, (first, second) = team

        def found(**query: str) -> list[tuple[str, str]]:
            answer = ann.get(f"/workspaces/{workspace_id}/events", params=query)
            return [(each["type"], each["subject"]["id"]) for each in answer.json()["items"]]

        assert [("task.created", second), ("task.created", first)] == found(type="task.created")
        assert [("task.completed", first), ("task.created", first)] == found(subject=first)
        assert [("task.created", first)] == found(type="task.created", subject=first)

    def test_pages(self, team):
        """A read for each event that is shown."""
        ann, _, workspace_id, _ = team
        path = f"/workspaces/{workspace_id}/events"
        ann.get(path)  # From here on the cache holds her membership.
        first = ann.get(path, params={"pageSize": 2})
        token = first.json()["nextPageToken"]
        second = ann.get(path, params={"pageSize": 2, "pageToken": token})

        assert (1, 2, 0) == cost_of(first)
        assert [2, 1] == [len(page.json()["items"]) for page in (first, second)]

    def test_what_cannot_be_asked(self, team):
        """Kinds that there are not, and parameters."""
        ann, _, workspace_id, _ = team
        path = f"/workspaces/{workspace_id}/events"

        asked = [{"type": "task.exploded"}, {"subject": "a/b"}, {"actor": "x"}]
        answers = [ann.get(path, params=query) for query in asked]

        assert [422, 422, 422] == [answer.status_code for answer in answers]
