"""Recurrence against python-dateutil: the same days, however the next one is asked for."""

from datetime import date, datetime, time, timedelta
from itertools import islice, pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import zone
from backend.recurrence.model import Recurrence, Rule, Start
from tests.unit.recurrences import ZONES, naively, walk

WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
quick = settings(max_examples=60, deadline=None, database=None)


@st.composite
def rule_texts(draw) -> str:
    """Rules that dateutil reads as RFC 5545 does (see TestUnlikeDateutil for the others)."""
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    parts = [f"FREQ={freq}", f"INTERVAL={draw(st.integers(1, 5) | st.integers(1, 40))}"]
    weekdays = st.sampled_from(WEEKDAYS)
    nth = st.integers(-4, 4).filter(bool).map(str)
    if freq in ("MONTHLY", "YEARLY") and draw(st.booleans()):
        weekdays = st.builds("".join, st.tuples(nth, weekdays))
    by_day = draw(st.lists(weekdays, max_size=3, unique=True))
    month_days = st.integers(-31, 31).filter(bool).map(str)
    by_month_day = [] if freq == "WEEKLY" else draw(st.lists(month_days, max_size=3, unique=True))
    parts += [f"BYDAY={','.join(by_day)}"] if by_day else []
    parts += [f"BYMONTHDAY={','.join(by_month_day)}"] if by_month_day else []
    if freq != "WEEKLY" and (by_day or by_month_day) and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(st.sampled_from([1, -1, 2, -2]))}")
    parts.append(f"WKST={draw(st.sampled_from(WEEKDAYS))}")
    ends = ["", "COUNT=1", "COUNT=4", "COUNT=9", "UNTIL=20280315", "UNTIL=20280315T103000Z"]
    return ";".join(filter(None, [*parts, draw(st.sampled_from(ends))]))


@st.composite
def recurrences(draw) -> Recurrence:
    minutes = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
    start = Start(
        draw(st.dates(date(2024, 1, 1), date(2027, 12, 31))),
        draw(st.none() | minutes | st.sampled_from([time(0, 0), time(2, 30)])),
        draw(st.sampled_from(ZONES)),
    )
    try:
        return Recurrence(Rule.parse(draw(rule_texts())), start)
    except InvalidArgument:
        assume(False)  # Never comes round; TestRefusals is about those.
        raise


class TestAgainstDateutil:
    """The properties that hold for every rule."""

    @quick
    @given(recurrences())
    def test_walking_finds_what_the_naive_expansion_finds(self, subject):
        """Anchoring near the moment keeps the phase of INTERVAL, and COUNT, and UNTIL."""
        assert list(islice(naively(subject), 8)) == [each.at for each in walk(subject, 8)]

    @quick
    @given(recurrences(), st.integers(0, 900), st.integers(0, 24 * 60))
    def test_after_any_moment_comes_the_first_later_one(self, subject, days, minutes):
        """Also before the start, long after it, and past the end."""
        moment = subject.first().at + timedelta(days=days - 30, minutes=minutes)
        later = (each for each in naively(subject) if each > moment)
        found = subject.after(moment)

        assert next(later, None) == (found and found.at)

    @quick
    @given(recurrences())
    def test_instants_rise_and_clocks_show_them(self, subject):
        """Strictly, and none lies in a gap: clocks show the time, or have just jumped over it."""
        found = walk(subject, 8)

        assert all(one.at < two.at and one.key < two.key for one, two in pairwise(found))
        for each in found:
            here = zone(each.tz)
            wall = datetime.combine(each.day, each.time or time.min)
            before = (each.at - timedelta(microseconds=1)).astimezone(here).replace(tzinfo=None)
            shown = each.at.astimezone(here).replace(tzinfo=None)
            assert wall == shown or before < wall < shown
            assert each == subject.occurrence(each.key)

    @quick
    @given(rule_texts())
    def test_a_rule_reads_back_from_its_text(self, text):
        """The stored spelling loses nothing, and is stable."""
        try:
            rule = Rule.parse(text)
        except InvalidArgument:
            assume(False)
            raise

        assert rule == Rule.parse(rule.text)
        assert rule.text == Rule.parse(rule.text).text
