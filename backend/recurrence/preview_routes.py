"""`…/series/{s}/preview` and `…/series:preview`."""

from typing import Any

from backend.recurrence.examples import PREVIEW, RULE_PREVIEW, WANTED_PREVIEW
from backend.recurrence.model import Recurrence
from backend.recurrence.preview import Previewed
from backend.recurrence.preview_schemas import (
    PreviewArguments,
    PreviewSchema,
    RulePreviewSchema,
    WantedPreviewSchema,
)
from backend.recurrence.series import Mode
from backend.recurrence.wanted import timed
from backend.recurrence.words import words_of
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services, workspace_id

blueprint = ApiBlueprint(
    "series_previews",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>",
    description="When tasks will come again.",
)

PREVIEW_ARGUMENTS, WANTED = PreviewArguments(), WantedPreviewSchema()
PREVIEWED, RULE_PREVIEWED = PreviewSchema(), RulePreviewSchema()


@blueprint.get("/series/<series_id>/preview")
@blueprint.arguments(PREVIEW_ARGUMENTS, location="query")
@blueprint.response(200, PREVIEWED, example=PREVIEW)
def preview_series(
    query: dict[str, Any], workspace: str, series_id: str
) -> dict[str, list[Previewed]]:
    """
    List the next occurrences of a series that have no task yet.

    They come as the rule has them, marked where clocks change; one that somebody has moved is
    where it was. Where tasks count from completion, each is taken to be done when it is to start.
    A series that has ended has none; one that is paused is taken to go on.
    """
    found = services().previews.of_series(actor(), workspace_id(workspace), series_id, **query)
    return {"items": found}


@blueprint.post("/series:preview")
@blueprint.arguments(WANTED, example=WANTED_PREVIEW)
@blueprint.response(200, RULE_PREVIEWED, example=RULE_PREVIEW)
def preview_rule(wanted: dict[str, Any], workspace: str) -> dict[str, Any]:
    """
    List the first occurrences that a series would have.

    Nothing is begun. `rule`, `repeat` and `mode` say how the words were read. A rule that is
    none, or never comes to pass, answers 422 `invalid-recurrence`.
    """
    recurrence, mode = _recurrence(wanted)
    found = services().previews.of_rule(
        actor(), workspace_id(workspace), recurrence, mode=mode, count=wanted["count"]
    )
    rule = recurrence.rule
    return {"items": found, "rule": rule.text, "repeat": words_of(rule, mode), "mode": mode}


def _recurrence(wanted: dict[str, Any]) -> tuple[Recurrence, Mode]:
    meant = timed(wanted)
    exceptions = {name: tuple(meant.get(name, ())) for name in ("rdates", "exdates")}
    recurrence = Recurrence(meant["rule"], meant["start"], **exceptions)
    return recurrence, meant.get("mode", Mode.FIXED)
