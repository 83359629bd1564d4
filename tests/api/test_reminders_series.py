"""Reminders of what comes again: each occurrence has those of the series, by its own dates."""

from datetime import datetime, timedelta

from tests.api.reminding import HOUR, before, pushed, reminded_at, reminders_of
from tests.api.world import World

DAILY = {
    "title": "Pay",
    "rule": "FREQ=DAILY",
    "start": {"date": "2027-03-27", "time": "02:30", "tz": "Europe/Berlin"},
}


def test_each_occurrence_reminds_by_its_own_date(world: World):
    """Also of the one in the hour that there is not; who has done it hears nothing."""
    ann = world.person("Ann")
    phone = ann.has_phone()
    answer = ann.post("/workspaces/me/series", {**DAILY, "reminders": [before(45)]})
    assert answer.ok, answer.text
    series = answer.json()
    world.settle()
    heard = []

    def pass_to(instant: str) -> None:
        world.pass_time(datetime.fromisoformat(f"{instant}Z") - world.clock.now())
        heard.append(len(reminders_of(world, ann)))

    pass_to("2027-03-27T00:44:59")
    pass_to("2027-03-27T00:45:00")
    ann.post(f"/workspaces/me/tasks/{series['firstTaskId']}/completion")
    world.settle(times=2)
    pass_to("2027-03-28T00:14:59")
    pass_to("2027-03-28T00:15:00")
    ann.post(f"/workspaces/me/tasks/{series['id']}-20270328T0230/completion")
    world.settle(times=2)
    # Done before its reminder came.
    ann.post(f"/workspaces/me/tasks/{series['id']}-20270329T0230/completion")
    world.settle(times=2)
    pass_to("2027-03-29T12:00:00")

    assert [0, 1, 1, 2, 2] == heard
    assert ["2027-03-27T00:45:00", "2027-03-28T00:15:00"] == [
        f"{at:%Y-%m-%dT%H:%M:%S}" for at in reminded_at(world, ann.uid)
    ]
    assert 2 == pushed(world, phone).count("Reminder: Pay")


def test_one_for_a_single_person_comes_again(world: World):
    """A template may remind one person alone, of each occurrence."""
    ann, bob = world.person("Ann"), world.person("Bob")
    team = world.team(ann, bob)
    body = {**DAILY, "assigneeIds": [ann.uid], "reminders": [before(45, uid=bob.uid)]}
    series = ann.post(f"/workspaces/{team}/series", body).json()
    world.settle()

    world.pass_time(datetime.fromisoformat("2027-03-27T00:45:00Z") - world.clock.now())
    ann.post(f"/workspaces/{team}/tasks/{series['firstTaskId']}/completion")
    world.settle(times=2)
    world.pass_time(24 * HOUR + timedelta(minutes=1))

    assert 2 == len(reminders_of(world, bob))
    assert [] == reminders_of(world, ann)
