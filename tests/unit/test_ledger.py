"""What a series does next, without a database."""

import pytest

from backend.recurrence.ledger import (
    MOST_MISSED,
    Turn,
    came,
    changed,
    closed,
    passed_over,
    reopened,
    resumed,
)
from backend.recurrence.series import CatchUp, Mode, Series, SeriesState
from tests.unit.serieses import at, series

FIRST = "20260101T0900"


class TestClosed:
    """The occurrence made last is done, or put aside."""

    @pytest.mark.parametrize(
        ("catch_up", "made", "missed"),
        [
            (CatchUp.SKIP, ["20260105T0900"], ["20260102T0900", "20260103T0900", "20260104T0900"]),
            (CatchUp.LATEST, ["20260104T0900"], ["20260102T0900", "20260103T0900"]),
            (CatchUp.ALL, ["20260102T0900"], []),
        ],
    )
    def test_what_passed_is_caught_up_with(
        self, catch_up: CatchUp, made: list[str], missed: list[str]
    ):
        """Three days late: none of those, the last of them, or each of them in turn."""
        turn = _closed(series(catch_up=catch_up), at(4, 12))

        assert (made, missed) == (_made(turn), _missed(turn))

    @pytest.mark.parametrize("catch_up", list(CatchUp))
    def test_done_in_time_the_next_comes(self, catch_up: CatchUp):
        """Nothing is missed, and the series says when the one after it comes."""
        turn = _closed(series(catch_up=catch_up), at(1, 8))

        assert (["20260102T0900"], []) == (_made(turn), _missed(turn))
        assert ("20260102T0900", at(3, 9), 2) == (
            turn.series.last_key,
            turn.series.next_at,
            turn.series.rev,
        )

    @pytest.mark.parametrize(
        ("rule", "mode"),
        [
            ("FREQ=DAILY;COUNT=1", Mode.FIXED),
            ("FREQ=DAILY;UNTIL=20260101T235959Z", Mode.FIXED),
            ("FREQ=DAILY;UNTIL=20260101T235959Z", Mode.AFTER_COMPLETION),
        ],
    )
    def test_a_series_to_which_nothing_can_come_ends(self, rule: str, mode: Mode):
        """By COUNT as by UNTIL, by the calendar as from completion."""
        turn = _closed(series(rule, mode=mode), at(1, 12))

        assert ([], SeriesState.ENDED, None) == (
            _made(turn),
            turn.series.state,
            turn.series.next_at,
        )

    def test_what_was_missed_up_to_the_end_is_recorded(self):
        """A series that ended while the first was open."""
        turn = _closed(series("FREQ=DAILY;COUNT=3"), at(20))

        assert ([], ["20260102T0900", "20260103T0900"]) == (_made(turn), _missed(turn))

    @pytest.mark.parametrize(
        "resting",
        [
            series(paused_at=at(1)),
            series(state=SeriesState.ENDED),
            series(last_key="20260102T0900"),
        ],
        ids=["paused", "ended", "made already"],
    )
    def test_a_series_at_rest_brings_none(self, resting: Series):
        """Nor does closing an occurrence a second time, whose next is there."""
        assert closed(resting, FIRST, at(1, 12), at=at(1, 12)) is None

    def test_a_long_run_is_one_entry(self):
        """Of more than a hundred missed: from the first to the last."""
        turn = _closed(series(), at(1, 12, month=12))

        assert [("20260102T0900", "20261201T0900")] == [
            (each.occurrence.key, each.through) for each in turn.misses
        ]
        assert ["20261202T0900"] == _made(turn)

    def test_a_hundred_are_a_hundred_entries(self):
        """The longest run told one by one."""
        last = series().recurrence.between(at(1, 9), at(31, month=12), MOST_MISSED)[-1]
        turn = _closed(series(), last.at)

        assert (MOST_MISSED, last.key, None) == (
            len(turn.misses),
            turn.misses[-1].occurrence.key,
            turn.misses[-1].through,
        )

    @pytest.mark.parametrize(
        ("catch_up", "made", "missed"),
        [
            (CatchUp.SKIP, ["20260104"], ["20260102", "20260103"]),
            (CatchUp.LATEST, ["20260104"], ["20260102", "20260103"]),
        ],
    )
    def test_a_day_is_not_missed_before_it_is_over(
        self, catch_up: CatchUp, made: list[str], missed: list[str]
    ):
        """All day: at noon of the fourth, the fourth can still be done."""
        turn = _closed(series(start="2026-01-01", catch_up=catch_up), at(4, 12))

        assert (made, missed) == (_made(turn), _missed(turn))

    def test_a_day_done_on_the_day_leads_to_the_next(self):
        """Never to itself."""
        turn = _closed(series(start="2026-01-01"), at(1, 12))

        assert (["20260102"], []) == (_made(turn), _missed(turn))


class TestAtTheirOwnTime:
    """Where all are to come."""

    def test_what_has_come_is_made_in_order(self):
        """After three days without service, and no more at once than asked for."""
        turn = came(series(catch_up=CatchUp.ALL), at(4, 12), most=2)

        assert turn is not None
        assert ["20260102T0900", "20260103T0900"] == _made(turn)
        assert at(4, 9) == turn.series.next_at

    @pytest.mark.parametrize(
        "resting",
        [
            series(catch_up=CatchUp.SKIP),
            series(catch_up=CatchUp.LATEST),
            series(catch_up=CatchUp.ALL, paused_at=at(1)),
            series(catch_up=CatchUp.ALL, state=SeriesState.ENDED),
            series(catch_up=CatchUp.ALL, mode=Mode.AFTER_COMPLETION),
        ],
        ids=["skip", "latest", "paused", "ended", "from completion"],
    )
    def test_others_wait(self, resting: Series):
        """Until the one before is closed, or for good."""
        assert came(resting, at(4, 12), most=20) is None

    def test_before_its_time_none_comes(self):
        """A timer that was set anew, whose first job comes all the same."""
        assert came(series(catch_up=CatchUp.ALL), at(2, 8), most=20) is None


class TestPauses:
    """A series that was held up from the second to the eighth."""

    @pytest.mark.parametrize(
        ("catch_up", "made", "missed"),
        [
            (CatchUp.SKIP, ["20260109T0900"], 7),
            (CatchUp.LATEST, ["20260108T0900"], 6),
            (CatchUp.ALL, ["20260102T0900"], 0),
        ],
    )
    def test_what_passed_is_caught_up_with(self, catch_up: CatchUp, made: list[str], missed: int):
        """The last was closed before or in the pause; and it is one change of the series."""
        turn = resumed(_paused(catch_up=catch_up), at(1, 12), at=at(8, 12))

        assert (made, missed) == (_made(turn), len(turn.misses))
        assert (None, 3) == (turn.series.paused_at, turn.series.rev)

    @pytest.mark.parametrize("catch_up", list(CatchUp))
    def test_what_is_open_is_done_first(self, catch_up: CatchUp):
        """Nothing comes, and the series knows when the next would have."""
        turn = resumed(_paused(catch_up=catch_up), None, at=at(8, 12))

        assert ([], at(2, 9)) == (_made(turn), turn.series.next_at)

    @pytest.mark.parametrize(
        ("catch_up", "made"),
        [(CatchUp.SKIP, "20260109T0900"), (CatchUp.LATEST, "20260102T0900")],
    )
    def test_from_completion_it_counts_as_it_catches_up(self, catch_up: CatchUp, made: str):
        """Done on the first: one day from now, or one day from then."""
        paused = _paused(catch_up=catch_up, mode=Mode.AFTER_COMPLETION)

        assert [made] == _made(resumed(paused, at(1, 12), at=at(8, 12)))

    def test_while_it_is_paused_it_names_no_next(self):
        """So that nothing looks for it."""
        assert _paused().next_at is None


class TestReopened:
    """An occurrence is to be done after all."""

    def test_a_series_that_had_run_out_goes_on(self):
        """As it did before its last was done."""
        once = series("FREQ=DAILY;COUNT=1")
        over = _closed(once, at(1, 12)).series

        again = reopened(over, FIRST, at=at(1, 13))

        assert again is not None
        assert (SeriesState.ACTIVE, FIRST) == (again.state, again.last_key)

    def test_a_series_that_somebody_ended_stays_so(self):
        """More could come, but is not to."""
        assert reopened(series(state=SeriesState.ENDED), FIRST, at=at(1, 13)) is None


class TestLettingGo:
    """`:skipMissed`"""

    @pytest.mark.parametrize("catch_up", list(CatchUp))
    def test_the_first_to_come_is_made(self, catch_up: CatchUp):
        """However the series catches up otherwise."""
        turn = passed_over(series(catch_up=catch_up), at=at(4, 12))

        assert turn is not None
        assert (["20260105T0900"], 3) == (_made(turn), len(turn.misses))

    def test_a_paused_series_makes_none(self):
        """It goes on when it is resumed."""
        assert passed_over(_paused(), at=at(4, 12)) is None


class TestKeysAhead:
    """What was changed before its time."""

    def test_what_was_passed_is_forgotten(self):
        """The series grows no longer with time."""
        planned = series(planned=("20260102T0900", "20260106T0900"))

        assert ("20260106T0900",) == _closed(planned, at(4, 12)).series.planned


def _closed(series: Series, closed_at) -> Turn:
    turn = closed(series, series.last_key, closed_at, at=closed_at)
    assert turn is not None
    return turn


def _paused(**changes) -> Series:
    return changed(series(**changes), at=at(1, 10), paused_at=at(1, 10))


def _made(turn: Turn) -> list[str]:
    return [each.key for each in turn.makes]


def _missed(turn: Turn) -> list[str]:
    return [each.occurrence.key for each in turn.misses]
