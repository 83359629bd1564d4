"""`/workspaces/{w}/projects`."""

from typing import Any

from backend.boards import examples
from backend.boards.answers import Answer, changed, listed, made, read, ref_of, sorted_out
from backend.boards.model import Group, GroupKind, GroupRef
from backend.boards.schemas import (
    ArchiveQuerySchema,
    NewProjectSchema,
    PlaceSchema,
    ProjectChangesSchema,
    ProjectPageSchema,
    ProjectSchema,
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
    "projects",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>/projects",
    description="Projects.",
)

PROJECT, PROJECT_PAGE = ProjectSchema(), ProjectPageSchema()
NEW_PROJECT, PROJECT_CHANGES = NewProjectSchema(), ProjectChangesSchema()
PROJECT_QUERY, PLACE, SORTED_OUT = ArchiveQuerySchema(), PlaceSchema(), SortedOutSchema()

blueprint.register_error_handler(Stale, answering_stale(PROJECT))


@blueprint.post("")
@blueprint.arguments(NEW_PROJECT, example=examples.NEW_PROJECT)
@blueprint.response(201, PROJECT, example=examples.PROJECT)
def create_project(wanted: dict[str, Any], workspace: str) -> Answer:
    """
    Create a project.

    It stands behind the others unless you give it a `rank`. For members and above.
    """
    return made(
        services().groups.create(actor(), workspace_id(workspace), GroupKind.PROJECT, wanted)
    )


@blueprint.get("")
@blueprint.arguments(PROJECT_QUERY, location="query")
@blueprint.response(200, PROJECT_PAGE, headers=LINK_HEADER, example=examples.page(examples.PROJECT))
def list_projects(query: dict[str, Any], workspace: str) -> tuple[Page[Group], int, dict[str, str]]:
    """
    List the projects that are not archived, by rank.

    In the order people have put them in.
    """
    return listed(workspace, GroupKind.PROJECT, query)


@blueprint.get("/<project_id>")
@blueprint.response(200, PROJECT, example=examples.PROJECT)
def get_project(workspace: str, project_id: str) -> Answer:
    """
    Return a project.

    Archived or not. `ETag` is its revision, which `counters` do not count up.
    """
    return read(services().groups.get(actor(), _ref(workspace, project_id)))


@blueprint.patch("/<project_id>")
@blueprint.arguments(PROJECT_CHANGES, example=examples.PROJECT_CHANGES)
@blueprint.response(200, PROJECT, example=examples.CHANGED_PROJECT)
@blueprint.alt_response(412, "PreconditionFailed")
def edit_project(changes: dict[str, Any], workspace: str, project_id: str) -> Answer:
    """
    Change the fields given.

    A JSON merge patch: what is left out stays. For members and above.
    """
    ref = _ref(workspace, project_id)
    return changed(services().groups.edit(actor(), ref, changes, expected_rev=if_match()))


@blueprint.delete("/<project_id>")
@blueprint.response(200, SORTED_OUT, example=examples.SORTED_OUT)
@blueprint.alt_response(412, "PreconditionFailed")
def delete_project(workspace: str, project_id: str) -> tuple[Any, int, dict[str, str]]:
    """
    Delete a project.

    It is taken off its tasks and boards, which stay.
    With more than 100 tasks an operation goes on with the rest. `Undo-Token` takes it back.
    """
    ref = _ref(workspace, project_id)
    return sorted_out(services().removing.delete(actor(), ref, expected_rev=if_match()))


@blueprint.post("/<project_id>/archive")
@blueprint.response(200, PROJECT, example=examples.archived(examples.PROJECT))
@blueprint.alt_response(412, "PreconditionFailed")
def archive_project(workspace: str, project_id: str) -> Answer:
    """
    Put a project into the archive.

    Its tasks stay in it, and in every list of tasks. One that lies there already stays as it is.
    """
    ref = _ref(workspace, project_id)
    return changed(services().groups.archive(actor(), ref, expected_rev=if_match()))


@blueprint.delete("/<project_id>/archive")
@blueprint.response(200, PROJECT, example=examples.CHANGED_PROJECT)
@blueprint.alt_response(412, "PreconditionFailed")
def unarchive_project(workspace: str, project_id: str) -> Answer:
    """
    Take a project out of the archive.

    One that is not there stays as it is.
    """
    ref = _ref(workspace, project_id)
    return changed(services().groups.unarchive(actor(), ref, expected_rev=if_match()))


@blueprint.post("/<project_id>:move")
@blueprint.arguments(PLACE, example=examples.PLACE)
@blueprint.response(200, PROJECT, example=examples.moved(examples.PROJECT))
@blueprint.alt_response(412, "PreconditionFailed")
def move_project(place: Place, workspace: str, project_id: str) -> Answer:
    """
    Put a project elsewhere among the others.

    Behind one, before another, between the two, or at a rank of your own; to the end without any of
    these. One document is written, but where there is no room: then neighbours get new ranks too.
    """
    ref = _ref(workspace, project_id)
    return changed(services().groups.move(actor(), ref, place, expected_rev=if_match()))


def _ref(workspace: str, project_id: str) -> GroupRef:
    return ref_of(workspace, GroupKind.PROJECT, project_id)
