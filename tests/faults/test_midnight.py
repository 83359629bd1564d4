"""Jobs at midnight where clocks change at midnight: one run a night, by the whole service."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from local.fcm import FcmStandIn
from local.mail import MailStandIn
from local.suite import EmulatorSuite
from tests.api.conftest import a_world
from tests.api.world import Caller, World
from tests.clock import VirtualClock
from tests.storage import StorageStandIn

NIGHTS = [
    # There is no midnight: after 23:59 comes 01:00.
    pytest.param("Africa/Cairo", date(2027, 4, 28), "01:00", id="skipped"),
    # There are two: at 01:00 it is midnight once more.
    pytest.param("America/Havana", date(2027, 11, 5), "00:00", id="twice"),
    # The clocks change two hours later.
    pytest.param("Europe/Berlin", date(2027, 3, 26), "00:00", id="elsewhere"),
]


@pytest.fixture
def world(
    suite: EmulatorSuite, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """The whole service under a clock that is moved."""
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", suite.firestore_host)
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", suite.auth_host)
    folder = tmp_path_factory.mktemp("midnight")
    with (
        FcmStandIn() as fcm,
        MailStandIn() as mail,
        StorageStandIn() as storage,
        a_world(suite, VirtualClock(), fcm, mail, storage, folder) as world,
    ):
        yield world


class TestMidnight:
    """A job that creates a task each midnight, over three nights around a change."""

    @pytest.mark.parametrize(("zone", "begins", "that_night"), NIGHTS)
    def test_it_runs_once_each_night(self, world: World, zone: str, begins: date, that_night: str):
        """At the first instant after midnight where that is skipped, once where it is twice."""
        tz = ZoneInfo(zone)
        world.clock.move_to(datetime.combine(begins, time(12), tz))
        ann = world.person("Ann")
        runs = at_midnight(ann, zone)

        for _ in range(3 * 24):
            world.pass_time(timedelta(hours=1))

        found = ann.get(runs).json()["items"][::-1]
        slots = [datetime.fromisoformat(run["slot"]).astimezone(tz) for run in found]
        expected = ["00:00", that_night, "00:00"]
        nights = [begins + timedelta(days=day) for day in (1, 2, 3)]
        assert [f"{night:%F} {at}" for night, at in zip(nights, expected, strict=True)] == [
            f"{slot:%F %H:%M}" for slot in slots
        ]
        assert ["done"] * 3 == [run["outcome"] for run in found]
        assert 3 == len(ann.get("/workspaces/me/tasks").json()["items"])


def at_midnight(ann: Caller, zone: str) -> str:
    """Have a task created each midnight of a zone; return the path of the job's runs."""
    schedule = {"kind": "cron", "expression": "0 0 * * *", "tz": zone}
    wanted = {
        "name": "Midnight",
        "handler": "createTask",
        "arguments": {"title": "Midnight"},
        "schedule": schedule,
    }
    answer = ann.post("/workspaces/me/jobs", wanted)
    assert answer.status_code == 201, answer.text
    return f"/workspaces/me/jobs/{answer.json()['id']}/runs"
