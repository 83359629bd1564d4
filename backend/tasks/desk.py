"""Where commands on tasks are carried out: who may, one draft, one commit, one offer to undo."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TypeVar

import structlog

from backend.adapters.firestore import Store
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Write
from backend.kit.ids import checked
from backend.tasks.documents import task_path
from backend.tasks.draft import Draft
from backend.tasks.model import Task, TaskRef
from backend.undo.model import Done
from backend.undo.offers import UndoOffers
from backend.workspaces.model import Member
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

T = TypeVar("T")

log = structlog.get_logger()

Named = Mapping[str, Sequence[str | None]]
NOBODY: Named = MappingProxyType({})


class Desk:
    """
    Carries out what is asked for on a `Draft`, and commits it with the offer to take it back.

    Raises (every method), besides what the command itself raises:
        NotFound: the caller may not see the workspace.
        PermissionDenied: the caller may see it, but not do this.
        Aborted: others kept changing the same tasks.
    """

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
        ref: TaskRef,
        act: Callable[[Draft], Task],
        *,
        to: Right,
        done: str,
        naming: Named = NOBODY,
        reading: Iterable[str] = (),
    ) -> Done[Task]:
        """
        Let `act` change a task, and perhaps others, on a draft; return the task it returns.

        `naming` are people who must be members, under the pointers of their lists; `reading` are
        paths to read in the same round trip as the task; `done` is what the log calls it.
        """
        now = self._clock.now()
        member = self._workspaces.admit_naming(actor, ref.workspace_id, naming, to=to)
        paths = [task_path(TaskRef(member.workspace_id, checked(ref.task_id))), *reading]
        return self.carry_out(actor, member, act, now=now, reading=paths, done=done)

    def carry_out(
        self,
        actor: Actor,
        member: Member,
        act: Callable[[Draft], Task],
        *,
        now: datetime,
        done: str,
        reading: Iterable[str] = (),
    ) -> Done[Task]:
        """As `change`, for a caller who was let in already."""
        result = self.commit(actor, member, act, now=now, reading=reading)
        if result.undo is not None:
            task = result.value
            self._store.afterwards(lambda: log.info(done, task_id=task.id, rev=task.rev))
        return result

    def commit(
        self,
        actor: Actor,
        member: Member,
        act: Callable[[Draft], T],
        *,
        now: datetime,
        reading: Iterable[str] = (),
        bare: bool = False,
    ) -> Done[T]:
        """
        As `carry_out`, for an act that returns anything, and without a line in the log.

        `bare`: one document a task is written; the reactor writes the history.
        """
        paths = [*reading]
        tried: tuple[Done[T], list[Task]] | None = None

        def plan() -> tuple[Done[T], list[Write]]:
            nonlocal tried
            draft = Draft(self._store, member, now)
            draft.read(paths)
            if tried is not None and _took_place(draft, tried[1]):
                return tried[0], []  # Only the answer of our own commit was lost.
            value = act(draft)
            touched = draft.bare_touched() if bare else draft.touched()
            if not touched:
                tried = None
                return Done(value, None), []
            offered = self._offers.offer(actor, touched, now=now)
            tried = Done(value, offered.token), [*draft.changed, *draft.added]
            writes = draft.bare_writes() if bare else draft.writes()
            return tried[0], [*writes, *offered.writes]

        return self._store.commit(plan)


def _took_place(draft: Draft, tried: Sequence[Task]) -> bool:
    """Say whether the tasks are just as a commit of ours would have left them."""
    draft.read(draft.path(task.id) for task in tried)
    return all(draft.find(task.id) == task for task in tried)
