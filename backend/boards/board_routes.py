"""`/workspaces/{w}/boards`."""

from typing import Any

from backend.boards import examples
from backend.boards.answers import Answer, changed, listed, made, read, ref_of, sorted_out
from backend.boards.model import BoardContents, Group, GroupKind, GroupRef
from backend.boards.schemas import (
    BoardChangesSchema,
    BoardContentsSchema,
    BoardPageSchema,
    BoardQuerySchema,
    BoardSchema,
    NewBoardSchema,
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
    "boards", __name__, url_prefix="/api/v1/workspaces/<workspace>/boards", description="Boards."
)

BOARD, BOARD_PAGE = BoardSchema(), BoardPageSchema()
NEW_BOARD, BOARD_CHANGES = NewBoardSchema(), BoardChangesSchema()
BOARD_QUERY, PLACE, SORTED_OUT = BoardQuerySchema(), PlaceSchema(), SortedOutSchema()
CONTENTS = BoardContentsSchema()

blueprint.register_error_handler(Stale, answering_stale(BOARD))


@blueprint.post("")
@blueprint.arguments(NEW_BOARD, example=examples.NEW_BOARD)
@blueprint.response(201, BOARD, example=examples.BOARD)
def create_board(wanted: dict[str, Any], workspace: str) -> Answer:
    """
    Create a board.

    It stands behind the others unless you give it a `rank`. For members and above.
    """
    return made(services().groups.create(actor(), workspace_id(workspace), GroupKind.BOARD, wanted))


@blueprint.get("")
@blueprint.arguments(BOARD_QUERY, location="query")
@blueprint.response(200, BOARD_PAGE, headers=LINK_HEADER, example=examples.page(examples.BOARD))
def list_boards(query: dict[str, Any], workspace: str) -> tuple[Page[Group], int, dict[str, str]]:
    """
    List the boards that are not archived, by rank.

    With `archived=true` those in the archive instead, what went there last first.
    """
    return listed(workspace, GroupKind.BOARD, query)


@blueprint.get("/<board_id>")
@blueprint.response(200, BOARD, example=examples.BOARD)
def get_board(workspace: str, board_id: str) -> Answer:
    """
    Return a board.

    Archived or not. `ETag` is its revision, which `counters` do not count up.
    """
    return read(services().groups.get(actor(), _ref(workspace, board_id)))


@blueprint.patch("/<board_id>")
@blueprint.arguments(BOARD_CHANGES, example=examples.BOARD_CHANGES)
@blueprint.response(200, BOARD, example=examples.CHANGED_BOARD)
@blueprint.alt_response(412, "PreconditionFailed")
def edit_board(changes: dict[str, Any], workspace: str, board_id: str) -> Answer:
    """
    Change the fields given.

    A JSON merge patch: what is left out stays.
    `"projectId": null` takes it out of its project.
    """
    ref = _ref(workspace, board_id)
    return changed(services().groups.edit(actor(), ref, changes, expected_rev=if_match()))


@blueprint.delete("/<board_id>")
@blueprint.response(200, SORTED_OUT, example=examples.SORTED_OUT)
@blueprint.alt_response(412, "PreconditionFailed")
def delete_board(workspace: str, board_id: str) -> tuple[Any, int, dict[str, str]]:
    """
    Delete a board.

    Its lists go with it; its tasks stay, on no board.
    With more than 100 tasks an operation goes on with the rest. `Undo-Token` takes it back.
    """
    ref = _ref(workspace, board_id)
    return sorted_out(services().removing.delete(actor(), ref, expected_rev=if_match()))


@blueprint.post("/<board_id>/archive")
@blueprint.response(200, BOARD, example=examples.archived(examples.BOARD))
@blueprint.alt_response(412, "PreconditionFailed")
def archive_board(workspace: str, board_id: str) -> Answer:
    """
    Put a board into the archive.

    Its tasks stay in it, and in every list of tasks. One that lies there already stays as it is.
    """
    ref = _ref(workspace, board_id)
    return changed(services().groups.archive(actor(), ref, expected_rev=if_match()))


@blueprint.delete("/<board_id>/archive")
@blueprint.response(200, BOARD, example=examples.CHANGED_BOARD)
@blueprint.alt_response(412, "PreconditionFailed")
def unarchive_board(workspace: str, board_id: str) -> Answer:
    """
    Take a board out of the archive.

    One that is not there stays as it is.
    """
    ref = _ref(workspace, board_id)
    return changed(services().groups.unarchive(actor(), ref, expected_rev=if_match()))


@blueprint.post("/<board_id>:move")
@blueprint.arguments(PLACE, example=examples.PLACE)
@blueprint.response(200, BOARD, example=examples.moved(examples.BOARD))
@blueprint.alt_response(412, "PreconditionFailed")
def move_board(place: Place, workspace: str, board_id: str) -> Answer:
    """
    Put a board elsewhere among the others.

    Behind one, before another, between the two, or at a rank of your own; to the end without any of
    these. One document is written, but where there is no room: then neighbours get new ranks too.
    """
    ref = _ref(workspace, board_id)
    return changed(services().groups.move(actor(), ref, place, expected_rev=if_match()))


@blueprint.get("/<board_id>/contents")
@blueprint.response(200, CONTENTS, example=examples.CONTENTS)
def get_board_contents(workspace: str, board_id: str) -> BoardContents:
    """
    Return a board with its lists and the tasks on it.

    Neither what is archived nor what lies in the trash. Lists by rank, 30 at the most; tasks by
    list and rank, 300 at the most. Tasks without a list come first.
    """
    return services().groups.contents(actor(), _ref(workspace, board_id))


def _ref(workspace: str, board_id: str) -> GroupRef:
    return ref_of(workspace, GroupKind.BOARD, board_id)
