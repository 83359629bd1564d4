"""Changing a series is one commit: killed anywhere it is all or nothing; two at once agree."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from backend.bootstrap import Services
from backend.kit.actor import Actor
from backend.kit.errors import FailedPrecondition, NotFound
from backend.recurrence.occurrences import Scope
from backend.recurrence.rule import Rule
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.weekly import FIRST, SECOND, THIRD, Weekly, weekly
from tests.api.world import World

Story = Callable[[Services, Weekly], None]
WEDNESDAYS = {"rule": Rule.parse("FREQ=WEEKLY;BYDAY=WE")}


def retiming(services: Services, series: Weekly) -> None:
    """Another rule: the open one becomes another."""
    services.series_changing.edit(_ann(series), series.ann.uid, series.id, WEDNESDAYS)


def skipping(services: Services, series: Weekly) -> None:
    """One to come does not."""
    services.occurrences.skip(_ann(series), series.ann.uid, series.id, SECOND)


def parting(services: Services, series: Weekly) -> None:
    """From the second on it is another; asked again there is none left to part."""
    try:
        services.occurrences.change(
            _ann(series), series.ann.uid, series.id, SECOND, WEDNESDAYS, scope=Scope.FOLLOWING
        )
    except (NotFound, FailedPrecondition):
        assert len(_all(series)) > 1


class TestKilled:
    """Each story is told again, and killed one step later each time."""

    @pytest.mark.parametrize(
        ("story", "ledgers"),
        [
            (retiming, [{"20270303T0900": "open"}]),
            (skipping, [{FIRST: "open", SECOND: "skipped"}]),
            (parting, [{"20270310T0900": "open"}, {FIRST: "open"}]),
        ],
    )
    def test_all_or_nothing(self, world: World, story: Story, ledgers: list[dict[str, str]]):
        """Done again by who was killed, it is as if nothing had been."""
        kills = 0
        for at in count(1):
            series = weekly(world)
            was_killed = _killed(world, story, series, at)
            if was_killed:
                story(world.services, series)
            world.settle()

            found = [each.ledger() for each in _all(series)]
            assert ledgers == sorted(found, key=str, reverse=True)
            assert len(ledgers) == sum(len(each.tasks()) for each in _all(series))
            kills += was_killed
            if not was_killed:
                break

        assert kills >= 2


class TestAtOnce:
    """Several people, or one on several devices."""

    def test_edits_and_a_completion(self, world: World, crowd: ThreadPoolExecutor):
        """Whichever comes first: one occurrence is done, and one open, where the ledger says."""
        series = weekly(world)
        done = series.at_task(FIRST, "/completion")
        calls = [
            lambda: series.ann.patch(series.path, {"rule": "FREQ=WEEKLY;BYDAY=WE"}),
            lambda: series.ann.post(done),
            lambda: series.ann.patch(series.path, {"title": "Minutes"}),
            lambda: series.ann.patch(series.path, {"start": _at("17:00")}),
        ]

        answers = [*crowd.map(lambda call: call(), calls)]
        world.settle(times=3)

        assert [200] * 4 == [each.status_code for each in answers]
        ledger = series.ledger()
        assert ["done", "open"] == sorted(ledger.values())
        assert {key: _status(state) for key, state in ledger.items()} == {
            task["occurrenceKey"]: task["status"] for task in series.tasks()
        }
        [open_key] = [key for key, state in ledger.items() if state == "open"]
        assert open_key == series.now()["lastKey"]

    def test_one_is_skipped_twice(self, world: World, crowd: ThreadPoolExecutor):
        """And brings one next."""
        series = weekly(world)
        skip = series.occurrence(FIRST, ":skip")

        answers = [*crowd.map(lambda _: series.ann.post(skip), range(4))]
        world.settle(times=2)

        assert [200] * 4 == [each.status_code for each in answers]
        assert {FIRST: "skipped", SECOND: "open"} == series.ledger()

    def test_it_is_parted_twice(self, world: World, crowd: ThreadPoolExecutor):
        """At two occurrences to come: each that is to come belongs to one series."""
        series = weekly(world)
        paths = [series.occurrence(key, "?scope=following") for key in (SECOND, THIRD)]

        answers = [*crowd.map(lambda path: series.ann.patch(path, {"title": "B"}), paths)]
        world.settle(times=2)

        assert {200} <= {each.status_code for each in answers} <= {200, 404}
        keys = [key for each in _all(series) for key in each.ledger()]
        assert len(keys) == len(set(keys))


def _ann(series: Weekly) -> Actor:
    return Actor(series.ann.uid)


def _all(series: Weekly) -> list[Weekly]:
    """A series, and what was split from it."""
    found = series.ann.get("/workspaces/me/series?pageSize=100").json()["items"]
    ids = [each["id"] for each in found if each["follows"] == series.id]
    return [series, *map(series.another, ids)]


def _killed(world: World, story: Story, series: Weekly, at: int) -> bool:
    try:
        story(mortal_services(world, Fate(at), MortalAtEveryCommit), series)
    except Killed:
        return True
    return False


def _status(state: str) -> str:
    return "done" if state == "done" else "open"


def _at(time: str) -> dict[str, str]:
    return {"date": "2027-03-01", "time": time, "tz": "Europe/Berlin"}
