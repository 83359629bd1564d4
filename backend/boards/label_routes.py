"""`/workspaces/{w}/labels`."""

from typing import Any

from backend.boards import examples
from backend.boards.answers import Answer, changed, listed, made, read, ref_of, sorted_out
from backend.boards.model import Group, GroupKind, GroupRef
from backend.boards.schemas import (
    LabelChangesSchema,
    LabelPageSchema,
    LabelSchema,
    NewLabelSchema,
    PlaceSchema,
    SortedOutSchema,
)
from backend.kit.errors import Stale
from backend.kit.pages import Page
from backend.kit.placing import Place
from backend.web.blueprint import ApiBlueprint
from backend.web.conditional import answering_stale, if_match
from backend.web.context import actor, services, workspace_id
from backend.web.pages import LINK_HEADER, PageArguments

blueprint = ApiBlueprint(
    "labels", __name__, url_prefix="/api/v1/workspaces/<workspace>/labels", description="Labels."
)

LABEL, LABEL_PAGE = LabelSchema(), LabelPageSchema()
NEW_LABEL, LABEL_CHANGES = NewLabelSchema(), LabelChangesSchema()
LABEL_QUERY, PLACE, SORTED_OUT = PageArguments(), PlaceSchema(), SortedOutSchema()

blueprint.register_error_handler(Stale, answering_stale(LABEL))


@blueprint.post("")
@blueprint.arguments(NEW_LABEL, example=examples.NEW_LABEL)
@blueprint.response(201, LABEL, example=examples.LABEL)
def create_label(wanted: dict[str, Any], workspace: str) -> Answer:
    """
    Create a label.

    It stands behind the others unless you give it a `rank`. For members and above.
    """
    return made(services().groups.create(actor(), workspace_id(workspace), GroupKind.LABEL, wanted))


@blueprint.get("")
@blueprint.arguments(LABEL_QUERY, location="query")
@blueprint.response(200, LABEL_PAGE, headers=LINK_HEADER, example=examples.page(examples.LABEL))
def list_labels(query: dict[str, Any], workspace: str) -> tuple[Page[Group], int, dict[str, str]]:
    """
    List the labels, by rank.

    In the order people have put them in; there is no archive of labels.
    """
    return listed(workspace, GroupKind.LABEL, query)


@blueprint.get("/<label_id>")
@blueprint.response(200, LABEL, example=examples.LABEL)
def get_label(workspace: str, label_id: str) -> Answer:
    """
    Return a label.

    `ETag` is its revision.
    """
    return read(services().groups.get(actor(), _ref(workspace, label_id)))


@blueprint.patch("/<label_id>")
@blueprint.arguments(LABEL_CHANGES, example=examples.LABEL_CHANGES)
@blueprint.response(200, LABEL, example=examples.CHANGED_LABEL)
@blueprint.alt_response(412, "PreconditionFailed")
def edit_label(changes: dict[str, Any], workspace: str, label_id: str) -> Answer:
    """
    Change the fields given.

    A JSON merge patch: what is left out stays.
    Tasks hold its id, so a new name shows everywhere at once.
    """
    ref = _ref(workspace, label_id)
    return changed(services().groups.edit(actor(), ref, changes, expected_rev=if_match()))


@blueprint.delete("/<label_id>")
@blueprint.response(200, SORTED_OUT, example=examples.SORTED_OUT)
@blueprint.alt_response(412, "PreconditionFailed")
def delete_label(workspace: str, label_id: str) -> tuple[Any, int, dict[str, str]]:
    """
    Delete a label.

    It is taken off its tasks.
    With more than 100 tasks an operation goes on with the rest. `Undo-Token` takes it back.
    """
    ref = _ref(workspace, label_id)
    return sorted_out(services().removing.delete(actor(), ref, expected_rev=if_match()))


@blueprint.post("/<label_id>:move")
@blueprint.arguments(PLACE, example=examples.PLACE)
@blueprint.response(200, LABEL, example=examples.moved(examples.LABEL))
@blueprint.alt_response(412, "PreconditionFailed")
def move_label(place: Place, workspace: str, label_id: str) -> Answer:
    """
    Put a label elsewhere among the others.

    Behind one, before another, between the two, or at a rank of your own; to the end without any of
    these. One document is written, but where there is no room: then neighbours get new ranks too.
    """
    ref = _ref(workspace, label_id)
    return changed(services().groups.move(actor(), ref, place, expected_rev=if_match()))


def _ref(workspace: str, label_id: str) -> GroupRef:
    return ref_of(workspace, GroupKind.LABEL, label_id)
