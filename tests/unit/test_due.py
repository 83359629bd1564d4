"""When a task is due: the instants that follow, and the map apps write themselves."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.kit.errors import InvalidArgument
from backend.kit.wallclock import FIRST_DAY, LAST_DAY
from backend.tasks.due import Due, DueKind

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Beirut", "Pacific/Apia", "Asia/Kolkata"]
GOOD = {"kind": "zoned", "date": "2026-03-29", "time": "09:00", "tz": "Europe/Berlin"}

minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))
days = st.dates(FIRST_DAY, LAST_DAY)
dues = st.one_of(
    st.builds(Due, st.just(DueKind.ALL_DAY), days, st.none(), st.sampled_from(ZONES)),
    st.builds(
        Due,
        st.sampled_from([DueKind.FLOATING, DueKind.ZONED]),
        days,
        minutes,
        st.sampled_from(ZONES),
    ),
)


class TestDueAt:
    """Due.at and Due.due_soon_at"""

    @pytest.mark.parametrize("kind", [DueKind.FLOATING, DueKind.ZONED])
    def test_a_timed_task_is_due_when_clocks_show_its_time(self, kind):
        """A floating time is read in the zone kept with it; an hour before, it is due soon."""
        due = Due(kind, date(2026, 7, 1), time(9), "Europe/Berlin")

        assert datetime(2026, 7, 1, 7, tzinfo=UTC) == due.at
        assert datetime(2026, 7, 1, 6, tzinfo=UTC) == due.due_soon_at

    def test_an_all_day_task_is_due_when_its_day_is_over(self):
        """Also across a clock change: this day is 23 hours long; it is due soon at 09:00."""
        due = Due(DueKind.ALL_DAY, date(2027, 3, 28), None, "Europe/Berlin")

        assert datetime(2027, 3, 28, 22, tzinfo=UTC) == due.at
        assert datetime(2027, 3, 28, 7, tzinfo=UTC) == due.due_soon_at

    def test_an_all_day_task_ends_where_the_next_day_has_no_midnight(self):
        """In Beirut 29 March 2026 begins at 01:00, the very instant midnight would have been."""
        due = Due(DueKind.ALL_DAY, date(2026, 3, 28), None, "Asia/Beirut")

        assert datetime(2026, 3, 28, 22, tzinfo=UTC) == due.at

    def test_a_time_in_a_gap_is_due_after_it(self):
        """02:30 does not exist that night in Berlin; 03:00 does. Due soon is an hour before."""
        due = Due(DueKind.ZONED, date(2027, 3, 28), time(2, 30), "Europe/Berlin")

        assert datetime(2027, 3, 28, 1, tzinfo=UTC) == due.at
        assert datetime(2027, 3, 28, 0, tzinfo=UTC) == due.due_soon_at

    @settings(max_examples=100, deadline=None, database=None)
    @given(dues)
    def test_due_soon_never_comes_after_due(self, due):
        """Whatever the zone does that day, on the last day of the range too."""
        assert due.due_soon_at <= due.at
        assert due.at - due.due_soon_at < timedelta(hours=40)


class TestDueFields:
    """Due.to_fields and Due.from_fields"""

    @settings(max_examples=100, deadline=None, database=None)
    @given(dues)
    def test_a_due_survives_being_stored(self, due):
        """What is written is what is read, with every field present."""
        assert {"kind", "date", "time", "tz"} == due.to_fields().keys()
        assert due == Due.from_fields(due.to_fields())

    def test_the_map_is_the_documented_one(self):
        """Apps read and write it too."""
        assert GOOD == Due.from_fields(GOOD).to_fields()

    def test_an_all_day_map_may_leave_out_its_time(self):
        """Absent and null mean the same."""
        fields = {"kind": "allDay", "date": "2026-03-29", "tz": "UTC"}

        assert {**fields, "time": None} == Due.from_fields(fields).to_fields()

    @pytest.mark.parametrize(
        ("fault", "pointer"),
        [
            ({"kind": "weekly"}, "/due/kind"),
            ({"kind": None}, "/due/kind"),
            ({"kind": ["zoned"]}, "/due/kind"),
            ({"kind": True}, "/due/kind"),
            ({"kind": "allDay"}, "/due/time"),
            ({"time": None}, "/due/time"),
            ({"time": "24:00"}, "/due/time"),
            ({"time": "09:00:30"}, "/due/time"),
            ({"time": 9}, "/due/time"),
            ({"time": ""}, "/due/time"),
            ({"date": "2026-02-29"}, "/due/date"),
            ({"date": "9999-12-31"}, "/due/date"),
            ({"date": "0001-01-01"}, "/due/date"),
            ({"date": None}, "/due/date"),
            ({"date": datetime(2026, 1, 1, tzinfo=UTC)}, "/due/date"),
            ({"tz": "Mars/Base"}, "/due/tz"),
            ({"tz": "../../etc/passwd"}, "/due/tz"),
            ({"tz": None}, "/due/tz"),
            ({"extra": 1}, "/due"),
            ({5: 1}, "/due"),
        ],
    )
    def test_a_malformed_map_is_refused_with_a_pointer(self, fault, pointer):
        """Each fault alone, in an otherwise good map."""
        with pytest.raises(InvalidArgument) as refused:
            Due.from_fields({**GOOD, **fault})

        assert [pointer] == [fault.pointer for fault in refused.value.faults]

    @pytest.mark.parametrize("fields", [None, "2026-03-29", 5, True, [], [GOOD], {}])
    def test_anything_but_a_map_is_refused(self, fields):
        """And so is an empty one."""
        with pytest.raises(InvalidArgument):
            Due.from_fields(fields)

    @settings(max_examples=100, deadline=None, database=None)
    @given(
        st.dictionaries(
            st.sampled_from(sorted(GOOD)),
            st.none()
            | st.integers()
            | st.text("0129-:TZadlEuro/", max_size=12)
            | st.lists(st.none()),
        )
    )
    def test_nonsense_raises_nothing_else(self, fault):
        """No other error reaches whoever reads a document an app has written."""
        try:
            due = Due.from_fields({**GOOD, **fault})
        except InvalidArgument:
            return

        assert due == Due.from_fields(due.to_fields())

    def test_a_time_finer_than_a_minute_is_refused(self):
        """It could not be stored."""
        with pytest.raises(InvalidArgument):
            Due(DueKind.ZONED, date(2026, 1, 1), time(9, 0, 1), "UTC")
