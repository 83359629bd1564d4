"""Comments through the API: write, read, edit, delete, react; and what each costs."""

from datetime import timedelta
from urllib.parse import quote

import pytest

from backend.comments.model import MAX_BODY, MAX_MENTIONS, MAX_REACTIONS_EACH
from tests.api.commenting import app_says, new_task, say, stored
from tests.api.world import Caller, World, cost_of

HEARTS = ["❤", "🧡", "💛", "💚", "💙", "💜", "🖤", "🤍", "🤎", "💔", "💘"]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    return world.person("Bob")


@pytest.fixture
def team(world: World, ann: Caller, bob: Caller) -> str:
    """Ann's team, where Bob may comment."""
    team = world.team(ann)
    world.join(team, bob, "commenter")
    return team


@pytest.fixture
def task(ann: Caller, team: str) -> str:
    """The path of a task of Ann's."""
    return new_task(ann, team)


def bodies(caller: Caller, task: str, **params: str) -> list[str]:
    """What somebody reads below a task, the newest first."""
    answer = caller.get(f"{task}/comments", params=params)
    assert 200 == answer.status_code, answer.text
    return [each["body"] for each in answer.json()["items"]]


class TestWrite:
    """POST …/tasks/{t}/comments"""

    def test_what_was_said_is_there(self, world: World, bob: Caller, ann: Caller, task: str):
        """As it was typed, and as HTML; with who said it, when, and whom it mentions."""
        wanted = {"body": "**Look** <b>", "mentionIds": [ann.uid]}
        answer = bob.post(f"{task}/comments", wanted)
        said, now = answer.json(), f"{world.clock.now():%FT%T}"

        assert (201, f"/api/v1{task}/comments/{said['id']}", '"1"') == (
            answer.status_code,
            answer.headers["Location"],
            answer.headers["ETag"],
        )
        expected = {
            **wanted,
            "bodyHtml": "<p><strong>Look</strong> &lt;b&gt;</p>",
            "reactions": [],
            "authorUid": bob.uid,
            "updatedBy": bob.uid,
            "rev": 1,
        }
        assert expected == {name: said[name] for name in expected}
        assert said["createdAt"].startswith(now)
        assert said == ann.get(f"{task}/comments/{said['id']}").json()

    def test_nobody_is_mentioned_who_is_not_there(
        self, world: World, bob: Caller, ann: Caller, task: str
    ):
        """Strangers and those who have left are named, each by their place in the list."""
        eve = world.person("Eve")
        answer = bob.post(f"{task}/comments", {"body": "A", "mentionIds": [ann.uid, eve.uid]})

        assert (422, [("/mentionIds/1", "not-a-member")]) == (
            answer.status_code,
            [(each["pointer"], each["code"]) for each in answer.json()["errors"]],
        )

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({}, "/body"),
            ({"body": ""}, "/body"),
            ({"body": " \n "}, "/body"),
            ({"body": "x" * (MAX_BODY + 1)}, "/body"),
            ({"body": "\x07"}, "/body"),
            ({"body": 5}, "/body"),
            ({"body": "A", "mentionIds": ["a"] * 2}, "/mentionIds"),
            (
                {"body": "A", "mentionIds": [f"u{n}" for n in range(MAX_MENTIONS + 1)]},
                "/mentionIds",
            ),
            ({"body": "A", "mentionIds": ["a/b"]}, "/mentionIds/0"),
            ({"body": "A", "bodyHtml": "<script>"}, "/bodyHtml"),
            ({"body": "A", "authorUid": "ann"}, "/authorUid"),
            ({"body": "A", "reactions": []}, "/reactions"),
        ],
    )
    def test_what_is_no_comment(self, bob: Caller, task: str, body: dict, pointer: str):
        """Each fault is pointed at."""
        answer = bob.post(f"{task}/comments", body)

        assert (422, pointer) == (answer.status_code, answer.json()["errors"][0]["pointer"])

    def test_a_repeated_request_says_it_once(self, bob: Caller, task: str):
        """With the same answer, whose token takes the one comment back."""
        key = {"Idempotency-Key": "k1"}
        answers = [bob.post(f"{task}/comments", {"body": "A"}, headers=key) for _ in range(3)]

        assert 1 == len({answer.json()["id"] for answer in answers})
        assert 1 == len({answer.headers["Undo-Token"] for answer in answers})
        assert ["A"] == bodies(bob, task)

    def test_not_on_what_is_gone(self, ann: Caller, team: str, task: str):
        """A task in the trash, and one that never was."""
        said = say(ann, task)
        ann.delete(task)
        calls = [
            ann.post(f"{task}/comments", {"body": "A"}),
            ann.post(f"/workspaces/{team}/tasks/none/comments", {"body": "A"}),
            ann.get(f"/workspaces/{team}/tasks/none/comments"),
            ann.patch(said, {"body": "B"}),
            ann.delete(said),
            ann.put(f"{said}/reactions/👍"),
        ]

        assert [404] * len(calls) == [answer.status_code for answer in calls]


class TestRead:
    """GET …/comments"""

    def test_the_newest_first_page_by_page(self, world: World, ann: Caller, task: str):
        """Without the deleted ones, and each once."""
        for number in range(5):
            path = say(ann, task, f"{number}")
            if number == 1:
                ann.delete(path)
            world.clock.advance(MINUTE)
        first = ann.get(f"{task}/comments", params={"pageSize": "3", "includeTotal": "true"}).json()
        second = bodies(ann, task, pageSize="3", pageToken=first["nextPageToken"])

        assert (["4", "3", "2"], ["0"]) == ([each["body"] for each in first["items"]], second)
        assert 4 == first["totalSize"]

    def test_a_task_without_comments_has_an_empty_list(self, ann: Caller, task: str):
        """Which is something else than no task."""
        assert [] == bodies(ann, task)

    def test_what_an_app_wrote_is_never_shown_without_its_html(
        self, world: World, bob: Caller, task: str
    ):
        """One comment is rendered when it is asked for, whether or not a reactor came by."""
        said = app_says(world, bob, task, "*hi*")

        assert "<p><em>hi</em></p>" == bob.get(said).json()["bodyHtml"]


class TestEdit:
    """PATCH …/comments/{c}"""

    def test_its_author_changes_what_it_says(self, world: World, bob: Caller, task: str):
        """The HTML follows; an edit is seen by its instant."""
        said = say(bob, task, "one")
        world.clock.advance(MINUTE)
        answer = bob.patch(said, {"body": "*two*"})
        found = answer.json()

        assert (200, "*two*", "<p><em>two</em></p>", 2, '"2"') == (
            answer.status_code,
            found["body"],
            found["bodyHtml"],
            found["rev"],
            answer.headers["ETag"],
        )
        assert found["updatedAt"] > found["createdAt"]
        assert found == bob.get(said).json()

    def test_nobody_else_does(self, ann: Caller, bob: Caller, task: str):
        """Nor owners, nor admins: security check 61."""
        said = say(bob, task, "mine")

        assert 403 == ann.patch(said, {"body": "yours"}).status_code
        assert "mine" == bob.get(said).json()["body"]

    def test_an_author_who_only_looks_on_now(self, world: World, bob: Caller, team: str, task: str):
        """Whoever may comment no more, changes and deletes nothing any more."""
        said = say(bob, task)
        world.join(team, bob, "viewer")
        answers = [
            bob.patch(said, {"body": "B"}),
            bob.delete(said),
            bob.put(f"{said}/reactions/👍"),
        ]

        assert [403, 403, 403] == [answer.status_code for answer in answers]

    def test_a_stale_edit_changes_nothing(self, bob: Caller, task: str):
        """And is told what the comment is now."""
        said = say(bob, task, "one")
        bob.patch(said, {"body": "two"})
        answer = bob.patch(said, {"body": "three"}, headers={"If-Match": '"1"'})
        gone = bob.delete(said, headers={"If-Match": '"1"'})

        assert (412, 412) == (answer.status_code, gone.status_code)
        assert ("two", 2) == (answer.json()["current"]["body"], answer.json()["current"]["rev"])
        assert "two" == bob.get(said).json()["body"]

    def test_what_changes_nothing_leaves_the_revision(self, bob: Caller, task: str):
        """And there is nothing to take back."""
        said = say(bob, task, "one")
        answers = [bob.patch(said, {"body": "one"}), bob.patch(said, {})]

        assert [(200, 1, False)] * 2 == [
            (each.status_code, each.json()["rev"], "Undo-Token" in each.headers) for each in answers
        ]


class TestDelete:
    """DELETE …/comments/{c}"""

    @pytest.mark.parametrize("who", ["author", "owner"])
    def test_it_is_out_of_every_list(
        self, world: World, ann: Caller, bob: Caller, task: str, who: str
    ):
        """By its author, or by an owner; apps see that it was, and by whom."""
        said = say(bob, task)
        by = bob if who == "author" else ann
        answer = by.delete(said)

        assert (204, 404, []) == (answer.status_code, bob.get(said).status_code, bodies(bob, task))
        assert (world.clock.now(), by.uid) == (
            stored(world, said)["deletedAt"],
            stored(world, said)["updatedBy"],
        )

    def test_only_owners_and_admins_delete_what_others_wrote(
        self, world: World, ann: Caller, bob: Caller, team: str, task: str
    ):
        """A member does not, though they may change the task itself."""
        said, cid = say(ann, task), world.person("Cid")
        statuses = {}
        for role in ("member", "commenter", "admin"):
            world.join(team, cid, role)
            statuses[role] = cid.delete(said).status_code

        assert {"member": 403, "commenter": 403, "admin": 204} == statuses

    def test_what_is_deleted_is_not_there(self, bob: Caller, task: str):
        """Also for its author: there is an undo."""
        said = say(bob, task)
        bob.delete(said)
        answers = [
            bob.delete(said),
            bob.patch(said, {"body": "B"}),
            bob.put(f"{said}/reactions/👍"),
        ]

        assert [404, 404, 404] == [answer.status_code for answer in answers]


class TestReact:
    """PUT and DELETE …/comments/{c}/reactions/{emoji}"""

    def test_each_emoji_of_each_person_once(
        self, world: World, ann: Caller, bob: Caller, task: str
    ):
        """However often it is put there, in whichever spelling; the words stay as they are."""
        said = say(bob, task)
        world.clock.advance(MINUTE)
        for person, emoji in ((ann, "👍"), (bob, "👍"), (ann, "❤"), (ann, "❤\ufe0f"), (ann, "👍")):
            answer = person.put(f"{said}/reactions/{quote(emoji)}")
        found = answer.json()
        pairs = [(ann.uid, "👍"), (bob.uid, "👍"), (ann.uid, "❤\ufe0f")]

        assert (200, pairs, 4) == (
            answer.status_code,
            [(each["uid"], each["emoji"]) for each in found["reactions"]],
            found["rev"],
        )
        assert (found["createdAt"], bob.uid) == (found["updatedAt"], found["updatedBy"])
        assert sorted([ann.uid, bob.uid]) == stored(world, said)["reactedBy"]

    def test_only_ones_own_is_taken_back(self, world: World, ann: Caller, bob: Caller, task: str):
        """What was not there is not there, and nothing else goes."""
        said = say(bob, task)
        bob.put(f"{said}/reactions/👍")
        answers = [ann.delete(f"{said}/reactions/👍"), bob.delete(f"{said}/reactions/👍")]

        assert [(200, [{"uid": bob.uid, "emoji": "👍"}], 2), (200, [], 3)] == [
            (each.status_code, each.json()["reactions"], each.json()["rev"]) for each in answers
        ]
        assert [] == stored(world, said)["reactedBy"]

    @pytest.mark.parametrize(
        "part",
        ["x", "👍👍", "%F0%9F", "%00", "%2e%2e", "..%2f..", "%3Cscript%3E", "1", "%E2%80%8D"],
    )
    def test_what_is_no_emoji_is_not_there(self, world: World, bob: Caller, task: str, part: str):
        """As any other address that names nothing; and for nobody, 401 comes first."""
        said = say(bob, task)

        assert 404 == bob.put(f"{said}/reactions/{part}").status_code
        assert [] == bob.get(said).json()["reactions"]

    def test_there_are_so_many_of_each_person(self, bob: Caller, task: str):
        """A comment stays a document of some size."""
        said = say(bob, task)
        statuses = [bob.put(f"{said}/reactions/{quote(each)}").status_code for each in HEARTS]
        again = bob.put(f"{said}/reactions/{quote(HEARTS[-1])}")

        assert [200] * MAX_REACTIONS_EACH + [422] == statuses
        assert "limit-exceeded" == again.json()["code"]

    def test_everybody_at_once(self, world: World, bob: Caller, team: str, task: str, crowd):
        """Nobody's emoji is lost to somebody else's."""
        said = say(bob, task)
        people = [world.person(f"P{number}") for number in range(8)]
        for person in people:
            world.join(team, person, "commenter")

        answers = list(crowd.map(lambda person: person.put(f"{said}/reactions/🎉"), people))

        assert [200] * 8 == [answer.status_code for answer in answers]
        assert {person.uid for person in people} == {*stored(world, said)["reactedBy"]}
        assert 9 == stored(world, said)["rev"]


class TestCost:
    """Round trips, documents read, documents written."""

    def test_requests_stay_within_their_budget(self, world: World, ann: Caller, task: str):
        """Whatever else is said about the task; a mention costs what a cache does not hold."""
        for _ in range(3):
            say(ann, task)
        created = ann.post(f"{task}/comments", {"body": "A"})
        said = f"{task}/comments/{created.json()['id']}"
        costs = {
            "write": cost_of(created),
            "get": cost_of(ann.get(said)),
            "list": cost_of(ann.get(f"{task}/comments", params={"pageSize": "2"})),
            "edit": cost_of(ann.patch(said, {"body": "B"})),
            "edit nothing": cost_of(ann.patch(said, {"body": "B"})),
            "react": cost_of(ann.put(f"{said}/reactions/👍")),
            "take back": cost_of(ann.delete(f"{said}/reactions/👍")),
            "delete": cost_of(ann.delete(said)),
            "list none": cost_of(ann.get(f"{new_task(ann, ann.uid)}/comments")),
        }

        assert {
            "write": (2, 1, 1),
            "get": (1, 1, 0),
            "list": (1, 2, 0),
            "edit": (2, 2, 1),
            "edit nothing": (1, 2, 0),
            "react": (2, 2, 1),
            "take back": (2, 2, 1),
            "delete": (2, 2, 1),
            "list none": (2, 2, 0),
        } == costs
