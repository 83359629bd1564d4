"""`/workspaces` and their members."""

from typing import Any

from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services, workspace_id
from backend.workspaces.model import Member, Role, Workspace
from backend.workspaces.schemas import (
    MemberListSchema,
    MemberSchema,
    MembershipListSchema,
    WorkspaceSchema,
)

blueprint = ApiBlueprint(
    "workspaces", __name__, url_prefix="/api/v1", description="Workspaces and who belongs to them."
)

WORKSPACE, MEMBER = WorkspaceSchema(), MemberSchema()
MEMBERS, MEMBERSHIPS = MemberListSchema(), MembershipListSchema()


@blueprint.get("/users/me/workspaces")
@blueprint.response(200, MEMBERSHIPS)
def list_memberships() -> dict[str, list[Member]]:
    """List where the caller belongs, and as what."""
    return {"items": services().workspaces.mine(actor())}


@blueprint.post("/workspaces")
@blueprint.arguments(WORKSPACE)
@blueprint.response(201, WORKSPACE)
def found_workspace(wanted: dict[str, Any]) -> tuple[Workspace, int, dict[str, str]]:
    """Found a team workspace. The caller becomes its owner."""
    workspace = services().workspaces.found_team(actor(), name=wanted["name"])
    return workspace, 201, {"Location": f"/api/v1/workspaces/{workspace.id}"}


@blueprint.get("/workspaces/<workspace>")
@blueprint.response(200, WORKSPACE)
def get_workspace(workspace: str) -> Workspace:
    """Return a workspace the caller belongs to."""
    return services().workspaces.get(actor(), workspace_id(workspace))


@blueprint.get("/workspaces/<workspace>/members")
@blueprint.response(200, MEMBERS)
def list_members(workspace: str) -> dict[str, list[Member]]:
    """List who belongs to a workspace."""
    return {"items": services().workspaces.members(actor(), workspace_id(workspace))}


@blueprint.put("/workspaces/<workspace>/members/<uid>")
@blueprint.arguments(MEMBER)
@blueprint.response(200, MEMBER)
def set_member(wanted: dict[str, Role], workspace: str, uid: str) -> Member:
    """Add somebody who has an account, or change their role. For owners and admins."""
    return services().workspaces.set_member(
        actor(), workspace_id(workspace), uid, role=wanted["role"]
    )


@blueprint.delete("/workspaces/<workspace>/members/<uid>")
@blueprint.response(204)
def remove_member(workspace: str, uid: str) -> None:
    """Take somebody out of a workspace. For owners and admins."""
    services().workspaces.remove_member(actor(), workspace_id(workspace), uid)
