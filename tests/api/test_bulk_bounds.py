"""What `POST /workspaces/{w}/tasks:batch` refuses as a whole."""

import pytest

from tests.api.bulk import batch, creating, made, outcomes, path_of, tasks
from tests.api.guest import guest
from tests.api.world import World


class TestBounds:
    """What is refused as a whole."""

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"mode": "atomic", "operations": []}, "/operations"),
            ({"operations": [{"op": "create", "title": "A"}]}, "/mode"),
            ({"mode": "some", "operations": [{"op": "create", "title": "A"}]}, "/mode"),
            ({"mode": "perItem", "operations": {"0": {}}}, "/operations"),
            ({"mode": "perItem", "operations": [[]]}, "/operations/0"),
            ({"mode": "perItem", "operations": [None]}, "/operations/0"),
            ({"mode": "perItem", "operations": [{}]}, "/operations/0/op"),
            ({"mode": "perItem", "operations": [{"op": "explode"}]}, "/operations/0/op"),
            ({"mode": "perItem", "operations": [{"op": ["create"]}]}, "/operations/0/op"),
            ({"mode": "perItem", "operations": [{"op": {"a": 1}}]}, "/operations/0/op"),
            ({"mode": "perItem", "operations": [{"op": "create"}]}, "/operations/0/title"),
            (
                {"mode": "perItem", "operations": [{"op": "create", "title": "A", "taskId": "b"}]},
                "/operations/0/taskId",
            ),
            (
                {"mode": "perItem", "operations": [{"op": "complete", "taskId": "a/b"}]},
                "/operations/0/taskId",
            ),
            ({"mode": "perItem", "operations": [{"op": "complete"}]}, "/operations/0/taskId"),
            (
                {"mode": "perItem", "operations": [{"op": "delete", "taskId": "a", "title": "A"}]},
                "/operations/0/title",
            ),
            (
                {
                    "mode": "perItem",
                    "operations": [{"op": "reopen", "taskId": "a", "ifMatch": "1"}],
                },
                "/operations/0/ifMatch",
            ),
            (
                {"mode": "perItem", "operations": [{"op": "update", "taskId": "a", "rev": 2}]},
                "/operations/0/rev",
            ),
            (
                {
                    "mode": "perItem",
                    "operations": [
                        {"op": "create", "title": "A"},
                        {"op": "create", "title": "A", "due": {"kind": "allDay"}},
                    ],
                },
                "/operations/1/due/date",
            ),
        ],
        ids=lambda value: str(value)[:60],
    )
    def test_malformed_requests(self, world: World, body: dict, pointer: str):
        """422, which names the value; nothing is done, also in the mode `perItem`."""
        ann = world.person("Ann")

        answer = ann.post(path_of("me"), body)

        assert 422 == answer.status_code
        assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
        assert {} == tasks(world, ann.uid)

    def test_more_than_400_are_too_many(self, world: World):
        """Whatever the mode."""
        answer = batch(world.person("Ann"), creating(401))

        assert (422, "limit-exceeded") == (answer.status_code, answer.json()["code"])

    def test_too_many_people(self, world: World):
        """Each would be looked up."""
        named = [
            {"op": "create", "title": "A", "watcherIds": [f"u{n}-{m}" for m in range(50)]}
            for n in range(11)
        ]

        answer = batch(world.person("Ann"), named)

        assert (422, "limit-exceeded") == (answer.status_code, answer.json()["code"])

    def test_a_guests_creates_count(self, world: World, monkeypatch: pytest.MonkeyPatch):
        """As many as there is room for; the others are refused."""
        monkeypatch.setattr("backend.guests.quota.MAX_GUEST_TASKS", 5)
        someone = guest(world, "gus")
        made(someone, 3)

        report = batch(someone, creating(4)).json()
        refused = batch(someone, creating(1), mode="atomic")

        assert ["done", "done", "refused", "refused"] == outcomes(report)
        assert "limit-exceeded" == report["results"][2]["code"]
        assert 409 == refused.status_code
        assert 5 == len(tasks(world, someone.uid))

    def test_who_may_not_change_tasks_sends_no_batch(self, world: World):
        """Hidden from strangers, forbidden to who only looks."""
        ann, vic, eve = world.person("Ann"), world.person("Vic"), world.person("Eve")
        team = world.team(ann)
        world.join(team, vic, "viewer")

        answers = [batch(each, creating(1), workspace=team) for each in (vic, eve)]

        assert [403, 404] == [answer.status_code for answer in answers]
