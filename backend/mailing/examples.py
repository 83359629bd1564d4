"""What staff send and get about suppressed addresses, as the API's description shows it."""

from typing import Any

ADDRESS: dict[str, Any] = {"email": "robin@example.com"}

SUPPRESSION: dict[str, Any] = {
    "id": "01e71f51d3dbfa96bfa880af8fa5ddfb",
    "reason": "hardBounce",
    "code": "5.1.1",
    "at": "2026-11-21T09:30:00.000Z",
    "until": None,
}

REQUESTED: dict[str, Any] = {**SUPPRESSION, "reason": "request", "code": ""}

SUPPRESSIONS: dict[str, Any] = {"items": [SUPPRESSION], "nextPageToken": None}
