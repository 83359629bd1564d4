"""One interval after it was done: for rules that count from completion, not from their start."""

from datetime import UTC, date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from backend.kit.wallclock import LAST_DAY
from backend.recurrence.expansion import END, local_day, whole_minute
from backend.recurrence.occurrence import KeyKind, KeyParts, Occurrence, Start, occurrence_of
from backend.recurrence.rule import Rule
from backend.recurrence.rule_text import Freq, invalid


def check_counts_from_completion(rule: Rule, rdates: tuple[str, ...]) -> None:
    """
    Check that "one interval after completion" has a meaning.

    Raises:
        InvalidArgument: `invalid-recurrence`; the rule names days or has COUNT, or there are
            RDATEs.
    """
    if not rule.is_interval_only:
        raise invalid("A rule counted from completion has no BY parts.")
    if rule.count is not None:
        raise invalid("A rule counted from completion ends by UNTIL, not by COUNT.")
    if rdates:
        raise invalid("A rule counted from completion has no RDATEs.", pointer="/rdates")


def interval_after(rule: Rule, start: Start, done: datetime | Occurrence) -> Occurrence | None:
    """
    Return the occurrence one interval after an instant (aware), or after another occurrence.

    It counts from the local day, at the start's time; in hours, from the instant, rounded up to
    the minute. None once past UNTIL or the year 2100.
    """
    if rule.freq is Freq.HOURLY:
        at = done.at if isinstance(done, Occurrence) else whole_minute(done)
        return _hours_after(rule, start, at)
    if isinstance(done, Occurrence) and not done.in_utc:
        return _days_after(rule, start, done.day)
    at = done.at if isinstance(done, Occurrence) else done
    return _days_after(rule, start, local_day(at, start.tz))


def _hours_after(rule: Rule, start: Start, done_at: datetime) -> Occurrence | None:
    at = (done_at + timedelta(hours=rule.interval)).astimezone(UTC)
    if at > END or not _is_in_time(rule, at, local_day(at, start.tz)):
        return None
    return Occurrence(at.date(), at.time(), "UTC", at, in_utc=True)


def _days_after(rule: Rule, start: Start, done_day: date) -> Occurrence | None:
    day = done_day + _days_and_more(rule)
    if day > LAST_DAY:
        return None
    kind = KeyKind.ALL_DAY if start.time is None else KeyKind.LOCAL
    found = occurrence_of(KeyParts(kind, day, start.time), start.tz)
    return found if _is_in_time(rule, found.at, day) else None


def _days_and_more(rule: Rule) -> relativedelta:
    match rule.freq:
        case Freq.WEEKLY:
            return relativedelta(weeks=rule.interval)
        case Freq.MONTHLY:
            return relativedelta(months=rule.interval)
        case Freq.YEARLY:
            return relativedelta(years=rule.interval)
        case _:
            return relativedelta(days=rule.interval)


def _is_in_time(rule: Rule, at: datetime, day: date) -> bool:
    if isinstance(rule.until, datetime):
        return at <= rule.until
    return rule.until is None or day <= rule.until
