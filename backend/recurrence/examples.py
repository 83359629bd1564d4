"""Series as the API's description shows them. A test sends these to the service."""

from typing import Any

NEW_SERIES: dict[str, Any] = {
    "title": "Water the plants",
    "rule": "FREQ=WEEKLY;BYDAY=MO,TH",
    "start": {"date": "2026-11-23", "time": "09:00", "tz": "Europe/Berlin"},
    "mode": "fixed",
}

SERIES: dict[str, Any] = {
    "id": "Bq8mE2wKf4Ru6YcHs1Vt",
    "workspaceId": "Rm4cX8uJd1Fy7GoNe5Ki",
    "template": {
        "title": "Water the plants",
        "description": "",
        "priority": "none",
        "assigneeIds": [],
        "watcherIds": [],
    },
    "rule": "FREQ=WEEKLY;BYDAY=MO,TH",
    "start": {"date": "2026-11-23", "time": "09:00", "tz": "Europe/Berlin"},
    "mode": "fixed",
    "state": "active",
    "lastKey": "2026-11-23",
    "createdAt": "2026-11-21T09:30:00.000Z",
    "createdBy": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "updatedAt": "2026-11-21T09:30:00.000Z",
    "rev": 1,
}

BEGUN_SERIES = {**SERIES, "firstTaskId": "Bq8mE2wKf4Ru6YcHs1Vt-2026-11-23"}

SERIES_PAGE = {"items": [SERIES], "nextPageToken": None}
