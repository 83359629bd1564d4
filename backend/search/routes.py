"""`/workspaces/{w}/search`."""

from typing import Any

from backend.search import examples
from backend.search.schemas import FoundSchema, SearchQuerySchema
from backend.search.service import Found
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services, workspace_id

blueprint = ApiBlueprint(
    "search",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>/search",
    description="Finding things by their words.",
)

SEARCH_QUERY, FOUND = SearchQuerySchema(), FoundSchema()


@blueprint.get("")
@blueprint.arguments(SEARCH_QUERY, location="query")
@blueprint.response(200, FOUND, example=examples.FOUND)
def search(query: dict[str, Any], workspace: str) -> Found:
    """
    Find tasks, boards, lists and comments by word, or by how a word begins.

    Titles count more than texts, whole words more than begun ones; among equals comes what is not
    archived, then what changed last. What lies in the trash is not found. Something written is
    found moments later. At most the 100 last changed are looked at that have the longest word.
    """
    return services().search.find(
        actor(),
        workspace_id(workspace),
        query["q"],
        kind=query.get("kind"),
        limit=query["page_size"],
    )
