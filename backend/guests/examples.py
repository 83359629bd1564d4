"""Merges as the API's description shows them. A test sends these."""

from typing import Any

MERGE: dict[str, Any] = {"guestToken": "eyJhbGciOiJSUzI1NiIsImtpZCI6IjA4In0.eyJzdWIiOiJnIn0.c2ln"}

UNDO: dict[str, Any] = {"operationId": "b7Qe2nVx9sKd4TzLw0Rm"}

MERGING: dict[str, Any] = {
    "id": "b7Qe2nVx9sKd4TzLw0Rm",
    "kind": "mergeGuest",
    "state": "running",
    "done": 0,
    "total": None,
    "result": None,
    "problem": None,
    "createdAt": "2026-11-21T09:30:00.000Z",
    "updatedAt": "2026-11-21T09:30:00.000Z",
    "expireAt": "2026-11-28T09:30:00.000Z",
}

UNDOING: dict[str, Any] = {**MERGING, "id": "Yd5mC8fJq1Wp6XtRz3Hk", "kind": "undoMerge"}
