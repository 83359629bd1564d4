"""Digests: what a day and a week look like, at the hour that somebody has chosen."""

from datetime import datetime, timedelta

import pytest

from tests.api.digesting import (
    DAY,
    HOUR,
    at_local,
    comes_at,
    digests,
    done_task,
    let_come,
    open_task,
    titles,
    wants,
)
from tests.api.lateness import all_day, lives_in, new_task
from tests.api.noticing import has_mail
from tests.api.unsubscribing import address_of, click, take_back, way_back
from tests.api.world import Caller, World

BERLIN = "Europe/Berlin"
# A Monday on which nothing happens to any clock; its digest looks back at a Sunday.
MONDAY = "2027-02-01"


@pytest.fixture
def ann(world: World) -> Caller:
    """Somebody in Berlin, on the afternoon before a Monday."""
    world.clock.move_to(at_local("2027-01-31", "15:00", BERLIN))
    person = world.person("Ann")
    lives_in(world, person, BERLIN)
    return person


def monday(at: str) -> datetime:
    return at_local(MONDAY, at, BERLIN)


class TestDaily:
    """What is due today, what is overdue, and what was done yesterday."""

    def test_it_tells_of_all_workspaces(self, world: World, ann: Caller):
        """Lists with titles, due dates and links, and how many there are of each."""
        team = world.team(ann)
        open_task(world, ann.uid, ann, "Call", monday("17:00"))
        open_task(world, team, ann, "Late", monday("00:00") - 3 * DAY, ann)
        open_task(world, team, ann, "Tomorrow", monday("12:00") + DAY, ann)
        done_task(world, team, ann, "Done", monday("00:00") - HOUR)
        new_task(ann, ann.uid, title="All day", due=all_day(MONDAY, BERLIN))
        wants(world, ann, daily="08:00")

        (digest,) = let_come(world, ann)

        assert monday("08:00") == digest["createdAt"]
        assert ("dailyDigest@0", "Your day: 1 Feb 2027") == (digest["template"], digest["title"])
        assert "2 tasks due, 1 overdue, 1 done yesterday" == digest["body"]
        assert {
            "day": MONDAY,
            "dueCount": 2,
            "overdueCount": 1,
            "doneCount": 1,
            "due": [
                {"title": "Call", "due": f"{MONDAY}T17:00", "link": link(ann.uid, "Call")},
                {
                    "title": "All day",
                    "due": MONDAY,
                    "link": digest["values"]["due"][1]["link"],
                },
            ],
            "overdue": [{"title": "Late", "due": "2027-01-29T00:00", "link": link(team, "Late")}],
            "done": [{"title": "Done", "due": "", "link": link(team, "Done")}],
        } == digest["values"]

    def test_it_comes_by_mail_unless_somebody_wants_it_otherwise(self, world: World, ann: Caller):
        """The inbox keeps it where nobody is disturbed; no phone rings."""
        address = has_mail(world, ann)
        ann.has_phone()
        open_task(world, ann.uid, ann, "Call", monday("17:00"))
        wants(world, ann, daily="08:00")

        (digest,) = let_come(world, ann)
        (mail,) = world.mails(address)

        assert "Your day: 1 task due, 0 overdue" == mail.subject
        assert "- Call (1 Feb 2027, 17:00)" in mail.text
        assert digest["archivedAt"] is not None
        assert [] == world.fcm.messages()
        assert [("inbox", "muted"), ("push", "muted"), ("email", "sent")] == [
            (channel, world.only_decision(ann, channel)["decision"])
            for channel in ("inbox", "push", "email")
        ]

    def test_it_comes_by_push_and_in_the_inbox_to_whoever_wants_that(
        self, world: World, ann: Caller
    ):
        """By the matrix, as everything else."""
        ann.has_phone()
        open_task(world, ann.uid, ann, "Call", monday("17:00"))
        chosen = {"digest": {"inbox": True, "push": True, "email": False}}
        wants(world, ann, daily="08:00", matrix=chosen)

        (digest,) = let_come(world, ann)

        assert None is digest["archivedAt"]
        assert 1 == (world.document(f"users/{ann.uid}/counters/inbox") or {})["unread"]
        assert 1 == len(world.fcm.messages())

    def test_a_day_without_anything_has_none(self, world: World, ann: Caller):
        """Nothing to say, nothing sent; the next day is looked at all the same."""
        open_task(world, ann.uid, ann, "Call", monday("17:00") + DAY)
        wants(world, ann, daily="08:00")

        first = let_come(world, ann)
        second = let_come(world, ann)

        assert ([], ["Call"]) == (first, titles(second[0], "due"))
        text = world.services.ports.metrics.text()
        assert 'taskflow_digests_total{kind="daily",outcome="empty"} 1.0' in text

    def test_what_is_theirs(self, world: World, ann: Caller):
        """What is assigned to them, and what they made and nobody was asked to do; open, live."""
        bob = world.person("Bob")
        team = world.team(ann, bob)
        due_at = monday("17:00")
        open_task(world, team, bob, "Assigned", due_at, bob, ann)
        open_task(world, team, ann, "Of nobody else", due_at)
        open_task(world, team, ann, "Of Bob", due_at, bob)
        open_task(world, team, bob, "Made by Bob", due_at)
        open_task(world, team, ann, "Archived", due_at, ann, archivedAt=world.clock.now())
        open_task(world, team, ann, "In the trash", due_at, ann, deletedAt=world.clock.now())
        open_task(world, team, ann, "Cancelled", due_at, ann, status="cancelled")
        wants(world, ann, daily="08:00")

        (digest,) = let_come(world, ann)

        assert ["Assigned", "Of nobody else"] == titles(digest, "due")

    def test_what_they_have_done(self, world: World, ann: Caller):
        """Themselves, yesterday by their clocks: also what is in the archive, not in the trash."""
        bob = world.person("Bob")
        team = world.team(ann, bob)
        begins, ends = monday("00:00") - DAY, monday("00:00")
        second = timedelta(seconds=1)
        done_task(world, team, ann, "First", begins)
        done_task(world, team, ann, "Last", ends - second, archivedAt=world.clock.now())
        done_task(world, team, ann, "Before", begins - second)
        done_task(world, team, ann, "After", ends)
        done_task(world, team, bob, "By Bob", ends - HOUR, assigneeIds=[ann.uid])
        done_task(world, team, ann, "In the trash", ends - HOUR, deletedAt=world.clock.now())
        wants(world, ann, daily="08:00")

        (digest,) = let_come(world, ann)

        assert ["Last", "First"] == titles(digest, "done")

    def test_whoever_has_left_sees_nothing_of_it(self, world: World, ann: Caller):
        """Also where an assignment outlives the membership, which has ended by itself or not."""
        bob = world.person("Bob")
        left, ended = world.team(bob), world.team(bob)
        world.join(ended, ann, expire_at=monday("07:59"))
        for number, team in enumerate((left, ended)):
            open_task(world, team, bob, f"Secret {number}", monday("17:00"), ann)
            done_task(world, team, ann, f"Done {number}", monday("00:00") - HOUR)
        open_task(world, ann.uid, ann, "Call", monday("17:00"))
        wants(world, ann, daily="08:00")

        (digest,) = let_come(world, ann)

        values = digest["values"]
        assert (["Call"], 1, 0) == (titles(digest, "due"), values["dueCount"], values["doneCount"])

    def test_of_many_it_tells_how_many_there_are(self, world: World, ann: Caller):
        """What is long late leaves room for what is due today; at most twenty titles."""
        for number in range(30):
            open_task(
                world, ann.uid, ann, f"Late {number:02}", monday("00:00") - (40 - number) * DAY
            )
            open_task(
                world, ann.uid, ann, f"Today {number:02}", monday("12:00") + number * 60 * SECOND
            )
            done_task(world, ann.uid, ann, f"Done {number:02}", monday("00:00") - HOUR)
        wants(world, ann, daily="08:00")

        (digest,) = let_come(world, ann)

        values = digest["values"]
        assert [30, 30, 30] == [values[f"{name}Count"] for name in ("due", "overdue", "done")]
        assert [f"Today {number:02}" for number in range(7)] == titles(digest, "due")
        assert [f"Late {number:02}" for number in range(7)] == titles(digest, "overdue")
        assert 5 == len(values["done"])

    def test_where_little_is_late_there_is_more_room_for_what_is_due(
        self, world: World, ann: Caller
    ):
        """And where little is due, for half as much of what is late; the numbers are exact."""
        bob = world.person("Bob")
        lives_in(world, bob, BERLIN)
        for person, late, today in ((ann, 2, 20), (bob, 12, 4)):
            for number in range(late):
                due_at = monday("00:00") - (40 - number) * DAY
                open_task(world, person.uid, person, f"Late {number:02}", due_at)
            for number in range(today):
                due_at = monday("12:00") + number * SECOND
                open_task(world, person.uid, person, f"Today {number:02}", due_at)
            wants(world, person, daily="08:00")

        (of_ann,) = let_come(world, ann)
        (of_bob,) = digests(world, bob)

        for digest, late, today in ((of_ann, (2, 2), (12, 20)), (of_bob, (7, 12), (4, 4))):
            values = digest["values"]
            assert late == (len(values["overdue"]), values["overdueCount"])
            assert today == (len(values["due"]), values["dueCount"])

    def test_due_dates_are_as_clocks_show_them_there(self, world: World, ann: Caller):
        """A call at noon in New York is at 18:00 in Berlin."""
        due = {"kind": "zoned", "date": MONDAY, "time": "12:00", "tz": "America/New_York"}
        new_task(ann, ann.uid, title="Call", due=due)
        wants(world, ann, daily="08:00")

        (digest,) = let_come(world, ann)

        assert [f"{MONDAY}T18:00"] == [each["due"] for each in digest["values"]["due"]]

    def test_it_is_in_their_language(self, world: World, ann: Caller):
        """That of the account, and so is the mail."""
        ann.patch("/users/me", {"locale": "de-AT"})
        address = has_mail(world, ann)
        open_task(world, ann.uid, ann, "Anruf", monday("17:00"))
        wants(world, ann, daily="08:00")

        (digest,) = let_come(world, ann)
        (mail,) = world.mails(address)

        assert ("de", "Ihr Tag: 01.02.2027") == (digest["locale"], digest["title"])
        assert "Anruf" in mail.text


class TestWeekly:
    """What was done in a week, what is overdue, and what lies ahead."""

    def test_it_looks_back_and_ahead(self, world: World, ann: Caller):
        """Seven days each, today among those ahead."""
        begins = monday("00:00")
        second = timedelta(seconds=1)
        done_task(world, ann.uid, ann, "Long ago", begins - 7 * DAY - second)
        done_task(world, ann.uid, ann, "Last Monday", begins - 7 * DAY)
        open_task(world, ann.uid, ann, "Late", begins - 20 * DAY)
        open_task(world, ann.uid, ann, "Today", monday("17:00"))
        open_task(world, ann.uid, ann, "On Sunday", begins + 7 * DAY - second)
        open_task(world, ann.uid, ann, "Next week", begins + 7 * DAY + second)
        wants(world, ann, weekly=(1, "09:00"))

        (digest,) = let_come(world, ann, "weekly")

        assert monday("09:00") == digest["createdAt"]
        assert ("weeklyDigest@0", MONDAY) == (digest["template"], digest["values"]["day"])
        assert [["Last Monday"], ["Late"], ["Today", "On Sunday"]] == [
            titles(digest, name) for name in ("done", "overdue", "ahead")
        ]

    def test_it_comes_again_a_week_later(self, world: World, ann: Caller):
        """And beside the daily one, which is another."""
        open_task(world, ann.uid, ann, "Late", monday("00:00") - DAY)
        wants(world, ann, daily="08:00", weekly=(1, "09:00"))

        found = let_come(world, ann, "weekly")

        assert {"dailyDigest@0", "weeklyDigest@0"} == {each["template"] for each in found}
        assert [monday("08:00") + DAY, monday("09:00") + 7 * DAY] == [
            comes_at(world, ann, kind) for kind in ("daily", "weekly")
        ]

    def test_it_tells_alone_what_a_daily_one_would_at_the_same_moment(
        self, world: World, ann: Caller
    ):
        """Nobody reads the same list twice in a morning; on the day after the daily one is back."""
        open_task(world, ann.uid, ann, "Late", monday("00:00") - DAY)
        wants(world, ann, daily="09:00", weekly=(1, "09:00"))

        found = let_come(world, ann, "weekly")

        assert ["weeklyDigest@0"] == [each["template"] for each in found]
        assert monday("09:00") + DAY == comes_at(world, ann)

    def test_without_it_the_daily_one_comes_on_that_day(self, world: World, ann: Caller):
        """Switched off, or moved, before its hour."""
        found = []
        for weekly in ((1, "09:00"), (1, "10:00"), (1, "09:00"), (2, "09:00"), (1, "09:00"), None):
            wants(world, ann, daily="09:00", weekly=weekly)
            found.append(comes_at(world, ann))

        assert [monday("09:00") + DAY, monday("09:00")] * 3 == found


class TestOff:
    """Digests are off by default, and end with a click in a mail."""

    def test_one_click_in_the_mail_ends_them(self, world: World, ann: Caller):
        """The daily ones, not the weekly ones; and another click brings them back."""
        address = has_mail(world, ann)
        open_task(world, ann.uid, ann, "Call", monday("17:00"))
        wants(world, ann, daily="08:00", weekly=(1, "18:00"))
        let_come(world, ann)
        (mail,) = world.mails(address)
        way_out = address_of(world, ann, "dailyDigest")

        page = click(way_out)
        world.settle()
        ended = [comes_at(world, ann, kind) for kind in ("daily", "weekly")]
        take_back(way_out, way_back(page))
        world.settle()

        assert way_out.rpartition("/")[2] in mail.text
        assert [None, monday("18:00")] == ended
        assert monday("08:00") + DAY == comes_at(world, ann)

    def test_nobody_gets_one_who_has_not_asked(self, world: World, ann: Caller):
        """Nor are there timers for them."""
        open_task(world, ann.uid, ann, "Call", monday("17:00"))
        wants(world, ann)
        world.pass_time(2 * DAY)

        assert ([], None, None) == (
            digests(world, ann),
            comes_at(world, ann),
            comes_at(world, ann, "weekly"),
        )


SECOND = timedelta(seconds=1)


def link(workspace_id: str, task_id: str) -> str:
    return f"/workspaces/{workspace_id}/tasks/{task_id}"
