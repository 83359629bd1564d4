"""Jobs that go through many tasks, page by page: the timer says where the next one begins."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from backend.kit.documents import NAME, Query, Remove, Stored, Where, Write
from backend.tasks.documents import tasks_path
from backend.timers.documents import is_due, setting_anew, timer_of
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox

AFTER = "after"


def page_of(alarm: Alarm, where: Sequence[Where], *, limit: int) -> Query:
    """Return the query of the page of a workspace's tasks that an alarm is about, by their ids."""
    tasks = tasks_path(alarm.id_of("workspaceId"))
    after = (f"{tasks}/{alarm.id_of(AFTER)}",) if AFTER in alarm.subject else None
    return Query(tasks, limit=limit, where=tuple(where), order_by=(NAME,), after=after)


def stands(timer: Stored | None, alarm: Alarm, now: datetime) -> bool:
    """Say whether the timer is still about this very page: else another job goes on, or none."""
    if timer is None or not is_due(timer, alarm, now):
        return False
    return bool(timer.fields["subject"] == alarm.subject)


def going_on(
    timer: Stored, found: Sequence[Stored], outbox: Outbox, now: datetime, *, limit: int
) -> Write:
    """Return the write by which the timer goes on to the next page, or is done."""
    if len(found) < limit:
        return Remove(timer)
    last = timer_of(timer)
    further = replace(last.again(now), subject={**last.subject, AFTER: found[-1].id})
    outbox.timers.append(further)
    return setting_anew(timer, further, now=now)
