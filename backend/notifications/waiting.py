"""What waits for a person in one document, and is told a portion at a time."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from backend.kit.documents import Stored, Write
from backend.timers.documents import setting_anew, timer_of
from backend.timers.outbox import Outbox

Waiting = Mapping[str, Mapping[str, str]]


def parted(waiting: Waiting, most: int) -> tuple[Waiting, Waiting]:
    """Return what is told now, at most so many by their ids, and what is left: mostly nothing."""
    ids = sorted(waiting)
    return {each: waiting[each] for each in ids[:most]}, {
        each: waiting[each] for each in ids[most:]
    }


def going_on(timer: Stored, filed: Outbox, now: datetime, **noted: str) -> Write:
    """Return the write that sets a timer again, at once, for what is left; `noted` says what is."""
    again = timer_of(timer).again(now)
    further = replace(again, subject={**again.subject, **noted})
    filed.timers.append(further)
    return setting_anew(timer, further, now=now)
