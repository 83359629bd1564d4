"""Deliveries as the API's description shows them. A test sends these to the service."""

from typing import Any

REF: dict[str, Any] = {
    "uid": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "notificationId": "5d1a2f0c9b8e7d6a4c3b2a1908f7e6d5c4b3a291",
    "channel": "push",
}

DELIVERIES: dict[str, Any] = {
    "items": [
        {
            **REF,
            "decision": "failed",
            "reason": "misconfigured",
            "attempts": 8,
            "at": "2026-11-21T09:30:02.000Z",
            "until": None,
        }
    ],
    "nextPageToken": None,
}

HEALTH: dict[str, Any] = {
    "at": "2026-11-21T09:30:00.000Z",
    "pending": {"count": 12, "oldestAt": "2026-11-21T09:24:10.000Z", "oldestAgeS": 350.0},
    "waiting": 7,
    "late": {"count": 0, "oldestAt": None, "oldestAgeS": 0.0},
    "failed": 3,
    "throttled": 0,
}

REDRIVE: dict[str, Any] = {"deliveries": [REF]}
REDRIVEN: dict[str, Any] = {"items": [{**REF, "outcome": "redriven"}]}
