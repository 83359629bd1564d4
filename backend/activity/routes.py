"""`/workspaces/{w}/events`."""

from typing import Any

from backend.activity import examples
from backend.activity.model import Happening
from backend.activity.schemas import EventPageSchema, EventQuerySchema
from backend.kit.pages import Page
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services, workspace_id
from backend.web.pages import LINK_HEADER, asked, linked

blueprint = ApiBlueprint(
    "activity",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>/events",
    description="What happened in a workspace.",
)

EVENTS, QUERY = EventPageSchema(), EventQuerySchema()


@blueprint.get("")
@blueprint.arguments(QUERY, location="query")
@blueprint.response(200, EVENTS, headers=LINK_HEADER, example=examples.EVENTS)
def list_events(
    query: dict[str, Any], workspace: str
) -> tuple[Page[Happening], int, dict[str, str]]:
    """
    List what happened, the latest first.

    Whoever did it and on whichever way; it appears within moments. Filters combine with AND.
    """
    page = asked(query)
    return linked(services().activity.page(actor(), workspace_id(workspace), query, page))
