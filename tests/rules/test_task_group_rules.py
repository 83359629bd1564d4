"""Tasks across workspaces: an app asks each workspace, or the API. Attacks 46 to 48."""

import pytest

from tests.rules.documents import PAST
from tests.rules.task_cases import DENIED
from tests.rules.wire import Query

QUERIES = {
    "a46-mine": {"where": (("assigneeIds", "ARRAY_CONTAINS", "member"),)},
    "a46-mine-by-any-of": {"where": (("assigneeIds", "ARRAY_CONTAINS_ANY", ["member"]),)},
    "a46-made-by-me": {"where": (("createdBy", "EQUAL", "member"),)},
    "a47-range": {"where": (("dueAt", "GREATER_THAN", PAST),), "order_by": ("dueAt",)},
    "a47-not": {"where": (("createdBy", "NOT_EQUAL", "someone-else"),)},
    "a47-mine-or-theirs": {
        "where": (
            ("assigneeIds", "ARRAY_CONTAINS", "member"),
            ("assigneeIds", "ARRAY_CONTAINS", "someone-else"),
        ),
        "any_of": True,
    },
    "a48-no-filter": {"where": ()},
    "a48-of-one-project": {"where": (("projectId", "EQUAL", "p1"),)},
}
GROUPS = ("tasks", "comments", "attachments", "history", "projects", "boards", "lists", "labels")


@pytest.mark.parametrize("who", ["owner", "member"])
class TestGroups:
    """No filter proves that what it finds lies in a workspace of the caller's."""

    @pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
    def test_of_tasks(self, world, who, query):
        """Whatever it asks for, within the bound and for one document."""
        where = tuple((name, how, world.named(value)) for name, how, value in query["where"])
        asked = Query(**query | {"where": where}, limit=1, every_path=True)

        assert world.as_(who).list("tasks", asked).verdict == DENIED

    @pytest.mark.parametrize("group", GROUPS)
    def test_of_everything_else(self, world, who, group):
        """The path carries the permission, and a collection group has none."""
        query = Query((("createdBy", "EQUAL", world.uid(who)),), limit=1, every_path=True)

        assert world.as_(who).list(group, query).verdict == DENIED
