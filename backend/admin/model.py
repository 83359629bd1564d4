"""The staff: who runs the service, and what each of them may do."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from backend.accounts.model import Account
from backend.kit.errors import FailedPrecondition, PermissionDenied


class StaffRole(StrEnum):
    """What somebody is on the platform, whatever they are in workspaces."""

    ADMIN = "admin"
    SUPPORT = "support"


class StaffRight(StrEnum):
    """What staff may or may not do."""

    SEE_PEOPLE = "seePeople"
    DISABLE_PEOPLE = "disablePeople"
    APPOINT = "appoint"
    SEE_AUDIT = "seeAudit"
    MANAGE_JOBS = "manageJobs"
    MANAGE_SUPPRESSIONS = "manageSuppressions"
    MANAGE_TEMPLATES = "manageTemplates"
    MANAGE_BROADCASTS = "manageBroadcasts"
    MANAGE_DELIVERIES = "manageDeliveries"


STAFF_RIGHTS: dict[StaffRole, frozenset[StaffRight]] = {
    StaffRole.ADMIN: frozenset(StaffRight),
    StaffRole.SUPPORT: frozenset({StaffRight.SEE_PEOPLE}),
}


@dataclass(frozen=True, slots=True)
class Staff:
    """
    `staff/{uid}`: the document that authorises.

    The custom claim `role` in ID tokens repeats it for apps, up to an hour late; nothing here
    believes the claim.
    """

    uid: str
    role: StaffRole
    appointed_by: str
    appointed_at: datetime

    def must(self, right: StaffRight) -> None:
        """
        Return if the role carries the right.

        Raises:
            PermissionDenied: it does not.
        """
        if right not in STAFF_RIGHTS[self.role]:
            raise PermissionDenied("Your role on the platform does not allow this.")

    def must_not_be(self, uid: str) -> None:
        """
        Return if `uid` is somebody else, so that there is always an admin left.

        Raises:
            FailedPrecondition: staff would disable or demote themselves.
        """
        if uid == self.uid:
            raise FailedPrecondition("Ask another admin to do this to you.")


@dataclass(frozen=True, slots=True)
class Person:
    """What staff see of an account. Addresses and what people wrote are not among it."""

    account: Account
    role: StaffRole | None
