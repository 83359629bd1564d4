"""Operations as the API's description shows them. A test sends these."""

from typing import Any

RUNNING: dict[str, Any] = {
    "id": "Vb7nM2xQe9Rt4LpAz6Ws",
    "kind": "export",
    "state": "running",
    "done": 12,
    "total": 40,
    "result": None,
    "problem": None,
    "createdAt": "2026-11-21T09:30:00.000Z",
    "updatedAt": "2026-11-21T09:30:02.000Z",
    "expireAt": "2026-11-28T09:30:00.000Z",
}

STARTED = {**RUNNING, "done": 0, "updatedAt": RUNNING["createdAt"]}

CANCELLED = {**RUNNING, "state": "cancelled", "expireAt": "2026-11-28T09:30:05.000Z"}

DONE = {
    **RUNNING,
    "state": "done",
    "done": 40,
    "result": {
        "downloadUrl": "https://storage.googleapis.com/bucket/exports/…?X-Goog-Signature=…",
        "downloadUrlExpiresAt": "2026-11-21T09:46:00.000Z",
        "bytes": 48213,
        "manifestSha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    },
}
