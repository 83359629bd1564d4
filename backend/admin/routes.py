"""`/admin`: for the staff alone. To everybody else nothing is here."""

from typing import Any

from backend.admin import examples
from backend.admin.model import Person, StaffRole
from backend.admin.schemas import (
    AuditPageSchema,
    AuditQuerySchema,
    DisablementSchema,
    PersonSchema,
    WantedRoleSchema,
)
from backend.audit.model import Entry
from backend.kit.pages import Page
from backend.web.blueprint import ApiBlueprint
from backend.web.context import services, staff
from backend.web.limits import costs
from backend.web.pages import LINK_HEADER, asked, linked
from backend.web.requirements import recent_sign_in

blueprint = ApiBlueprint(
    "admin",
    __name__,
    url_prefix="/api/v1/admin",
    description="For those who run the service, after a recent sign-in. Others get 404.",
)

PERSON, WANTED_ROLE, DISABLEMENT = PersonSchema(), WantedRoleSchema(), DisablementSchema()
AUDIT_QUERY, AUDIT_PAGE = AuditQuerySchema(), AuditPageSchema()


@blueprint.get("/users/<uid>")
@recent_sign_in
@blueprint.response(200, PERSON, example=examples.PERSON)
def get_person(uid: str) -> Person:
    """
    Return the state of somebody's account.

    For admins and support.
    """
    return services().admin.person(staff(), uid)


@blueprint.patch("/users/<uid>")
@costs(5)
@recent_sign_in
@blueprint.arguments(WANTED_ROLE, example=examples.WANTED_ROLE)
@blueprint.response(200, PERSON, example=examples.APPOINTED)
def appoint(wanted: dict[str, StaffRole | None], uid: str) -> Person:
    """
    Give somebody a role on the platform, or take it.

    For admins. It holds at the person's next request; the custom claim `role` in their ID token
    follows when the token is renewed. Nobody changes their own role: 409.
    """
    return services().admin.appoint(staff(), uid, wanted["role"])


@blueprint.post("/users/<uid>/disablement")
@costs(5)
@recent_sign_in
@blueprint.arguments(DISABLEMENT, example=examples.DISABLEMENT)
@blueprint.response(200, PERSON, example=examples.DISABLED)
def disable(wanted: dict[str, str], uid: str) -> Person:
    """
    Disable an account.

    For admins. The person is signed out everywhere within a minute and gets 403
    `account-disabled`; what is theirs stays. Nobody disables themselves: 409.
    """
    return services().admin.disable(staff(), uid, reason=wanted["reason"])


@blueprint.delete("/users/<uid>/disablement")
@costs(5)
@recent_sign_in
@blueprint.response(200, PERSON, example=examples.PERSON)
def enable(uid: str) -> Person:
    """
    Let somebody use their account again.

    For admins. They have to sign in anew.
    """
    return services().admin.enable(staff(), uid)


@blueprint.get("/audit")
@recent_sign_in
@blueprint.arguments(AUDIT_QUERY, location="query")
@blueprint.response(200, AUDIT_PAGE, headers=LINK_HEADER, example=examples.AUDIT)
def list_audit(query: dict[str, Any]) -> tuple[Page[Entry], int, dict[str, str]]:
    """
    List what was done with people's access, newest first.

    For admins. Filters combine with AND.
    """
    page = asked(query)
    wanted = {name: str(value) for name, value in query.items()}
    return linked(services().admin.audit(staff(), wanted, page))
