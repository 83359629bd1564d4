"""The job of a digest: twice, late, lost, killed, and after things have changed; what it costs."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from backend.adapters.firestore import metered
from tests.api.digesting import (
    DAY,
    HOUR,
    at_local,
    comes_at,
    digest_timer,
    digests,
    done_task,
    job_of,
    let_come,
    looked_at,
    open_task,
    outcomes,
    rings,
    titles,
    wants,
)
from tests.api.factories import stored_tasks
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.noticing import has_mail
from tests.api.wishes import prefers
from tests.api.world import Caller, World

MINUTE = timedelta(minutes=1)


def at(text: str) -> datetime:
    """An instant of the day that these tests are about."""
    return at_local("2027-02-01", text, "UTC")


@pytest.fixture
def ann(world: World) -> Caller:
    """Somebody whose day begins in an hour, with one thing that is late."""
    world.clock.move_to(at("07:00"))
    person = world.person("Ann")
    open_task(world, person.uid, person, "Late", at("00:00") - DAY)
    wants(world, person, daily="08:00")
    return person


class TestOnce:
    """One digest a day, whatever jobs and workers do."""

    def test_a_job_that_comes_again(self, world: World, ann: Caller):
        """At once, a minute later, and when the next digest is planned."""
        job = job_of(world, ann)
        world.clock.move_to(at("08:00"))
        for _ in range(2):
            world.services.firing.fire(job)
        world.clock.advance(10 * MINUTE)
        world.services.firing.fire(job)

        assert 1 == len(digests(world, ann))
        assert at("08:00") + DAY == comes_at(world, ann)
        assert {"filed": 1} == outcomes(world)

    def test_many_jobs_at_one_moment(self, world: World, ann: Caller, crowd: ThreadPoolExecutor):
        """Ten workers, one digest."""
        job = job_of(world, ann)
        world.clock.move_to(at("08:00"))

        list(crowd.map(lambda _: world.services.firing.fire(job), range(10)))

        assert 1 == len(digests(world, ann))
        assert {"filed": 1} == outcomes(world)

    @pytest.mark.parametrize("moment", [1, 2])
    def test_a_worker_that_is_killed(self, world: World, ann: Caller, moment: int):
        """Before its commit or behind it: told once, mailed once, and planned for tomorrow."""
        address = has_mail(world, ann)
        job = job_of(world, ann)
        world.clock.move_to(at("08:00"))
        services = mortal_services(world, Fate(moment), MortalAtEveryCommit)
        with pytest.raises(Killed):
            services.firing.fire(job)
        world.pass_time(10 * MINUTE)
        world.pass_time(10 * MINUTE)

        assert [["Late"]] == [titles(each, "overdue") for each in digests(world, ann)]
        assert 1 == len(world.mails(address))
        assert at("08:00") + DAY == comes_at(world, ann)

    def test_a_job_that_was_lost(self, world: World, ann: Caller):
        """The repair finds it; it says when it was filed, and tells of the day it was meant for."""
        world.clock.move_to(at("07:59"))
        world.services.timers.promote()
        world.tasks.reset()
        world.pass_time(HOUR)

        (digest,) = digests(world, ann)
        assert "2027-02-01" == digest["values"]["day"]
        assert at("08:00") + DAY == comes_at(world, ann)

    @pytest.mark.parametrize(
        ("kind", "hours", "outcome"),
        [("daily", 15, "filed"), ("daily", 17, "stale"), ("weekly", 39, "filed")],
    )
    def test_after_an_outage(self, world: World, ann: Caller, kind: str, hours: int, outcome: str):
        """As long as its day lasts it is worth telling, that of a week for another day."""
        wants(world, ann, **({"daily": "08:00"} if kind == "daily" else {"weekly": (1, "08:00")}))
        world.clock.move_to(at("08:00") + hours * HOUR)

        rings(world)

        assert {outcome: 1} == outcomes(world)
        days = 7 if kind == "weekly" else 1
        assert at("08:00") + days * DAY == comes_at(world, ann, kind)


class TestChangedMeanwhile:
    """Preferences, account and tasks are read when the hour has come; no doorbell is trusted."""

    @pytest.mark.parametrize(
        ("daily", "came", "following"),
        [
            (None, 0, None),
            ("09:00", 0, at("09:00")),  # Later today.
            ("06:00", 0, at("06:00") + DAY),  # Over already.
            ("08:00", 1, at("08:00") + DAY),
        ],
    )
    def test_preferences_that_nobody_has_looked_at(
        self, world: World, ann: Caller, daily: str | None, came: int, following: datetime | None
    ):
        """What they want is what counts, not what was planned."""
        prefers(world, ann, digests={"daily": daily, "weekly": None})
        world.clock.move_to(at("08:00"))

        rings(world)

        assert (came, following) == (len(digests(world, ann)), comes_at(world, ann))

    def test_an_hour_that_moves_to_later_and_back(self, world: World, ann: Caller):
        """Each time the timer follows; a day that has had its digest gets no other one."""
        let_come(world, ann)
        wants(world, ann, daily="10:00")
        moved = comes_at(world, ann)
        let_come(world, ann)

        assert at("10:00") == moved
        assert 1 == len(digests(world, ann))
        assert ({"filed": 1, "repeated": 1}, at("10:00") + DAY) == (
            outcomes(world),
            comes_at(world, ann),
        )

    def test_whoever_is_gone_gets_none(self, world: World, ann: Caller):
        """And is not asked for again."""
        world.database.document(f"users/{ann.uid}").delete()
        world.clock.move_to(at("08:00"))

        rings(world)

        assert ([], None) == (digests(world, ann), digest_timer(world, ann))

    def test_whose_account_has_ended_gets_none(self, world: World, ann: Caller):
        """Neither from the timer that is set, nor from one to come."""
        world.database.document(f"users/{ann.uid}").update({"state": "expired"})
        world.clock.move_to(at("08:00"))
        rings(world)
        unlooked = digests(world, ann)
        looked_at(world, ann)

        assert ([], None) == (unlooked, digest_timer(world, ann))

    def test_what_cannot_be_read_keeps_nobody_from_the_rest(self, world: World, ann: Caller):
        """A task that apps could not have written, and a membership of no role."""
        bob = world.person("Bob")
        team = world.team(bob, ann)
        open_task(world, team, bob, "Hidden", at("12:00"), ann)
        open_task(world, ann.uid, ann, "Broken", at("12:00"), priority="very")
        world.database.document(f"workspaces/{team}/members/{ann.uid}").update({"role": "king"})

        (digest,) = let_come(world, ann)

        assert (["Late"], 0) == (titles(digest, "overdue"), digest["values"]["dueCount"])

    def test_a_zone_that_is_none_is_utc(self, world: World, ann: Caller):
        """The rules look at its letters only."""
        world.database.document(f"users/{ann.uid}").update({"timezone": "Mars/Olympus"})
        looked_at(world, ann)

        (digest,) = let_come(world, ann)

        assert at("08:00") == digest["createdAt"]


class TestCost:
    """Round trips and billed documents, whatever else is stored."""

    def test_of_a_digest(self, world: World, ann: Caller):
        """Two questions, one look at all that guards it, one commit."""
        team = world.team(ann)
        for number in range(12):
            open_task(world, team, ann, f"To do {number}", at("12:00"), ann)
        for number in range(4):
            done_task(world, team, ann, f"Done {number}", at("00:00") - HOUR)
        job = job_of(world, ann)
        another_came_first(world)

        fired = cost(lambda: world.services.firing.fire(job))
        again = cost(lambda: world.services.firing.fire(job))

        (digest,) = digests(world, ann)
        assert 17 == sum(len(digest["values"][name]) for name in ("due", "overdue", "done"))
        # Seventeen tasks; timer, account, preferences, the digest of that day, one membership.
        # Written: notification and timer, a decision for each of three channels, the mail's timer.
        assert (4, 17 + 5, 2 + 3 + 1) == fired
        assert (3, 0) == (again[0], again[2])

    def test_of_a_job_that_comes_late_for_nothing(self, world: World, ann: Caller):
        """One look at its timer: of repeated jobs there may be many."""
        job = job_of(world, ann)
        let_come(world, ann)
        world.clock.advance(2 * MINUTE)

        assert (1, 1, 0) == cost(lambda: world.services.firing.fire(job))

    @pytest.mark.parametrize("number", [40, 400])
    def test_it_does_not_grow_with_what_is_stored(self, world: World, ann: Caller, number: int):
        """Of more than is shown it reads how many there are: four round trips more."""
        due_at = [at("12:00"), at("00:00") - DAY]
        stored_tasks(world, ann, [{"dueAt": due_at[each % 2]} for each in range(number)])
        job = job_of(world, ann)
        another_came_first(world)

        rpcs, reads, writes = cost(lambda: world.services.firing.fire(job))

        # The first page, seven of today, two numbers, no task done; four that guard it.
        assert (4 + 3, 14 + 7 + 2 + 1 + 4, 6) == (rpcs, reads, writes)

    def test_of_nothing_to_tell(self, world: World, ann: Caller):
        """Two empty answers, and the timer set anew."""
        world.database.document(f"workspaces/{ann.uid}/tasks/Late").delete()
        job = job_of(world, ann)
        world.clock.move_to(at("08:00"))

        assert (4, 1 + 1 + 4, 1) == cost(lambda: world.services.firing.fire(job))


def cost(act: Callable[[], object]) -> tuple[int, int, int]:
    """The round trips, and the documents read and written."""
    with metered() as usage:
        act()
    return usage.rpcs, usage.reads, usage.writes


def another_came_first(world: World) -> None:
    """It is eight, and somebody has had theirs: once a minute it is asked which texts are out."""
    bob = world.person("Bob")
    open_task(world, bob.uid, bob, "Late", at("00:00") - DAY)
    wants(world, bob, daily="08:00")
    job = job_of(world, bob)
    world.clock.move_to(at("08:00"))
    world.services.firing.fire(job)
