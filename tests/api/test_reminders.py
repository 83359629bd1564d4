"""Reminders: each arrives once, where and when it should, and goes with what it hangs on."""

from datetime import datetime, timedelta

from tests.api.factories import due_map
from tests.api.reminding import (
    HOUR,
    at,
    before,
    new_task,
    on_the_minute,
    pushed,
    reminded_at,
    reminders_of,
)
from tests.api.world import World


class TestArriving:
    """What time alone brings."""

    def test_each_arrives_once_on_every_device(self, world: World):
        """Relative to the due date, to the start, and at an instant of its own."""
        ann, bob = world.person("Ann"), world.person("Bob")
        phones = [bob.has_phone()]
        bob.put("/users/me/devices/tablet", {"token": "tablet-of-bob", "platform": "ios"})
        team = world.team(ann, bob)
        due = on_the_minute(world, 6 * HOUR)
        start = due - 2 * HOUR
        new_task(
            world,
            ann,
            team,
            assigneeIds=[bob.uid],
            startAt=at(start)["at"],
            due=due,
            reminders=[before(30), before(60, "start"), at(due - 5 * HOUR)],
        )

        arrived = []
        for _ in range(6):
            world.pass_time(HOUR)
            world.settle(times=2)
            arrived.append(len(reminders_of(world, bob)))

        # Half an hour after each full hour, or so, of a due date on the minute.
        assert [due - 5 * HOUR, start - HOUR, due - HOUR / 2] == reminded_at(world, team)
        assert ["Reminder: Pay"] * 3 == reminders_of(world, bob)
        assert [1, 1, 2] == [*arrived[:2], arrived[3]]
        for token in (*phones, "tablet-of-bob"):
            assert 3 == pushed(world, token).count("Reminder: Pay")
        assert [] == reminders_of(world, ann)

    def test_it_comes_to_the_second(self, world: World):
        """Its job stands in the queue for that very instant, and nothing comes before."""
        ann = world.person("Ann")
        instant = world.clock.now().replace(microsecond=0) + timedelta(minutes=90, seconds=17)
        new_task(world, ann, ann.uid, reminders=[at(instant)])

        world.pass_time(timedelta(minutes=90))
        early = reminders_of(world, ann)
        world.pass_time(instant - world.clock.now())

        assert [] == early
        assert ["Reminder: Pay"] == reminders_of(world, ann)
        assert [] == world.documents("timers")

    def test_late_ones_are_not_lost(self, world: World):
        """Nobody was there for a day: each is told when somebody is."""
        ann = world.person("Ann")
        now = on_the_minute(world, HOUR)
        instants = [now + n * HOUR for n in range(5)]
        new_task(world, ann, ann.uid, reminders=[at(each) for each in instants])

        world.pass_time(24 * HOUR)
        world.settle(times=2)

        assert instants == reminded_at(world, ann.uid)
        assert 5 == len(reminders_of(world, ann))

    def test_what_has_passed_when_it_is_set_is_not_told(self, world: World):
        """Who sets it is just looking at the task; the others still come."""
        ann = world.person("Ann")
        due = on_the_minute(world, HOUR)
        new_task(world, ann, ann.uid, due=due, reminders=[before(90), before(10)])

        early = reminders_of(world, ann)
        world.pass_time(2 * HOUR)

        assert [] == early
        assert [due - timedelta(minutes=10)] == reminded_at(world, ann.uid)


class TestWhom:
    """Those who should do the task, or one person."""

    def test_one_of_ones_own(self, world: World):
        """Only that person hears of it, whoever does the task."""
        ann, bob, eve = (world.person(name) for name in ("Ann", "Bob", "Eve"))
        team = world.team(ann, bob, eve)
        instant = on_the_minute(world, HOUR)
        new_task(
            world, ann, team, assigneeIds=[bob.uid], reminders=[at(instant, eve.uid), at(instant)]
        )

        world.pass_time(2 * HOUR)

        assert [0, 1, 1] == [len(reminders_of(world, each)) for each in (ann, bob, eve)]

    def test_twice_at_one_instant_is_once(self, world: World):
        """A person's own, one for all who do it, and one relative to what comes to the same."""
        ann = world.person("Ann")
        due = on_the_minute(world, 2 * HOUR)
        instant = due - HOUR
        new_task(
            world, ann, ann.uid, due=due, reminders=[at(instant), before(60), at(instant, ann.uid)]
        )

        world.pass_time(HOUR * 3 / 2)

        assert ["Reminder: Pay"] == reminders_of(world, ann)

    def test_who_does_it_by_then(self, world: World):
        """Not who did when it was set; nobody who has left hears of it."""
        ann, bob, eve = (world.person(name) for name in ("Ann", "Bob", "Eve"))
        team = world.team(ann, bob, eve)
        instant = on_the_minute(world, HOUR)
        task = new_task(
            world, ann, team, assigneeIds=[bob.uid], reminders=[at(instant), at(instant, eve.uid)]
        )

        ann.patch(f"/workspaces/{team}/tasks/{task['id']}", {"assigneeIds": [ann.uid]})
        assert 204 == ann.delete(f"/workspaces/{team}/members/{eve.uid}").status_code
        world.settle()
        world.pass_time(2 * HOUR)

        assert [1, 0, 0] == [len(reminders_of(world, each)) for each in (ann, bob, eve)]

    def test_whom_it_is_for_belongs_to_the_workspace(self, world: World):
        """Else 422, with a pointer to the reminder: by PATCH, POST and in bulk."""
        ann, bob = world.person("Ann"), world.person("Bob")
        team = world.team(ann)
        task = new_task(world, ann, team)
        wrong = {"reminders": [before(5), before(5, uid=bob.uid)]}
        path = f"/workspaces/{team}/tasks"

        answers = [
            ann.patch(f"{path}/{task['id']}", wrong),
            ann.post(path, {"title": "B", **wrong}),
        ]
        bulk = {"mode": "atomic", "operations": [{"op": "update", "taskId": task["id"], **wrong}]}
        in_bulk = ann.post(f"{path}:batch", bulk)

        assert {422} == {each.status_code for each in answers}
        faults = [each.json()["errors"][0] for each in answers]
        assert [("/reminders/1", "not-a-member")] * 2 == [(e["pointer"], e["code"]) for e in faults]
        assert "not-a-member" in in_bulk.text


class TestMoving:
    """With the dates of the task, and away with what closes it."""

    def test_it_moves_with_the_due_date(self, world: World):
        """The old instant passes in silence."""
        ann = world.person("Ann")
        due = on_the_minute(world, 2 * HOUR)
        task = new_task(world, ann, ann.uid, due=due, reminders=[before(60)])

        later = due + 4 * HOUR
        ann.patch(f"/workspaces/me/tasks/{task['id']}", {"due": due_map(later)})
        world.settle()
        world.pass_time(3 * HOUR)
        early = reminders_of(world, ann)
        world.pass_time(3 * HOUR)

        assert [] == early
        assert [later - HOUR] == reminded_at(world, ann.uid)

    def test_it_moves_with_the_zone(self, world: World):
        """The same wall clock elsewhere is another instant, of due date and reminder alike."""
        ann = world.person("Ann")
        due = {"kind": "zoned", "date": "2030-07-01", "time": "09:00", "tz": "Europe/Berlin"}
        task = new_task(world, ann, ann.uid, due=due, reminders=[before(30)])
        (first,) = [each["fireAt"] for each in world.documents("timers") if _reminds(each)]

        ann.patch(f"/workspaces/me/tasks/{task['id']}", {"due": {"tz": "America/New_York"}})
        world.settle()

        (second,) = [each["fireAt"] for each in world.documents("timers") if _reminds(each)]
        assert "2030-07-01T06:30:00+00:00" == first.isoformat()
        assert "2030-07-01T12:30:00+00:00" == second.isoformat()

    def test_where_the_clocks_change(self, world: World):
        """Due in the hour that there is not, and in the one that comes twice."""
        ann = world.person("Ann")
        due = {"kind": "floating", "time": "02:30", "tz": "Europe/Berlin"}
        for day in ("2027-03-28", "2027-10-31"):
            new_task(world, ann, ann.uid, due={**due, "date": day}, reminders=[before(30)])

        for instant in ("2027-03-28T00:29:59", "2027-10-30T23:59:59"):
            world.pass_time(datetime.fromisoformat(f"{instant}+00:00") - world.clock.now())
            early = len(reminders_of(world, ann))
            world.pass_time(timedelta(seconds=1))
            assert early + 1 == len(reminders_of(world, ann))

        assert ["2027-03-28T00:30:00+00:00", "2027-10-31T00:00:00+00:00"] == [
            at.isoformat() for at in reminded_at(world, ann.uid)
        ]

    def test_it_moves_with_the_start(self, world: World):
        """And waits for one where there is none."""
        ann = world.person("Ann")
        start = on_the_minute(world, 2 * HOUR)
        task = new_task(world, ann, ann.uid, reminders=[before(60, "start")])
        none = world.documents("timers")

        ann.patch(f"/workspaces/me/tasks/{task['id']}", {"startAt": at(start)["at"]})
        world.settle()
        world.pass_time(2 * HOUR)

        assert [] == none
        assert [start - HOUR] == reminded_at(world, ann.uid)

    def test_closing_takes_it_away_and_reopening_brings_it_back(self, world: World):
        """Done, archived or in the trash: nobody hears of it; back again, they do."""
        ann = world.person("Ann")
        instant = on_the_minute(world, 9 * HOUR)
        path = (
            f"/workspaces/me/tasks/{new_task(world, ann, ann.uid, reminders=[at(instant)])['id']}"
        )
        closing = [
            (lambda: ann.post(f"{path}/completion"), lambda: ann.delete(f"{path}/completion")),
            (lambda: ann.post(f"{path}/archive"), lambda: ann.delete(f"{path}/archive")),
            (lambda: ann.delete(path), lambda: ann.post(f"{path}:restore")),
            (
                lambda: ann.patch(path, {"status": "cancelled"}),
                lambda: ann.patch(path, {"status": "in_progress"}),
            ),
        ]

        timers = []
        for close, back in closing:
            assert close().ok
            world.settle()
            timers.append(sum(map(_reminds, world.documents("timers"))))
            assert back().ok
            world.settle()
            timers.append(sum(map(_reminds, world.documents("timers"))))
        world.pass_time(10 * HOUR)

        assert [0, 1] * 4 == timers
        assert [instant] == reminded_at(world, ann.uid)

    def test_what_passed_while_it_was_done_is_not_told(self, world: World):
        """Reopening does not bring back the past."""
        ann = world.person("Ann")
        instant = on_the_minute(world, HOUR)
        path = (
            f"/workspaces/me/tasks/{new_task(world, ann, ann.uid, reminders=[at(instant)])['id']}"
        )
        ann.post(f"{path}/completion")
        world.settle()

        world.pass_time(2 * HOUR)
        ann.delete(f"{path}/completion")
        world.settle()
        world.pass_time(2 * HOUR)

        assert [] == reminders_of(world, ann)


def _reminds(timer: dict) -> bool:
    return bool(timer["kind"] == "reminder")
