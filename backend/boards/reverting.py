"""Putting projects, boards, lists and labels back as they were."""

from collections.abc import Sequence
from datetime import datetime

from backend.adapters.firestore import Store
from backend.boards.documents import OF_KIND
from backend.boards.model import GroupKind, GroupRef
from backend.boards.rights import right
from backend.boards.timers import group_timer
from backend.kit.actor import Actor
from backend.kit.documents import Change, Create, Fields, Remove, Stored, reading
from backend.search.places import keeping_places
from backend.timers.outbox import Outbox
from backend.undo.model import Kind, Reverted, Touched, digest
from backend.workspaces.service import WorkspaceService

# Never put back by itself: what follows from every write, and what reactions keep.
BOOKKEEPING = frozenset({"rev", "updatedAt", "updatedBy", "counters"})


class GroupReverter:
    """The `Reverter` of groups of one kind."""

    def __init__(self, store: Store, workspaces: WorkspaceService, kind: GroupKind) -> None:
        self._store = store
        self._workspaces = workspaces
        self._kind = kind

    def reverting(
        self, actor: Actor, workspace_id: str, touched: Sequence[Touched], now: datetime
    ) -> Reverted:
        """
        Return what puts these groups of a workspace back, as changes of the actor's.

        A new one goes if nobody has changed it since; tasks that were put there come off it.
        """
        for action in sorted({_undoing(each.kind) for each in touched}):
            self._workspaces.admit(actor, workspace_id, to=right(self._kind, action))
        found = self._store.get_all([each.path for each in touched])
        reverted = Reverted()
        for each, stored in zip(touched, found, strict=True):
            self._revert(each, stored, actor.uid, reverted, now)
        reverted.writes.extend(keeping_places(reverted.writes))
        return reverted

    def _revert(
        self, each: Touched, stored: Stored | None, by: str, reverted: Reverted, now: datetime
    ) -> None:
        if each.kind is Kind.REMOVED:
            self._bring_back(each, stored, by, reverted, now)
        elif stored is None:
            (reverted.undone if each.kind is Kind.CREATED else reverted.kept).append(each.path)
        elif each.kind is Kind.CREATED:
            self._take_away(each, stored, by, reverted, now)
        else:
            _change_back(each, stored, by, reverted, now)

    def _bring_back(
        self, each: Touched, stored: Stored | None, by: str, reverted: Reverted, now: datetime
    ) -> None:
        reverted.undone.append(each.path)
        if stored is not None:
            return
        fields = {**each.before, "rev": each.rev + 1, "updatedAt": now, "updatedBy": by}
        if "counters" in OF_KIND[self._kind]:
            fields["counters"] = {}  # Counted anew by the timer, whatever the reactor saw of it.
        reverted.writes.append(Create(each.path, fields))
        reverted.touched.append(Touched.created(each.path, fields["rev"]))
        self._look_later(each, by, reverted, now)

    def _take_away(
        self, each: Touched, stored: Stored, by: str, reverted: Reverted, now: datetime
    ) -> None:
        if stored.fields.get("rev") != each.rev:
            reverted.kept.append(each.path)
            return
        reverted.undone.append(each.path)
        reverted.writes.append(Remove(stored))
        reverted.touched.append(Touched.removed(stored))
        self._look_later(each, by, reverted, now)

    def _look_later(self, each: Touched, by: str, reverted: Reverted, now: datetime) -> None:
        outbox = Outbox()
        ref = GroupRef(each.workspace_id, self._kind, each.id)
        outbox.set(group_timer(ref, by=by, at=now), now)
        reverted.writes.extend(outbox.writes)
        reverted.timers.extend(outbox.timers)


def _undoing(kind: Kind) -> str:
    return {Kind.CREATED: "delete", Kind.REMOVED: "create"}.get(kind, "change")


def _change_back(each: Touched, stored: Stored, by: str, reverted: Reverted, now: datetime) -> None:
    """Put back the fields that are still as the command left them."""
    names = [name for name in each.before if name not in BOOKKEEPING]
    back: Fields = {
        name: each.before[name]
        for name in names
        if digest(stored.fields.get(name)) == each.after.get(name)
    }
    if not back:
        was = all(stored.fields.get(name) == each.before[name] for name in names)
        (reverted.undone if was else reverted.kept).append(each.path)
        return
    with reading(stored) as fields:
        changes = {**back, "rev": fields["rev"] + 1, "updatedAt": now, "updatedBy": by}
    reverted.undone.append(each.path)
    reverted.writes.append(Change(stored, changes))
    reverted.touched.append(Touched.changed(stored, changes))


def group_reverters(store: Store, workspaces: WorkspaceService) -> dict[str, GroupReverter]:
    """Return the reverters of all kinds, by their collections."""
    return {kind.collection: GroupReverter(store, workspaces, kind) for kind in GroupKind}
