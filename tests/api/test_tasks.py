"""/api/v1/workspaces/{w}/tasks"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.api.world import Caller, World

HOSTILE_IDS = ("a%2Fb%2Fc", "..", "a.b", "%00", "x" * 129, "t%C3%A4sk", "__x__/y")


class TestCreate:
    """POST"""

    def test_a_task_is_created_with_what_was_said(self, world: World):
        """The answer is the document, and says where it is."""
        ann = world.person("Ann")
        due = {"kind": "zoned", "date": "2026-12-24", "time": "18:00", "tz": "Europe/Berlin"}

        answer = ann.post("/workspaces/me/tasks", {"title": "Tree", "priority": "high", "due": due})

        task = answer.json()
        assert answer.status_code == 201
        assert f"/api/v1/workspaces/{ann.uid}/tasks/{task['id']}" == answer.headers["Location"]
        assert answer.headers["ETag"] == '"1"'
        assert ("Tree", "high", "open", due) == tuple(
            task[name] for name in ("title", "priority", "status", "due")
        )
        assert task["dueAt"] == "2026-12-24T17:00:00.000Z"
        assert world.document(f"workspaces/{ann.uid}/tasks/{task['id']}")["priority"] == 3

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "/title"),
            ({"title": ""}, "/title"),
            ({"title": "x" * 501}, "/title"),
            ({"title": 5}, "/title"),
            ({"title": "x", "priority": "5"}, "/priority"),
            ({"title": "x", "status": "closed"}, "/status"),
            ({"title": "x", "assigneeIds": ["a/b"]}, "/assigneeIds/0"),
            ({"title": "x", "assigneeIds": ["nobody"]}, "/assigneeIds/0"),
            ({"title": "x", "assigneeIds": ["a"] * 21}, "/assigneeIds"),
            ({"title": "x", "due": {"kind": "zoned", "date": "2026-02-30"}}, "/due/tz"),
            (
                {"title": "x", "due": {"kind": "allDay", "date": "2026-02-30", "tz": "UTC"}},
                "/due/date",
            ),
            ({"title": "x", "due": {"kind": "allDay", "date": "2026-02-03", "tz": "X"}}, "/due/tz"),
        ],
    )
    def test_a_bad_value_is_named(self, world: World, body: dict, pointer: str):
        """The pointer leads to it, the code says what is wrong, and nothing is written."""
        ann = world.person("Ann")

        answer = ann.post("/workspaces/me/tasks", body)

        assert answer.status_code == 422
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]
        assert world.documents(f"workspaces/{ann.uid}/tasks") == []

    @pytest.mark.parametrize("field", ["rev", "createdBy", "isOverdue", "seriesId", "workspaceId"])
    def test_fields_of_the_server_are_refused(self, world: World, field: str):
        """Refused, not ignored: the caller is told that it has no effect."""
        answer = world.person("Ann").post("/workspaces/me/tasks", {"title": "x", field: "y"})

        assert (answer.status_code, answer.json()["code"]) == (422, "unknown-field")

    def test_a_body_that_is_not_json_is_refused(self, world: World):
        """A form would read as missing fields."""
        ann = world.person("Ann")

        form = ann.call("POST", "/workspaces/me/tasks", data={"title": "x"})
        broken = ann.call(
            "POST",
            "/workspaces/me/tasks",
            data="{",
            headers={"Content-Type": "application/json"},
        )

        assert (form.status_code, form.json()["code"]) == (415, "unsupported-media-type")
        assert (broken.status_code, broken.json()["code"]) == (400, "malformed-request")


class TestChange:
    """PATCH and DELETE"""

    def test_only_what_is_given_changes(self, world: World):
        """A merge patch, and one revision."""
        ann = world.person("Ann")
        task = ann.post("/workspaces/me/tasks", {"title": "A", "description": "d"}).json()
        path = f"/workspaces/me/tasks/{task['id']}"

        changed = ann.patch(path, {"title": "B"}).json()
        unchanged = ann.patch(path, {"title": "B"}).json()

        assert tuple(changed[name] for name in ("title", "description", "rev")) == ("B", "d", 2)
        assert unchanged["rev"] == 2

    def test_a_stale_tag_is_refused(self, world: World):
        """The caller has not seen what they would overwrite."""
        ann = world.person("Ann")
        task = ann.post("/workspaces/me/tasks", {"title": "A"}).json()
        path = f"/workspaces/me/tasks/{task['id']}"
        ann.patch(path, {"title": "B"})

        stale = ann.patch(path, {"title": "C"}, headers={"If-Match": '"1"'})
        fresh = ann.patch(path, {"title": "C"}, headers={"If-Match": '"2"'})
        nonsense = ann.patch(path, {"title": "D"}, headers={"If-Match": "W/2"})

        assert (stale.status_code, stale.json()["code"]) == (412, "precondition-failed")
        assert (fresh.status_code, fresh.headers["ETag"]) == (200, '"3"')
        assert (nonsense.status_code, nonsense.json()["code"]) == (400, "malformed-request")

    def test_of_many_writers_each_is_kept_or_told(self, world: World, crowd: ThreadPoolExecutor):
        """No edit vanishes: as many revisions as accepted edits, and nobody else hears 200."""
        ann = world.person("Ann")
        task = ann.post("/workspaces/me/tasks", {"title": "A"}).json()
        path = f"/workspaces/me/tasks/{task['id']}"

        answers = list(crowd.map(lambda n: ann.patch(path, {"title": f"{n}"}), range(24)))

        accepted = [answer for answer in answers if answer.status_code == 200]
        assert {200, 409} >= {answer.status_code for answer in answers}
        assert len(accepted) >= 12
        assert 1 + len(accepted) == ann.get(path).json()["rev"]
        assert len(accepted) == len({answer.json()["rev"] for answer in accepted})

    def test_a_deleted_task_is_gone_for_the_api(self, world: World):
        """It lies in the trash, and a second DELETE finds nothing."""
        ann = world.person("Ann")
        task = ann.post("/workspaces/me/tasks", {"title": "A"}).json()
        path = f"/workspaces/me/tasks/{task['id']}"

        answers = [ann.delete(path), ann.delete(path), ann.get(path), ann.patch(path, {})]

        assert [answer.status_code for answer in answers] == [204, 404, 404, 404]
        assert world.document(f"workspaces/{ann.uid}/tasks/{task['id']}")["deletedAt"]


class TestWhoMay:
    """Hidden and absent look the same."""

    def test_every_route_knows_its_callers(self, world: World):
        """Nobody 401, a stranger 404, a viewer may look but not touch."""
        ann, eve, vic = world.person("Ann"), world.person("Eve"), world.person("Vic")
        team = world.team(ann)
        world.join(team, vic, "viewer")
        task = ann.post(f"/workspaces/{team}/tasks", {"title": "A"}).json()["id"]
        routes = [
            ("GET", f"/workspaces/{team}", None, 200),
            ("GET", f"/workspaces/{team}/members", None, 200),
            ("PATCH", f"/workspaces/{team}/members/{vic.uid}", {"role": "member"}, 403),
            ("DELETE", f"/workspaces/{team}/members/{ann.uid}", None, 403),
            ("GET", f"/workspaces/{team}/tasks", None, 200),
            ("POST", f"/workspaces/{team}/tasks", {"title": "B"}, 403),
            ("GET", f"/workspaces/{team}/tasks/{task}", None, 200),
            ("PATCH", f"/workspaces/{team}/tasks/{task}", {"title": "B"}, 403),
            ("POST", f"/workspaces/{team}/tasks/{task}/completion", None, 403),
            ("DELETE", f"/workspaces/{team}/tasks/{task}/completion", None, 403),
            ("DELETE", f"/workspaces/{team}/tasks/{task}", None, 403),
            ("GET", f"/workspaces/{team}/series", None, 200),
            ("DELETE", f"/workspaces/{team}/series/none", None, 403),
        ]
        for method, path, body, for_viewer in routes:
            asked = f"{method} {path}"
            anonymous = eve.call(method, path, json=body, headers={"Authorization": ""})
            stranger = eve.call(method, path, json=body)
            viewer = vic.call(method, path, json=body)

            assert (asked, 401) == (asked, anonymous.status_code)
            assert anonymous.headers["WWW-Authenticate"] == 'Bearer realm="taskflow"'
            assert (asked, 404, "not-found") == (
                asked,
                stranger.status_code,
                stranger.json()["code"],
            )
            assert (asked, for_viewer) == (asked, viewer.status_code)

    def test_hostile_ids_reach_nothing(self, world: World):
        """Each would address another collection, or none."""
        ann = world.person("Ann")

        answers = [
            ann.get(path)
            for hostile in HOSTILE_IDS
            for path in (f"/workspaces/me/tasks/{hostile}", f"/workspaces/{hostile}/series")
        ]

        assert {404} == {answer.status_code for answer in answers}

    def test_an_expired_membership_opens_nothing(self, world: World):
        """It is looked at on every read, not only when it is tidied away."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        past = world.clock.now() - timedelta(seconds=1)
        world.database.document(f"workspaces/{team}/members/{bob.uid}").update({"expireAt": past})

        assert bob.get(f"/workspaces/{team}").status_code == 404


class TestList:
    """GET"""

    def test_pages_follow_each_other_without_gap_or_repeat(self, world: World):
        """Newest first, and the last full page leads to an empty one."""
        ann = world.person("Ann")
        made = _made(ann, world, 7)

        pages, token = [], None
        while True:
            query = {"pageSize": 3, "pageToken": token} if token else {"pageSize": 3}
            page = ann.get("/workspaces/me/tasks", params=query).json()
            pages.append([task["title"] for task in page["items"]])
            token = page["nextPageToken"]
            if token is None:
                break

        assert [made[6:3:-1], made[3:0:-1], made[0:1]] == pages

    def test_filters_are_combined(self, world: World):
        """By status and by person."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann, bob)
        for title, status, people in (
            ("1", "open", [bob.uid]),
            ("2", "done", [bob.uid]),
            ("3", "open", [ann.uid]),
        ):
            body = {"title": title, "status": status, "assigneeIds": people}
            ann.post(f"/workspaces/{team}/tasks", body)

        found = bob.get(f"/workspaces/{team}/tasks", params={"status": "open", "assignee": "me"})

        assert [task["title"] for task in found.json()["items"]] == ["1"]

    def test_a_page_token_belongs_to_its_list(self, world: World):
        """Altered, or shown by another, or for another filter, it opens nothing."""
        ann, bob = world.person("Ann"), world.person("Bob")
        _made(ann, world, 2)
        token = ann.get("/workspaces/me/tasks", params={"pageSize": 1}).json()["nextPageToken"]

        answers = [
            ann.get("/workspaces/me/tasks", params={"pageToken": token + "x"}),
            ann.get("/workspaces/me/tasks", params={"pageToken": token, "status": "open"}),
            bob.get("/workspaces/me/tasks", params={"pageToken": token}),
        ]

        assert [answer.status_code for answer in answers] == [422] * 3
        assert {"invalid-page-token"} == {answer.json()["code"] for answer in answers}

    @pytest.mark.parametrize("size", ["0", "101", "x", "-1"])
    def test_a_page_is_bounded(self, world: World, size: str):
        """Nobody gets more than a hundred."""
        ann = world.person("Ann")

        assert ann.get("/workspaces/me/tasks", params={"pageSize": size}).status_code == 422


def _made(person: Caller, world: World, count: int) -> list[str]:
    titles = [f"task {number}" for number in range(count)]
    for title in titles:
        assert person.post("/workspaces/me/tasks", {"title": title}).status_code == 201
        world.clock.advance(timedelta(seconds=1))
    return titles
