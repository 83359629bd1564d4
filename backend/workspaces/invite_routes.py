"""`/workspaces/{w}/invites`, and accepting one."""

from typing import Any

from backend.kit.pages import Page
from backend.web.blueprint import ApiBlueprint
from backend.web.context import actor, identity, services, workspace_id
from backend.web.limits import costs
from backend.web.pages import LINK_HEADER, PageArguments, asked, linked
from backend.web.requirements import registered_only, verified_only
from backend.workspaces import examples
from backend.workspaces.invite import Invite
from backend.workspaces.model import Member
from backend.workspaces.schemas import (
    AcceptanceSchema,
    AcceptedSchema,
    InvitePageSchema,
    InviteSchema,
    NewInviteSchema,
)

blueprint = ApiBlueprint(
    "invites", __name__, url_prefix="/api/v1", description="Invitations to teams, by e-mail."
)

INVITE, NEW_INVITE, INVITES = InviteSchema(), NewInviteSchema(), InvitePageSchema()
ACCEPTANCE, ACCEPTED, PAGE_ARGUMENTS = AcceptanceSchema(), AcceptedSchema(), PageArguments()


@blueprint.post("/workspaces/<workspace>/invites")
@costs(10)
@registered_only
@blueprint.arguments(NEW_INVITE, example=examples.NEW_INVITE)
@blueprint.response(201, INVITE, example=examples.INVITE)
def create_invite(wanted: dict[str, Any], workspace: str) -> tuple[Invite, int, dict[str, str]]:
    """
    Invite somebody to a team, by e-mail.

    For owners and admins. The mail goes out within moments, with a link that holds for seven days,
    once, and for this address only. Whoever is invited again gets a new link in place of the old
    one. The answer tells nothing of whether the address has an account, or is a member. At most 100
    invitations of a workspace are open: `limit-exceeded`.
    """
    made = services().inviting.invite(actor(), workspace_id(workspace), **wanted)
    location = f"/api/v1/workspaces/{made.workspace_id}/invites/{made.id}"
    return made, 201, {"Location": location}


@blueprint.get("/workspaces/<workspace>/invites")
@blueprint.arguments(PAGE_ARGUMENTS, location="query")
@blueprint.response(200, INVITES, headers=LINK_HEADER, example=examples.INVITES)
def list_invites(query: dict[str, Any], workspace: str) -> tuple[Page[Invite], int, dict[str, str]]:
    """
    List the invitations that nobody has accepted, and nobody revoked.

    For owners and admins. Those that expire first come first; one that has expired can be sent
    again for about a day, and is then forgotten.
    """
    return linked(services().inviting.pending(actor(), workspace_id(workspace), asked(query)))


@blueprint.delete("/workspaces/<workspace>/invites/<invite_id>")
@blueprint.response(204)
def revoke_invite(workspace: str, invite_id: str) -> None:
    """
    Take an invitation back.

    For owners and admins. Its link is dead at once. One that was accepted is 409.
    """
    services().inviting.revoke(actor(), workspace_id(workspace), invite_id)


@blueprint.post("/workspaces/<workspace>/invites/<invite_id>:resend")
@costs(10)
@registered_only
@blueprint.response(200, INVITE, example=examples.INVITE)
def resend_invite(workspace: str, invite_id: str) -> Invite:
    """
    Send an invitation again, with a new link and seven more days.

    For owners and admins. The old link is dead. One that was accepted or revoked is 409.
    """
    return services().inviting.resend(actor(), workspace_id(workspace), invite_id)


@blueprint.post("/workspaces/<workspace>/invites/<invite_id>:accept")
@costs(5)
@registered_only
@verified_only
@blueprint.response(200, ACCEPTED, example=examples.ACCEPTED)
def accept_known_invite(workspace: str, invite_id: str) -> Member:
    """
    Accept an invitation that a notification told of, without the link of a letter.

    Whoever had proved their address when they were invited gets a notification, whose `link` is
    `/invites/{workspace}/{invite}`. Otherwise as `POST /invites:accept`, for the latest sending.
    """
    return services().accepting.accept_known(actor(), identity(), workspace, invite_id)


@blueprint.post("/invites:accept")
@costs(5)
@registered_only
@verified_only
@blueprint.arguments(ACCEPTANCE, example=examples.ACCEPTANCE)
@blueprint.response(200, ACCEPTED, example=examples.ACCEPTED)
@blueprint.alt_response(404, "NotFound")
def accept_invite(acceptance: dict[str, str]) -> Member:
    """
    Accept an invitation.

    For whoever has proved that the address it was sent to is theirs; it is 404 for everybody else.
    One that was used, replaced, revoked or has expired is 409. Whoever belongs to the workspace
    already stays what they are. Repeating it changes nothing.
    """
    return services().accepting.accept(actor(), identity(), acceptance["token"])
