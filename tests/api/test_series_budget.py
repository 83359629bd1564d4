"""What changing a series costs: round trips, documents read, documents written."""

from tests.api.weekly import FIRST, SECOND, THIRD, weekly
from tests.api.world import World, cost_of


class TestBudget:
    """Membership is cached; one document of undo is in the token."""

    def test_what_each_change_costs(self, world: World):
        """Series, entry and its task are read together; one commit writes."""
        series = weekly(world)
        ann = series.ann

        costs = {
            "template": cost_of(ann.patch(series.path, {"title": "B"})),
            "rule": cost_of(ann.patch(series.path, {"rule": "FREQ=WEEKLY;BYDAY=MO,WE"})),
            "this": cost_of(ann.patch(series.occurrence(FIRST), {"title": "C"})),
            "planned": cost_of(ann.patch(series.occurrence(SECOND), {"title": "D"})),
            "skipped": cost_of(ann.post(series.occurrence(THIRD, ":skip"))),
            "page": cost_of(ann.get(f"{series.path}/occurrences")),
        }

        assert {
            "template": (3, 3, 3),
            "rule": (3, 3, 1),
            "this": (2, 3, 2),
            "planned": (2, 3, 2),
            "skipped": (2, 3, 2),
            "page": (2, 4, 0),
        } == costs

    def test_what_parting_costs(self, world: World):
        """The open one is taken over: both series, two entries, the task and its history."""
        series = weekly(world)
        series.complete(FIRST)

        cost = cost_of(
            series.ann.patch(series.occurrence(SECOND, "?scope=following"), {"title": "B"})
        )

        assert (2, 3, 6) == cost
