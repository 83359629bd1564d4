"""`…/tasks/{t}/history`."""

from typing import Any

from backend.kit.errors import Stale, hidden
from backend.kit.pages import Page
from backend.tasks import history_examples as examples
from backend.tasks.answers import Answer, answered, ref_of
from backend.tasks.history import Change
from backend.tasks.history_schemas import ChangePageSchema, RevertSchema
from backend.tasks.schemas import TaskSchema
from backend.web.blueprint import ApiBlueprint
from backend.web.conditional import answering_stale, if_match
from backend.web.context import actor, services
from backend.web.pages import LINK_HEADER, PageArguments, asked, linked

blueprint = ApiBlueprint(
    "task_history",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>/tasks/<task_id>/history",
    description="What happened to a task.",
)

TASK, CHANGES, REVERT, QUERY = TaskSchema(), ChangePageSchema(), RevertSchema(), PageArguments()

blueprint.register_error_handler(Stale, answering_stale(TASK))


@blueprint.get("")
@blueprint.arguments(QUERY, location="query")
@blueprint.response(200, CHANGES, headers=LINK_HEADER, example=examples.CHANGES)
def list_changes(
    query: dict[str, Any], workspace: str, task_id: str
) -> tuple[Page[Change], int, dict[str, str]]:
    """
    List who changed what of a task, the last change first.

    Whether through the API or by an app itself, whose changes appear within moments.
    """
    return linked(services().history.page(actor(), ref_of(workspace, task_id), asked(query)))


@blueprint.post("/<rev>:revert")
@blueprint.arguments(REVERT, example=examples.REVERT)
@blueprint.response(200, TASK, example=examples.REVERTED)
@blueprint.alt_response(412, "PreconditionFailed")
def revert_change(wanted: dict[str, Any], workspace: str, task_id: str, rev: str) -> Answer:
    """
    Give fields the values they had before a change, as a new change.

    Also if they were changed again since. People who have left the workspace are not brought back.
    """
    return answered(
        services().history.revert(
            actor(),
            ref_of(workspace, task_id),
            _number(rev),
            fields=wanted["fields"],
            expected_rev=if_match(),
        )
    )


def _number(rev: str) -> int:
    """Return the revision that a path names; whatever is none is not there."""
    if not (rev.isascii() and rev.isdigit() and len(rev) < 10):
        raise hidden()
    return int(rev)
