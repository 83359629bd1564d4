"""The history of a task as the API's description shows it. A test sends these to the service."""

from typing import Any

from backend.tasks import examples

CHANGES: dict[str, Any] = {
    "items": [
        {
            "rev": 2,
            "fromRev": 1,
            "actorUid": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
            "at": "2026-11-21T10:00:00.000Z",
            "patch": {"priority": "urgent"},
            "previous": {"priority": "high"},
            "lost": {},
        }
    ],
    "nextPageToken": None,
}

REVERT: dict[str, Any] = {"fields": ["priority"]}

REVERTED = {**examples.TASK, "updatedAt": "2026-11-21T10:05:00.000Z", "rev": 3}
