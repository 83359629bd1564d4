"""Rehearsals as the API's description shows them. A test sends these."""

from typing import Any

REHEARSAL: dict[str, Any] = {"to": "2026-03-30T08:00:00Z", "workspaceId": "me"}

SPAN: dict[str, Any] = {"to": "2026-03-30T08:00:00Z"}

REHEARSED: dict[str, Any] = {
    "from": "2026-03-23T08:00:00Z",
    "to": "2026-03-30T08:00:00Z",
    "isComplete": True,
    "items": [
        {
            "kind": "dueSoon",
            "at": "2026-03-27T07:00:00Z",
            "workspaceId": "q2vG7wxhTnQ0bYtK3mKp5sLd8RfA",
            "taskId": "Zk3vQ0aXy7Lr5TnWb2Pd",
            "seriesId": None,
            "occurrenceKey": None,
            "jobId": None,
            "category": None,
            "people": ["q2vG7wxhTnQ0bYtK3mKp5sLd8RfA"],
        }
    ],
}
