"""What follows from a comment, whoever wrote it on whichever way: each consequence once."""

from datetime import timedelta

import pytest

from backend.notifications.deciding import MAILED_AFTER
from backend.reactions.comments import NEWS
from tests.api.commenting import (
    app_changes,
    app_says,
    count,
    events,
    heard,
    new_task,
    ref_of,
    ring_comment,
    say,
    stored,
    told,
)
from tests.api.world import Caller, World

MINUTE = timedelta(minutes=1)


@pytest.fixture
def people(world: World) -> dict[str, Caller]:
    """Ann, who made the team; Bob, Cid and Dot, who are in it; Eve, who is not."""
    return {name: world.person(name) for name in ("Ann", "Bob", "Cid", "Dot", "Eve")}


@pytest.fixture
def team(world: World, people: dict[str, Caller]) -> str:
    return world.team(people["Ann"], *(people[name] for name in ("Bob", "Cid", "Dot")))


@pytest.fixture
def task(people: dict[str, Caller], team: str) -> str:
    """Made by Ann, given to Bob, watched by Cid; Dot has nothing to do with it."""
    wanted = {"assigneeIds": [people["Bob"].uid], "watcherIds": [people["Cid"].uid]}
    return new_task(people["Ann"], team, **wanted)


@pytest.mark.parametrize("way", ["API", "app"])
class TestConsequences:
    """The same for both ways."""

    @staticmethod
    def say(world: World, way: str, by: Caller, task: str, body: str, *mentioned: Caller) -> str:
        """Write a comment on one of the ways."""
        if way == "API":
            return say(by, task, body, *mentioned)
        return app_says(world, by, task, body, *mentioned)

    def test_those_concerned_are_told_once(self, world, people, team, task, way):
        """Who made the task, does it, or watches it; the mentioned, as that; never the author."""
        said = self.say(world, way, people["Bob"], task, "See *this*, Dot", people["Dot"])

        world.settle(times=3)

        notice = "Ship it: See this, Dot"
        assert {
            "Ann": [f"comment {notice}"],
            "Cid": [f"comment {notice}"],
            "Dot": [f"mention {notice}"],
        } == heard(world, people)
        assert ("mention", "Bob mentioned you", notice) == told(world, people["Dot"])[0]
        assert ("comment", "Bob commented on a task", notice) in told(world, people["Ann"])
        assert said == world.inbox(people["Dot"])[0]["link"]
        world.pass_time(MAILED_AFTER)
        assert [] == world.documents("timers")

    def test_who_is_mentioned_is_told_as_mentioned_alone(self, world, people, team, task, way):
        """Not once more as somebody who watches the task."""
        self.say(world, way, people["Ann"], task, "Hello", people["Cid"], people["Bob"])

        world.settle(times=2)

        assert {"Bob": ["mention Ship it: Hello"], "Cid": ["mention Ship it: Hello"]} == heard(
            world, people
        )

    def test_events_name_the_comment(self, world, people, team, task, way):
        """With its task, its author, and whoever was told."""
        said = self.say(world, way, people["Dot"], task, "Hello", people["Bob"])

        world.settle(times=2)

        subject = {"kind": "comment", "id": ref_of(said).comment_id, "taskId": ref_of(said).task_id}
        created, mentioned = events(world, team)
        assert [subject] * 2 == [created["subject"], mentioned["subject"]]
        assert [people["Dot"].uid] * 2 == [created["actorUid"], mentioned["actorUid"]]
        assert sorted([people["Ann"].uid, people["Cid"].uid]) == created["audience"]
        assert [people["Bob"].uid] == mentioned["audience"]

    def test_the_task_counts_what_is_said_of_it(self, world, people, task, way):
        """Up with each comment, down with each deletion, and not by what is said twice."""
        first = self.say(world, way, people["Bob"], task, "one")
        self.say(world, way, people["Ann"], task, "two")
        world.settle(times=2)
        both = count(world, task)
        rev = stored(world, task)["rev"]

        if way == "API":
            people["Bob"].delete(first)
        else:
            app_changes(world, people["Bob"], first, deletedAt=world.clock.now())
        world.settle(times=2)

        assert (2, 1) == (both, count(world, task))
        assert rev == stored(world, task)["rev"]  # Counting is no edit of the task.

    def test_whom_an_edit_adds_is_told_and_nobody_else(self, world, people, task, way):
        """Nobody hears of a comment twice because its author found a better word."""
        said = self.say(world, way, people["Ann"], task, "Hello", people["Dot"])
        world.settle(times=2)
        before = heard(world, people)
        world.clock.advance(MINUTE)
        uids = [people[name].uid for name in ("Dot", "Bob")]
        if way == "API":
            people["Ann"].patch(said, {"body": "Hello both", "mentionIds": uids})
        else:
            app_changes(world, people["Ann"], said, body="Hello both", mentionIds=uids)

        world.settle(times=2)

        expected = {**before, "Bob": [*before["Bob"], "mention Ship it: Hello both"]}
        assert expected == heard(world, people)

    def test_it_is_found_by_its_words(self, world, people, team, task, way):
        """Search follows what it says now, and forgets it when it is deleted."""
        said = self.say(world, way, people["Bob"], task, "marmalade")
        world.settle()
        entries = [each["text"] for each in world.documents("searchEntries") if each["text"]]
        if way == "API":
            people["Bob"].patch(said, {"body": "honey"})
        else:
            app_changes(world, people["Bob"], said, body="honey")
        world.settle()
        edited = [each["text"] for each in world.documents("searchEntries") if each["text"]]
        people["Bob"].delete(said)
        world.settle()
        deleted = [each["text"] for each in world.documents("searchEntries") if each["text"]]

        assert (["marmalade"], ["honey"], []) == (entries, edited, deleted)


class TestWrittenByAnApp:
    """What the rules let through, the server completes."""

    def test_it_gets_its_html(self, world, people, task):
        """Sanitised, of what it says now, and without a revision the app would stumble over."""
        said = app_says(world, people["Bob"], task, "*one* <script>alert(1)</script>")
        world.settle()
        first = stored(world, said)
        app_changes(world, people["Bob"], said, body="[x](javascript:alert(1)) *two*")
        world.settle()
        second = stored(world, said)

        assert [
            "<p><em>one</em> &lt;script&gt;alert(1)&lt;/script&gt;</p>",
            "<p>[x](javascript:alert(1)) <em>two</em></p>",
        ] == [first["bodyHtml"], second["bodyHtml"]]
        assert [1, 2] == [first["rev"], second["rev"]]

    def test_html_that_is_not_ours_does_not_last(self, world, people, task):
        """Whoever got it there: it is rendered anew with every change."""
        said = app_says(world, people["Bob"], task, "one", bodyHtml="<script>alert(1)</script>")

        world.settle()

        assert "<p>one</p>" == stored(world, said)["bodyHtml"]

    def test_who_is_no_member_is_not_told(self, world, people, task):
        """The rules look no uid up; the server does, when it tells."""
        app_says(world, people["Bob"], task, "Hello", people["Eve"])

        world.settle(times=2)

        assert [] == world.inbox(people["Eve"])
        assert {"Ann", "Cid"} == heard(world, people).keys()

    def test_a_comment_of_before_there_was_html(self, world, people, task):
        """Documents of an earlier version are completed and counted; old news is told nobody."""
        said = app_says(
            world, people["Bob"], task, "old", people["Dot"], createdAt=world.clock.now() - NEWS
        )
        document = world.database.document(said[1:])
        fields = {**document.get().to_dict(), "updatedAt": world.clock.now() - NEWS}
        del fields["bodyHtml"], fields["reactions"], fields["updatedBy"]
        document.set(fields)

        ring_comment(world, said)
        world.settle(times=2)

        assert ("<p>old</p>", [], 1) == (
            stored(world, said)["bodyHtml"],
            stored(world, said)["reactions"],
            count(world, task),
        )
        assert {} == heard(world, people)
        assert people["Ann"].get(f"{said.rpartition('/')[0]}").json()["items"]

    @pytest.mark.parametrize(
        "fields",
        [{"body": 5}, {"mentionIds": None}, {"reactions": 7}, {"reactions": [{}]}],
        ids=str,
    )
    def test_what_is_no_comment_keeps_nobody_from_the_others(self, world, people, task, fields):
        """It is reported, and passed over."""
        odd = app_says(world, people["Bob"], task, "odd")
        world.database.document(odd[1:]).update(fields)
        world.clock.advance(MINUTE)
        app_says(world, people["Bob"], task, "good")

        world.settle(times=2)

        bodies = [each["body"] for each in world.inbox(people["Ann"])]
        assert "Ship it: good" in bodies


class TestActivity:
    """GET /workspaces/{w}/events"""

    def test_comments_are_part_of_what_happened(self, world, people, team, task):
        """With the task that they are about; whoever was told is nobody's business."""
        said = say(people["Dot"], task, "Hello", people["Bob"])
        world.settle()

        answer = people["Bob"].get(f"/workspaces/{team}/events", params={"type": "comment.created"})

        ref = ref_of(said)
        (event,) = answer.json()["items"]
        assert {"kind": "comment", "id": ref.comment_id, "taskId": ref.task_id} == event["subject"]
        assert people["Dot"].uid == event["actorUid"]
        assert "audience" not in event
