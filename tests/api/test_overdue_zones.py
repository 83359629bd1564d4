"""A due date that names a day is over when that day ends where the person is who should do it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.api.factories import app_task, task_fields
from tests.api.lateness import (
    all_day,
    floating,
    heard,
    lives_in,
    mails_pass,
    new_task,
    soon,
    until,
    window_passes,
    zoned,
)
from tests.api.world import Caller, World

NEW_YORK, KOLKATA = "America/New_York", "Asia/Kolkata"
SECOND = timedelta(seconds=1)


@pytest.fixture
def ann(world: World) -> Caller:
    return world.person("Ann")


@pytest.fixture
def bob(world: World) -> Caller:
    """Somebody in New York."""
    person = world.person("Bob")
    lives_in(world, person, NEW_YORK)
    return person


def due_of(world: World, path: str) -> tuple[str, datetime]:
    task = world.document(path)
    return task["due"]["tz"], task["dueAt"]


def test_all_day_is_over_at_the_assignees_midnight(world: World, ann: Caller, bob: Caller):
    """Ann writes it in Berlin; Bob, who should do it, is told when his own day is over."""
    lives_in(world, ann, "Europe/Berlin")
    team = world.team(ann, bob)
    day = f"{world.clock.now() + timedelta(days=2):%F}"
    path = new_task(ann, team, due=all_day(day, "Europe/Berlin"), assigneeIds=[bob.uid])
    world.settle(times=2)
    tz, due_at = due_of(world, path)
    midnight = datetime.fromisoformat(f"{day}T00:00:00-05:00") + timedelta(days=1)

    until(world, midnight - SECOND)
    before = world.document(path)["isOverdue"]
    until(world, midnight)
    after = world.document(path)["isOverdue"]
    window_passes(world)

    assert (NEW_YORK, midnight) == (tz, due_at)
    assert (False, True) == (before, after)
    assert ["Overdue: A task"] == [each["title"] for each in heard(world, bob)]
    assert [] == heard(world, ann)
    mails_pass(world)
    assert [] == world.documents("timers")


# Days as clocks show them: short and long ones, some without a midnight, the first of all zones.
DAYS = {
    "23 hours": ("Europe/Berlin", "2027-03-28", "2027-03-28T22:00Z"),
    "25 hours": ("Europe/Berlin", "2027-10-31", "2027-10-31T23:00Z"),
    "no midnight in Chile": ("America/Santiago", "2027-09-04", "2027-09-05T04:00Z"),
    "no midnight in Egypt": ("Africa/Cairo", "2027-04-29", "2027-04-29T22:00Z"),
    "no midnight in Lebanon": ("Asia/Beirut", "2027-03-27", "2027-03-27T22:00Z"),
    "midnight twice on the Azores": ("Atlantic/Azores", "2027-10-30", "2027-10-31T00:00Z"),
    "half an hour": ("Australia/Lord_Howe", "2027-04-03", "2027-04-03T13:00Z"),
    "14 hours ahead": ("Pacific/Kiritimati", "2027-01-01", "2027-01-01T10:00Z"),
    "a quarter of an hour": ("Asia/Kathmandu", "2027-01-01", "2027-01-01T18:15Z"),
}


def test_the_end_of_days_as_clocks_show_it(world: World, ann: Caller, bob: Caller):
    """Wherever Bob goes, each day ends at the first instant of the next one there."""
    team = world.team(ann, bob)
    found, expected = {}, {}
    for name, (tz, day, end) in DAYS.items():
        lives_in(world, bob, tz)
        path = new_task(ann, team, due=all_day(day), assigneeIds=[bob.uid])
        world.settle()
        found[name] = due_of(world, path)
        expected[name] = (tz, datetime.fromisoformat(end))

    assert expected == found


def test_a_floating_time_is_that_of_the_person(world: World, ann: Caller, bob: Caller):
    """09:00 is nine where Bob is; of a creator without a zone it is where they wrote it."""
    team = world.team(ann, bob)
    due = floating("2027-02-01", "09:00", "Europe/Berlin")
    of_bob = new_task(ann, team, due=due, assigneeIds=[bob.uid])
    of_ann = new_task(ann, team, due=due)
    world.settle()

    assert (NEW_YORK, datetime(2027, 2, 1, 14, tzinfo=UTC)) == due_of(world, of_bob)
    assert ("Europe/Berlin", datetime(2027, 2, 1, 8, tzinfo=UTC)) == due_of(world, of_ann)


def test_an_instant_stays_an_instant(world: World, ann: Caller, bob: Caller):
    """`zoned` means that moment, wherever people are."""
    at = soon(world, 30)
    path = new_task(ann, world.team(ann, bob), due=zoned(at), assigneeIds=[bob.uid])
    world.settle()
    lives_in(world, bob, KOLKATA)

    assert ("UTC", at) == due_of(world, path)
    assert 1 == world.document(path)["rev"]


def test_the_due_date_goes_with_the_task_from_hand_to_hand(world: World, ann: Caller, bob: Caller):
    """The first of those assigned counts, and without any, who made it."""
    cid = world.person("Cid")
    lives_in(world, cid, KOLKATA)
    lives_in(world, ann, "Europe/Berlin")
    path = new_task(ann, world.team(ann, bob, cid), due=all_day("2027-02-01"))
    zones = []
    for people in ([], [bob], [cid, bob], [bob, cid], []):
        ann.patch(f"/{path}", {"assigneeIds": [each.uid for each in people]})
        world.settle(times=2)
        zones.append(due_of(world, path)[0])

    assert ["Europe/Berlin", NEW_YORK, KOLKATA, NEW_YORK, "Europe/Berlin"] == zones


def test_what_an_app_wrote_itself_follows_too(world: World, ann: Caller, bob: Caller):
    """Under the rules anybody may write any zone."""
    team = world.team(ann, bob)
    fields = task_fields(world, by=ann, assignees=[bob])
    due = {**all_day("2027-02-01", "Europe/Berlin"), "time": None}
    at = datetime(2027, 2, 1, 23, tzinfo=UTC)
    path = f"workspaces/{team}/tasks/of-an-app"
    world.write(path, {**fields, "due": due, "dueAt": at, "dueDay": "2027-02-01"})
    world.settle(times=2)

    task = world.document(path)
    assert (NEW_YORK, datetime(2027, 2, 2, 5, tzinfo=UTC)) == due_of(world, path)
    assert (2, ann.uid) == (task["rev"], task["updatedBy"])


@pytest.mark.parametrize("written", ["Not/AZone", "UTC", 7])
def test_a_profile_that_says_no_zone(world: World, ann: Caller, written: object):
    """The due date stays in the zone it was written in."""
    world.database.document(f"users/{ann.uid}").update({"timezone": written})
    task_id = app_task(world, ann.uid, by=ann)
    path = f"workspaces/{ann.uid}/tasks/{task_id}"
    ann.patch(f"/{path}", {"due": all_day("2027-02-01", KOLKATA)})
    world.settle(times=2)

    assert KOLKATA == due_of(world, path)[0]


def test_a_due_date_set_and_followed_can_be_taken_back(world: World, ann: Caller, bob: Caller):
    """That it came into Bob's zone is no change of anybody's."""
    path = new_task(ann, world.team(ann, bob), assigneeIds=[bob.uid])
    before = world.document(path)
    answer = ann.patch(f"/{path}", {"due": all_day("2027-02-01")})
    world.settle(times=2)
    followed = due_of(world, path)[0]

    undone = ann.post("/undo", {"token": answer.headers["Undo-Token"]})
    world.settle()

    assert (NEW_YORK, 200) == (followed, undone.status_code)
    assert [before[name] for name in ("due", "dueAt", "dueDay")] == [
        world.document(path)[name] for name in ("due", "dueAt", "dueDay")
    ]


def test_a_task_made_and_followed_can_be_taken_back(world: World, ann: Caller, bob: Caller):
    """It goes to the trash, since nobody but time has touched it."""
    team = world.team(ann, bob)
    answer = ann.post(
        f"/workspaces/{team}/tasks",
        {"title": "A", "due": all_day("2027-02-01"), "assigneeIds": [bob.uid]},
    )
    world.settle(times=2)
    path = f"workspaces/{team}/tasks/{answer.json()['id']}"
    followed = due_of(world, path)[0]

    undone = ann.post("/undo", {"token": answer.headers["Undo-Token"]})

    assert (NEW_YORK, 200) == (followed, undone.status_code)
    assert world.document(path)["deletedAt"] is not None
