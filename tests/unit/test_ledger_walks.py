"""A series on a random walk, of closings, pauses and time that passes: what must always hold."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

import pytest

from backend.recurrence.ledger import Turn, came, changed, closed, passed_over, resumed, settled
from backend.recurrence.series import CatchUp, Mode, Series, SeriesState
from tests.unit.random_rules import random_recurrence
from tests.unit.serieses import series

WALKS, LONG_WALKS = 150, 5_000
STEPS = 25


@dataclass
class Walk:
    """What happened so far: `gone` are the keys made or missed, in order, each with its instant."""

    series: Series
    now: datetime
    gone: list[tuple[str, datetime]] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)

    def turn(self, turn: Turn | None) -> None:
        """Take a turn, and look whether it may be."""
        if turn is None:
            return
        missed = [each.occurrence for each in turn.misses]
        # Of a run, its first and its last.
        through = [each.through for each in turn.misses if each.through is not None]
        missed += map(self.series.recurrence.occurrence, through)
        passed = sorted((*missed, *turn.makes), key=lambda each: each.at)
        last = self.gone[-1][1]
        assert all(each.at > last for each in passed), "went back"
        assert len({each.at for each in passed}) == len(passed), "came twice"
        assert [each.at for each in missed] == [each.at for each in missed if each.at <= self.now]
        if passed and not through:
            whole = self.series.recurrence.between(last, passed[-1].at, len(passed) + 1)
            assert whole == passed, "some are neither made nor missed"
        self.gone += [(each.key, each.at) for each in passed]
        self.made += [each.key for each in turn.makes]
        self.series = turn.series

    def assert_sound(self) -> None:
        """The series says what was made last, and what is to come comes after it."""
        now = self.series
        assert self.made[-1] == now.last_key
        assert now == settled(now)
        assert now.next_at is None or now.next_at > now.recurrence.occurrence(now.last_key).at
        if now.is_running and now.last_key in self.closed:
            raise AssertionError("the last one is closed, and none followed")


class TestWalks:
    """Each occurrence comes once or passes once, and the series never stands still."""

    @pytest.mark.parametrize("catch_up", list(CatchUp))
    def test_whatever_happens_it_goes_on(self, catch_up: CatchUp, request: pytest.FixtureRequest):
        """With rules of all kinds, in all zones, whose occurrences are closed early and late."""
        walks = LONG_WALKS if request.config.getoption("--long") else WALKS
        made = 0
        for seed in range(walks):
            made += len(_walk(Random(f"{catch_up}{seed}"), catch_up).made)

        assert made > 3 * walks

    @pytest.mark.parametrize("seed", range(20))
    def test_where_all_come_none_is_missed(self, seed: int):
        """Each occurrence up to now has been made, once no pause is left and time has its way."""
        walk = _walk(Random(seed), CatchUp.ALL, may_let_go=False)
        if walk.series.paused_at is not None or walk.series.state is SeriesState.ENDED:
            _resume(walk)
        for _ in range(1_000):
            turn = came(walk.series, walk.now, most=20)
            if turn is None:
                break
            walk.turn(turn)

        whole = walk.series.recurrence
        first = whole.first()
        due = [first, *whole.between(first.at, walk.now, 20_000)]
        assert [each.key for each in due] == walk.made[: len(due)]


def _walk(chance: Random, catch_up: CatchUp, *, may_let_go: bool = True) -> Walk:
    recurrence = random_recurrence(chance)
    first = recurrence.first()
    begins = replace(series(), recurrence=recurrence, last_key=first.key, catch_up=catch_up)
    walk = Walk(settled(begins), first.at, [(first.key, first.at)], [first.key])
    for _ in range(STEPS):
        walk.now += timedelta(minutes=chance.choice([0, 1, 90, 1_500, 10_000, 90_000]))
        acts = [_close, _close, _close_any, _pause, _resume, _come]
        act = chance.choice([*acts, _let_go] if may_let_go else acts)
        act(walk) if act is not _close_any else _close_any(walk, chance)
        walk.assert_sound()
    return walk


def _close(walk: Walk) -> None:
    key = walk.series.last_key
    walk.closed.add(key)
    walk.turn(closed(walk.series, key, walk.now, at=walk.now))
    if walk.series.state is SeriesState.ENDED:
        assert walk.series.recurrence.after(walk.gone[-1][1]) is None
    elif walk.series.paused_at is None:
        assert walk.series.last_key not in walk.closed


def _close_any(walk: Walk, chance: Random) -> None:
    """One that was closed already, or that is not the last: nothing follows a second time."""
    key = chance.choice(walk.made)
    if key != walk.series.last_key:
        assert closed(walk.series, key, walk.now, at=walk.now) is None
        walk.closed.add(key)


def _pause(walk: Walk) -> None:
    if walk.series.is_running:
        walk.series = changed(walk.series, at=walk.now, paused_at=walk.now)


def _resume(walk: Walk) -> None:
    if walk.series.paused_at is not None:
        was_closed = walk.series.last_key in walk.closed
        walk.turn(resumed(walk.series, walk.now if was_closed else None, at=walk.now))


def _come(walk: Walk) -> None:
    walk.turn(came(walk.series, walk.now, most=20))


def _let_go(walk: Walk) -> None:
    if walk.series.is_running and walk.series.mode is Mode.FIXED:
        walk.closed.add(walk.series.last_key)
        walk.turn(passed_over(walk.series, at=walk.now))
