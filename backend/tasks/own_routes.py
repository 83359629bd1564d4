"""`/tasks`: one's own work across workspaces."""

from typing import Any

from backend.kit.pages import Page
from backend.tasks import examples
from backend.tasks.model import Task
from backend.tasks.query_schemas import OwnTaskQuerySchema
from backend.tasks.schemas import TaskPageSchema
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services
from backend.web.deadlines import within
from backend.web.pages import LINK_HEADER, asked, linked

blueprint = ApiBlueprint(
    "own-tasks", __name__, url_prefix="/api/v1/tasks", description="One's own tasks, anywhere."
)

TASK_PAGE, OWN_TASK_QUERY = TaskPageSchema(), OwnTaskQuerySchema()


@blueprint.get("")
@within(10.0)  # Dropping what is no longer the caller's to see may take four round trips more.
@blueprint.arguments(OWN_TASK_QUERY, location="query")
@blueprint.response(200, TASK_PAGE, headers=LINK_HEADER, example=examples.TASK_PAGE)
def list_own_tasks(query: dict[str, Any]) -> tuple[Page[Task], int, dict[str, str]]:
    """
    List the tasks assigned to the caller in all of their workspaces, what is due first first.

    Tasks that are never due come before all others; `dueAfter` leaves them out. Filters combine
    with AND. Neither trash nor archive is shown.
    """
    page = asked(query)
    return linked(services().own_tasks.page(actor(), query, asked=page))
