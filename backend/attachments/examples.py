"""Attachments as the API's description shows them. A test sends these to the service."""

from typing import Any

NEW_ATTACHMENT: dict[str, Any] = {
    "name": "Grundriss Büro.png",
    "contentType": "image/png",
    "size": 48213,
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}

ANNOUNCED: dict[str, Any] = {
    "id": "Wc6pB9tKe2Xn4HsVd8Qj",
    "workspaceId": "Rm4cX8uJd1Fy7GoNe5Ki",
    "taskId": "Zk3vQ0aXy7Lr5TnWb2Pd",
    **NEW_ATTACHMENT,
    "state": "pending",
    "uploadedBy": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "createdAt": "2026-11-21T09:30:00.000Z",
    "updatedAt": "2026-11-21T09:30:00.000Z",
    "rev": 1,
    "upload": {
        "method": "PUT",
        "url": "https://storage.googleapis.com/bucket/uploads/…?X-Goog-Signature=…",
        "headers": {"Content-Type": "image/png", "x-goog-content-length-range": "48213,48213"},
        "expiresAt": "2026-11-21T09:45:00.000Z",
    },
}

LISTED: dict[str, Any] = {
    **{name: value for name, value in ANNOUNCED.items() if name != "upload"},
    "state": "ready",
    "updatedAt": "2026-11-21T09:30:04.000Z",
    "rev": 2,
}

READY: dict[str, Any] = {
    **LISTED,
    "download": {
        "method": "GET",
        "url": "https://storage.googleapis.com/bucket/workspaces/…?X-Goog-Signature=…",
        "headers": {},
        "expiresAt": "2026-11-21T09:45:04.000Z",
    },
}

PAGE: dict[str, Any] = {"items": [LISTED], "nextPageToken": None}
