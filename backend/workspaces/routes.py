"""`/workspaces` and their members."""

from typing import Any

from backend.kit.pages import Page
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services, workspace_id
from backend.web.limits import costs
from backend.web.pages import LINK_HEADER, PageArguments, asked, linked
from backend.web.requirements import recent_sign_in, registered_only
from backend.workspaces import examples
from backend.workspaces.model import Member, Workspace
from backend.workspaces.permissions import Role
from backend.workspaces.schemas import (
    MemberPageSchema,
    MemberSchema,
    MembershipPageSchema,
    NewWorkspaceSchema,
    WantedMemberSchema,
    WorkspaceSchema,
)

blueprint = ApiBlueprint(
    "workspaces", __name__, url_prefix="/api/v1", description="Workspaces and who belongs to them."
)

WORKSPACE, MEMBER = WorkspaceSchema(), MemberSchema()
NEW_WORKSPACE, WANTED_MEMBER = NewWorkspaceSchema(), WantedMemberSchema()
MEMBERS, MEMBERSHIPS = MemberPageSchema(), MembershipPageSchema()
PAGE_ARGUMENTS = PageArguments()


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
def found_workspace(wanted: dict[str, Any]) -> tuple[Workspace, int, dict[str, str]]:
    """
    Found a team workspace.

    The caller becomes its owner.
    """
    workspace = services().workspaces.found_team(actor(), name=wanted["name"])
    return workspace, 201, {"Location": f"/api/v1/workspaces/{workspace.id}"}


@blueprint.get("/workspaces/<workspace>")
@blueprint.response(200, WORKSPACE, example=examples.WORKSPACE)
def get_workspace(workspace: str) -> Workspace:
    """
    Return a workspace the caller belongs to.

    `counters` follow a change within moments.
    """
    return services().workspaces.get(actor(), workspace_id(workspace))


@blueprint.get("/workspaces/<workspace>/members")
@blueprint.arguments(PAGE_ARGUMENTS, location="query")
@blueprint.response(200, MEMBERS, headers=LINK_HEADER, example=examples.MEMBERS)
def list_members(query: dict[str, Any], workspace: str) -> tuple[Page[Member], int, dict[str, str]]:
    """
    List who belongs to a workspace.

    Who joined first comes first.
    """
    return linked(services().workspaces.members(actor(), workspace_id(workspace), asked(query)))


@blueprint.put("/workspaces/<workspace>/members/<uid>")
@costs(5)
@recent_sign_in
@registered_only
@blueprint.arguments(WANTED_MEMBER, example=examples.WANTED_MEMBER)
@blueprint.response(200, MEMBER, example=examples.MEMBER)
def set_member(wanted: dict[str, Role], workspace: str, uid: str) -> Member:
    """
    Add somebody who has an account, or change their role.

    For owners and admins. Nobody is made an owner this way, and the owner's role stays: both
    answer 409.
    """
    return services().workspaces.set_member(
        actor(), workspace_id(workspace), uid, role=wanted["role"]
    )


@blueprint.delete("/workspaces/<workspace>/members/<uid>")
@costs(5)
@recent_sign_in
@blueprint.response(204)
def remove_member(workspace: str, uid: str) -> None:
    """
    Take somebody out of a workspace.

    For owners and admins. The owner stays: 409. Somebody who is no member is 404.
    """
    services().workspaces.remove_member(actor(), workspace_id(workspace), uid)
