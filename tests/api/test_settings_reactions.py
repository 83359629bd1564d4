"""What follows from notification settings: the timers of summaries, whoever wrote them."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from backend.adapters.firestore import metered
from backend.digests.model import DigestKind
from backend.digests.timers import timer_id
from backend.reactions.settings import SettingsReactor
from tests.api.doorbells import ring, write_profile
from tests.api.test_member_snapshots import Overtaken
from tests.api.world import Caller, World

PATH = "/users/me/settings/notifications"
BERLIN, TOKYO = "Europe/Berlin", "Asia/Tokyo"
DAILY = {"digests": {"daily": "07:30"}}
WEEKLY = {"digests": {"weekly": {"day": 7, "time": "18:30"}}}


@pytest.fixture
def ann(world: World) -> Caller:
    """Somebody in Berlin. Clocks show Friday, 20 November 2026."""
    ann = world.person("Ann")
    ann.patch("/users/me", {"timezone": BERLIN})
    world.settle()
    return ann


def timers(world: World, person: Caller) -> dict[str, datetime]:
    """When summaries of each kind come next."""
    found = {
        kind.value: world.document(f"timers/{timer_id(person.uid, kind)}") for kind in DigestKind
    }
    return {kind: stored["fireAt"] for kind, stored in found.items() if stored}


def write_settings(world: World, person: Caller, **fields: Any) -> None:
    """Write settings as an app does, under the rules."""
    defaults = {
        "matrix": {},
        "quietHours": None,
        "urgentPasses": True,
        "bundleMinutes": 5,
        "digests": {"daily": None, "weekly": None},
        "workspaces": {},
        "rev": 1,
        "updatedAt": world.clock.now(),
    }
    world.write(f"users/{person.uid}/settings/notifications", defaults | fields)


def react(world: World, person: Caller) -> bool:
    """Look at somebody's settings, as the job of their doorbell does."""
    return world.services.reactors.settings.react(person.uid)


class TestTimers:
    """reactSettings, and reactAccount where somebody is elsewhere now"""

    def test_set_by_the_api_they_come_at_the_local_time(self, world: World, ann: Caller):
        """Half past seven in Berlin, and Sunday evening."""
        ann.patch(PATH, DAILY)
        ann.patch(PATH, WEEKLY)

        assert react(world, ann)

        now = world.clock.now()
        found = timers(world, ann)
        assert {"daily", "weekly"} == set(found)
        assert (6, 30) == (found["daily"].hour, found["daily"].minute)
        assert timedelta() < found["daily"] - now <= timedelta(days=1)
        assert (7, 17, 30) == (
            found["weekly"].isoweekday(),
            found["weekly"].hour,
            found["weekly"].minute,
        )

    def test_written_by_an_app_the_doorbell_leads_to_them(self, world: World, ann: Caller):
        """As fast as its job is run."""
        write_settings(world, ann, digests={"daily": "07:30", "weekly": None})

        ring(world, "reactSettings", uid=ann.uid)
        world.settle()

        assert {"daily"} == set(timers(world, ann))

    def test_a_lost_doorbell_is_made_up_for_by_the_sweep(self, world: World, ann: Caller):
        """Nobody rang."""
        write_settings(world, ann, digests={"daily": "07:30", "weekly": None})

        world.services.sweep.run()

        assert {"daily"} == set(timers(world, ann))

    def test_a_second_look_finds_nothing_to_do(self, world: World, ann: Caller):
        """Doorbells come twice; three documents are read, and nothing is written."""
        ann.patch(PATH, DAILY)
        costs = []
        for _ in range(2):
            with metered() as usage:
                react(world, ann)
            costs.append((usage.rpcs, usage.reads, usage.writes))

        # The shadow and the timer of the one kind that is new.
        assert [(2, 3, 2), (1, 3, 0)] == costs

    def test_changes_of_anything_else_touch_no_timer(self, world: World, ann: Caller):
        """A timer that is late is not lost because somebody mutes a category."""
        ann.patch(PATH, DAILY)
        react(world, ann)
        before = timers(world, ann)
        world.clock.advance(timedelta(days=2))

        ann.patch(PATH, {"matrix": {"comment": {"push": False}}})

        assert not react(world, ann)
        assert before == timers(world, ann)

    def test_changes_of_one_kind_leave_the_other_alone(self, world: World, ann: Caller):
        """The daily one is late, and comes all the same."""
        ann.patch(PATH, DAILY)
        react(world, ann)
        before = timers(world, ann)
        world.clock.advance(timedelta(days=2))

        ann.patch(PATH, WEEKLY)
        react(world, ann)

        assert before["daily"] == timers(world, ann)["daily"]

    def test_those_not_wanted_any_more_are_withdrawn(self, world: World, ann: Caller):
        """Of each kind by itself."""
        ann.patch(PATH, {"digests": {**DAILY["digests"], **WEEKLY["digests"]}})
        react(world, ann)
        ann.patch(PATH, {"digests": {"daily": None}})
        react(world, ann)

        assert {"weekly"} == set(timers(world, ann))
        ann.patch(PATH, {"digests": None})
        react(world, ann)
        assert {} == timers(world, ann)

    def test_another_time_moves_them(self, world: World, ann: Caller):
        """Under the same id: the old one fires no more."""
        ann.patch(PATH, DAILY)
        react(world, ann)

        ann.patch(PATH, {"digests": {"daily": "09:45"}})
        react(world, ann)

        found = timers(world, ann)["daily"]
        assert (8, 45) == (found.hour, found.minute)

    def test_they_follow_their_person_to_another_zone(self, world: World, ann: Caller):
        """Half past seven in Tokyo, as soon as the account says so."""
        ann.patch(PATH, DAILY)
        react(world, ann)

        write_profile(world, ann, timezone=TOKYO)
        world.services.reactors.accounts.react(ann.uid)

        found = timers(world, ann)["daily"]
        assert (22, 30) == (found.hour, found.minute)
        assert not react(world, ann)

    def test_they_follow_back_to_where_clocks_show_utc(self, world: World, ann: Caller):
        """What accounts begin with is a zone as good as others, here."""
        ann.patch(PATH, DAILY)
        react(world, ann)

        write_profile(world, ann, timezone="UTC")
        world.services.reactors.accounts.react(ann.uid)

        found = timers(world, ann)["daily"]
        assert (7, 30) == (found.hour, found.minute)

    def test_an_account_that_has_ended_has_none(self, world: World, ann: Caller):
        """Settings may outlive it by a moment."""
        ann.patch(PATH, DAILY)
        react(world, ann)

        write_profile(world, ann, state="erasing")
        world.services.reactors.accounts.react(ann.uid)

        assert {} == timers(world, ann)

    def test_without_an_account_there_are_none(self, world: World, ann: Caller):
        """Written by whoever has never called: nothing is set, and nothing is left behind."""
        ann.patch(PATH, DAILY)
        world.database.document(f"users/{ann.uid}").delete()

        assert not react(world, ann)
        assert {} == timers(world, ann)

    def test_settings_that_make_no_sense_count_as_none(self, world: World, ann: Caller):
        """The rules refuse them; the server believes nobody all the same."""
        ann.patch(PATH, DAILY)
        react(world, ann)

        write_settings(world, ann, digests="often")

        assert react(world, ann)
        assert {} == timers(world, ann)

    def test_a_reactor_that_is_overtaken_sets_nothing_old(self, world: World, ann: Caller):
        """It has read half past seven when another brings in a quarter to ten."""
        ann.patch(PATH, DAILY)

        def meanwhile() -> None:
            ann.patch(PATH, {"digests": {"daily": "09:45"}})
            react(world, ann)

        slow = SettingsReactor(Overtaken(world, meanwhile), world.clock, world.services.timers)

        assert not slow.react(ann.uid)
        found = timers(world, ann)["daily"]
        assert (8, 45) == (found.hour, found.minute)
