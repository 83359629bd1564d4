"""What an app may store as a person's notification settings. Attacks 9 and 10."""

from uuid import uuid4

import pytest

from backend.notifications.model import Category, Channel
from backend.notifications.preferences import Level
from tests.rules.client import Verdict
from tests.rules.documents import FUTURE, PAST, user, without
from tests.rules.own_documents import settings
from tests.rules.wire import DELETE, REQUEST_TIME

ALLOWED, DENIED = Verdict.ALLOWED, Verdict.DENIED
DAILY, WEEKLY = "08:00", {"day": 7, "time": "18:30"}
NIGHT = {"start": "22:00", "end": "07:00"}
WEEKDAYS = [str(day) for day in range(1, 8)]
# Whoever takes an account over must not be able to silence what would tell its owner.
CATEGORIES = [category.value for category in Category if category is not Category.SECURITY]

VALID = {
    "matrix-empty": {"matrix": {}},
    "matrix-full": {
        "matrix": {
            category: {channel.value: False for channel in Channel} for category in CATEGORIES
        }
    },
    "matrix-row-empty": {"matrix": {"assigned": {}}},
    "quiet-hours-none": {"quietHours": None},
    "quiet-hours-empty": {"quietHours": {}},
    "quiet-hours-every-day": {"quietHours": dict.fromkeys(WEEKDAYS, NIGHT)},
    "quiet-hours-within-a-day": {"quietHours": {"7": {"start": "00:00", "end": "23:59"}}},
    "urgent-waits-too": {"urgentPasses": False},
    "workspaces-none": {"workspaces": {}},
    "workspaces-of-each-level": {"workspaces": {level.value: level.value for level in Level}},
    "workspaces-200": {"workspaces": {f"{number:_>128}": "none" for number in range(200)}},
    "digests-none": {"digests": {"daily": None, "weekly": None}},
    "digests-on-sunday": {"digests": {"daily": DAILY, "weekly": WEEKLY}},
    "bundle-at-once": {"bundleMinutes": 0},
    "bundle-longest": {"bundleMinutes": 60},
}
INVALID = {
    **{
        f"a10-{category}-as-string": {"matrix": {category: {"push": "no"}}}
        for category in CATEGORIES
    },
    "a10-security-muted": {"matrix": {"security": {"push": False}}},
    "a10-unknown-category": {"matrix": {"gossip": {"push": True}}},
    "a10-unknown-channel": {"matrix": {"assigned": {"fax": True}}},
    "a10-channel-as-string": {"matrix": {"assigned": {"push": "true"}}},
    "a10-inbox-as-number": {"matrix": {"overdue": {"inbox": 1}}},
    "a10-channel-null": {"matrix": {"completed": {"push": None}}},
    "a10-row-as-bool": {"matrix": {"dueSoon": True}},
    "a10-row-as-list": {"matrix": {"statusChanged": ["push"]}},
    "a10-mention-row-as-list": {"matrix": {"mention": ["inbox"]}},
    "a10-row-null": {"matrix": {"assigned": None}},
    "a10-matrix-null": {"matrix": None},
    "a10-matrix-list": {"matrix": []},
    "a10-email-as-string": {"matrix": {"digest": {"email": "weekly"}}},
    "a10-quiet-hours-hour-24": {"quietHours": {"1": {"start": "24:00", "end": "07:00"}}},
    "a10-quiet-hours-minute-60": {"quietHours": {"2": {"start": "22:00", "end": "07:60"}}},
    "a10-quiet-hours-one-digit": {"quietHours": {"3": {"start": "22:00", "end": "7:00"}}},
    "a10-quiet-hours-without-end": {"quietHours": {"4": {"start": "22:00"}}},
    "a10-quiet-hours-extra-key": {"quietHours": {"5": NIGHT | {"zone": "UTC"}}},
    "a10-quiet-hours-number": {"quietHours": {"6": {"start": 22, "end": 7}}},
    "a10-quiet-hours-start-holds-both": {"quietHours": {"6": {"start": "22:00-07:00", "end": ""}}},
    "a10-quiet-hours-end-holds-both": {"quietHours": {"6": {"start": "", "end": "22:00-07:00"}}},
    "a10-quiet-hours-end-number": {"quietHours": {"6": {"start": "22:00", "end": 7}}},
    "a10-quiet-hours-span-null": {"quietHours": {"7": None}},
    "a10-quiet-hours-string": {"quietHours": "22:00-07:00"},
    "a10-quiet-hours-of-every-day-alike": {"quietHours": NIGHT},
    "a10-quiet-hours-day-0": {"quietHours": {"0": NIGHT}},
    "a10-quiet-hours-day-8": {"quietHours": {"8": NIGHT}},
    "a10-quiet-hours-day-by-name": {"quietHours": {"monday": NIGHT}},
    "a10-quiet-hours-list": {"quietHours": [NIGHT]},
    "a10-urgent-as-string": {"urgentPasses": "yes"},
    "a10-urgent-null": {"urgentPasses": None},
    "a10-workspaces-null": {"workspaces": None},
    "a10-workspaces-list": {"workspaces": ["all"]},
    "a10-workspaces-unknown-level": {"workspaces": {"w1": "some"}},
    "a10-workspaces-level-null": {"workspaces": {"w1": None}},
    "a10-workspaces-level-as-bool": {"workspaces": {"w1": True}},
    "a10-workspaces-no-id": {"workspaces": {"w 1": "all"}},
    "a10-workspaces-long-id": {"workspaces": {"w" * 129: "all"}},
    "a10-workspaces-201": {"workspaces": {f"w{number}": "none" for number in range(201)}},
    "a10-digests-null": {"digests": None},
    "a10-digests-without-weekly": {"digests": {"daily": DAILY}},
    "a10-digests-extra-key": {"digests": {"daily": DAILY, "weekly": None, "hourly": None}},
    "a10-daily-not-a-time": {"digests": {"daily": "8", "weekly": None}},
    "a10-weekly-not-a-map": {"digests": {"daily": DAILY, "weekly": "monday"}},
    "a10-weekly-without-time": {"digests": {"daily": DAILY, "weekly": {"day": 1}}},
    "a10-weekly-extra-key": {"digests": {"daily": DAILY, "weekly": WEEKLY | {"zone": "UTC"}}},
    "a10-weekly-day-0": {"digests": {"daily": DAILY, "weekly": WEEKLY | {"day": 0}}},
    "a10-weekly-day-8": {"digests": {"daily": DAILY, "weekly": WEEKLY | {"day": 8}}},
    "a10-weekly-day-float": {"digests": {"daily": DAILY, "weekly": WEEKLY | {"day": 1.0}}},
    "a10-weekly-time": {"digests": {"daily": DAILY, "weekly": WEEKLY | {"time": "noon"}}},
    "a10-bundle-below": {"bundleMinutes": -1},
    "a10-bundle-above": {"bundleMinutes": 61},
    "a10-bundle-float": {"bundleMinutes": 5.0},
    "a10-bundle-null": {"bundleMinutes": None},
    "a10-extra-key": {"mutedUntil": None},
    "updated-at-client-time": {"updatedAt": FUTURE},
    "rev-float": {"rev": 4.0},
}


@pytest.fixture
def someone(world):
    """The uid of somebody whose settings are at rev 3."""
    uid = f"someone-{uuid4().hex}"
    world.store(f"users/{uid}", user(uid))
    world.store(_path(uid), settings(rev=3))
    return uid


class TestSettings:
    """users/{uid}/settings/notifications, as oneself."""

    @pytest.mark.parametrize("changes", VALID.values(), ids=VALID)
    def test_valid(self, world, someone, changes):
        """Whole, by a change, and in the first document."""
        new, app = f"{someone}-new", world.client.as_(someone)

        verdicts = [
            app.set(_path(someone), settings(rev=4, **changes)).verdict,
            app.update(_path(someone), _edit(rev=5, **changes)).verdict,
            world.client.as_(new).create(_path(new), settings(**changes)).verdict,
        ]

        assert verdicts == [ALLOWED, ALLOWED, ALLOWED]

    @pytest.mark.parametrize("changes", INVALID.values(), ids=INVALID)
    def test_invalid(self, world, someone, changes):
        """In a change and in the first document."""
        new = f"{someone}-new"

        verdicts = [
            world.client.as_(someone).update(_path(someone), _edit(**changes)).verdict,
            world.client.as_(new).create(_path(new), settings(**changes)).verdict,
        ]

        assert verdicts == [DENIED, DENIED]

    def test_a_first_rev_that_is_no_integer(self, world, someone):
        """1.0 equals 1, and would count on as a float."""
        new = f"{someone}-new"

        assert world.client.as_(new).create(_path(new), settings(rev=1.0)).verdict == DENIED

    @pytest.mark.parametrize("name", settings())
    def test_a_field_left_out(self, world, someone, name):
        """On creation and by removal."""
        new = f"{someone}-new"

        verdicts = [
            world.client.as_(new).create(_path(new), without(settings(), name)).verdict,
            world.client.as_(someone).update(_path(someone), _edit() | {name: DELETE}).verdict,
        ]

        assert verdicts == [DENIED, DENIED]

    @pytest.mark.parametrize("rev", [0, 2, 3, 5])
    def test_a_rev_that_is_not_the_next(self, world, someone, rev):
        """1 at first, then one more each time."""
        new = f"{someone}-new"

        verdicts = [
            world.client.as_(new).create(_path(new), settings(rev=rev)).verdict,
            world.client.as_(someone).update(_path(someone), _edit(rev=rev)).verdict,
        ]

        assert verdicts == [DENIED, DENIED]

    def test_they_are_never_deleted(self, world, someone):
        """What is not there is as the server would have it; there is nothing to delete for."""
        assert world.client.as_(someone).delete(_path(someone)).verdict == DENIED

    def test_there_are_no_other_settings(self, world, someone):
        """One document has rules; the collection has none, and cannot be listed."""
        app = world.client.as_(someone)

        assert app.create(f"users/{someone}/settings/other", settings()).verdict == DENIED


@pytest.mark.parametrize("who", ["member", "owner", "stranger", "nobody"])
def test_only_oneself(world, who):
    """Attack 9."""
    app, path = world.as_(who), f"{world.me('member')}/settings/notifications"
    rev = world.server.get(path).documents[0]["fields"]["rev"]["integerValue"]

    verdicts = {app.get(path).verdict, app.update(path, _edit(rev=int(rev) + 1)).verdict}

    assert verdicts == {ALLOWED if who == "member" else DENIED}


@pytest.mark.parametrize("who", ["owner", "stranger", "nobody"])
def test_nobody_writes_the_first_ones_of_another(world, who):
    """Attack 9: where there are none yet, as of most people."""
    answer = world.as_(who).create(_path(f"someone-{uuid4().hex}"), settings())

    assert answer.verdict == DENIED


def test_a_document_of_before_is_brought_into_the_new_shape_by_its_next_write(world, someone):
    """Those written before weekdays had their own hours are still there, and still read."""
    former = settings(rev=3, quietHours=NIGHT)
    for name in ("urgentPasses", "workspaces"):
        del former[name]
    world.store(_path(someone), former | {"updatedAt": PAST})
    app = world.client.as_(someone)

    verdicts = [
        app.update(_path(someone), _edit(bundleMinutes=9)).verdict,
        app.set(_path(someone), settings(rev=4)).verdict,
    ]

    assert verdicts == [DENIED, ALLOWED]


def test_the_rules_know_every_category_channel_weekday_and_level(rules_text):
    """A new category joins the rules with its template."""
    categories = ", ".join(f"'{category}'" for category in CATEGORIES)
    channels = ", ".join(f"'{channel.value}'" for channel in Channel)

    assert f"matrix.keys().hasOnly([{categories}])" in " ".join(rules_text.split())
    assert f"row.keys().hasOnly([{channels}])" in rules_text
    assert f"hours.keys().hasOnly([{', '.join(map(repr, WEEKDAYS))}])" in rules_text
    for day in WEEKDAYS:
        assert f"(!('{day}' in hours) || isSpan(hours['{day}']))" in rules_text
    for level in Level:
        assert f"'{level.value}'" in rules_text
    for category in CATEGORIES:
        assert f"isRow(matrix.get('{category}', {{}}))" in rules_text


def _path(uid):
    return f"users/{uid}/settings/notifications"


def _edit(**changes):
    return {"rev": 4, "updatedAt": REQUEST_TIME} | changes
