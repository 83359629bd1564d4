"""ETag, If-None-Match, If-Match."""

from typing import ClassVar

import pytest
import requests

from tests.api.world import Caller, World

TASKS = "/workspaces/me/tasks"


class TestIfNoneMatch:
    """GET and HEAD"""

    @pytest.mark.parametrize("path", ["/users/me", "/workspaces/me", TASKS, "/users/me/devices"])
    def test_what_has_not_changed_is_not_sent(self, world: World, path: str):
        """Every representation has a tag."""
        ann = world.person("Ann")
        first = ann.get(path)

        second = ann.get(path, headers={"If-None-Match": first.headers["ETag"]})

        assert (304, b"") == (second.status_code, second.content)
        assert first.headers["ETag"] == second.headers["ETag"]
        assert "Content-Type" not in second.headers

    @pytest.mark.parametrize("tags", ['"1"', 'W/"1"', '"7", "1"', "*", '"1:gzip"'])
    def test_a_task_is_known_by_its_revision(self, world: World, tags: str):
        """Compared weakly, as RFC 9110 has it for GET."""
        ann, path = _task(world)

        assert 304 == ann.get(path, headers={"If-None-Match": tags}).status_code

    @pytest.mark.parametrize("tags", ['"2"', 'W/"2"', '"11"'])
    def test_what_has_changed_is_sent(self, world: World, tags: str):
        """With the tag it has now."""
        ann, path = _task(world)

        answer = ann.get(path, headers={"If-None-Match": tags})

        assert (200, '"1"') == (answer.status_code, answer.headers["ETag"])

    def test_a_list_changes_with_its_tasks(self, world: World):
        """And with nothing else."""
        ann, path = _task(world)
        before = ann.get(TASKS).headers["ETag"]
        again = ann.get(TASKS).headers["ETag"]
        ann.patch(path, {"title": "B"})

        assert before == again
        assert 200 == ann.get(TASKS, headers={"If-None-Match": before}).status_code

    def test_an_error_has_no_tag(self, world: World):
        """There is nothing to have already."""
        assert "ETag" not in world.person("Ann").get(f"{TASKS}/nothing").headers


class TestIfMatch:
    """PATCH, DELETE and completion"""

    def test_a_stale_change_is_answered_with_the_present(self, world: World):
        """The app can merge without asking again."""
        ann, path = _task(world)
        current = ann.patch(path, {"title": "B"})

        stale = ann.patch(path, {"title": "C"}, headers={"If-Match": '"1"'})

        assert (412, "precondition-failed") == (stale.status_code, stale.json()["code"])
        assert '"2"' == stale.headers["ETag"]
        assert current.json() == stale.json()["current"]

    @pytest.mark.parametrize(
        "act",
        [
            lambda ann, path, **how: ann.patch(path, {"title": "C"}, **how),
            lambda ann, path, **how: ann.delete(path, **how),
            lambda ann, path, **how: ann.post(f"{path}/completion", **how),
            lambda ann, path, **how: ann.delete(f"{path}/completion", **how),
        ],
    )
    def test_nothing_is_done_to_another_revision(self, world: World, act):
        """Whatever the act."""
        ann, path = _task(world)
        ann.patch(path, {"title": "B"})

        answer = act(ann, path, headers={"If-Match": '"1"'})

        assert 412 == answer.status_code
        assert ("B", 2, "open") == tuple(
            ann.get(path).json()[name] for name in ("title", "rev", "status")
        )

    @pytest.mark.parametrize("tag", ['"1"', "*", '"1:br"'])
    def test_the_right_revision_is_changed(self, world: World, tag: str):
        """Also by a tag that compression has marked."""
        ann, path = _task(world)

        assert 200 == ann.patch(path, {"title": "B"}, headers={"If-Match": tag}).status_code

    @pytest.mark.parametrize("tag", ["1", 'W/"1"', '"x"', '"1", "2"', "", '"' + "9" * 99 + '"'])
    def test_what_is_no_tag_of_ours_is_refused(self, world: World, tag: str):
        """A weak tag never matches, and a list is not for revisions."""
        ann, path = _task(world)

        answer = ann.patch(path, {"title": "B"}, headers={"If-Match": tag})

        assert (400, "malformed-request") == (answer.status_code, answer.json()["code"])

    def test_a_series_is_ended_at_its_revision(self, world: World):
        """Deleting what somebody else has just ended."""
        ann = world.person("Ann")
        weekly = {"rule": "FREQ=WEEKLY", "start": {"date": "2027-03-01", "tz": "UTC"}}
        series = ann.post("/workspaces/me/series", {"title": "A", **weekly})
        path = f"/workspaces/me/series/{series.json()['id']}"

        stale = ann.delete(path, headers={"If-Match": '"7"'})
        ended = ann.delete(path, headers={"If-Match": series.headers["ETag"]})

        assert [412, 204] == [stale.status_code, ended.status_code]
        assert "active" == stale.json()["current"]["state"]


class TestMergePatch:
    """RFC 7396"""

    DUE: ClassVar = {"kind": "zoned", "date": "2027-03-01", "time": "09:00", "tz": "Europe/Berlin"}

    @pytest.mark.parametrize(
        ("patch", "due"),
        [
            ({"due": {"time": "10:30"}}, {**DUE, "time": "10:30"}),
            ({"due": {"date": "2027-03-02"}}, {**DUE, "date": "2027-03-02"}),
            ({"due": {"kind": "allDay", "time": None}}, {**DUE, "kind": "allDay", "time": None}),
            ({"due": None}, None),
            ({}, DUE),
        ],
    )
    def test_a_map_is_merged(self, world: World, patch: dict, due: dict | None):
        """What it does not mention stays, null takes away."""
        ann = world.person("Ann")
        path = f"{TASKS}/{ann.post(TASKS, {'title': 'A', 'due': self.DUE}).json()['id']}"

        answer = _merge(ann, path, patch)

        assert (200, due) == (answer.status_code, answer.json()["due"])

    @pytest.mark.parametrize(
        ("patch", "pointer"),
        [
            ({"due": {"kind": "allDay"}}, "/due/time"),
            ({"due": {"date": None}}, "/due/date"),
            ({"due": {"tz": "Nowhere"}}, "/due/tz"),
            ({"due": {"hour": 5}}, "/due/hour"),
            ({"title": None}, "/title"),
        ],
    )
    def test_what_cannot_be_is_refused(self, world: World, patch: dict, pointer: str):
        """Judged as a whole, after merging."""
        ann = world.person("Ann")
        path = f"{TASKS}/{ann.post(TASKS, {'title': 'A', 'due': self.DUE}).json()['id']}"

        answer = _merge(ann, path, patch)

        assert (422, [pointer]) == (
            answer.status_code,
            [error["pointer"] for error in answer.json()["errors"]],
        )
        assert self.DUE == ann.get(path).json()["due"]

    def test_a_part_of_nothing_is_not_enough(self, world: World):
        """A task without a due date has no day to keep."""
        ann, path = _task(world)

        answer = _merge(ann, path, {"due": {"time": "10:00"}})

        assert 422 == answer.status_code
        assert {"/due/kind", "/due/date", "/due/tz"} == {
            error["pointer"] for error in answer.json()["errors"]
        }


def _task(world: World) -> tuple[Caller, str]:
    ann = world.person("Ann")
    return ann, f"{TASKS}/{ann.post(TASKS, {'title': 'A'}).json()['id']}"


def _merge(person: Caller, path: str, patch: dict) -> requests.Response:
    return person.patch(path, patch, headers={"Content-Type": "application/merge-patch+json"})
