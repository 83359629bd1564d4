"""`/workspaces/{w}/members`."""

from typing import Any

from backend.kit.pages import Page
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, services, workspace_id
from backend.web.limits import costs
from backend.web.pages import LINK_HEADER, PageArguments, asked, linked
from backend.web.requirements import recent_sign_in, registered_only
from backend.workspaces import examples
from backend.workspaces.model import Member
from backend.workspaces.permissions import Role
from backend.workspaces.schemas import (
    MemberChangesSchema,
    MemberPageSchema,
    MemberSchema,
    WantedMemberSchema,
)

blueprint = ApiBlueprint(
    "members",
    __name__,
    url_prefix="/api/v1/workspaces/<workspace>/members",
    description="Who belongs to a workspace, as what, and for how long.",
)

MEMBER, MEMBERS, PAGE_ARGUMENTS = MemberSchema(), MemberPageSchema(), PageArguments()
WANTED_MEMBER, MEMBER_CHANGES = WantedMemberSchema(), MemberChangesSchema()


@blueprint.get("")
@blueprint.arguments(PAGE_ARGUMENTS, location="query")
@blueprint.response(200, MEMBERS, headers=LINK_HEADER, example=examples.MEMBERS)
def list_members(query: dict[str, Any], workspace: str) -> tuple[Page[Member], int, dict[str, str]]:
    """
    List who belongs to a workspace.

    Who joined first comes first. Whose time is over is not among them.
    """
    return linked(services().workspaces.members(actor(), workspace_id(workspace), asked(query)))


@blueprint.get("/<uid>")
@blueprint.response(200, MEMBER, example=examples.MEMBER)
def get_member(workspace: str, uid: str) -> Member:
    """
    Return a member.

    Somebody who is none, or no longer, is 404.
    """
    return services().workspaces.member(actor(), workspace_id(workspace), uid)


@blueprint.put("/<uid>")
@costs(5)
@recent_sign_in
@registered_only
@blueprint.arguments(WANTED_MEMBER, example=examples.WANTED_MEMBER)
@blueprint.response(200, MEMBER, example=examples.MEMBER)
def add_member(wanted: dict[str, Role], workspace: str, uid: str) -> Member:
    """
    Add somebody of a team to one of its spaces, or give them another role there.

    For owners and admins of the space. Only people of the team can be added, and their membership
    ends with the one in the team. In a team itself this is 409: people are invited to it.
    """
    return services().spaces.add(actor(), workspace_id(workspace), uid, role=wanted["role"])


@blueprint.patch("/<uid>")
@costs(5)
@recent_sign_in
@registered_only
@blueprint.arguments(MEMBER_CHANGES, example=examples.MEMBER_CHANGES)
@blueprint.response(200, MEMBER, example=examples.MEMBER)
def change_member(changes: dict[str, Any], workspace: str, uid: str) -> Member:
    """
    Change somebody's role, or when their membership ends.

    For owners and admins, also of each other and of themselves. Nobody is made an owner this way
    (422), and the owner stays as they are (409). Memberships in spaces end with the one in the
    team, and have no end of their own: 409.
    """
    return services().memberships.change(actor(), workspace_id(workspace), uid, changes)


@blueprint.delete("/<uid>")
@costs(5)
@recent_sign_in
@blueprint.response(204)
def remove_member(workspace: str, uid: str) -> None:
    """
    Take somebody out of a workspace, and out of its spaces.

    For owners and admins. Access ends at once; within moments nothing there is assigned to the
    person any more. The owner stays: 409. Somebody who is no member is 404.
    """
    services().memberships.remove(actor(), workspace_id(workspace), uid)
