"""Reports as operations keep them: what became of each command, without the tasks."""

from collections.abc import Mapping, Sequence
from typing import Any

from backend.bulk.model import Mode, Outcome, Verdict

# Of one command: four hundred reports share a document with what is still to be done.
MOST_FAULTS = 3
MOST_WORDS = 200


def report(mode: Mode, before: Mapping[str, Any] | None, verdicts: Sequence[Verdict]) -> Any:
    """Return the result of an operation after some more commands."""
    results = [*(before or {}).get("results", ()), *map(_entry, verdicts)]
    found = [entry["outcome"] for entry in results]
    counts = {outcome.value: found.count(outcome.value) for outcome in Outcome}
    return {"mode": mode.value, **counts, "results": results}


def _entry(verdict: Verdict) -> dict[str, Any]:
    return {
        "index": verdict.index,
        "op": verdict.op.value,
        "taskId": verdict.task_id,
        "outcome": verdict.outcome.value,
        "rev": verdict.rev,
        "code": verdict.code,
        "detail": verdict.detail and verdict.detail[:MOST_WORDS],
        "errors": [
            {"pointer": fault.pointer, "code": fault.code, "detail": fault.detail[:MOST_WORDS]}
            for fault in verdict.faults[:MOST_FAULTS]
        ],
    }
