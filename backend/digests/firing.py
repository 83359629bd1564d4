"""The hour of a digest has come: tell what there is to tell, once, and plan the next one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import structlog

from backend.accounts.documents import account_path
from backend.adapters.firestore import Store
from backend.adapters.metrics import Metrics
from backend.digests.contents import Contents, Reading
from backend.digests.model import Planned
from backend.digests.telling import digest_id, told
from backend.digests.timers import known_zone, next_timer, planned_by
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Stored, Write
from backend.kit.errors import DataLoss
from backend.notifications.addressees import Addressee, Addressees
from backend.notifications.delivery import deliver
from backend.notifications.documents import notification_path
from backend.notifications.preferences import Preferences, preferences_of, preferences_path
from backend.templating.service import Templates
from backend.timers.documents import is_due, setting_anew, timer_of, timer_path
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.workspaces.documents import member_of, member_path
from backend.workspaces.permissions import Right

log = structlog.get_logger()

# A job that comes later than this is perhaps one of several: see first whether all is done.
PUNCTUAL = timedelta(minutes=1)
MOMENT = timedelta(microseconds=1)


class Outcome(StrEnum):
    """What became of a digest."""

    FILED = "filed"
    EMPTY = "empty"  # There was nothing to tell.
    REPEATED = "repeated"  # That local day had its digest already, in another zone perhaps.
    STALE = "stale"  # Nobody came in time, and what it would tell of is over.
    MOVED = "moved"  # They are in another zone, or want it at another time, since it was planned.
    UNUSABLE = "unusable"  # Their account, for now or for ever.


@dataclass(frozen=True, slots=True)
class Present:
    """Everything but the tasks, as it is when a digest is told. `before` is one of the same day."""

    timer: Stored
    tz: str
    to: Addressee | None
    preferences: Preferences
    before: Stored | None
    workspaces: frozenset[str]

    @property
    def came_at(self) -> datetime:
        """When the digest was to come."""
        return timer_of(self.timer).fire_at


class Digests:
    """
    Files digests, and sets the timer of the next one in the same commit.

    What the timer is about says which tasks to ask for, so that account, preferences and
    memberships can be read after them, in one round trip: they decide what of it is told.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        addressees: Addressees,
        templates: Templates,
        metrics: Metrics,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._addressees = addressees
        self._templates = templates
        self._metrics = metrics
        self._reading = Reading(store)

    def fire(self, alarm: Alarm) -> None:
        """Tell somebody what their day or week looks like, if there is anything to tell."""
        now = self._clock.now()
        uid, planned = alarm.id_of("uid"), planned_by(alarm)
        if self._is_done(alarm, now):
            return
        contents = self._reading.of(uid, planned, now)

        def plan() -> tuple[tuple[Outcome | None, Outbox], list[Write]]:
            outbox = Outbox()
            timer, present = self._present(alarm, uid, planned, contents, now)
            if timer is None or not is_due(timer, alarm, now):
                return (None, outbox), []
            if present is None:
                return (Outcome.UNUSABLE, outbox), [Remove(timer)]
            seen = contents.within(present.workspaces)
            outcome = outcome_of(planned, present, seen, now)
            if outcome is Outcome.FILED and present.to is not None:
                digest = told(self._templates, present.to, planned, seen, now)
                deliver(outbox, digest, present.to, now)
            _go_on(outbox, uid, planned, present, outcome, now)
            return (outcome, outbox), outbox.writes

        outcome, outbox = self._store.commit(plan)
        self._timers.announce(outbox.timers, now=now)
        if outcome is not None:
            self._metrics.digest_came(planned.kind.value, outcome.value)
            log.info("digest.came", kind=planned.kind.value, outcome=outcome.value)

    def _is_done(self, alarm: Alarm, now: datetime) -> bool:
        """Say whether a job that comes late finds its timer done; one that is punctual is first."""
        if alarm.due_at is not None and now - alarm.due_at <= PUNCTUAL:
            return False
        return not is_due(self._store.get(timer_path(alarm.timer_id)), alarm, now)

    def _present(
        self, alarm: Alarm, uid: str, planned: Planned, contents: Contents, now: datetime
    ) -> tuple[Stored | None, Present | None]:
        """Return the timer, and all else; None where there is no account any more."""
        elsewhere = [each for each in contents.workspaces if each != uid]
        timer, account, settings, before, *members = self._store.get_all(
            [
                timer_path(alarm.timer_id),
                account_path(uid),
                preferences_path(uid),
                notification_path(uid, digest_id(uid, planned)),
                *(member_path(each, uid) for each in elsewhere),
            ]
        )
        if timer is None or account is None:
            return timer, None
        return timer, Present(
            timer=timer,
            tz=known_zone(account.fields.get("timezone")),
            to=self._addressees.among([account], [settings]).get(uid),
            preferences=preferences_of(settings),
            before=before,
            # Everybody belongs to their own; whether they do to others is read now.
            workspaces=frozenset([uid, *_readable_for(members, now)]),
        )


def outcome_of(planned: Planned, present: Present, seen: Contents, now: datetime) -> Outcome:
    """Return what becomes of a digest whose hour has come."""
    if planned.tz != present.tz or planned.at(present.preferences) != present.came_at:
        return Outcome.MOVED
    if planned.is_stale(present.came_at, now):
        return Outcome.STALE
    if present.before is not None:
        return Outcome.REPEATED
    if present.to is None:
        return Outcome.UNUSABLE
    return Outcome.EMPTY if seen.is_empty else Outcome.FILED


def _go_on(
    outbox: Outbox, uid: str, planned: Planned, present: Present, outcome: Outcome, now: datetime
) -> None:
    """Set the timer of the next digest in place of this one's, if any is wanted."""
    # One that was planned for here and now, but in the zone of another place, still comes.
    after = present.came_at - MOMENT if outcome is Outcome.MOVED else now
    following = next_timer(uid, planned.kind, present.preferences, present.tz, after)
    if following is None:
        outbox.writes.append(Remove(present.timer))
        return
    if following.fire_at == present.came_at:  # The queue knows the name of that job already.
        following = replace(following, attempts=timer_of(present.timer).attempts + 1)
    outbox.writes.append(setting_anew(present.timer, following, now=now))
    outbox.timers.append(following)


def _readable_for(members: Sequence[Stored | None], now: datetime) -> Iterator[str]:
    for stored in members:
        try:
            member = member_of(stored) if stored is not None else None
        except DataLoss as error:
            log.exception("member.unreadable", detail=error.detail)
            continue
        if member is not None and member.is_current(now) and member.may(Right.READ_TASKS):
            yield member.workspace_id
