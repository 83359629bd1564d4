"""The totals of a workspace, read from what reactions have counted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from backend.reactions.totals import BY_MEMBER, BY_PRIORITY, BY_STATUS, DONE, OPEN, OVERDUE
from backend.tasks.model import Priority, Status


@dataclass(frozen=True, slots=True)
class MemberTotals:
    """How many tasks are assigned to somebody; `overdue` are among the open ones."""

    uid: str
    open: int
    done: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """
    How many tasks there are that lie in neither trash nor archive.

    `by_status` adds up to `total`. `open` are those somebody still has to do, in progress or not;
    `by_priority` and `overdue` count these alone. A task of two people counts with both.
    """

    total: int
    open: int
    done: int
    overdue: int
    by_status: Mapping[str, int]
    by_priority: Mapping[str, int]
    members: tuple[MemberTotals, ...]

    @classmethod
    def of(cls, counters: Mapping[str, Any]) -> Self:
        """Return what the `counters` of a workspace's document say; what they do not name is 0."""
        by_status = _named(counters.get(BY_STATUS), [each.value for each in Status])
        priorities = [each.name.lower() for each in Priority]
        found = [_member(uid, each) for uid, each in sorted(counters.get(BY_MEMBER, {}).items())]
        return cls(
            total=sum(by_status.values()),
            open=by_status[Status.OPEN.value] + by_status[Status.IN_PROGRESS.value],
            done=by_status[Status.DONE.value],
            overdue=counters.get("overdueTasks", 0),
            by_status=by_status,
            by_priority=_named(counters.get(BY_PRIORITY), priorities),
            members=tuple(each for each in found if each.open or each.done),
        )


def _named(counted: Mapping[str, int] | None, names: list[str]) -> dict[str, int]:
    return {name: (counted or {}).get(name, 0) for name in names}


def _member(uid: str, counted: Mapping[str, int]) -> MemberTotals:
    return MemberTotals(uid, *(counted.get(name, 0) for name in (OPEN, DONE, OVERDUE)))
