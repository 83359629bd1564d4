"""Rules in words, and words for rules."""

from datetime import time
from random import Random
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.kit.errors import InvalidArgument
from backend.recurrence.model import Rule
from backend.recurrence.series import Mode
from backend.recurrence.words import read_words, words_of
from tests.unit.random_rules import random_recurrence

WORKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"

UNDERSTOOD = [
    ("every weekday", WORKDAYS),
    ("every workday", WORKDAYS),
    ("every weekend", "FREQ=WEEKLY;BYDAY=SA,SU"),
    ("daily", "FREQ=DAILY"),
    ("Every Day", "FREQ=DAILY"),
    ("every 3 days", "FREQ=DAILY;INTERVAL=3"),
    ("every three days", "FREQ=DAILY;INTERVAL=3"),
    ("every 3rd day", "FREQ=DAILY;INTERVAL=3"),
    ("every 3rd day of the month", "FREQ=MONTHLY;BYMONTHDAY=3"),
    ("every other day", "FREQ=DAILY;INTERVAL=2"),
    ("every 6 hours", "FREQ=HOURLY;INTERVAL=6"),
    ("hourly on weekdays", "FREQ=HOURLY;BYDAY=MO,TU,WE,TH,FR"),
    ("every 2 weeks on Monday and Thursday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH"),
    ("every fortnight on tues", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
    ("every other Monday", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"),
    ("every Mon, Wed, and Fri", "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
    ("every last Friday", "FREQ=MONTHLY;BYDAY=-1FR"),
    ("every 2nd Tuesday of the month", "FREQ=MONTHLY;BYDAY=2TU"),
    ("every last weekday", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"),
    ("every month on the first workday", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1"),
    ("every month on the 31st", "FREQ=MONTHLY;BYMONTHDAY=31"),
    ("every month on the last day", "FREQ=MONTHLY;BYMONTHDAY=-1"),
    ("every 2nd last day", "FREQ=MONTHLY;BYMONTHDAY=-2"),
    ("every 1st and 15th", "FREQ=MONTHLY;BYMONTHDAY=1,15"),
    ("monthly on the second to last Friday", "FREQ=MONTHLY;BYDAY=-2FR"),
    ("every quarter on the last day", "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1"),
    ("every month on the 1st in January and July", "FREQ=MONTHLY;BYMONTH=1,7;BYMONTHDAY=1"),
    ("every year on 29 February", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"),
    ("every Feb 29th", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"),
    ("every 29th of february", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"),
    ("every 1 January and 1 July", "FREQ=YEARLY;BYMONTH=1,7;BYMONTHDAY=1"),
    ("annually on the last Friday of November", "FREQ=YEARLY;BYMONTH=11;BYDAY=-1FR"),
    ("every year on the 20th Monday of the year", "FREQ=YEARLY;BYDAY=20MO"),
    ("every January", "FREQ=YEARLY;BYMONTH=1"),
    ("every day until 31 December 2027", "FREQ=DAILY;UNTIL=20271231"),
    ("every day until Dec 31, 2027", "FREQ=DAILY;UNTIL=20271231"),
    ("every day until the 31st of December 2027", "FREQ=DAILY;UNTIL=20271231"),
    ("every day until 2027-12-31", "FREQ=DAILY;UNTIL=20271231"),
    ("every day for 5 times", "FREQ=DAILY;COUNT=5"),
    ("every day 5 times", "FREQ=DAILY;COUNT=5"),
    ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13"),
]

PUZZLING = [
    *(None, 5, "", " ", ",", "every", "every!", "every other", "every 3", "every last", "tomorrow"),
    *("every fortnite", "every day at", "every day at 25:00", "every day at 9:60"),
    *("every day at x", "every day at 13pm", "every day at 0am", "every day until"),
    *("every day until tomorrow", "every day until noon"),
    *("every day until 30 February 2027", "every day until 31 December", "every day for ever"),
    *("every day for 0 times", "every day for 1001 times", "every day for 5", "every 0 days"),
    *("every 1001 days", "every 99999 days", "every other weekday", "every monday on tuesday"),
    *("every day at 9 at 10", "every day in", "every day in may in june", "every day on"),
    *("every year on the 15th", "every year on the last friday", "every week on the 3rd"),
    *("every month on the 31st of the year", "every year on 1 January and 2 March"),
    *("every 30 February", "every month on the 32nd", "every month on the 6th monday"),
    *("every month on the last weekday and the 3rd", "every day, every week", "every day now"),
    *("every friday and the 1st", "every friday the 13th", "every month on the 15th and monday"),
    *("every 0th monday", "every month on the 0th friday", "every 0th weekday of the month"),
    *("every! monday", "every! day for 5 times", "every! month on the 1st", "every day!"),
    *("every d\u00e4y", "\u0662 days", "every day\0", "FREQ=NEVER", "every day " * 40),
]  # fmt: skip

SAYABLE = [text for text, _ in UNDERSTOOD if not text.startswith("FREQ")]
ANY_WORD = sorted({word for text, _ in UNDERSTOOD for word in text.split()} | {"at", "9", "every!"})


class TestReading:
    """read_words"""

    @pytest.mark.parametrize(("text", "rule"), UNDERSTOOD)
    def test_words_make_a_rule(self, text, rule):
        """The one a person would expect."""
        assert (Rule.parse(rule), Mode.FIXED, None) == read_words(text)

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            ("every! 3 days", "FREQ=DAILY;INTERVAL=3"),
            ("every ! other week", "FREQ=WEEKLY;INTERVAL=2"),
            ("every! 6 hours until 2027-01-31", "FREQ=HOURLY;INTERVAL=6;UNTIL=20270131"),
        ],
    )
    def test_an_exclamation_mark_counts_from_completion(self, text, rule):
        """As in other task apps."""
        assert (Rule.parse(rule), Mode.AFTER_COMPLETION, None) == read_words(text)

    @pytest.mark.parametrize(
        ("said", "at"),
        [
            *(("9:00", time(9)), ("09:00", time(9)), ("9", time(9)), ("9am", time(9))),
            *(("9 pm", time(21)), ("9:30pm", time(21, 30)), ("21:30", time(21, 30))),
            *(("noon", time(12)), ("midnight", time(0)), ("12am", time(0)), ("12pm", time(12))),
        ],
    )
    def test_a_time_may_be_named(self, said, at):
        """In any of the usual ways, before an end or after it."""
        assert at == read_words(f"every weekday at {said} for 5 times").time
        assert at == read_words(f"every weekday 5 times at {said}").time

    @pytest.mark.parametrize("text", PUZZLING, ids=lambda text: repr(text)[:40])
    def test_what_is_not_understood_is_refused(self, text):
        """With a short sentence, and never by guessing."""
        with pytest.raises(InvalidArgument) as refused:
            read_words(text)

        faults = [(fault.pointer, fault.code) for fault in refused.value.faults]
        assert [("/repeat", "invalid-recurrence")] == faults
        assert len(refused.value.detail) < 200

    @settings(max_examples=300, deadline=None, database=None)
    @given(st.lists(st.sampled_from(ANY_WORD), max_size=9).map(" ".join))
    def test_any_words_are_understood_or_refused(self, text):
        """Nothing else is raised; what is understood can be said back."""
        try:
            words = read_words(f"every {text}")
        except InvalidArgument:
            return

        assert (words.rule, words.mode, None) == read_words(words_of(words.rule, words.mode))

    @pytest.mark.parametrize(
        "word", ["every ", "and ", "last ", "the ", "1 ", ", ", "2nd ", "monday "]
    )
    def test_long_texts_are_read_at_once(self, word):
        """Each word is looked at a few times at most."""
        began = process_time()
        for text in (word * 100, f"every {word * 90}", f"every monday {word * 60}"):
            with pytest.raises(InvalidArgument):
                read_words(text[:500] + "x")

        assert process_time() - began < 0.05


class TestSaying:
    """words_of"""

    @pytest.mark.parametrize(
        ("rule", "text"),
        [
            (WORKDAYS, "every weekday"),
            ("FREQ=HOURLY;BYDAY=MO,TU,WE,TH,FR", "every hour on weekdays"),
            ("FREQ=WEEKLY;BYDAY=MO,WE,FR", "every Monday, Wednesday and Friday"),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "every 2 weeks on Monday"),
            ("FREQ=MONTHLY;BYDAY=-1FR", "every month on the last Friday"),
            ("FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
            ("FREQ=MONTHLY;BYMONTHDAY=11,22,23", "every month on the 11th, the 22nd and the 23rd"),
            ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "every year on the 29th of February"),
            ("FREQ=YEARLY;BYDAY=-1FR", "every year on the last Friday of the year"),
            ("FREQ=DAILY;COUNT=5", "every day for 5 times"),
            ("FREQ=DAILY;UNTIL=20271231", "every day until 31 December 2027"),
            ("FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13"),
        ],
    )
    def test_a_rule_is_said_as_a_person_would(self, rule, text):
        """One for which there are no words stays a rule."""
        assert text == words_of(Rule.parse(rule), Mode.FIXED)

    def test_counted_from_completion_it_has_its_mark(self):
        """The same that is read."""
        assert "every! 3 days" == words_of(
            Rule.parse("FREQ=DAILY;INTERVAL=3"), Mode.AFTER_COMPLETION
        )

    @pytest.mark.parametrize("text", SAYABLE)
    def test_what_was_said_in_words_is_said_in_words(self, text):
        """Perhaps in others."""
        words = read_words(text)

        assert words_of(words.rule, words.mode).startswith("every ")

    def test_any_rule_reads_back_from_what_is_said_of_it(self, pytestconfig):
        """So an app can show the words, and send them back."""
        random = Random("words")
        for _ in range(10_000 if pytestconfig.getoption("--long") else 500):
            rule = random_recurrence(random).rule

            assert (rule, Mode.FIXED, None) == read_words(words_of(rule, Mode.FIXED))
