"""Jobs as the API's description shows them. A test sends these to the service."""

from typing import Any

NEW_JOB: dict[str, Any] = {
    "name": "Empty the trash",
    "handler": "emptyTrash",
    "arguments": {"olderThanDays": 30},
    "schedule": {"kind": "cron", "expression": "30 6 * * MON-FRI", "tz": "Europe/Berlin"},
}

JOB: dict[str, Any] = {
    "id": "Tn5xK8wRq2Jd7MvYb4Le",
    "workspaceId": "Rm4cX8uJd1Fy7GoNe5Ki",
    "name": "Empty the trash",
    "handler": "emptyTrash",
    "arguments": {"olderThanDays": 30},
    "schedule": {
        "kind": "cron",
        "expression": "30 6 * * MON-FRI",
        "everyMinutes": None,
        "since": None,
        "at": None,
        "tz": "Europe/Berlin",
    },
    "overlap": "skip",
    "maxRuntimeS": 3600,
    "retries": 3,
    "catchUp": "latest",
    "state": "active",
    "isBuiltIn": False,
    "nextRunAt": "2026-11-23T05:30:00.000Z",
    "nextRuns": [
        "2026-11-23T05:30:00.000Z",
        "2026-11-24T05:30:00.000Z",
        "2026-11-25T05:30:00.000Z",
        "2026-11-26T05:30:00.000Z",
        "2026-11-27T05:30:00.000Z",
    ],
    "currentRunId": None,
    "waitingRuns": 0,
    "lastRun": None,
    "createdAt": "2026-11-21T09:30:00.000Z",
    "createdBy": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "updatedAt": "2026-11-21T09:30:00.000Z",
    "rev": 1,
}

NEW_PLATFORM_JOB: dict[str, Any] = {
    **NEW_JOB,
    "name": "Count anew",
    "handler": "recountTotals",
    "arguments": {},
}
PLATFORM_JOB: dict[str, Any] = {
    **JOB,
    "workspaceId": None,
    "name": "Count anew",
    "handler": "recountTotals",
    "arguments": {},
}
BUILT_IN: dict[str, Any] = {**PLATFORM_JOB, "isBuiltIn": True, "createdBy": "system"}

JOB_CHANGES: dict[str, Any] = {"name": "Every morning", "retries": 1}
CHANGED_JOB = {**JOB, **JOB_CHANGES, "rev": 2}
CHANGED_PLATFORM_JOB = {**PLATFORM_JOB, **JOB_CHANGES, "rev": 2}

RUN: dict[str, Any] = {
    "id": "Lp7vB3mXt9Ks5QcWd1Zn",
    "jobId": "Tn5xK8wRq2Jd7MvYb4Le",
    "handler": "emptyTrash",
    "arguments": {"olderThanDays": 30},
    "slot": "2026-11-21T09:31:00.000Z",
    "outcome": "running",
    "triggeredBy": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "createdAt": "2026-11-21T09:31:00.000Z",
    "startedAt": "2026-11-21T09:31:00.000Z",
    "endedAt": None,
    "items": 0,
    "result": {},
    "error": None,
    "attempt": 1,
    "missedUntil": None,
}
RETRIED: dict[str, Any] = {
    **RUN,
    "id": "20261120T0530Z",
    "slot": "2026-11-20T05:30:00.000Z",
    "createdAt": "2026-11-20T05:30:00.000Z",
}
RUN_PAGE: dict[str, Any] = {"items": [RUN], "nextPageToken": None}
JOB_RUNS: dict[str, Any] = {"items": [RETRIED]}

AHEAD: dict[str, Any] = {"count": 2}
RUN_TIMES: dict[str, Any] = {"items": JOB["nextRuns"][:2]}
BACKFILL: dict[str, Any] = {"from": "2026-09-14T00:00:00Z", "to": "2026-09-18T23:59:59Z"}

HANDLERS: dict[str, Any] = {
    "items": [
        {
            "name": "emptyTrash",
            "scope": "workspace",
            "arguments": {
                "type": "object",
                "properties": {"olderThanDays": {"type": "integer", "minimum": 0}},
                "additionalProperties": False,
            },
        }
    ]
}


def page(job: dict[str, Any]) -> dict[str, Any]:
    """Return a page with one job."""
    return {"items": [job], "nextPageToken": None}


def paused(job: dict[str, Any]) -> dict[str, Any]:
    """Return a job that is paused."""
    return {**job, "state": "paused", "nextRunAt": None, "nextRuns": [], "rev": 2}
