"""
When a recurring task comes round: days from the rule, then instants from local wall-clock time.

Rules count in local time, so 09:00 stays 09:00 when clocks change; only the finished local time
is turned into an instant, by `resolve`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import islice

from dateutil.relativedelta import relativedelta

from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import LAST_DAY, resolve, start_of_day, zone
from backend.recurrence.occurrence import Occurrence, Start
from backend.recurrence.rule import Rule
from backend.recurrence.rule_text import Freq, invalid

__all__ = ["Occurrence", "Recurrence", "Rule", "Start"]

FIVE_YEARS = timedelta(days=5 * 365 + 2)
# An occurrence later than a moment has at least that moment's local day, save two: one because a
# gap can carry it past midnight, one because the local calendar itself may step back a day.
MARGIN = timedelta(days=2)

KEY = re.compile(r"([0-9]{8})(?:T([0-9]{4}))?")


@dataclass(frozen=True)  # No slots: they would leave no room for what is worked out once.
class Recurrence:
    """
    A rule counted from a start.

    Only days which the rule picks occur. RFC 5545 calls a start that does not fit its rule
    undefined, though it counts DTSTART as the first instance; python-dateutil leaves it out, and
    so do we: "every Monday, from Wednesday the 4th" means Monday the 9th to the person who says
    it. COUNT counts the same days.

    Also left out are days that a zone skipped altogether (Samoa, 30 December 2011).

    Raises:
        InvalidArgument: `invalid-recurrence`; nothing occurs within five years of the start.
    """

    rule: Rule
    start: Start

    def __post_init__(self) -> None:
        """Refuse a rule that would never come round."""
        self.first()

    def first(self) -> Occurrence:
        """Return the first occurrence, at the start or after it."""
        if self._first is None:  # Only while this is being built.
            raise invalid("The rule picks no day within five years of its start and before UNTIL.")
        return self._first

    def after(self, moment: datetime) -> Occurrence | None:
        """
        Return the first occurrence whose local start lies strictly after `moment` (aware).

        None once the rule has ended, by UNTIL, by COUNT, or with the year 2100.
        """
        following = self._occurrences(self._local_day(moment) - MARGIN, last=LAST_DAY)
        found = next((each for each in following if each.at > moment), None)
        return found if found is not None and self._is_counted(found) else None

    def next_after(self, key: str, completed_at: datetime) -> Occurrence | None:
        """
        Return the first occurrence after both the start of `key` and `completed_at` (aware).

        Occurrences missed meanwhile are not made up for; done early, none is repeated.

        Raises:
            InvalidArgument: `key` is not the key of an occurrence.
        """
        return self.after(max(self.occurrence(key).at, completed_at))

    def after_completion(
        self, completed_at: datetime, *, done: str | None = None
    ) -> Occurrence | None:
        """
        Return the occurrence one interval after the local day of `completed_at` (aware).

        It has the start's time of day. A day that the month lacks becomes its last. `done` is the
        key of the occurrence completed: should completing it early lead to its own day or an
        earlier one, the interval counts from its day instead, so that no key comes twice.
        None once past UNTIL or the year 2100.

        Raises:
            InvalidArgument: as for `check_counts_from_completion`; `done` is no key.
        """
        self.check_counts_from_completion()
        day = self._one_interval_after(self._local_day(completed_at))
        if done is not None:
            done_day = self.occurrence(done).day
            day = day if day > done_day else self._one_interval_after(done_day)
        if day > LAST_DAY:
            return None
        found = self._on(day)
        return found if self._is_in_time(found) else None

    def check_counts_from_completion(self) -> None:
        """
        Check that "one interval after completion" has a meaning for this rule.

        Raises:
            InvalidArgument: `invalid-recurrence`; the rule names days, or has COUNT.
        """
        if not self.rule.is_interval_only:
            raise invalid("A rule counted from completion has no BY parts.")
        if self.rule.count is not None:
            raise invalid("A rule counted from completion ends by UNTIL, not by COUNT.")

    def occurrence(self, key: str) -> Occurrence:
        """
        Return the occurrence of `key`, whether or not the rule still picks it.

        Raises:
            InvalidArgument: `key` is not written like a key.
        """
        found = KEY.fullmatch(key)
        if found is None:
            raise InvalidArgument("This is not the key of an occurrence.")
        try:
            day = date.fromisoformat(found[1])
            at = time.fromisoformat(found[2]) if found[2] else None
        except ValueError:
            raise InvalidArgument("This is not the key of an occurrence.") from None
        return self._at(day, at)

    def _occurrences(self, since: date, *, last: date) -> Iterator[Occurrence]:
        for day in self.rule.days(self.start.day, since=since, last=last):
            found = self._on(day)
            if not self._is_in_time(found):
                return
            if not self._is_skipped(found):
                yield found

    def _on(self, day: date) -> Occurrence:
        return self._at(day, self.start.time)

    def _at(self, day: date, at: time | None) -> Occurrence:
        tz = self.start.tz
        return Occurrence(day, at, tz, resolve(day, time.min if at is None else at, tz))

    def _is_in_time(self, found: Occurrence) -> bool:
        until = self.rule.until
        if isinstance(until, datetime):
            return found.at <= until
        return until is None or found.day <= until

    def _is_counted(self, found: Occurrence) -> bool:
        count = self.rule.count
        if count is None:
            return True
        # The one thing that must be counted from the start; COUNT itself bounds it.
        upto = self.rule.days(self.start.day, since=self.start.day, last=found.day)
        return next(islice(upto, count, None), None) is None

    def _is_skipped(self, found: Occurrence) -> bool:
        if self._local_day(found.at) == found.day:
            return False
        return self._local_day(start_of_day(found.day, found.tz)) != found.day

    def _local_day(self, moment: datetime) -> date:
        if moment.tzinfo is None:
            raise ValueError("An instant is aware; this one has no zone.")
        return moment.astimezone(zone(self.start.tz)).date()

    def _one_interval_after(self, day: date) -> date:
        every = self.rule.interval
        match self.rule.freq:
            case Freq.DAILY:
                return day + relativedelta(days=every)
            case Freq.WEEKLY:
                return day + relativedelta(weeks=every)
            case Freq.MONTHLY:
                return day + relativedelta(months=every)
            case Freq.YEARLY:
                return day + relativedelta(years=every)

    @cached_property
    def _first(self) -> Occurrence | None:
        last = min(self.start.day + FIVE_YEARS, LAST_DAY)
        return next(self._occurrences(self.start.day, last=last), None)
