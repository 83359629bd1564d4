"""`/admin/suppressions`: addresses that are not written to."""

from typing import Any

from backend.kit.pages import Page
from backend.mailing import examples
from backend.mailing.schemas import (
    SuppressedAddressSchema,
    SuppressionPageSchema,
    SuppressionSchema,
    SuppressionsQuerySchema,
)
from backend.mailing.suppression import Suppression
from backend.web.blueprint import ApiBlueprint
from backend.web.context import services, staff
from backend.web.limits import costs
from backend.web.pages import LINK_HEADER, asked, linked
from backend.web.requirements import recent_sign_in

blueprint = ApiBlueprint(
    "suppressions",
    __name__,
    url_prefix="/api/v1/admin",
    description="Addresses that are not written to: for admins of the staff.",
)

SUPPRESSION, SUPPRESSIONS = SuppressionSchema(), SuppressionPageSchema()
SUPPRESSIONS_QUERY, ADDRESS = SuppressionsQuerySchema(), SuppressedAddressSchema()


@blueprint.get("/suppressions")
@recent_sign_in
@blueprint.arguments(SUPPRESSIONS_QUERY, location="query")
@blueprint.response(200, SUPPRESSIONS, headers=LINK_HEADER, example=examples.SUPPRESSIONS)
def list_suppressions(
    query: dict[str, Any],
) -> tuple[Page[Suppression], int, dict[str, str]]:
    """
    List the addresses that are not written to, the latest first.

    Without the addresses, which are not kept. For admins of the staff.
    """
    page = asked(query)
    wanted = {name: str(value) for name, value in query.items()}
    return linked(services().suppression_list.page(staff(), wanted, page))


@blueprint.post("/suppressions")
@costs(5)
@recent_sign_in
@blueprint.arguments(ADDRESS, example=examples.ADDRESS)
@blueprint.response(200, SUPPRESSION, example=examples.REQUESTED)
def add_suppression(wanted: dict[str, str]) -> Suppression:
    """
    Write no notices, digests and invitations to an address.

    For whoever asks for it, with an account or without. For admins of the staff.
    """
    return services().suppression_list.add(staff(), wanted["email"])


@blueprint.post("/suppressions:find")
@costs(5)
@recent_sign_in
@blueprint.arguments(ADDRESS, example=examples.ADDRESS)
@blueprint.response(200, SUPPRESSION, example=examples.SUPPRESSION)
def find_suppression(wanted: dict[str, str]) -> Suppression:
    """
    Say whether an address is written to.

    404 if it is. Changes nothing. For admins of the staff.
    """
    return services().suppression_list.find(staff(), wanted["email"])


@blueprint.get("/suppressions/<suppression_id>")
@recent_sign_in
@blueprint.response(200, SUPPRESSION, example=examples.SUPPRESSION)
def get_suppression(suppression_id: str) -> Suppression:
    """
    Return one entry.

    For admins of the staff.
    """
    return services().suppression_list.get(staff(), suppression_id)


@blueprint.delete("/suppressions/<suppression_id>")
@costs(5)
@recent_sign_in
@blueprint.response(204)
def lift_suppression(suppression_id: str) -> None:
    """
    Write to an address again.

    For whoever has mended their mailbox. If it is still dead, the next mail puts it back on the
    list. For admins of the staff.
    """
    services().suppression_list.lift(staff(), suppression_id)
