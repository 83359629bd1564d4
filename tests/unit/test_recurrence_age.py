"""What it costs to find the next occurrence does not depend on how old its rule is."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from tests.unit.recurrences import recurrence

YOUNG, OLD = "2025-02-03T09:00", "1975-02-03T09:00"
NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)

RULES = [
    *("FREQ=HOURLY", "FREQ=HOURLY;INTERVAL=5", "FREQ=HOURLY;BYDAY=MO,FR", "FREQ=DAILY"),
    *("FREQ=DAILY;INTERVAL=3", "FREQ=DAILY;BYMONTH=3", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH"),
    *("FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=YEARLY"),
    *("FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "FREQ=YEARLY;BYDAY=20MO"),
]
# Without their COUNT. Each is still going on after fifty years.
COUNTED = [
    "FREQ=HOURLY;INTERVAL=1000",
    "FREQ=DAILY;INTERVAL=20",
    "FREQ=DAILY;INTERVAL=20;BYDAY=MO,TU,WE,TH,FR,SA,SU",
    "FREQ=WEEKLY;INTERVAL=3",
    "FREQ=WEEKLY;INTERVAL=6;BYDAY=MO,TH",
]


def calls(act: Callable[[], object]) -> int:
    """How many functions, of ours and of the interpreter's, are called meanwhile."""
    found = 0

    def count(_frame: object, event: str, _arg: object) -> None:
        nonlocal found
        found += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return found


def work(rule: str, start: str) -> int:
    """The calls it takes to read a rule, and to look in each direction."""

    def act() -> None:
        subject = recurrence(rule, start)
        assert subject.after(NOW) is not None
        assert subject.previous(NOW) is not None
        assert subject.between(NOW, NOW + timedelta(days=800), 3)

    act()  # Whatever is read once, such as a zone, is there now.
    return calls(act)


class TestAge:
    """One year beside fifty-one."""

    @pytest.mark.parametrize("rule", RULES)
    def test_a_rule_of_fifty_years_costs_what_a_new_one_does(self, rule):
        """Nothing is walked through from the start. A little more or less is the calendar's."""
        young, old = work(rule, YOUNG), work(rule, OLD)

        assert old < young * 1.5 + 20

    @pytest.mark.parametrize("rule", COUNTED)
    def test_neither_does_a_count_cost_more_where_arithmetic_can_tell(self, rule):
        """The thousandth is found without the 999 before it."""
        assert work(f"{rule};COUNT=1000", OLD) < work(rule, OLD) * 2 + 100

    def test_what_must_be_counted_is_bounded_by_count_alone(self):
        """The thousandth last Friday lies in 2058, whenever that is asked."""
        subject = recurrence("FREQ=MONTHLY;BYDAY=-1FR;COUNT=1000", OLD)
        soon, late = (
            calls(lambda moment=moment: recurrence(subject.rule.text, OLD).after(moment))
            for moment in (datetime(2010, 1, 1, tzinfo=UTC), datetime(2058, 1, 1, tzinfo=UTC))
        )

        assert late < soon * 1.1
