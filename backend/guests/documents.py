"""Merges as documents, and the list of what each has copied."""

from collections.abc import Iterable

from backend.guests.model import Merge, MergeState, merge_id
from backend.kit.documents import Change, Fields, Put, Stored, reading
from backend.kit.ids import derived_id

Copy = tuple[str, int | None]  # A path below the workspace, and the revision it had.


def merge_path(guest_uid: str) -> str:
    """Return where the merge of a guest lies."""
    return f"merges/{merge_id(guest_uid)}"


def merge_fields(merge: Merge) -> Fields:
    """Return the document of a merge."""
    return {
        "guestUid": merge.guest_uid,
        "uid": merge.uid,
        "state": merge.state.value,
        "operationId": merge.operation_id,
        "mergedAt": merge.merged_at,
        "guestExpireAt": merge.guest_expire_at,
    }


def merge_of(stored: Stored) -> Merge:
    """Read a merge from its document."""
    with reading(stored) as fields:
        return Merge(
            guest_uid=fields["guestUid"],
            uid=fields["uid"],
            state=MergeState(fields["state"]),
            operation_id=fields["operationId"],
            merged_at=fields["mergedAt"],
            guest_expire_at=fields["guestExpireAt"],
        )


def listing_copies(guest_uid: str, operation_id: str, number: int, copies: Iterable[Copy]) -> Put:
    """
    Return the write of a list of what one commit of an operation has copied.

    It holds paths below the workspace, and the revisions they had, and names the guest, so that it
    goes with everything else of theirs.
    """
    path = f"mergeCopies/{derived_id('copies', operation_id, number)}"
    return Put(path, {"guestUid": guest_uid, "copies": _listed(copies)})


def relisting(stored: Stored, copies: Iterable[Copy]) -> Change:
    """Return the write that leaves only these in a list."""
    return Change(stored, {"copies": _listed(copies)})


def listed_copies(stored: Stored) -> dict[str, int | None]:
    """Read such a list: revisions by path."""
    with reading(stored) as fields:
        parts = [text.rpartition("@") for text in fields["copies"]]
        return {path: int(rev) if rev else None for path, _, rev in parts}


def _listed(copies: Iterable[Copy]) -> list[str]:
    return [f"{path}@{'' if rev is None else rev}" for path, rev in copies]
