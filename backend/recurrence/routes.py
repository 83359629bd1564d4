"""`/workspaces/{w}/series`."""

from typing import Any

from backend.kit.errors import Stale
from backend.kit.pages import Page
from backend.recurrence import examples
from backend.recurrence.model import Recurrence, Rule
from backend.recurrence.schemas import (
    BegunSeriesSchema,
    NewSeriesSchema,
    SeriesPageSchema,
    SeriesSchema,
)
from backend.recurrence.series import Series, TaskTemplate
from backend.web.blueprint import ApiBlueprint
from backend.web.conditional import answering_stale, if_match, revision_tag
from backend.web.context import actor, services, workspace_id
from backend.web.limits import costs
from backend.web.pages import LINK_HEADER, PageArguments, asked, linked
from backend.web.undo_header import undo_header

blueprint = ApiBlueprint(
    "series",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>/series",
    description="Tasks that come again.",
)

NEW_SERIES, BEGUN_SERIES = NewSeriesSchema(), BegunSeriesSchema()
SERIES, SERIES_PAGE = SeriesSchema(), SeriesPageSchema()
PAGE_ARGUMENTS = PageArguments()

blueprint.register_error_handler(Stale, answering_stale(SERIES))


@blueprint.post("")
@costs(5)
@blueprint.arguments(NEW_SERIES, example=examples.NEW_SERIES)
@blueprint.response(201, BEGUN_SERIES, example=examples.BEGUN_SERIES)
def begin_series(wanted: dict[str, Any], workspace: str) -> tuple[Series, int, dict[str, str]]:
    """
    Begin a series.

    `rule` counts from `start`, in local time of its zone: 09:00 stays 09:00 when clocks change.
    The task of the first occurrence is there at once; the next appears when it is done. A rule
    that is none, or never comes to pass, answers 422 `invalid-recurrence`.
    """
    done = services().series.begin(
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
    series = done.value
    location = f"/api/v1/workspaces/{series.workspace_id}/series/{series.id}"
    headers = {**revision_tag(series.rev), **undo_header(done.undo)}
    return series, 201, {"Location": location, **headers}


@blueprint.get("")
@blueprint.arguments(PAGE_ARGUMENTS, location="query")
@blueprint.response(200, SERIES_PAGE, headers=LINK_HEADER, example=examples.SERIES_PAGE)
def list_series(query: dict[str, Any], workspace: str) -> tuple[Page[Series], int, dict[str, str]]:
    """
    List the series of a workspace, newest first.

    Those that have ended are among them.
    """
    return linked(services().series.newest(actor(), workspace_id(workspace), asked(query)))


@blueprint.get("/<series_id>")
@blueprint.response(200, SERIES, example=examples.SERIES)
def get_series(workspace: str, series_id: str) -> tuple[Series, int, dict[str, str]]:
    """
    Return a series.

    `lastKey` is the local day of the occurrence made last.
    """
    series = services().series.get(actor(), workspace_id(workspace), series_id)
    return series, 200, revision_tag(series.rev)


@blueprint.delete("/<series_id>")
@costs(5)
@blueprint.response(204)
@blueprint.alt_response(412, "PreconditionFailed")
def end_series(workspace: str, series_id: str) -> tuple[None, int, dict[str, str]]:
    """
    End a series.

    Its tasks stay, and no more of them appear. Doing so again changes nothing.
    """
    done = services().series.end(
        actor(), workspace_id(workspace), series_id, expected_rev=if_match()
    )
    return None, 204, undo_header(done.undo)
