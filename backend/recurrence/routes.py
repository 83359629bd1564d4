"""`/workspaces/{w}/series`."""

from typing import Any

from backend.recurrence.model import Recurrence, Rule
from backend.recurrence.schemas import (
    BegunSeriesSchema,
    NewSeriesSchema,
    SeriesListSchema,
    SeriesSchema,
)
from backend.recurrence.series import Series, TaskTemplate
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services, workspace_id

blueprint = ApiBlueprint(
    "series",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>/series",
    description="Tasks that come again.",
)

NEW_SERIES, BEGUN_SERIES = NewSeriesSchema(), BegunSeriesSchema()
SERIES, SERIES_LIST = SeriesSchema(), SeriesListSchema()


@blueprint.post("")
@blueprint.arguments(NEW_SERIES)
@blueprint.response(201, BEGUN_SERIES)
def begin_series(wanted: dict[str, Any], workspace: str) -> tuple[Series, int, dict[str, str]]:
    """Begin a series. The task of its first occurrence is there at once."""
    series = services().series.begin(
        actor(),
        workspace_id(workspace),
        template=TaskTemplate(
            title=wanted["title"],
            description=wanted["description"],
            priority=wanted["priority"],
            assignee_ids=tuple(wanted["assignee_ids"]),
            watcher_ids=tuple(wanted["watcher_ids"]),
        ),
        recurrence=Recurrence(Rule.parse(wanted["rule"]), wanted["start"]),
        mode=wanted["mode"],
    )
    location = f"/api/v1/workspaces/{series.workspace_id}/series/{series.id}"
    return series, 201, {"Location": location}


@blueprint.get("")
@blueprint.response(200, SERIES_LIST)
def list_series(workspace: str) -> dict[str, list[Series]]:
    """List the series of a workspace, newest first."""
    return {"items": services().series.newest(actor(), workspace_id(workspace))}


@blueprint.get("/<series_id>")
@blueprint.response(200, SERIES)
def get_series(workspace: str, series_id: str) -> Series:
    """Return a series."""
    return services().series.get(actor(), workspace_id(workspace), series_id)


@blueprint.delete("/<series_id>")
@blueprint.response(204)
def end_series(workspace: str, series_id: str) -> None:
    """End a series. Its tasks stay, and no more of them appear."""
    services().series.end(actor(), workspace_id(workspace), series_id)
