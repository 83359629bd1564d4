"""A merge: a guest's work moves into an account, and can be taken back for a while."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from backend.kit.ids import derived_id

UNDO_FOR = timedelta(hours=24)
MAX_GUEST_TASKS = 500


class MergeState(StrEnum):
    """How far a merge is. Only what is `merged` can be undone."""

    COPYING = "copying"
    MERGED = "merged"
    UNDOING = "undoing"


@dataclass(frozen=True, slots=True)
class Merge:
    """
    `merges/{id}`: whose account a guest's work moves to. There is one for a guest at a time.

    A guest's own documents stay as they are, and nobody sees them, until `undo_until`; then all
    that is left of the guest is deleted. `guest_expire_at` is when the guest's time would have
    been over: it stands still meanwhile. `operation_id` is the operation that merges.
    """

    guest_uid: str
    uid: str
    state: MergeState
    operation_id: str
    merged_at: datetime
    guest_expire_at: datetime

    @property
    def id(self) -> str:
        """Derived: whoever asks to merge the same guest finds this one."""
        return merge_id(self.guest_uid)

    @property
    def undo_until(self) -> datetime:
        """Until when it can be undone."""
        return self.merged_at + UNDO_FOR

    @property
    def current_operation_id(self) -> str:
        """The operation at work, or the last that was."""
        is_undone = self.state is MergeState.UNDOING
        return undo_operation_id(self.operation_id) if is_undone else self.operation_id

    def put_in_state(self, state: MergeState) -> "Merge":
        """Return it in another state."""
        return replace(self, state=state)

    def begun_again(self, operation_id: str) -> "Merge":
        """Return it being copied by another operation."""
        return replace(self, state=MergeState.COPYING, operation_id=operation_id)

    def guest_ends_at(self, undone_at: datetime) -> datetime:
        """Return when the guest's time is over if the merge is undone now."""
        return undone_at + (self.guest_expire_at - self.merged_at)


def merge_id(guest_uid: str) -> str:
    """Return the id of the merge of a guest."""
    return derived_id("merge", guest_uid)


def undo_operation_id(operation_id: str) -> str:
    """Return the id of the operation that undoes a merge, so that there is one."""
    return derived_id("undoMerge", operation_id)


def written(at: datetime) -> str:
    """Return an instant as it stands in the result of an operation."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
