"""The line about deliveries on the page of jobs."""

import re

import pytest

from tests.api.broadcasting import an_admin, broadcast, named
from tests.api.console import Browser
from tests.api.wishes import quiet_for
from tests.api.world import Caller, World


@pytest.fixture
def ada(world: World) -> Caller:
    return an_admin(world)


def line(world: World, ada: Caller) -> str:
    """What the page says of notifications, without its markup."""
    browser = Browser(world)
    browser.sign_in(ada)
    found = re.search(r'<p class="notice">(.*?)</p>', browser.see("/admin/jobs").text, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).split())


class TestLine:
    """/admin/jobs"""

    def test_where_nothing_waits(self, world: World, ada: Caller):
        """It says so."""
        expected = "Notifications: 0 on their way; none held too long; none failed in 24 hours."

        assert expected == line(world, ada)

    def test_what_waits_and_what_failed(self, world: World, ada: Caller):
        """With the age of the oldest."""
        bob, eve = world.person("Bob"), world.person("Eve")
        world.fcm.script(bob.has_phone(), ["UNAVAILABLE"])
        world.fcm.script(eve.has_phone(), ["INVALID_ARGUMENT"])
        broadcast(ada, segment=named(bob, eve), channels=["push"])
        world.settle()
        since = f"{world.clock.now():%Y-%m-%d %H:%M} UTC"

        assert (
            f"Notifications: 1 on their way, the oldest since {since}; "
            "none held too long; 1 failed in 24 hours."
        ) == line(world, ada)

    def test_what_waits_for_the_morning(self, world: World, ada: Caller):
        """It is not on its way, and not late."""
        eve = world.person("Eve")
        quiet_for(world, eve, 10)
        broadcast(ada, segment=named(eve), channels=["push"])
        world.settle()

        assert (
            "Notifications: 0 on their way; 1 waiting for its time; "
            "none held too long; none failed in 24 hours."
        ) == line(world, ada)
