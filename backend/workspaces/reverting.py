"""Putting workspaces back as they were before a command."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.documents import Stored
from backend.timers.documents import withdrawing
from backend.timers.outbox import Outbox
from backend.undo.model import Reverted, Touched, digest
from backend.workspaces.documents import changing, workspace_fields, workspace_of
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService
from backend.workspaces.timers import patience_timers, purge_id

NAMES = ("name", "settings", "purgeAt")


class WorkspaceReverter:
    """
    Puts back name and settings, and takes a deletion back.

    Such an undo offers no way back: deleting a workspace asks for a recent sign-in.
    """

    def __init__(self, store: Store, access: WorkspaceService) -> None:
        self._store = store
        self._access = access

    def reverting(
        self, actor: Actor, workspace_id: str, touched: Sequence[Touched], now: datetime
    ) -> Reverted:
        """
        Return what puts a workspace back.

        Raises:
            NotFound: the actor does not belong to the workspace any more.
            PermissionDenied: the actor may no longer do this.
        """
        reverted = Reverted()
        for each in touched:
            is_deletion = "purgeAt" in each.before
            right = Right.DELETE_WORKSPACE if is_deletion else Right.CHANGE_WORKSPACE
            self._access.admit(actor, workspace_id, to=right)
            stored = self._store.get(each.path)
            back = _back(actor, stored, each, now) if stored else Outbox()
            is_back = stored is not None and _is_back(stored, each)
            reverted.writes.extend(back.writes)
            reverted.timers.extend(back.timers)
            (reverted.undone if back.writes or is_back else reverted.kept).append(each.path)
        return reverted


def _back(actor: Actor, stored: Stored, touched: Touched, now: datetime) -> Outbox:
    fields = stored.fields
    wanted = {
        name: touched.before[name]
        for name in NAMES
        if name in touched.before and digest(fields.get(name)) == touched.after[name]
    }
    if not wanted:
        return Outbox()
    workspace = workspace_of(stored)
    if "purgeAt" in wanted:
        restored = workspace.restored(by=actor.uid, at=now)
        change = changing(stored, workspace_fields(restored))
        return Outbox([change, withdrawing(purge_id(stored.id))])
    former = workspace_of(replace(stored, fields={**fields, **wanted}))
    back = replace(former, rev=workspace.rev + 1, updated_at=now, updated_by=actor.uid)
    outbox = Outbox([changing(stored, workspace_fields(back))])
    for timer in patience_timers(workspace, back, at=now):
        outbox.set(timer, now)
    return outbox


def _is_back(stored: Stored, touched: Touched) -> bool:
    names = [name for name in NAMES if name in touched.before]
    return any(stored.fields.get(name) == touched.before[name] for name in names)
