"""Accounts and devices as the API's description shows them. A test sends these."""

from typing import Any

ACCOUNT: dict[str, Any] = {
    "uid": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "displayName": "Ann Berger",
    "photoUrl": None,
    "locale": "de",
    "timezone": "Europe/Berlin",
    "weekStart": 1,
    "state": "active",
    "isGuest": False,
    "expireAt": None,
    "eraseAt": None,
    "createdAt": "2026-11-20T14:58:00.000Z",
    "updatedAt": "2026-11-20T14:58:00.000Z",
    "rev": 1,
}

ACCOUNT_CHANGES: dict[str, Any] = {"displayName": "Ann B.", "timezone": "America/Sao_Paulo"}

CHANGED_ACCOUNT: dict[str, Any] = {
    **ACCOUNT,
    **ACCOUNT_CHANGES,
    "updatedAt": "2026-11-21T09:30:00.000Z",
    "rev": 2,
}

REGISTRATION: dict[str, Any] = {
    "token": "fGk2-rT8Qw:APA91bExampleExampleExample",
    "platform": "android",
    "locale": "de-DE",
    "timezone": "Europe/Berlin",
}

DEVICE: dict[str, Any] = {
    "id": "pixel-9-of-ann",
    "platform": "android",
    "locale": "de-DE",
    "timezone": "Europe/Berlin",
    "lastSeenAt": "2026-11-21T09:30:00.000Z",
    "disabledAt": None,
}

DEVICES = {"items": [DEVICE], "nextPageToken": None}
