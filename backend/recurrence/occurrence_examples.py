"""Occurrences as the API's description shows them. A test sends these to the service."""

from typing import Any

OCCURRENCE: dict[str, Any] = {
    "seriesId": "Bq8mE2wKf4Ru6YcHs1Vt",
    "key": "20261123T0900",
    "scheduledAt": "2026-11-23T08:00:00.000Z",
    "state": "open",
    "taskId": "Bq8mE2wKf4Ru6YcHs1Vt-20261123T0900",
    "completedAt": None,
    "after": None,
    "through": None,
    "changes": None,
}

OCCURRENCE_PAGE: dict[str, Any] = {"items": [OCCURRENCE], "nextPageToken": None}

OCCURRENCE_CHANGES: dict[str, Any] = {"time": "17:30", "priority": "high"}

MOVED_OCCURRENCE: dict[str, Any] = {**OCCURRENCE, "state": "moved"}

SKIPPED_OCCURRENCE: dict[str, Any] = {**OCCURRENCE, "state": "skipped"}
