"""`/admin/broadcasts`."""

from typing import Any

from backend.broadcasts import examples
from backend.broadcasts.model import Broadcast
from backend.broadcasts.outcomes import Outcome
from backend.broadcasts.previewing import Preview
from backend.broadcasts.schemas import (
    BroadcastPageSchema,
    BroadcastPreviewSchema,
    BroadcastSchema,
    NewBroadcastSchema,
    RecipientPageSchema,
)
from backend.kit.pages import Page
from backend.web.blueprint import ApiBlueprint
from backend.web.context import services, staff
from backend.web.limits import costs
from backend.web.pages import LINK_HEADER, PageArguments, asked, linked
from backend.web.requirements import recent_sign_in

blueprint = ApiBlueprint(
    "broadcasts",
    __name__,
    url_prefix="/api/v1/admin",
    description="Telling many people something: for admins of the staff.",
)

NEW_BROADCAST, BROADCAST, BROADCASTS = (
    NewBroadcastSchema(),
    BroadcastSchema(),
    BroadcastPageSchema(),
)
PREVIEW, RECIPIENTS, PAGE_ARGUMENTS = (
    BroadcastPreviewSchema(),
    RecipientPageSchema(),
    PageArguments(),
)
Headers = dict[str, str]


@blueprint.post("/broadcasts:preview")
@costs(10)
@recent_sign_in
@blueprint.arguments(NEW_BROADCAST, example=examples.NEW_BROADCAST)
@blueprint.response(200, PREVIEW, example=examples.PREVIEW)
def preview_broadcast(wanted: dict[str, Any]) -> Preview:
    """
    Say what a broadcast would be, without telling anybody.

    How many people it is for, what they would read, and, of the first of them, by which channels
    it would reach them as they are now. For admins of the staff.
    """
    return services().broadcast_previews.preview(staff(), wanted)


@blueprint.post("/broadcasts")
@costs(20)
@recent_sign_in
@blueprint.arguments(NEW_BROADCAST, example=examples.NEW_BROADCAST)
@blueprint.response(202, BROADCAST, example=examples.BEGUN)
def begin_broadcast(wanted: dict[str, Any]) -> tuple[Broadcast, int, Headers]:
    """
    Tell a segment of people something.

    As an announcement: what they have set for this category holds, quiet hours too. It is an
    operation of the same id. Each is told once, whatever stops on the way. Whoever comes to belong
    to the segment meanwhile may be told or not. For admins of the staff.
    """
    begun = services().broadcasts.begin(staff(), wanted)
    return begun, 202, {"Location": f"/api/v1/admin/broadcasts/{begun.id}"}


@blueprint.get("/broadcasts")
@recent_sign_in
@blueprint.arguments(PAGE_ARGUMENTS, location="query")
@blueprint.response(200, BROADCASTS, headers=LINK_HEADER, example=examples.BROADCASTS)
def list_broadcasts(query: dict[str, Any]) -> tuple[Page[Broadcast], int, Headers]:
    """
    List the broadcasts of the last 90 days, newest first.

    For admins of the staff.
    """
    return linked(services().broadcasts.page(staff(), asked(query)))


@blueprint.get("/broadcasts/<broadcast_id>")
@recent_sign_in
@blueprint.response(200, BROADCAST, example=examples.DONE)
def get_broadcast(broadcast_id: str) -> Broadcast:
    """
    Return a broadcast: how far it is, and what came of it.

    For admins of the staff.
    """
    return services().broadcasts.get(staff(), broadcast_id)


@blueprint.post("/broadcasts/<broadcast_id>/pause")
@recent_sign_in
@blueprint.response(200, BROADCAST, example=examples.PAUSED)
def pause_broadcast(broadcast_id: str) -> Broadcast:
    """
    Let nobody else be told for now.

    Once this has answered nobody is. What waits for a week is called off. 409 where all are told.
    For admins of the staff.
    """
    return services().broadcasts.pause(staff(), broadcast_id)


@blueprint.delete("/broadcasts/<broadcast_id>/pause")
@recent_sign_in
@blueprint.response(200, BROADCAST, example=examples.RUNNING)
def resume_broadcast(broadcast_id: str) -> Broadcast:
    """
    Go on with a broadcast where it stopped.

    For admins of the staff.
    """
    return services().broadcasts.resume(staff(), broadcast_id)


@blueprint.post("/broadcasts/<broadcast_id>:cancel")
@recent_sign_in
@blueprint.response(200, BROADCAST, example=examples.CANCELLED)
def cancel_broadcast(broadcast_id: str) -> Broadcast:
    """
    Call a broadcast off for good.

    Who was told stays told. For admins of the staff.
    """
    return services().broadcasts.cancel(staff(), broadcast_id)


@blueprint.get("/broadcasts/<broadcast_id>/recipients")
@recent_sign_in
@blueprint.arguments(PAGE_ARGUMENTS, location="query")
@blueprint.response(200, RECIPIENTS, headers=LINK_HEADER, example=examples.RECIPIENTS)
def list_recipients(query: dict[str, Any], broadcast_id: str) -> tuple[Page[Outcome], int, Headers]:
    """
    List those a broadcast was for, and what became of it for each.

    As it is now, by each channel, in the order in which their turn came. For admins of the staff.
    """
    return linked(services().broadcasts.recipients(staff(), broadcast_id, asked(query)))
