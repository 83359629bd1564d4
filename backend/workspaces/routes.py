"""`/workspaces`, and what becomes of them."""

from typing import Any

from backend.kit.errors import Stale
from backend.kit.pages import Page
from backend.web.blueprint import ApiBlueprint
from backend.web.conditional import answering_stale, if_match, revision_tag
from backend.web.context import actor, services, workspace_id
from backend.web.limits import costs
from backend.web.requirements import recent_sign_in, registered_only
from backend.web.undo_header import undo_header
from backend.workspaces import examples
from backend.workspaces.model import Member, Workspace
from backend.workspaces.schemas import (
    HeirSchema,
    MembershipPageSchema,
    NewWorkspaceSchema,
    WorkspaceChangesSchema,
    WorkspaceSchema,
)

blueprint = ApiBlueprint(
    "workspaces", __name__, url_prefix="/api/v1", description="Workspaces: personal, team, space."
)

WORKSPACE, MEMBERSHIPS, HEIR = WorkspaceSchema(), MembershipPageSchema(), HeirSchema()
NEW_WORKSPACE, WORKSPACE_CHANGES = NewWorkspaceSchema(), WorkspaceChangesSchema()

Answer = tuple[Workspace, int, dict[str, str]]

blueprint.register_error_handler(Stale, answering_stale(WORKSPACE))


@blueprint.get("/users/me/workspaces")
@blueprint.response(200, MEMBERSHIPS, example=examples.MEMBERSHIPS)
def list_memberships() -> Page[Member]:
    """
    List where the caller belongs, and as what.

    All on one page, 50 at the most. The personal workspace, whose id is the uid, is among them.
    """
    return Page(services().workspaces.mine(actor()))


@blueprint.post("/workspaces")
@costs(10)
@registered_only
@blueprint.arguments(NEW_WORKSPACE, example=examples.NEW_WORKSPACE)
@blueprint.response(201, WORKSPACE, example=examples.WORKSPACE)
@blueprint.alt_response(404, "NotFound")
def found_workspace(wanted: dict[str, Any]) -> Answer:
    """
    Found a team workspace, or a space in a team.

    The caller becomes its owner. A space is a workspace of its own for some of the people of a
    team, `parentId`: its members, owners and admins may found one. It lies in a team, never in
    another space.
    """
    parent_id = wanted["parent_id"]
    founded = (
        services().workspaces.found_team(actor(), name=wanted["name"])
        if parent_id is None
        else services().spaces.found(actor(), name=wanted["name"], parent_id=parent_id)
    )
    location = {"Location": f"/api/v1/workspaces/{founded.id}"}
    return founded, 201, {**location, **revision_tag(founded.rev)}


@blueprint.get("/workspaces/<workspace>")
@blueprint.response(200, WORKSPACE, example=examples.WORKSPACE)
def get_workspace(workspace: str) -> Answer:
    """
    Return a workspace the caller belongs to.

    `counters` follow a change within moments, and do not count up `rev`, which `ETag` is.
    """
    return _tagged(services().workspaces.get(actor(), workspace_id(workspace)))


@blueprint.patch("/workspaces/<workspace>")
@blueprint.arguments(WORKSPACE_CHANGES, example=examples.WORKSPACE_CHANGES)
@blueprint.response(200, WORKSPACE, example=examples.WORKSPACE)
@blueprint.alt_response(412, "PreconditionFailed")
def edit_workspace(changes: dict[str, Any], workspace: str) -> Answer:
    """
    Change the name, or some of the settings.

    A JSON merge patch: what is left out stays, also within `settings`. For owners and admins.
    """
    done = services().lifecycle.edit(
        actor(), workspace_id(workspace), changes, expected_rev=if_match()
    )
    return done.value, 200, {**revision_tag(done.value.rev), **undo_header(done.undo)}


@blueprint.delete("/workspaces/<workspace>")
@costs(10)
@recent_sign_in
@blueprint.response(202, WORKSPACE, example=examples.DELETED_WORKSPACE)
@blueprint.alt_response(412, "PreconditionFailed")
def delete_workspace(workspace: str) -> Answer:
    """
    Delete a workspace, with its spaces, in seven days.

    `purgeAt` says when. Until then everybody still sees it, and its owner can restore it. Deleting
    it again does not put that off. A personal workspace goes with its owner's account: 409.
    """
    done = services().lifecycle.delete(actor(), workspace_id(workspace), expected_rev=if_match())
    return done.value, 202, {**revision_tag(done.value.rev), **undo_header(done.undo)}


@blueprint.post("/workspaces/<workspace>:restore")
@blueprint.response(200, WORKSPACE, example=examples.WORKSPACE)
def restore_workspace(workspace: str) -> Answer:
    """
    Take a deleted workspace back.

    For its owner, until `purgeAt`. One that is not deleted stays as it is.
    """
    return _tagged(services().lifecycle.restore(actor(), workspace_id(workspace)))


@blueprint.post("/workspaces/<workspace>:transferOwnership")
@costs(10)
@recent_sign_in
@registered_only
@blueprint.arguments(HEIR, example=examples.HEIR)
@blueprint.response(200, WORKSPACE, example=examples.TRANSFERRED_WORKSPACE)
def transfer_ownership(heir: dict[str, str], workspace: str) -> Answer:
    """
    Make another member the owner.

    For the owner, who becomes an admin. The other must be a member without an end date.
    """
    given = services().memberships.transfer(actor(), workspace_id(workspace), heir["uid"])
    return _tagged(given)


@blueprint.post("/workspaces/<workspace>:leave")
@blueprint.response(204)
def leave_workspace(workspace: str) -> None:
    """
    Leave a workspace, and its spaces.

    Access ends at once; within moments nothing there is assigned to the caller any more. The owner
    stays: 409. A space that the caller owns goes to the owner of its team.
    """
    services().memberships.leave(actor(), workspace_id(workspace))


def _tagged(workspace: Workspace) -> Answer:
    return workspace, 200, revision_tag(workspace.rev)
