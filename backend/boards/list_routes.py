"""`/workspaces/{w}/lists`."""

from typing import Any

from backend.boards import examples
from backend.boards.answers import Answer, changed, listed, made, read, ref_of, sorted_out
from backend.boards.model import Group, GroupKind, GroupRef
from backend.boards.schemas import (
    ListChangesSchema,
    ListPageSchema,
    ListQuerySchema,
    ListSchema,
    NewListSchema,
    PlaceSchema,
    SortedOutSchema,
)
from backend.kit.errors import Stale
from backend.kit.pages import Page
from backend.kit.placing import Place
from backend.web.blueprint import ApiBlueprint
from backend.web.conditional import answering_stale, if_match
from backend.web.context import actor, services, workspace_id
from backend.web.pages import LINK_HEADER

blueprint = ApiBlueprint(
    "lists", __name__, url_prefix="/api/v1/workspaces/<workspace>/lists", description="Lists."
)

LIST, LIST_PAGE = ListSchema(), ListPageSchema()
NEW_LIST, LIST_CHANGES = NewListSchema(), ListChangesSchema()
LIST_QUERY, PLACE, SORTED_OUT = ListQuerySchema(), PlaceSchema(), SortedOutSchema()

blueprint.register_error_handler(Stale, answering_stale(LIST))


@blueprint.post("")
@blueprint.arguments(NEW_LIST, example=examples.NEW_LIST)
@blueprint.response(201, LIST, example=examples.LIST)
def create_list(wanted: dict[str, Any], workspace: str) -> Answer:
    """
    Create a list.

    It stands behind the others of its board, where it stays, unless you give it a `rank`.
    """
    return made(services().groups.create(actor(), workspace_id(workspace), GroupKind.LIST, wanted))


@blueprint.get("")
@blueprint.arguments(LIST_QUERY, location="query")
@blueprint.response(200, LIST_PAGE, headers=LINK_HEADER, example=examples.page(examples.LIST))
def list_lists(query: dict[str, Any], workspace: str) -> tuple[Page[Group], int, dict[str, str]]:
    """
    List the lists that are not archived, by rank.

    Of one board where `boardId` says which.
    """
    return listed(workspace, GroupKind.LIST, query)


@blueprint.get("/<list_id>")
@blueprint.response(200, LIST, example=examples.LIST)
def get_list(workspace: str, list_id: str) -> Answer:
    """
    Return a list.

    Archived or not. `ETag` is its revision, which `counters` do not count up.
    """
    return read(services().groups.get(actor(), _ref(workspace, list_id)))


@blueprint.patch("/<list_id>")
@blueprint.arguments(LIST_CHANGES, example=examples.LIST_CHANGES)
@blueprint.response(200, LIST, example=examples.CHANGED_LIST)
@blueprint.alt_response(412, "PreconditionFailed")
def edit_list(changes: dict[str, Any], workspace: str, list_id: str) -> Answer:
    """
    Change the fields given.

    A JSON merge patch: what is left out stays.
    With a `wipLimit` no more open tasks get in; those in it stay.
    """
    ref = _ref(workspace, list_id)
    return changed(services().groups.edit(actor(), ref, changes, expected_rev=if_match()))


@blueprint.delete("/<list_id>")
@blueprint.response(200, SORTED_OUT, example=examples.SORTED_OUT)
@blueprint.alt_response(412, "PreconditionFailed")
def delete_list(workspace: str, list_id: str) -> tuple[Any, int, dict[str, str]]:
    """
    Delete a list.

    Its tasks stay on the board, in no list.
    With more than 100 tasks an operation goes on with the rest. `Undo-Token` takes it back.
    """
    ref = _ref(workspace, list_id)
    return sorted_out(services().removing.delete(actor(), ref, expected_rev=if_match()))


@blueprint.post("/<list_id>/archive")
@blueprint.response(200, LIST, example=examples.archived(examples.LIST))
@blueprint.alt_response(412, "PreconditionFailed")
def archive_list(workspace: str, list_id: str) -> Answer:
    """
    Put a list into the archive.

    Its tasks stay in it, and in every list of tasks. One that lies there already stays as it is.
    """
    ref = _ref(workspace, list_id)
    return changed(services().groups.archive(actor(), ref, expected_rev=if_match()))


@blueprint.delete("/<list_id>/archive")
@blueprint.response(200, LIST, example=examples.CHANGED_LIST)
@blueprint.alt_response(412, "PreconditionFailed")
def unarchive_list(workspace: str, list_id: str) -> Answer:
    """
    Take a list out of the archive.

    One that is not there stays as it is.
    """
    ref = _ref(workspace, list_id)
    return changed(services().groups.unarchive(actor(), ref, expected_rev=if_match()))


@blueprint.post("/<list_id>:move")
@blueprint.arguments(PLACE, example=examples.PLACE)
@blueprint.response(200, LIST, example=examples.moved(examples.LIST))
@blueprint.alt_response(412, "PreconditionFailed")
def move_list(place: Place, workspace: str, list_id: str) -> Answer:
    """
    Put a list elsewhere among the others of its board.

    Behind one, before another, between the two, or at a rank of your own; to the end without any of
    these. One document is written, but where there is no room: then neighbours get new ranks too.
    """
    ref = _ref(workspace, list_id)
    return changed(services().groups.move(actor(), ref, place, expected_rev=if_match()))


@blueprint.post("/<list_id>:archiveDone")
@blueprint.response(200, SORTED_OUT, example=examples.SORTED_OUT)
def archive_done_tasks(workspace: str, list_id: str) -> tuple[Any, int, dict[str, str]]:
    """
    Put the tasks of a list that are done into the archive.

    With more than 100 an operation goes on with the rest. `Undo-Token` takes it back.
    """
    return sorted_out(services().tidying.archive_done(actor(), _ref(workspace, list_id)))


def _ref(workspace: str, list_id: str) -> GroupRef:
    return ref_of(workspace, GroupKind.LIST, list_id)
