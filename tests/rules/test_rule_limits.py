"""
Attack 87: what the rules engine grants one request, and how far the dearest write stays below it.

It evaluates 1,000 expressions and makes ten look-ups a request, twenty a batch (test_batch_rules).
"""

from uuid import uuid4

import pytest

from backend.notifications.model import Category, Channel
from backend.notifications.preferences import WEEKDAYS
from tests.rules.client import RulesClient
from tests.rules.documents import PAST, due, edit
from tests.rules.own_documents import settings
from tests.rules.task_cases import ALLOWED, DENIED, NOW, item, reminder
from tests.rules.wire import REQUEST_TIME
from tests.rules.world import seed_world

# Three expressions a piece: 198 more would fit beside the dearest write, 1,001 never do.
FITS, BURSTS = 66, 334

IDS = [f"id-{number}" for number in range(20)]
FULL = due() | {
    "title": "Repot",
    "assigneeIds": ["owner", "admin"],
    "watcherIds": ["commenter", "viewer"],
    **NOW,
    "labelIds": IDS,
    "reminders": [reminder(minutes) for minutes in range(10)],
    "checklist": [item(number) for number in range(50)],
    "estimateMin": 5,
    "startAt": PAST,
    "projectId": "p1",
    "boardId": "b1",
    "listId": "l1",
    "rank": "V",
    "parentId": "t1",
}
"""Every field set, every list full, four people and three places to look up."""

SETTINGS = settings(
    matrix={
        category.value: {channel.value: False for channel in Channel}
        for category in Category
        if category is not Category.SECURITY
    },
    quietHours={str(day): {"start": "22:00", "end": "07:00"} for day in WEEKDAYS},
    workspaces={f"{number:_>128}": "mentions" for number in range(200)},
)
FIRST_SETTINGS = """isSelf(uid)
          && isSettings(request.resource.data)
          && request.resource.data.rev == 1;"""


@pytest.fixture
def world_under(suite, rules_text):
    """Return a function that seeds a world under the rules with ballast before a condition."""

    def seed(condition: str, ballast: int):
        assert rules_text.count(f": if {condition}") == 1
        weight = f": if {_ballast(ballast)} && {condition}"
        heavier = rules_text.replace(f": if {condition}", weight)
        client = RulesClient(suite.firestore_host, f"demo-limits-{uuid4().hex[:12]}")
        client.load_rules(heavier)
        return seed_world(client)

    return seed


@pytest.mark.parametrize(("ballast", "expected"), [(FITS, ALLOWED), (BURSTS, DENIED)])
class TestExpressions:
    """A thousand a request, and a fifth of them to spare."""

    def test_the_dearest_task_created(self, world_under, ballast, expected):
        """Everything filled at once."""
        world = world_under("isFreeTaskId(", ballast)
        path, task = world.new_task("member", **world.named(FULL))

        assert expected == world.as_("member").create(path, task).verdict

    def test_the_dearest_task_changed(self, world_under, ballast, expected):
        """Everything changed at once, and put away as well."""
        world = world_under("isTaskChanged(", ballast)
        away = {"archivedAt": REQUEST_TIME, "deletedAt": REQUEST_TIME}
        changes = edit(world.uid("member"), **world.named(FULL | away))

        assert expected == world.as_("member").update(world.store_task(), changes).verdict

    def test_the_dearest_settings(self, world_under, ballast, expected):
        """Every category, every weekday, and 200 workspaces with the longest ids."""
        world = world_under(FIRST_SETTINGS, ballast)
        uid = f"someone-{uuid4().hex}"

        answer = world.client.as_(uid).create(f"users/{uid}/settings/notifications", SETTINGS)

        assert expected == answer.verdict


def _ballast(count: int) -> str:
    """Return a condition that is true and costs three expressions for each of `count`."""
    half = count // 2
    return "true" if count == 1 else f"({_ballast(half)} && {_ballast(count - half)})"
