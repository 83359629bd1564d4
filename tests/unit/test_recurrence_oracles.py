"""Thousands of random rules, against python-dateutil and against an oracle of our own."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import islice, takewhile
from random import Random

import pytest

from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import resolve, zone
from backend.recurrence.model import Recurrence, Rule
from backend.recurrence.rule_text import Freq
from tests.unit.random_rules import random_recurrence, random_rule
from tests.unit.recurrence_oracle import days_picked, hours_picked
from tests.unit.recurrences import naively

SHORT, LONG = 300, 10_000
DAYS, HOURS = timedelta(days=1200), timedelta(days=120)
NONE = timedelta(microseconds=1)


@pytest.fixture
def rules(pytestconfig: pytest.Config) -> Iterator[Recurrence]:
    """Random recurrences: hundreds, or ten thousand under `--long`."""
    random = Random("the rules of recurrence")
    many = LONG if pytestconfig.getoption("--long") else SHORT
    return (random_recurrence(random) for _ in range(many))


def begins(subject: Recurrence) -> datetime:
    """The instant of its start."""
    return resolve(subject.start.day, subject.start.time or time.min, subject.start.tz)


def horizon(subject: Recurrence) -> datetime:
    """The instant up to which it is held against an oracle."""
    return begins(subject) + (HOURS if subject.rule.freq is Freq.HOURLY else DAYS)


def oracle(subject: Recurrence) -> list[datetime]:
    """The instants up to the horizon, found by asking of each day or hour."""
    start, rule, until = subject.start, subject.rule, subject.rule.until
    last = horizon(subject)
    found: Iterator[tuple[date, datetime]]
    if rule.freq is Freq.HOURLY:
        hours = hours_picked(rule.text, begins(subject), start.tz, last)
        found = ((at.astimezone(zone(start.tz)).date(), at) for at in hours)
    else:
        days = days_picked(rule.text, start.day, last.date() + timedelta(days=2))
        found = ((day, resolve(day, start.time or time.min, start.tz)) for day in days)
    if isinstance(until, datetime):
        found = takewhile(lambda each: each[1] <= until, found)
    elif until is not None:
        found = takewhile(lambda each: each[0] <= until, found)
    return [at for _, at in islice(found, rule.count) if at <= last]


def is_read_alike(subject: Recurrence) -> bool:
    """Whether python-dateutil means the same by a rule: see TestUnlikeDateutil."""
    rule = subject.rule
    if rule.freq is Freq.HOURLY:
        return not rule.by_day
    mixed = len({bool(pick.nth) for pick in rule.by_day}) > 1
    return not mixed and not (rule.freq is Freq.WEEKLY and rule.by_set_pos)


@pytest.mark.timeout(3600)
class TestRandomRules:
    """Ten thousand under `--long`, of every kind, in zones with and without clock changes."""

    def test_the_oracle_of_our_own_finds_the_same_instants(self, rules):
        """Each day and hour is asked; what is skipped over by arithmetic is found here."""
        for subject in rules:
            ours = subject.between(begins(subject) - NONE, horizon(subject), 5000)

            assert oracle(subject) == [each.at for each in ours], (subject.rule.text, subject.start)

    def test_dateutil_finds_the_same_instants(self, rules):
        """Wherever it reads a rule as RFC 5545 does."""
        for subject in filter(is_read_alike, rules):
            last = horizon(subject)
            theirs = list(takewhile(lambda at, last=last: at <= last, naively(subject)))
            ours = subject.between(begins(subject) - NONE, last, 5000)

            assert theirs == [each.at for each in ours], (subject.rule.text, subject.start)

    def test_backwards_is_forwards(self, rules):
        """What came last before any moment is what comes last of what is before it."""
        random = Random("moments")
        for subject in rules:
            begin, last = begins(subject), horizon(subject)
            moment = begin + (last - begin) * random.random()
            ours = subject.between(begin - NONE, moment, 5000)

            assert (ours[-1] if ours else None) == subject.previous(moment), subject.rule.text

    def test_the_one_spelling_means_what_was_written(self, pytestconfig):
        """Say WKST, which is left out where it changes nothing: the oracle reads both."""
        random = Random("spellings")
        for _ in range(2000 if pytestconfig.getoption("--long") else 200):
            text, start = random_rule(random), date.fromordinal(random.randint(739_000, 740_000))
            if "HOURLY" in text or not is_rule(text):
                continue
            last = start + timedelta(days=500)
            written, kept = (
                list(days_picked(each, start, last)) for each in (text, Rule.parse(text).text)
            )

            assert written == kept, text


def is_rule(text: str) -> bool:
    """Whether it picks a day at all."""
    try:
        Rule.parse(text)
    except InvalidArgument:
        return False
    return True
