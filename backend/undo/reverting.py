"""Putting documents back, whatever they are: each collection by its own `Reverter`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Protocol

from backend.kit.actor import Actor
from backend.kit.documents import Write
from backend.undo.model import Reverted, Reverter, Touched

TASKS = "tasks"


class Dependent(Protocol):
    """A `Reverter` of documents that name others."""

    def reverting(
        self,
        actor: Actor,
        workspace_id: str,
        touched: Sequence[Touched],
        now: datetime,
        *,
        beside: Sequence[Write] = (),
    ) -> Reverted:
        """As `Reverter.reverting`; `beside` is what else the same commit writes."""


class Reverting:
    """
    Puts back what a command touched, in one plan.

    Tasks name what lies in other collections, so they come last, and see what the others bring
    back in the same commit.
    """

    def __init__(self, reverters: Mapping[str, Reverter], tasks: Dependent) -> None:
        """Take the reverters by the names of their collections, and that of tasks."""
        self._reverters = reverters
        self._tasks = tasks

    def of(self, actor: Actor, touched: Sequence[Touched], now: datetime) -> Reverted:
        """
        Return what puts these back, the last one first. What nobody can put back is kept.

        Raises:
            NotFound: the actor does not belong to one of their workspaces any more.
            PermissionDenied: the actor may no longer do this.
        """
        parts: list[Reverted] = []
        for workspace_id, collection, group in _groups(touched):
            if collection == TASKS:
                beside = [write for part in parts for write in part.writes]
                parts.append(self._tasks.reverting(actor, workspace_id, group, now, beside=beside))
            elif (reverter := self._reverters.get(collection)) is not None:
                parts.append(reverter.reverting(actor, workspace_id, group, now))
            else:
                parts.append(Reverted(kept=[each.path for each in group]))
        return _together(parts)


def _groups(touched: Sequence[Touched]) -> list[tuple[str, str, list[Touched]]]:
    def place(each: Touched) -> tuple[bool, str, str]:
        return each.collection == TASKS, each.workspace_id, each.collection

    last_first = [*reversed(touched)]
    ordered = sorted(last_first, key=place)  # Stable: it stays so within a group.
    return [
        (workspace_id, collection, list(group))
        for (_, workspace_id, collection), group in groupby(ordered, key=place)
    ]


def _together(parts: Sequence[Reverted]) -> Reverted:
    has_way_back = all(part.touched or not part.writes for part in parts)
    return Reverted(
        writes=[write for part in parts for write in part.writes],
        undone=sorted({path for part in parts for path in part.undone}),
        kept=sorted({path for part in parts for path in part.kept}),
        touched=[each for part in parts for each in part.touched] if has_way_back else [],
        timers=[timer for part in parts for timer in part.timers],
    )
