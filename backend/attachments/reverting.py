"""Taking back what was done to attachments."""

from collections.abc import Sequence
from datetime import datetime

from backend.adapters.firestore import Store
from backend.attachments.documents import attachment_of, changing, counting, ref_of
from backend.attachments.model import ABANDONED_AFTER, Attachment, State
from backend.attachments.timers import attachment_timer
from backend.kit.actor import Actor
from backend.kit.documents import Fields, Stored
from backend.tasks.documents import task_path
from backend.timers.documents import setting
from backend.undo.model import Kind, Reverted, Touched, digest
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

DECIDED = ("state", "sha256", "deletedAt")


class AttachmentReverter:
    """
    `Reverter` of attachments.

    What was announced is deleted; what was finalized is announced again, with its file; what was
    deleted is back, with its file. The file is there for as long as its document is.
    """

    def __init__(self, store: Store, workspaces: WorkspaceService) -> None:
        self._store = store
        self._workspaces = workspaces

    def reverting(
        self, actor: Actor, workspace_id: str, touched: Sequence[Touched], now: datetime
    ) -> Reverted:
        """
        Return what puts attachments back; what somebody has done to them since stays.

        Raises:
            NotFound: the actor does not belong to the workspace any more.
            PermissionDenied: the actor may no longer do this.
        """
        self._workspaces.admit(actor, workspace_id, to=Right.DELETE_ATTACHMENT)
        tasks = dict.fromkeys(task_path(ref_of(each.path).task) for each in touched)
        paths = [*tasks, *(each.path for each in touched)]
        found = dict(zip(paths, self._store.get_all(paths), strict=True))
        reverted = Reverted()
        for each in touched:
            task = found[task_path(ref_of(each.path).task)]
            is_back = _revert(each, found[each.path], task, reverted, now)
            (reverted.undone if is_back else reverted.kept).append(each.path)
        return reverted


def _revert(
    touched: Touched, stored: Stored | None, task: Stored | None, reverted: Reverted, now: datetime
) -> bool:
    """Add what puts an attachment back; say whether it is back, or was already."""
    if stored is None or task is None:
        return touched.kind is Kind.CREATED
    attachment = attachment_of(stored)
    if touched.kind is Kind.CREATED:
        return _take_away(touched, stored, attachment, reverted, now)
    if touched.before.get("state") == attachment.state.value:
        return True
    if touched.after.get("state") != digest(attachment.state.value):
        return False
    _write(stored, attachment, _before(stored, touched, attachment, now), reverted, now)
    return True


def _take_away(
    touched: Touched, stored: Stored, attachment: Attachment, reverted: Reverted, now: datetime
) -> bool:
    if attachment.state is State.DELETED:
        return True
    is_untouched = attachment.rev == touched.rev
    # One that was ready from the first is a copy, and goes with the copy of its task.
    if is_untouched and attachment.state is State.PENDING:
        _write(stored, attachment, attachment.deleted(at=now), reverted, now)
    return is_untouched


def _before(stored: Stored, touched: Touched, attachment: Attachment, now: datetime) -> Attachment:
    decided = {name: touched.before[name] for name in DECIDED if name in touched.before}
    fields: Fields = {**stored.fields, **decided, "updatedAt": now, "rev": attachment.rev + 1}
    return attachment_of(Stored(stored.path, fields, stored.updated_at))


def _write(
    stored: Stored, attachment: Attachment, back: Attachment, reverted: Reverted, now: datetime
) -> None:
    change = changing(stored, back)
    # Also of one that is ready: what was sent for it may lie there still.
    timer = attachment_timer(back.ref, at=back.goes_at or now + ABANDONED_AFTER)
    reverted.writes.extend([change, setting(timer, now=now)])
    if by := (back.state is State.READY) - (attachment.state is State.READY):
        reverted.writes.append(counting(back.ref.task, by))
    reverted.touched.append(Touched.changed(stored, change.fields))
