"""Rehearsals for people, of a workspace they belong to, and for staff, of everything."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from backend.admin.model import Staff, StaffRight
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.deadline import left_s
from backend.kit.documents import Where
from backend.rehearsal.coming import Scope
from backend.rehearsal.model import PRIVATE, Effect, EffectKind, Rehearsed, Span
from backend.rehearsal.stage import Stage
from backend.timers.model import TimerKind
from backend.workspaces.model import Member
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService

LONGEST_S = 20.0
OWN = [TimerKind.DIGEST.value, TimerKind.RELEASE.value]
RESERVE_S = 2.0  # For the answer, and for what is at work when the time is over.


class RehearsalService:
    """What would happen if nobody did anything. Nothing is written, and nobody is told."""

    def __init__(
        self,
        clock: Clock,
        workspaces: WorkspaceService,
        set_stage: Callable[[datetime], Stage],
    ) -> None:
        self._clock = clock
        self._workspaces = workspaces
        self._set_stage = set_stage

    def of_workspace(
        self, actor: Actor, workspace_id: str, since: datetime | None, until: datetime
    ) -> Rehearsed:
        """
        Rehearse what would happen in a workspace, and what the caller would be told.

        Of notifications, digests and what quiet hours hold, they see their own; jobs, if they may
        read those. A digest tells of all their workspaces, as it always does.

        Raises:
            NotFound: the caller does not belong to it.
            InvalidArgument: the span lies in the past, or is none, or too long.
        """
        now = self._clock.now()
        member = self._workspaces.admit(actor, workspace_id, to=Right.READ_TASKS)
        span = Span.asked(since, until, now=now)
        rehearsed = self._play(span, [_of_workspace(member.workspace_id), _of(actor.uid)], now)
        return replace(
            rehearsed, effects=tuple(each for each in rehearsed.effects if _may_see(member, each))
        )

    def of_everything(self, staff: Staff, since: datetime | None, until: datetime) -> Rehearsed:
        """
        Rehearse what would happen anywhere.

        Raises:
            PermissionDenied: they may not see to jobs.
            InvalidArgument: as above.
        """
        now = self._clock.now()
        staff.must(StaffRight.MANAGE_JOBS)
        return self._play(Span.asked(since, until, now=now), [], now)

    def _play(self, span: Span, scopes: list[Scope], now: datetime) -> Rehearsed:
        left = left_s(self._clock, longest=LONGEST_S) - RESERVE_S
        ends_at = self._clock.monotonic() + left
        return self._set_stage(now).play(span, scopes, ends_at=ends_at)


def _may_see(member: Member, effect: Effect) -> bool:
    if effect.kind is EffectKind.JOB:
        return member.may(Right.READ_JOBS)
    return effect.kind not in PRIVATE or effect.people == (member.uid,)


def _of_workspace(workspace_id: str) -> Scope:
    return [Where("subject.workspaceId", "==", workspace_id)]


def _of(uid: str) -> Scope:
    """Return which timers are somebody's own, wherever the tasks lie that they tell of."""
    return [Where("kind", "in", OWN), Where("subject.uid", "==", uid)]
