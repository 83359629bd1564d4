"""Where changes of groups are carried out: who may, one commit, one offer to undo."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.boards.documents import changing, group_of, group_path
from backend.boards.model import Group, GroupRef
from backend.boards.rights import right
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Stored, Write
from backend.kit.errors import hidden
from backend.kit.ids import checked
from backend.search.places import keeping_places
from backend.undo.model import Done, Touched
from backend.undo.offers import UndoOffers
from backend.workspaces.service import WorkspaceService

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A group as it was read, with whatever was read beside it by path, and what time it is."""

    group: Group
    beside: Mapping[str, Stored | None]
    now: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of the group, and of others of its kind with it."""

    group: Group
    others: tuple[tuple[Stored, Group], ...] = ()


class GroupDesk:
    """Carries out changes of single groups."""

    def __init__(
        self, store: Store, clock: Clock, workspaces: WorkspaceService, offers: UndoOffers
    ) -> None:
        self._store = store
        self._clock = clock
        self._workspaces = workspaces
        self._offers = offers

    def change(
        self,
        actor: Actor,
        ref: GroupRef,
        act: Callable[[Sheet], Outcome],
        *,
        done: str,
        reading: Iterable[str] = (),
    ) -> Done[Group]:
        """
        Let `act` say what becomes of a group; `done` is what the log calls it.

        Raises, besides what `act` does:
            NotFound: there is none, or the caller may not see it.
            PermissionDenied: the caller may see it, but not change it.
            Aborted: others kept changing it.
        """
        now = self._clock.now()
        self._workspaces.admit(actor, ref.workspace_id, to=right(ref.kind, "change"))
        paths = [group_path(ref._replace(id=checked(ref.id))), *reading]
        tried: Done[Group] | None = None

        def plan() -> tuple[Done[Group], list[Write]]:
            nonlocal tried
            found = dict(zip(paths, self._store.get_all(paths), strict=True))
            stored = found[paths[0]]
            if stored is None:
                raise hidden()
            group = group_of(stored)
            if tried is not None and _is_as_left(group, tried.value):
                return tried, []  # Our own commit took place; only its answer was lost.
            outcome = act(Sheet(group, found, now))
            if outcome.group is group and not outcome.others:
                return Done(group, None), []
            tried, writes = self._written(actor, stored, outcome, now)
            return tried, writes

        result = self._store.commit(plan)
        if result.undo is not None:
            kind, rev = ref.kind.value, result.value.rev
            self._store.afterwards(lambda: log.info(done, kind=kind, group_id=ref.id, rev=rev))
        return result

    def _written(
        self, actor: Actor, stored: Stored, outcome: Outcome, now: datetime
    ) -> tuple[Done[Group], list[Write]]:
        every = [(stored, outcome.group), *outcome.others]
        changes = [write for each in every if (write := changing(*each)).fields]
        touched = [Touched.changed(write.of, write.fields) for write in changes]
        offered = self._offers.offer(actor, touched, now=now)
        entries = keeping_places(changes)
        return Done(outcome.group, offered.token), [*changes, *entries, *offered.writes]


def _is_as_left(group: Group, left: Group) -> bool:
    """Say whether a group is just as a commit of ours left it, whatever was counted since."""
    return group == replace(left, open_tasks=group.open_tasks, done_tasks=group.done_tasks)
