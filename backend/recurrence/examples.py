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
        "labelIds": [],
        "projectId": None,
        "boardId": None,
        "listId": None,
        "reminders": [],
        "checklist": [],
        "estimateMin": None,
        "subtasks": [],
    },
    "rule": "FREQ=WEEKLY;BYDAY=MO,TH",
    "repeat": "every Monday and Thursday",
    "start": {"date": "2026-11-23", "time": "09:00", "tz": "Europe/Berlin"},
    "rdates": [],
    "exdates": [],
    "mode": "fixed",
    "catchUp": "skip",
    "state": "active",
    "lastKey": "20261123T0900",
    "nextAt": "2026-11-26T08:00:00.000Z",
    "pausedAt": None,
    "follows": None,
    "createdAt": "2026-11-21T09:30:00.000Z",
    "createdBy": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "updatedAt": "2026-11-21T09:30:00.000Z",
    "rev": 1,
}

BEGUN_SERIES = {**SERIES, "firstTaskId": "Bq8mE2wKf4Ru6YcHs1Vt-20261123T0900"}

SERIES_CHANGES: dict[str, Any] = {"title": "Water all plants", "repeat": "every weekday"}

CHANGED_SERIES: dict[str, Any] = {
    **SERIES,
    "template": {**SERIES["template"], "title": "Water all plants"},
    "rule": "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR",
    "repeat": "every weekday",
    "nextAt": "2026-11-24T08:00:00.000Z",
    "updatedAt": "2026-11-21T09:31:00.000Z",
    "rev": 2,
}

PAUSED_SERIES = {**SERIES, "nextAt": None, "pausedAt": "2026-11-21T09:31:00.000Z", "rev": 2}

SERIES_PAGE = {"items": [SERIES], "nextPageToken": None}

WANTED_PREVIEW: dict[str, Any] = {
    "repeat": "every Thursday and Sunday at 2:30",
    "start": {"date": "2027-03-25", "tz": "Europe/Berlin"},
    "count": 3,
}

PREVIEW: dict[str, Any] = {
    "items": [
        {
            "key": key,
            "scheduledAt": at,
            "due": {"kind": "zoned", "date": day, "time": "02:30", "tz": "Europe/Berlin"},
            "utcOffset": offset,
            "note": note,
        }
        for key, at, day, offset, note in (
            ("20270325T0230", "2027-03-25T01:30:00.000Z", "2027-03-25", "+01:00", None),
            ("20270328T0230", "2027-03-28T01:00:00.000Z", "2027-03-28", "+02:00", "gap"),
            ("20270401T0230", "2027-04-01T00:30:00.000Z", "2027-04-01", "+02:00", None),
        )
    ]
}

RULE_PREVIEW: dict[str, Any] = {
    **PREVIEW,
    "rule": "FREQ=WEEKLY;BYDAY=TH,SU",
    "repeat": "every Thursday and Sunday",
    "mode": "fixed",
}
