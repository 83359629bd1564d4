"""The staff as documents."""

from backend.admin.model import Staff, StaffRole
from backend.kit.documents import Fields, Stored, reading


def staff_path(uid: str) -> str:
    """Return where somebody's role on the platform lies."""
    return f"staff/{uid}"


def staff_fields(staff: Staff) -> Fields:
    """Return the document of somebody's role on the platform."""
    return {
        "uid": staff.uid,
        "role": staff.role.value,
        "appointedBy": staff.appointed_by,
        "appointedAt": staff.appointed_at,
    }


def staff_of(stored: Stored) -> Staff:
    """
    Read somebody's role on the platform.

    Raises:
        DataLoss: the document is none, for example because of a role that does not exist.
    """
    with reading(stored) as fields:
        return Staff(
            uid=stored.id,
            role=StaffRole(fields["role"]),
            appointed_by=fields["appointedBy"],
            appointed_at=fields["appointedAt"],
        )
