"""`/workspaces/{w}/stats`."""

from backend.statistics import examples
from backend.statistics.model import Statistics
from backend.statistics.schemas import StatisticsSchema
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services, workspace_id

blueprint = ApiBlueprint(
    "statistics",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>/stats",
    description="How many tasks there are, of what kind, and whose.",
)

STATISTICS = StatisticsSchema()


@blueprint.get("")
@blueprint.response(200, STATISTICS, example=examples.STATISTICS)
def get_statistics(workspace: str) -> Statistics:
    """
    Count the tasks of a workspace that lie in neither trash nor archive.

    By status; what is still to be done also by priority; and by who it is assigned to, where a
    task of two people counts with both. Numbers follow a change within moments.
    """
    return services().statistics.get(actor(), workspace_id(workspace))
