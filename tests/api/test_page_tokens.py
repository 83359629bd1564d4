"""Page tokens: opaque, signed, and bound to caller, workspace, filters and order."""

import pytest

from tests.api.factories import stored_tasks, task_fields
from tests.api.world import Caller, World

TASKS = "/workspaces/me/tasks"


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


class TestPageTokens:
    """`pageToken`"""

    def test_a_token_opens_its_own_list_only(self, world: World, ann: Caller):
        """Altered, cut short, or shown elsewhere, it opens nothing."""
        bob = world.person("Bob")
        team, other = world.team(ann, bob), world.team(ann)
        path = f"/workspaces/{team}/tasks"
        for workspace in (team, other):
            for title in "abc":
                ann.post(f"/workspaces/{workspace}/tasks", {"title": title})
        query = {"status": "open", "sort": "dueAt", "pageSize": 1}
        token = ann.get(path, params=query).json()["nextPageToken"]
        members = ann.get(f"/workspaces/{team}/members", params={"pageSize": 1}).json()
        middle = len(token) // 2

        answers = {
            "its own": ann.get(path, params={**query, "pageToken": token}),
            "another size": ann.get(path, params={**query, "pageSize": 9, "pageToken": token}),
            "altered": ann.get(
                path,
                params={**query, "pageToken": f"{token[:middle]}A{token[middle + 1 :]}A"},
            ),
            "cut short": ann.get(path, params={**query, "pageToken": token[:-1]}),
            "not one": ann.get(path, params={**query, "pageToken": "ü.%00.x"}),
            "another person": bob.get(path, params={**query, "pageToken": token}),
            "another filter": ann.get(path, params={**query, "status": "done", "pageToken": token}),
            "one filter more": ann.get(
                path, params={**query, "assignee": "me", "pageToken": token}
            ),
            "another order": ann.get(path, params={**query, "sort": "-dueAt", "pageToken": token}),
            "another workspace": ann.get(
                f"/workspaces/{other}/tasks", params={**query, "pageToken": token}
            ),
            "another collection": ann.get(path, params={"pageToken": members["nextPageToken"]}),
        }

        good = {"its own", "another size"}
        assert good == {name for name, answer in answers.items() if answer.status_code == 200}
        for name, answer in answers.items():
            if name not in good:
                (fault,) = answer.json()["errors"]
                assert (name, 422, "invalid-page-token", "/pageToken") == (
                    name,
                    answer.status_code,
                    answer.json()["code"],
                    fault["pointer"],
                )

    def test_equal_questions_share_a_token(self, world: World, ann: Caller):
        """The order said or meant, values in any order, an instant in any zone."""
        stored_tasks(world, ann, [{"dueAt": world.clock.now(), "status": "open"}] * 3)
        said = {"dueAfter": "2026-01-01T00:00:00Z", "status": "open,done", "pageSize": 1}
        meant = {"dueAfter": "2026-01-01T02:00:00+02:00", "status": "done,open", "sort": "dueAt"}
        token = ann.get(TASKS, params=said).json()["nextPageToken"]

        assert ann.get(TASKS, params={**meant, "pageToken": token}).status_code == 200

    def test_the_longest_token_is_one_we_take(self, world: World):
        """With the longest ids there are."""
        eve = Caller(world, "e" * 128, "Eve")
        eve.get("/users/me")
        for letter in "xy":
            fields = task_fields(world, by=eve)
            world.write(f"workspaces/{eve.uid}/tasks/{letter * 128}", fields)

        first = eve.get(TASKS, params={"pageSize": 1, "sort": "-dueAt"}).json()
        second = eve.get(
            TASKS,
            params={"pageSize": 1, "sort": "-dueAt", "pageToken": first["nextPageToken"]},
        ).json()

        assert len(first["nextPageToken"]) < 1024
        assert ["y" * 128, "x" * 128] == [page["items"][0]["id"] for page in (first, second)]
