"""`…/series/{s}/occurrences`."""

from typing import Any

from backend.kit.pages import Page
from backend.recurrence import occurrence_examples as examples
from backend.recurrence.entries import Entry
from backend.recurrence.occurrence_schemas import (
    OccurrenceChangesSchema,
    OccurrencePageSchema,
    OccurrenceSchema,
    ScopeSchema,
)
from backend.recurrence.occurrences import Scope
from backend.recurrence.wanted import moved, refuse_rules
from backend.undo.model import Done
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services, workspace_id
from backend.web.limits import costs
from backend.web.pages import LINK_HEADER, PageArguments, asked, linked
from backend.web.undo_header import undo_header

blueprint = ApiBlueprint(
    "occurrences",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>/series/<series_id>/occurrences",
    description="Each time a task comes again.",
)

OCCURRENCE, OCCURRENCE_PAGE = OccurrenceSchema(), OccurrencePageSchema()
OCCURRENCE_CHANGES, SCOPE = OccurrenceChangesSchema(), ScopeSchema()
PAGE_ARGUMENTS = PageArguments()

Answer = tuple[Entry, int, dict[str, str]]


@blueprint.get("")
@blueprint.arguments(PAGE_ARGUMENTS, location="query")
@blueprint.response(200, OCCURRENCE_PAGE, headers=LINK_HEADER, example=examples.OCCURRENCE_PAGE)
def list_occurrences(
    query: dict[str, Any], workspace: str, series_id: str
) -> tuple[Page[Entry], int, dict[str, str]]:
    """
    List what became of the occurrences of a series, the last first.

    Of those still to come only the ones that somebody has changed are listed: `preview` has all.
    """
    occurrences = services().occurrences
    return linked(occurrences.page(actor(), workspace_id(workspace), series_id, asked(query)))


@blueprint.patch("/<key>")
@costs(5)
@blueprint.arguments(OCCURRENCE_CHANGES, example=examples.OCCURRENCE_CHANGES)
@blueprint.arguments(SCOPE, location="query")
@blueprint.response(200, OCCURRENCE, example=examples.MOVED_OCCURRENCE)
def edit_occurrence(
    changes: dict[str, Any], query: dict[str, Any], workspace: str, series_id: str, key: str
) -> Answer:
    """
    Change an occurrence that is open or still to come.

    With `scope=following` it and those that follow become a series of their own, which takes over
    its task, and to which the answer belongs; with `scope=all` the series changes. Only then may
    the rule change, too. One that is closed answers 409.
    """
    scope: Scope = query["scope"]
    if scope is Scope.THIS:
        refuse_rules(changes)
    done = services().occurrences.change(
        actor(), workspace_id(workspace), series_id, key, moved(changes), scope=scope
    )
    return _answered(done)


@blueprint.post("/<key>:skip")
@costs(5)
@blueprint.response(200, OCCURRENCE, example=examples.SKIPPED_OCCURRENCE)
def skip_occurrence(workspace: str, series_id: str, key: str) -> Answer:
    """
    Let an occurrence not take place.

    The series leaves it out; its task, if it has one, is cancelled, and the next comes. Doing so
    again changes nothing. One that is closed otherwise answers 409.
    """
    done = services().occurrences.skip(actor(), workspace_id(workspace), series_id, key)
    return _answered(done)


def _answered(done: Done[Entry]) -> Answer:
    return done.value, 200, undo_header(done.undo)
