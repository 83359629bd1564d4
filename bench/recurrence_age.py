"""
What it costs to find the next occurrence of an old rule, beside a young one, in one run.

`python -m bench.recurrence_age`: the numbers are this machine's, the ratios travel.
python-dateutil stands beside it: it walks from the start.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from datetime import time as wall_time

from dateutil import rrule

from backend.recurrence.model import Recurrence, Rule, Start

NOW = datetime(2026, 2, 2, 12, tzinfo=UTC)
ROUNDS = 5
RULES = (
    "FREQ=HOURLY;INTERVAL=6",
    "FREQ=DAILY",
    "FREQ=DAILY;COUNT=1000;INTERVAL=20",
    "FREQ=WEEKLY;BYDAY=MO,TH",
    "FREQ=MONTHLY;BYDAY=-1FR",
    "FREQ=MONTHLY;BYDAY=-1FR;COUNT=1000",
    "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
)


def main() -> None:
    """Print CPU µs to read a rule and find the next one, at 1 and at 50 years; interleaved."""
    print(f"{'rule':38} {'1 year':>8} {'50 years':>9} {'ratio':>6}   dateutil's ratio")
    for rule in RULES:
        ways = {year: _ours(rule, year) for year in (2025, 1976)}
        theirs = {year: _theirs(rule, year) for year in (2025, 1976)}
        young, old = _spent(ways, times=20)
        least, most = _spent(theirs, times=1)
        print(f"{rule:38} {young:8.0f} {old:9.0f} {old / young:6.1f}   {most / least:8.1f}")


def _ours(rule: str, year: int) -> Callable[[], object]:
    start = Start(date(year, 2, 2), wall_time(9), "Europe/Berlin")
    return lambda: Recurrence(Rule.parse(rule), start).after(NOW)


def _theirs(rule: str, year: int) -> Callable[[], object]:
    start, now = datetime(year, 2, 2, 9), NOW.replace(tzinfo=None)  # noqa: DTZ001
    return lambda: rrule.rrulestr(rule, dtstart=start).after(now)


def _spent(ways: dict[int, Callable[[], object]], *, times: int) -> list[float]:
    spent: dict[int, list[float]] = {year: [] for year in ways}
    for _ in range(ROUNDS):
        for year, way in ways.items():
            began = time.process_time()
            for _ in range(times):
                way()
            spent[year].append((time.process_time() - began) / times * 1e6)
    return [statistics.median(each) for each in spent.values()]


if __name__ == "__main__":
    main()
