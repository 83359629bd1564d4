"""The job of a group's timer: nobody refers to what is gone, and what is there counts right."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog

from backend.adapters.firestore import Store
from backend.boards.documents import changing, group_of, group_path
from backend.boards.model import Group, GroupKind, GroupRef
from backend.boards.references import BELONGING, loosening, referring_to
from backend.kit.clock import Clock
from backend.kit.documents import Change, Query, Remove, Stored, Where, Write
from backend.reactions.counting import COUNTED, COUNTERS, counted_as
from backend.search.places import keeping_places
from backend.timers.documents import is_due, setting_anew, timer_of, timer_path
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

BATCH, ROUNDS = 100, 20
OWNERS = {kind: (owner, name) for owner, (kind, name) in BELONGING.items()}


class GroupSettling:
    """
    Looks at a group and makes what lies around it true, whatever happened meanwhile.

    Gone: an app may have put a task there while it was being deleted; such are taken off. There: it
    may have come back while the reactor counted for the one before; it is counted anew. Running it
    twice, late or in vain changes nothing.
    """

    def __init__(self, store: Store, clock: Clock, timers: TimerService) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers

    def fire(self, alarm: Alarm) -> None:
        """Put right a batch at a time, until there is nothing left to do."""
        for _ in range(ROUNDS):
            if not self._once(alarm):
                return

    def _once(self, alarm: Alarm) -> bool:
        now = self._clock.now()
        ref = GroupRef(
            alarm.id_of("workspaceId"), GroupKind(alarm.id_of("groupKind")), alarm.id_of("groupId")
        )

        def plan() -> tuple[tuple[bool, Outbox], list[Write]]:
            timer, stored = self._store.get_all([timer_path(alarm.timer_id), group_path(ref)])
            outbox = Outbox()
            if timer is None or not is_due(timer, alarm, now):
                return (False, outbox), []
            is_more = self._settle(ref, stored, timer, alarm.id_of("byUid"), outbox, now)
            return (is_more, outbox), [*outbox.writes, *keeping_places(outbox.writes)]

        is_more, outbox = self._store.commit(plan)
        self._timers.announce(outbox.timers, now=now)
        if outbox.writes:
            kind, writes = ref.kind.value, len(outbox.writes)
            log.info("group.settled", kind=kind, group_id=ref.id, writes=writes)
        return is_more

    def _settle(
        self,
        ref: GroupRef,
        stored: Stored | None,
        timer: Stored,
        by: str,
        outbox: Outbox,
        now: datetime,
    ) -> bool:
        group = group_of(stored) if stored is not None else None
        if stored is not None and group is not None and not self._is_lost(group):
            outbox.writes += [Remove(timer), *self._recounting(stored, ref)]
            return False
        if stored is not None and group is not None:
            outbox.writes.append(_loosened(stored, group, by, now))
        if stored is not None and ref.kind is not GroupKind.LIST:  # A board without its project.
            outbox.writes += [Remove(timer)]
            return False
        found = referring_to(self._store, ref, limit=BATCH)
        outbox.writes += loosening(found, ref, by=by, at=now).writes
        if found.most < BATCH:
            outbox.writes.append(Remove(timer))
            return False
        again = replace(timer_of(timer).again(now), fire_at=now)
        outbox.writes.append(setting_anew(timer, again, now=now))
        outbox.timers.append(again)
        return True

    def _is_lost(self, group: Group) -> bool:
        """Say whether what a group belongs to is gone."""
        owner_id = group.board_id or group.project_id
        if owner_id is None:
            return False
        owner, _ = OWNERS[group.kind]
        return self._store.get(group_path(GroupRef(group.workspace_id, owner, owner_id))) is None

    def _recounting(self, stored: Stored, ref: GroupRef) -> list[Write]:
        """
        Return the write of what the reactor has counted, if it is not what is stored.

        Each shadow says where its task was counted, and each counting writes the group: so the
        commit fails if a task is counted between these reads and it.
        """
        if "counters" not in stored.fields:
            return []
        counted = {counter: self._count(ref, counter) for counter in COUNTERS}
        before: Mapping[str, Any] = stored.fields["counters"]
        if all(before.get(name, 0) == value for name, value in counted.items()):
            return []
        return [Change(stored, {"counters": {**before, **counted}})]

    def _count(self, ref: GroupRef, counter: str) -> int:
        mark = counted_as(ref.workspace_id, ref.kind.collection, ref.id, counter)
        where = (Where(COUNTED, "array_contains", mark),)
        return self._store.count(Query("shadows", 1, where=where))


def _loosened(stored: Stored, group: Group, by: str, now: datetime) -> Write:
    """Return what becomes of a group whose board or project is gone."""
    if group.kind is GroupKind.LIST:
        return Remove(stored)
    return changing(stored, group.edited({"project_id": None}, by=by, at=now))
