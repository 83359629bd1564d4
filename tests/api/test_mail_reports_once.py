"""Reports taken in by workers that are killed, at the same time, and in any order."""

import random
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from typing import Any

import pytest

from backend.kit.ids import random_id
from backend.mailing.references import NoticeRef
from backend.mailing.report_intake import Intake
from tests.api.mail_reports import a_notice, decision_of, returned, send, suppressions
from tests.api.mortality import Fate, Killed, MortalAtEveryCommit, mortal_services
from tests.api.world import Caller, World

ADDRESS = "robin@example.com"


def somebody(world: World) -> Caller:
    """A person with notices; the intake asks for no account."""
    return Caller(world, "robin", "Robin")


def come_back(world: World, outcome: str, about: NoticeRef | None) -> bytes:
    """A report about a mail to an address of the test's own."""
    assert world.mail is not None
    before = len(returned(world))
    world.mail.script(ADDRESS, [outcome])
    send(world, ADDRESS, about)
    return returned(world)[before]


def entry(world: World) -> dict[str, Any] | None:
    return world.document(suppressions(world).path(ADDRESS))


class TestKilled:
    """The gateway hands a report in again if it got no answer."""

    @pytest.mark.parametrize("moment", [1, 2])
    @pytest.mark.parametrize("outcome", ["BOUNCE_HARD", "BOUNCE_SOFT", "COMPLAIN"])
    def test_before_and_behind_the_commit(self, world: World, outcome: str, moment: int):
        """Entry and decision are there together or not at all, and then once."""
        ref = a_notice(world, somebody(world))
        raw = come_back(world, outcome, ref)
        mortal = mortal_services(world, Fate(moment), MortalAtEveryCommit)

        with pytest.raises(Killed):
            mortal.mail_reports.take(raw)
        has_failed = world.document(decision_of(ref))["decision"] == "failed"
        is_listed = entry(world) is not None
        again = world.services.mail_reports.take(raw)

        assert (moment == 2) is is_listed
        assert has_failed is (is_listed and outcome != "COMPLAIN")
        assert (Intake.KNOWN if is_listed else Intake.TAKEN) is again
        assert (1 if outcome == "BOUNCE_SOFT" else 0) == entry(world)["bounces"]


class TestCrowds:
    """A server that was down hands back all it held at once."""

    def test_each_bounce_counts_once(self, world: World, crowd: ThreadPoolExecutor):
        """Six mails, each reported three times, by many threads: six bounces."""
        refs = [NoticeRef("robin", random_id()) for _ in range(6)]
        raws = [come_back(world, "BOUNCE_SOFT", ref) for ref in refs] * 3
        random.Random(7).shuffle(raws)

        taken = list(crowd.map(world.services.mail_reports.take, raws))

        assert 6 == entry(world)["bounces"]
        assert 6 == taken.count(Intake.TAKEN)
        assert 12 == taken.count(Intake.KNOWN)

    def test_in_any_order_they_come_to_the_same(self, world: World):
        """A soft bounce of last week may come after the hard one of today."""
        raws = [
            come_back(world, outcome, a_notice(world, somebody(world)))
            for outcome in ("BOUNCE_SOFT", "COMPLAIN", "BOUNCE_HARD")
        ]
        found = []
        for order in permutations(raws):
            world.database.document(suppressions(world).path(ADDRESS)).delete()
            for raw in order:
                world.services.mail_reports.take(raw)
            found.append((entry(world)["reason"], entry(world)["until"]))

        assert {("hardBounce", None)} == set(found)
