"""`/workspaces/{w}/series`."""

from typing import Any

from backend.kit.errors import Stale
from backend.kit.pages import Page
from backend.recurrence import examples
from backend.recurrence.model import Recurrence
from backend.recurrence.schemas import (
    BegunSeriesSchema,
    NewSeriesSchema,
    SeriesChangesSchema,
    SeriesPageSchema,
    SeriesSchema,
)
from backend.recurrence.series import CatchUp, Mode, Series, TaskTemplate
from backend.recurrence.wanted import BLANK, timed
from backend.undo.model import Done
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
SERIES_CHANGES = SeriesChangesSchema()
PAGE_ARGUMENTS = PageArguments()

Answer = tuple[Series, int, dict[str, str]]

blueprint.register_error_handler(Stale, answering_stale(SERIES))


@blueprint.post("")
@costs(5)
@blueprint.arguments(NEW_SERIES, example=examples.NEW_SERIES)
@blueprint.response(201, BEGUN_SERIES, example=examples.BEGUN_SERIES)
def begin_series(wanted: dict[str, Any], workspace: str) -> Answer:
    """
    Begin a series.

    `rule`, or `repeat` in words, counts from `start`, in local time of its zone: 09:00 stays
    09:00 when clocks change. The task of the first occurrence is there at once, or is that of
    `taskId`; the next appears when it is done. A rule that is none, or never comes to pass,
    answers 422 `invalid-recurrence`.
    """
    done = _begun(workspace_id(workspace), timed(wanted))
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
def get_series(workspace: str, series_id: str) -> Answer:
    """
    Return a series.

    `lastKey` is the key of the occurrence made last.
    """
    series = services().series.get(actor(), workspace_id(workspace), series_id)
    return series, 200, revision_tag(series.rev)


@blueprint.patch("/<series_id>")
@costs(5)
@blueprint.arguments(SERIES_CHANGES, example=examples.SERIES_CHANGES)
@blueprint.response(200, SERIES, example=examples.CHANGED_SERIES)
@blueprint.alt_response(412, "PreconditionFailed")
def edit_series(changes: dict[str, Any], workspace: str, series_id: str) -> Answer:
    """
    Change a series.

    What is still to come follows, and so does the open occurrence; what somebody has changed of
    that itself stays. When the rule or its start moves, the open one stays on its day if that is
    still a day of the rule, and otherwise moves to the next one. A series that has ended goes on
    if its rule now has more to come.
    """
    changing = services().series_changing
    done = changing.edit(
        actor(), workspace_id(workspace), series_id, timed(changes), expected_rev=if_match()
    )
    return _answered(done)


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


@blueprint.post("/<series_id>/pause")
@costs(5)
@blueprint.response(200, SERIES, example=examples.PAUSED_SERIES)
@blueprint.alt_response(412, "PreconditionFailed")
def pause_series(workspace: str, series_id: str) -> Answer:
    """
    Pause a series: it makes no tasks until it goes on.

    Doing so again changes nothing.
    """
    done = services().series.pause(
        actor(), workspace_id(workspace), series_id, expected_rev=if_match()
    )
    return _answered(done)


@blueprint.delete("/<series_id>/pause")
@costs(5)
@blueprint.response(200, SERIES, example=examples.SERIES)
@blueprint.alt_response(412, "PreconditionFailed")
def resume_series(workspace: str, series_id: str) -> Answer:
    """
    Let a paused series go on.

    What passed in the pause is caught up with as its `catchUp` says. One that is not paused stays
    as it is.
    """
    done = services().series.resume(
        actor(), workspace_id(workspace), series_id, expected_rev=if_match()
    )
    return _answered(done)


@blueprint.post("/<series_id>:skipMissed")
@costs(5)
@blueprint.response(200, SERIES, example=examples.SERIES)
@blueprint.alt_response(412, "PreconditionFailed")
def skip_missed(workspace: str, series_id: str) -> Answer:
    """
    Let go of what is overdue of a series.

    Its overdue occurrences are cancelled, and it goes on with the first that is still to come.
    """
    done = services().series.skip_missed(
        actor(), workspace_id(workspace), series_id, expected_rev=if_match()
    )
    return _answered(done)


def _begun(workspace: str, wanted: dict[str, Any]) -> Done[Series]:
    if (task_id := wanted.pop("task_id", None)) is not None:
        return services().adopting.adopt(actor(), workspace, task_id, wanted)
    template = {name: wanted.get(name, nothing) for name, nothing in BLANK.items()}
    return services().series.begin(
        actor(),
        workspace,
        template=TaskTemplate(**template),
        recurrence=Recurrence(
            wanted["rule"],
            wanted["start"],
            wanted.get("rdates", ()),
            wanted.get("exdates", ()),
        ),
        mode=wanted.get("mode", Mode.FIXED),
        catch_up=wanted.get("catch_up", CatchUp.SKIP),
    )


def _answered(done: Done[Series]) -> Answer:
    return done.value, 200, {**revision_tag(done.value.rev), **undo_header(done.undo)}
