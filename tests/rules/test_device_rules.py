"""What an app may store about the device it runs on. Attacks 11, 12 and 14."""

from uuid import uuid4

import pytest

from tests.rules.client import Verdict
from tests.rules.documents import FUTURE, PAST, device, without
from tests.rules.wire import DELETE, REQUEST_TIME

VALID = {
    "android": {"platform": "android"},
    "ios": {"platform": "ios"},
    "web": {"platform": "web"},
    "token-shortest": {"token": "t"},
    "token-longest": {"token": "t" * 1024},
    "locale-unknown": {"locale": None},
    "locale-longest": {"locale": "l" * 35},
    "timezone-unknown": {"timezone": None},
    "timezone-longest": {"timezone": "z" * 64},
}
INVALID = {
    "token-empty": {"token": ""},
    "token-too-long": {"token": "t" * 1025},
    "token-10-kb": {"token": "t" * 10_240},
    "token-null": {"token": None},
    "token-list": {"token": ["t"]},
    "platform-unknown": {"platform": "windows"},
    "platform-null": {"platform": None},
    "locale-too-long": {"locale": "l" * 36},
    "locale-map": {"locale": {"language": "en"}},
    "timezone-too-long": {"timezone": "z" * 65},
    "timezone-number": {"timezone": 2},
    "seen-in-the-past": {"lastSeenAt": PAST},
    "seen-in-the-future": {"lastSeenAt": FUTURE},
    "seen-never": {"lastSeenAt": None},
    "disabled-by-the-app": {"disabledAt": REQUEST_TIME},
    "disabled-flag": {"disabledAt": False},
    "unknown-field": {"model": "x"},
}
CASES = [
    *(pytest.param(changes, Verdict.ALLOWED, id=name) for name, changes in VALID.items()),
    *(pytest.param(changes, Verdict.DENIED, id=name) for name, changes in INVALID.items()),
]


@pytest.fixture
def stored_device(world):
    """A device of "member" that the server has switched off."""
    path = f"{world.me('member')}/devices/{uuid4().hex}"
    world.store(path, device(lastSeenAt=PAST, disabledAt=PAST))
    return path


class TestDevices:
    """Attack 14: own devices, created, updated, deleted. One token of two accounts: the API's."""

    @pytest.mark.parametrize(("changes", "expected"), CASES)
    def test_created(self, world, changes, expected):
        """The case in a new device."""
        path = f"{world.me('member')}/devices/{uuid4().hex}"

        assert expected == world.as_("member").create(path, device(**changes)).verdict

    @pytest.mark.parametrize(("changes", "expected"), CASES)
    def test_changed(self, world, stored_device, changes, expected):
        """The case in a registration that is sent again, which also revives the device."""
        assert expected == world.as_("member").update(stored_device, device(**changes)).verdict

    @pytest.mark.parametrize("name", device())
    def test_a_field_left_out_is_refused(self, world, stored_device, name):
        """On creation and by removal."""
        app = world.as_("member")

        verdicts = [
            app.create(f"{stored_device}-new", without(device(), name)).verdict,
            app.update(stored_device, device() | {name: DELETE}).verdict,
        ]

        assert verdicts == [Verdict.DENIED, Verdict.DENIED]

    def test_an_update_that_leaves_it_disabled_is_refused(self, world, stored_device):
        """An app that shows itself again registers again, whole."""
        answer = world.as_("member").update(stored_device, {"lastSeenAt": REQUEST_TIME})

        assert answer.verdict == Verdict.DENIED

    def test_seen_again(self, world, stored_device):
        """The daily sign of life of a device in use."""
        world.store(stored_device, device(lastSeenAt=PAST))

        answer = world.as_("member").update(stored_device, {"lastSeenAt": REQUEST_TIME})

        assert answer.verdict == Verdict.ALLOWED

    def test_a_field_of_the_server_stays_untouched(self, world, stored_device):
        """The app may update around it, and not change it."""
        world.store(stored_device, device(failures=3))
        app = world.as_("member")

        around = app.update(stored_device, device(token="new"))
        into = app.update(stored_device, device(failures=0))

        assert [around.verdict, into.verdict] == [Verdict.ALLOWED, Verdict.DENIED]

    @pytest.mark.parametrize("device_id", ["x y", ".x", "ü", "x" * 129])
    def test_an_id_the_api_would_not_know_is_refused(self, world, device_id):
        """It could not be deleted through the API."""
        path = f"{world.me('member')}/devices/{device_id}"

        assert world.as_("member").create(path, device()).verdict == Verdict.DENIED
