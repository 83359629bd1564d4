"""Putting entries of a ledger back as they were before a command."""

from collections.abc import Sequence
from datetime import datetime

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.documents import Change, Create, Fields, Remove, Stored
from backend.undo.model import Kind, Reverted, Touched, digest
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService


class LedgerReverter:
    """
    Puts entries back, all of a command or none: one whose occurrence became another names a task.

    An entry has no revision: it is as the command left it if its fields are.
    """

    def __init__(self, store: Store, workspaces: WorkspaceService) -> None:
        self._store = store
        self._workspaces = workspaces

    def reverting(
        self,
        actor: Actor,
        workspace_id: str,
        touched: Sequence[Touched],
        now: datetime,  # noqa: ARG002 - every reverter's signature.
    ) -> Reverted:
        """
        Return what puts entries of ledgers of a workspace back.

        Raises:
            NotFound: the actor does not belong to the workspace any more.
            PermissionDenied: the actor may no longer do this.
        """
        self._workspaces.admit(actor, workspace_id, to=Right.CHANGE_OCCURRENCE)
        paths = [each.path for each in touched]
        found = self._store.get_all(paths)
        pairs = [*zip(touched, found, strict=True)]
        if all(_is_back(each, stored) for each, stored in pairs):
            return Reverted(undone=paths)
        if not all(_is_left(each, stored) for each, stored in pairs):
            return Reverted(kept=paths)
        reverted = Reverted(undone=paths)
        for each, stored in pairs:
            _put_back(reverted, each, stored)
        return reverted


def changed_entry(stored: Stored, fields: Fields) -> Touched:
    """Return what a command leaves that writes these fields of an entry."""
    before = {name: stored.fields.get(name) for name in fields}
    return Touched(stored.path, 1, Kind.CHANGED, before=before, after=_digests(fields))


def created_entry(path: str, fields: Fields) -> Touched:
    """Return what a command leaves that makes an entry."""
    return Touched(path, 1, Kind.CREATED, after=_digests(fields))


def _digests(fields: Fields) -> dict[str, str]:
    return {name: digest(value) for name, value in fields.items()}


def _is_left(touched: Touched, stored: Stored | None) -> bool:
    if touched.kind is Kind.REMOVED or stored is None:
        return touched.kind is Kind.REMOVED and stored is None
    return all(digest(stored.fields.get(name)) == made for name, made in touched.after.items())


def _is_back(touched: Touched, stored: Stored | None) -> bool:
    if touched.kind is Kind.CREATED or stored is None:
        return touched.kind is Kind.CREATED and stored is None
    return all(stored.fields.get(name) == value for name, value in touched.before.items())


def _put_back(reverted: Reverted, touched: Touched, stored: Stored | None) -> None:
    if stored is None:
        reverted.writes.append(Create(touched.path, touched.before))
        reverted.touched.append(created_entry(touched.path, touched.before))
    elif touched.kind is Kind.CREATED:
        reverted.writes.append(Remove(stored))
        reverted.touched.append(Touched.removed(stored))
    else:
        reverted.writes.append(Change(stored, touched.before))
        reverted.touched.append(changed_entry(stored, touched.before))
