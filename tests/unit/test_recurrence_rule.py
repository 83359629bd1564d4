"""Reading rules: one spelling, and recurrence bombs refused at once."""

from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.kit.errors import InvalidArgument
from backend.recurrence.model import Rule
from tests.unit.recurrences import recurrence

WORDS = [
    *("FREQ=", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", ";", ",", "=", "-", "+", "0", "1", "5"),
    *("53", "99999", "MO", "FR", "-1", "BYDAY=", "COUNT=", "BYSETPOS=", "BYMONTHDAY="),
    *("INTERVAL=", "UNTIL=", "20261231", "T000000Z", "WKST=", "\n", "x", ";BYDAY=-1FR"),
]  # fmt: skip

MALFORMED = [
    *(None, 5, True, b"FREQ=DAILY", ["FREQ=DAILY"], {}, "", " ", ";", "=", "FREQ", "FREQ="),
    *("DAILY", "FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=FORTNIGHTLY"),
    *("INTERVAL=2", "FREQ=DAILY;BYHOUR=9", "FREQ=DAILY;BYMINUTE=0,1,2"),
    *("FREQ=DAILY;BYSECOND=0,1,2,3", "FREQ=YEARLY;BYYEARDAY=1", "FREQ=YEARLY;BYWEEKNO=53"),
    *("FREQ=YEARLY;BYMONTH=0", "FREQ=YEARLY;BYMONTH=13", "FREQ=YEARLY;BYMONTH=-1"),
    *("FREQ=YEARLY;BYMONTH=3;BYDAY=6MO", "FREQ=HOURLY;BYMONTH=3", "FREQ=HOURLY;BYMONTHDAY=1"),
    *("FREQ=HOURLY;BYDAY=1MO", "FREQ=HOURLY;BYDAY=MO;BYSETPOS=1", "FREQ=HOURLY;INTERVAL=1001"),
    *("FREQ=YEARLY;BYSETPOS=1", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;X=1"),
    *("FREQ=DAILY;BYHOUR=1,2,3", "FREQ=SECONDLY;COUNT=10000", "RRULE:FREQ=DAILY"),
    *("FREQ=DAILY\nEXDATE:20260101", "FREQ=DAILY\r\nRDATE:20260101"),
    *("FREQ=DAILY;EXDATE=20260101", "FREQ=DAILY;DTSTART=20260101", "FREQ=DAILY\0"),
    *("FREQ=DAILY;", "FREQ=DAILY;;COUNT=2", "FREQ=DAILY; COUNT=2", " FREQ=DAILY"),
    *("FREQ=DAILY;FREQ=DAILY", "FREQ=DAILY;COUNT=2;COUNT=3"),
    *("FREQ=DAILY;COUNT=2;UNTIL=20271231", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=1001"),
    *("FREQ=DAILY;COUNT=1000000000", "FREQ=DAILY;COUNT=-1", "FREQ=DAILY;INTERVAL=0"),
    *("FREQ=DAILY;INTERVAL=-1", "FREQ=DAILY;INTERVAL=1001", "FREQ=DAILY;INTERVAL=1.5"),
    *("FREQ=DAILY;INTERVAL=1e3", "FREQ=DAILY;INTERVAL=\u0662", "FREQ=DAILY;UNTIL=99991231"),
    *("FREQ=DAILY;UNTIL=00010101T000000Z", "FREQ=DAILY;UNTIL=20260230"),
    *("FREQ=DAILY;UNTIL=20261231T090000", "FREQ=DAILY;UNTIL=20261231T240000Z"),
    *("FREQ=DAILY;UNTIL=x", "FREQ=DAILY;UNTIL=20261231T235960Z"),
    *("FREQ=DAILY;UNTIL=2026-12-31", "FREQ=DAILY;WKST=1MO", "FREQ=DAILY;WKST=XX"),
    *("FREQ=WEEKLY;BYDAY=", "FREQ=WEEKLY;BYDAY=MO,", "FREQ=WEEKLY;BYDAY=1MO"),
    *("FREQ=DAILY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=0MO", "FREQ=MONTHLY;BYDAY=6MO"),
    *("FREQ=MONTHLY;BYDAY=M", "FREQ=YEARLY;BYDAY=54MO", "FREQ=MONTHLY;BYDAY=MO(1)"),
    *("FREQ=WEEKLY;BYMONTHDAY=1", "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=MONTHLY;BYMONTHDAY=32"),
    *("FREQ=MONTHLY;BYMONTHDAY=-32", "FREQ=MONTHLY;BYSETPOS=1"),
    *("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367"),
    *("FREQ=DAILY;INTERVAL=" + "9" * 400, "FREQ=DAILY;INTERVAL=" + "9" * 5000),
    *("FREQ=DAILY;" * 100_000, "FREQ=WEEKLY;BYDAY=" + "MO," * 200_000),
    *("FREQ=DAILY;" + "A" * 480, "=" * 500, "," * 500),
]  # fmt: skip

NEVER = [
    *("FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=2", "FREQ=DAILY;BYDAY=MO;BYSETPOS=2"),
    *("FREQ=WEEKLY;BYDAY=MO;BYSETPOS=-2", "FREQ=YEARLY;BYDAY=1MO;BYMONTHDAY=31"),
    *("FREQ=MONTHLY;BYDAY=1SU;BYMONTHDAY=31", "FREQ=YEARLY;BYMONTHDAY=31;BYSETPOS=366"),
]

# Rules that can match, but not from the start given.
NEVER_FROM = [
    ("FREQ=DAILY;INTERVAL=7;BYDAY=TU", "2026-02-02"),
    ("FREQ=DAILY;INTERVAL=7;BYDAY=TU;BYMONTHDAY=31", "2026-02-02"),
    ("FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=30", "2026-02-01"),
    ("FREQ=MONTHLY;INTERVAL=1000;BYMONTHDAY=31", "2026-02-01"),
    ("FREQ=DAILY;INTERVAL=1000;BYMONTHDAY=31;BYDAY=MO", "2026-02-02"),
    ("FREQ=YEARLY;INTERVAL=1000;BYDAY=53MO", "2026-02-02"),
    ("FREQ=DAILY;UNTIL=20260131", "2026-02-02"),
    ("FREQ=DAILY;UNTIL=20260202T065959Z", "2026-02-02T08:00"),
    ("FREQ=WEEKLY;BYDAY=MO;UNTIL=20260205", "2026-02-03"),
    ("FREQ=MONTHLY;BYMONTHDAY=30", "2100-12-31"),
]


def refusal(rule: object, start: str = "2026-02-02") -> tuple[InvalidArgument, float]:
    """The refusal, and the best of three CPU times, in seconds."""
    times = []
    for _ in range(3):
        began = process_time()
        with pytest.raises(InvalidArgument) as refused:
            recurrence(rule, start)
        times.append(process_time() - began)
    return refused.value, min(times)


class TestRuleText:
    """Rule.parse and Rule.text"""

    @pytest.mark.parametrize(
        ("text", "normal"),
        [
            ("FREQ=DAILY", "FREQ=DAILY"),
            ("interval=1;freq=daily;wkst=mo", "FREQ=DAILY"),
            ("BYDAY=FR,MO,FR;INTERVAL=02;FREQ=WEEKLY", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR"),
            ("FREQ=MONTHLY;BYDAY=+2TU,-1FR", "FREQ=MONTHLY;BYDAY=2TU,-1FR"),
            ("FREQ=MONTHLY;BYMONTHDAY=15,-1,1", "FREQ=MONTHLY;BYMONTHDAY=-1,1,15"),
            ("FREQ=DAILY;UNTIL=20261231", "FREQ=DAILY;UNTIL=20261231"),
            ("FREQ=DAILY;UNTIL=20261231T225959Z", "FREQ=DAILY;UNTIL=20261231T225959Z"),
            ("WKST=SU;FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO"),
            (
                "FREQ=WEEKLY;BYDAY=MO,FR;BYSETPOS=1;WKST=SU",
                "FREQ=WEEKLY;WKST=SU;BYDAY=MO,FR;BYSETPOS=1",
            ),
            # Where it changes nothing it is left out.
            ("FREQ=WEEKLY;WKST=SU;BYDAY=MO", "FREQ=WEEKLY;BYDAY=MO"),
            ("FREQ=WEEKLY;INTERVAL=2;WKST=SU;COUNT=1000", "FREQ=WEEKLY;INTERVAL=2;COUNT=1000"),
            ("FREQ=MONTHLY;BYDAY=1MO;WKST=SU", "FREQ=MONTHLY;BYDAY=1MO"),
        ],
    )
    def test_a_rule_has_one_spelling(self, text, normal):
        """Order, case, repetition and defaults make no difference."""
        assert normal == Rule.parse(text).text

    @settings(max_examples=150, deadline=None, database=None)
    @given(st.lists(st.sampled_from(WORDS), max_size=12).map("".join))
    def test_nonsense_raises_nothing_else(self, text):
        """What is not refused is a rule that reads back."""
        try:
            rule = Rule.parse(f"FREQ=MONTHLY;{text}")
        except InvalidArgument:
            return

        assert rule == Rule.parse(rule.text)


class TestRefusals:
    """Check 39 of the security list: recurrence bombs."""

    @pytest.mark.parametrize("rule", [*MALFORMED, *NEVER], ids=lambda rule: repr(rule)[:40])
    def test_malformed_and_impossible_rules_are_refused_at_once(self, rule):
        """With the code and the pointer of the rule, within 50 ms, in one sentence."""
        refused, seconds = refusal(rule)

        assert ("invalid-recurrence", "/rule") == (refused.code, refused.faults[0].pointer)
        assert seconds < 0.05
        assert len(refused.detail) < 200

    @pytest.mark.parametrize(("rule", "start"), NEVER_FROM)
    def test_rules_that_never_come_round_from_their_start_are_refused_at_once(self, rule, start):
        """An interval that always misses, or an end before the beginning."""
        refused, seconds = refusal(rule, start)

        assert "invalid-recurrence" == refused.code
        assert seconds < 0.05

    @pytest.mark.parametrize(
        "rule",
        [
            "FREQ=DAILY",
            "FREQ=DAILY;COUNT=1000",
            "FREQ=MONTHLY;BYDAY=-1FR",
            "FREQ=YEARLY;BYDAY=20MO",
        ],
    )
    def test_the_next_one_is_found_at_once_however_old_the_rule(self, rule):
        """Fifty years of daily occurrences are stepped over, not walked through."""
        subject = recurrence(rule, "1976-02-02T09:00")
        began = process_time()
        subject.after(datetime(2026, 2, 2, tzinfo=UTC))

        assert process_time() - began < 0.05
