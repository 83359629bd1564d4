"""`/admin/deliveries`."""

from typing import Any

from backend.deliveries import examples
from backend.deliveries.model import Delivery, DeliveryRef
from backend.deliveries.schemas import (
    DeliveriesQuerySchema,
    DeliveryHealthSchema,
    DeliveryPageSchema,
    RedrivenListSchema,
    RedriveSchema,
    backlog,
)
from backend.kit.pages import Page
from backend.web.blueprint import ApiBlueprint
from backend.web.context import services, staff
from backend.web.limits import costs
from backend.web.pages import LINK_HEADER, asked, linked
from backend.web.requirements import recent_sign_in

blueprint = ApiBlueprint(
    "deliveries",
    __name__,
    url_prefix="/api/v1/admin",
    description="What became of notifications: for admins of the staff.",
)

DELIVERIES_QUERY, DELIVERIES, HEALTH = (
    DeliveriesQuerySchema(),
    DeliveryPageSchema(),
    DeliveryHealthSchema(),
)
REDRIVE, REDRIVEN = RedriveSchema(), RedrivenListSchema()


@blueprint.get("/deliveries")
@recent_sign_in
@blueprint.arguments(DELIVERIES_QUERY, location="query")
@blueprint.response(200, DELIVERIES, headers=LINK_HEADER, example=examples.DELIVERIES)
def list_deliveries(query: dict[str, Any]) -> tuple[Page[Delivery], int, dict[str, str]]:
    """
    List deliveries by what became of them, the latest first.

    A delivery is a notification to a person by one channel. By default those that failed; what
    they said is not shown. For admins of the staff.
    """
    verdict = query.pop("decision")
    return linked(services().deliveries.page(staff(), verdict, asked(query)))


@blueprint.get("/deliveries:health")
@recent_sign_in
@blueprint.response(200, HEALTH, example=examples.HEALTH)
def show_delivery_health() -> dict[str, Any]:
    """
    Say how many deliveries wait, since when, and how many ended badly lately.

    What nobody would go on with is found by the service itself within half an hour. For admins of
    the staff.
    """
    found = services().deliveries.health(staff())
    return {
        "at": found.at,
        "pending": backlog(found.pending, found.at),
        "waiting": found.waiting,
        "late": backlog(found.late, found.at),
        "failed": found.failed,
        "throttled": found.throttled,
    }


@blueprint.post("/deliveries:redrive")
@costs(20)
@recent_sign_in
@blueprint.arguments(REDRIVE, example=examples.REDRIVE)
@blueprint.response(200, REDRIVEN, example=examples.REDRIVEN)
def redrive_deliveries(wanted: dict[str, list[DeliveryRef]]) -> dict[str, list[dict[str, Any]]]:
    """
    Try deliveries once more that reached nobody.

    Those that failed, were throttled, or found no device or address; devices that were reached are
    left out. What the person has seen meanwhile is not sent. For admins of the staff.
    """
    # Of the same one named twice, the first is meant.
    refs = [*dict.fromkeys(wanted["deliveries"])]
    wished = services().deliveries.redrive(staff(), refs)
    return {
        "items": [
            {
                "uid": ref.uid,
                "notification_id": ref.notification_id,
                "channel": ref.channel,
                "outcome": outcome,
            }
            for ref, outcome in wished
        ]
    }
