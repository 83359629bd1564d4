"""
What it costs to turn a page of tasks into JSON: our schema beside a plain dictionary, in one run.

`python -m bench.serialising`: the numbers are this machine's, the ratios travel.
"""

import gzip
import json
import statistics
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from datetime import time as wall_time

import brotli

from backend.kit.pages import Page
from backend.tasks.due import Due, DueKind
from backend.tasks.model import Task, TaskRef, new_task
from backend.tasks.schemas import TaskPageSchema

TASKS, ROUNDS = 100, 15
PAGE = TaskPageSchema()


def main() -> None:
    """Print CPU µs per page of 100 tasks, the median of several rounds, interleaved."""
    page = Page([_task(number) for number in range(TASKS)], None)
    plain = PAGE.dump(page)
    text = json.dumps(plain).encode()
    ways: dict[str, Callable[[], object]] = {
        "json.dumps of a dictionary": lambda: json.dumps(plain),
        "schema": lambda: PAGE.dump(page),
        "schema and json.dumps": lambda: json.dumps(PAGE.dump(page)),
        "gzip": lambda: gzip.compress(text, 6),
        "brotli": lambda: brotli.compress(text, quality=4),
    }
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            began = time.process_time()
            way()
            spent[name].append(time.process_time() - began)
    least = statistics.median(spent["json.dumps of a dictionary"])
    print(f"a page of {TASKS} tasks, {len(text):,} bytes")
    for name, seconds in spent.items():
        median = statistics.median(seconds)
        print(f"  {name:28} {median * 1e6:8.0f} µs {median / least:7.1f} x")


def _task(number: int) -> Task:
    return new_task(
        TaskRef("w", f"task{number}"),
        title=f"Task number {number}",
        by="ann",
        at=datetime(2027, 3, 1, 9, tzinfo=UTC),
        details={
            "description": "Words that somebody has written. " * 10,
            "assignee_ids": ("ann", "bob"),
            "due": Due(DueKind.ZONED, date(2027, 3, 1), wall_time(9), "Europe/Berlin"),
        },
    )


if __name__ == "__main__":
    main()
