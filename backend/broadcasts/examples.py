"""Broadcasts as the API's description shows them. A test sends these to the service."""

from typing import Any

NEW_BROADCAST: dict[str, Any] = {
    "segment": {"people": "registered", "locale": "de"},
    "texts": {
        "en": {"title": "Down on Sunday", "body": "From 2:00 to 2:30 UTC nothing can be saved."},
        "de": {
            "title": "Pause am Sonntag",
            "body": "Von 2:00 bis 2:30 UTC kann nichts gespeichert werden.",
        },
    },
    "link": "https://status.example.com/maintenance",
    "channels": ["push"],
    "perMinute": 600,
}

SEGMENT: dict[str, Any] = {
    "people": "registered",
    "locale": "de",
    "platform": None,
    "activeSince": None,
    "workspaceId": None,
    "audience": [],
}

BEGUN: dict[str, Any] = {
    "id": "Vb7nM2xQe9Rt4LpAz6Ws",
    "state": "running",
    "segment": SEGMENT,
    "texts": NEW_BROADCAST["texts"],
    "link": NEW_BROADCAST["link"],
    "channels": ["push"],
    "perMinute": 600,
    "expected": 1200,
    "told": 0,
    "leftOut": 0,
    "outcomes": None,
    "createdBy": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "createdAt": "2026-11-21T09:30:00.000Z",
    "updatedAt": "2026-11-21T09:30:00.000Z",
    "endedAt": None,
    "rev": 1,
}

RUNNING = {**BEGUN, "told": 450, "updatedAt": "2026-11-21T09:32:00.000Z", "rev": 13}
PAUSED = {**RUNNING, "state": "paused", "told": 405, "rev": 11}
CANCELLED = {
    **PAUSED,
    "state": "cancelled",
    "updatedAt": "2026-11-21T09:40:00.000Z",
    "endedAt": "2026-11-21T09:40:00.000Z",
    "rev": 12,
}
DONE = {
    **BEGUN,
    "state": "done",
    "told": 1184,
    "outcomes": {
        "inbox": {"sent": 1161, "muted": 23},
        "push": {"sent": 913, "noDevice": 215, "held": 31, "muted": 20, "failed": 5},
        "email": {"suppressed": 1184},
    },
    "updatedAt": "2026-11-21T09:48:00.000Z",
    "endedAt": "2026-11-21T09:48:00.000Z",
    "rev": 30,
}
BROADCASTS = {"items": [DONE], "nextPageToken": None}

PREVIEW: dict[str, Any] = {
    "expected": 1200,
    "isExact": False,
    "samples": [
        {"locale": locale, "title": said["title"], "body": said["body"]}
        for locale, said in sorted(NEW_BROADCAST["texts"].items())
    ],
    "tried": 45,
    "outcomes": {
        "inbox": {"sent": 44, "muted": 1},
        "push": {"pending": 42, "held": 2, "muted": 1},
        "email": {"suppressed": 45},
    },
    "languages": {"de": 45},
}

RECIPIENTS: dict[str, Any] = {
    "items": [
        {
            "uid": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
            "reached": "told",
            "notificationId": "5d1a2f0c9b8e7d6a4c3b2a1908f7e6d5c4b3a291",
            "at": "2026-11-21T09:30:01.000Z",
            "decisions": {
                "inbox": {
                    "decision": "sent",
                    "reason": "default",
                    "attempts": 1,
                    "at": "2026-11-21T09:30:01.000Z",
                },
                "push": {
                    "decision": "sent",
                    "reason": "default",
                    "attempts": 1,
                    "at": "2026-11-21T09:30:02.000Z",
                },
            },
        }
    ],
    "nextPageToken": None,
}
