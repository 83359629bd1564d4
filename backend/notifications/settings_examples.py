"""Notification settings as the API's description shows them. A test sends these."""

from typing import Any

from backend.notifications.model import Channel
from backend.notifications.preferences import is_on_by_default
from backend.notifications.settings_schemas import CHOSEN

MATRIX = {
    category.value: {channel.value: is_on_by_default(category, channel) for channel in Channel}
    for category in CHOSEN
}

SETTINGS: dict[str, Any] = {
    "matrix": MATRIX,
    "quietHours": None,
    "urgentPasses": True,
    "bundleMinutes": 5,
    "digests": {"daily": None, "weekly": None},
    "workspaces": {},
    "rev": 0,
    "updatedAt": None,
}

SETTINGS_CHANGES: dict[str, Any] = {
    "matrix": {"comment": {"push": False}},
    "quietHours": {
        "5": {"start": "23:00", "end": "09:00"},
        "6": {"start": "23:00", "end": "09:00"},
    },
    "digests": {"daily": "07:30"},
    "workspaces": {"k3VbT0qWmZ8fYxR1sNcD": "mentions"},
}

CHANGED_SETTINGS: dict[str, Any] = {
    **SETTINGS,
    "matrix": {**MATRIX, "comment": {**MATRIX["comment"], "push": False}},
    "quietHours": SETTINGS_CHANGES["quietHours"],
    "digests": {"daily": "07:30", "weekly": None},
    "workspaces": SETTINGS_CHANGES["workspaces"],
    "rev": 1,
    "updatedAt": "2026-11-21T09:30:00.000Z",
}
