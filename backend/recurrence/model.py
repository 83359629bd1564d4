"""
When a recurring task comes round: what the rule picks, and the exceptions from it.

Rules count in local time, so 09:00 stays 09:00 when clocks change; only the finished local time
is turned into an instant, by `resolve`. Hourly ones count in UTC.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice, takewhile
from operator import attrgetter

from backend.kit.errors import InvalidArgument
from backend.recurrence.completion import check_counts_from_completion, interval_after
from backend.recurrence.expansion import Expansion, expansion
from backend.recurrence.occurrence import (
    INSTANT,
    KeyKind,
    Occurrence,
    Start,
    occurrence_of,
    read_key,
)
from backend.recurrence.rule import Rule
from backend.recurrence.rule_text import Freq, invalid

__all__ = ["Occurrence", "Recurrence", "Rule", "Start"]

MAX_EXCEPTIONS = 100
EXAMPLES = {
    KeyKind.ALL_DAY: "20260329",
    KeyKind.LOCAL: "20260329T0900",
    KeyKind.UTC: "20260329T0700Z",
}


@dataclass(frozen=True)  # No slots: they would leave no room for what is worked out once.
class Recurrence:
    """
    A rule counted from a start, with the occurrences added to it and those left out.

    `rdates` and `exdates` hold keys of occurrences (RFC 5545, sections 3.8.5.2 and 3.8.5.1), up
    to 100 each, in any order; they are kept sorted, each once. An EXDATE wins over an RDATE.
    COUNT and UNTIL are about what the rule picks: COUNT counts those left out, and an RDATE may
    lie after the rule's end, but never before the start. Of an RDATE on the very instant of
    another occurrence nothing is seen.

    Only days which the rule picks occur. RFC 5545 calls a start that does not fit its rule
    undefined, though it counts DTSTART as the first instance; python-dateutil leaves it out, and
    so do we: "every Monday, from Wednesday the 4th" means Monday the 9th to the person who says
    it. COUNT counts the same days.

    Raises:
        InvalidArgument: `invalid-recurrence`; without its EXDATEs, nothing would occur within
            five years of the start (`/rule`), an hourly rule starts all day (`/start/time`), or
            the keys are too many, malformed, not of the start's kind, or before it (`/rdates`,
            `/exdates`).
    """

    rule: Rule
    start: Start
    rdates: tuple[str, ...] = ()
    exdates: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Put the exceptions in order, and refuse what would never come round."""
        if self._kind is KeyKind.UTC and self.start.time is None:
            raise invalid("An hourly rule starts at a time of day.", pointer="/start/time")
        for name in ("rdates", "exdates"):
            keys = self._checked(getattr(self, name), pointer=f"/{name}")
            object.__setattr__(self, name, keys)
        if any(added.at < self.start.at for added in self._added):
            raise invalid("An RDATE lies at the start or after it.", pointer="/rdates")
        if not self._added and self._expansion.first() is None:
            raise invalid("The rule picks no day within five years of its start and before UNTIL.")

    def first(self) -> Occurrence:
        """
        Return the first occurrence, at the start or after it.

        Raises:
            InvalidArgument: `invalid-recurrence`; EXDATEs leave none.
        """
        found = next(self._all_after(None), None)
        if found is None:
            raise invalid("Every occurrence is left out.", pointer="/exdates")
        return found

    def after(self, moment: datetime) -> Occurrence | None:
        """
        Return the first occurrence whose local start lies strictly after `moment` (aware).

        None once the rule has ended, by UNTIL, by COUNT, or with the year 2100.
        """
        return next(self._all_after(moment), None)

    def between(self, since: datetime, until: datetime, most: int) -> list[Occurrence]:
        """Return the first `most` occurrences strictly after `since`, up to `until` inclusive."""
        in_time = takewhile(lambda each: each.at <= until, self._all_after(since))
        return list(islice(in_time, most))

    def previous(self, moment: datetime) -> Occurrence | None:
        """Return the last occurrence that starts at or before `moment` (aware); None if none."""
        picked = self._expansion.backward(moment)
        found = next((each for each in picked if each.key not in self._left_out), None)
        for added in self._added:  # Rising; of those at one instant the first counts.
            kept = added.at <= moment and added.key not in self._left_out
            if kept and (found is None or added.at > found.at):
                found = added
        return found

    def has(self, key: str) -> bool:
        """Return whether `key` is the key of one of the occurrences."""
        try:
            at = self.occurrence(key).at
        except InvalidArgument:
            return False
        return any(each.key == key for each in self.between(at - INSTANT, at, 1))

    def after_completion(
        self, completed_at: datetime, *, done: str | None = None
    ) -> Occurrence | None:
        """
        Return the occurrence one interval after the local day of `completed_at` (aware).

        It has the start's time of day; in hours, it is that many after the instant. A day that
        the month lacks becomes its last. `done` is the key of the occurrence completed: should
        completing it early lead to itself or an earlier one, the interval counts from it instead,
        so that no key comes twice. One that is left out is passed over by another interval.
        None once past UNTIL or the year 2100.

        Raises:
            InvalidArgument: as for `check_counts_from_completion`; `done` is no key.
        """
        self.check_counts_from_completion()
        found = interval_after(self.rule, self.start, completed_at)
        if found is not None and done is not None:
            before = self.occurrence(done)
            if not _is_later(found, before):
                found = interval_after(self.rule, self.start, before)
        while found is not None and found.key in self._left_out:
            found = interval_after(self.rule, self.start, found)
        return found

    def check_counts_from_completion(self) -> None:
        """
        Check that "one interval after completion" has a meaning for this rule.

        Raises:
            InvalidArgument: `invalid-recurrence`; the rule names days, has COUNT, or has RDATEs.
        """
        check_counts_from_completion(self.rule, self.rdates)

    def occurrence(self, key: str) -> Occurrence:
        """
        Return the occurrence of `key`, whether or not it still occurs.

        Raises:
            InvalidArgument: `key` is not written like a key.
        """
        return occurrence_of(read_key(key), self.start.tz)

    @cached_property
    def _expansion(self) -> Expansion:
        return expansion(self.rule, self.start)

    @cached_property
    def _left_out(self) -> frozenset[str]:
        return frozenset(self.exdates)

    @cached_property
    def _added(self) -> list[Occurrence]:
        return sorted(map(self.occurrence, self.rdates), key=attrgetter("at"))

    @property
    def _kind(self) -> KeyKind:
        if self.rule.freq is Freq.HOURLY:
            return KeyKind.UTC
        return KeyKind.ALL_DAY if self.start.time is None else KeyKind.LOCAL

    def _all_after(self, moment: datetime | None) -> Iterator[Occurrence]:
        added = [each for each in self._added if moment is None or each.at > moment]
        picked = self._expansion.forward(moment)
        last_at = None
        # At one instant, what the rule picks comes before what was added to it.
        for found in heapq.merge(picked, added, key=attrgetter("at")):
            if found.at != last_at and found.key not in self._left_out:
                last_at = found.at
                yield found

    def _checked(self, keys: tuple[str, ...], *, pointer: str) -> tuple[str, ...]:
        if len(keys) > MAX_EXCEPTIONS:
            raise invalid(f"There are at most {MAX_EXCEPTIONS}.", pointer=pointer)
        for key in keys:
            if _kind_of(key) is not self._kind:
                sentence = f'"{EXAMPLES[self._kind]}" is how a key of this series is written.'
                raise invalid(sentence, pointer=pointer)
        return tuple(sorted(set(keys)))


def _is_later(found: Occurrence, before: Occurrence) -> bool:
    # By days, and not by instants: the time of day may have been another one then.
    return found.at > before.at if found.in_utc else found.day > before.day


def _kind_of(key: str) -> KeyKind | None:
    try:
        return read_key(key).kind
    except InvalidArgument:
        return None
