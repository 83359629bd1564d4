"""What staff send and get of templates, as the API's description shows it. A test sends these."""

from typing import Any

ENGLISH: dict[str, Any] = {
    "title": "{{ actor }} gave you a task",
    "body": "{{ task }}{% if due %}, due {{ due }}{% endif %}",
    "subject": "{{ actor }} gave you “{{ task }}”",
    "text": "{{ actor }} gave you a task: “{{ task }}”.",
    "html": None,
}
NEW_VERSION: dict[str, Any] = {"texts": {"en": ENGLISH}, "note": "Shorter."}
BY, AT = "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA", "2026-11-21T09:30:00.000Z"

VERSION: dict[str, Any] = {
    **NEW_VERSION,
    "name": "assigned",
    "number": 1,
    "createdBy": BY,
    "createdAt": AT,
}
VERSIONS: dict[str, Any] = {"items": [VERSION], "nextPageToken": None}

TEMPLATE: dict[str, Any] = {
    "name": "assigned",
    "variables": {
        "actor": {"kind": "person", "isOptional": False},
        "task": {"kind": "text", "isOptional": False},
        "due": {"kind": "day", "isOptional": True},
    },
    "published": 0,
    "latest": 1,
    "updatedBy": BY,
    "updatedAt": AT,
    "rev": 1,
}
PUBLISHED: dict[str, Any] = {**TEMPLATE, "published": 1, "rev": 2}
TEMPLATES: dict[str, Any] = {"items": [TEMPLATE]}

TRIAL: dict[str, Any] = {
    "locale": "en",
    "values": {"actor": "Ann Berger", "task": "Book the venue", "due": "2026-12-24T18:00"},
}
PREVIEW: dict[str, Any] = {
    "template": "assigned@1",
    "locale": "en",
    "title": "Ann Berger gave you a task",
    "body": "Book the venue, due 24 Dec 2026, 18:00",
    "mail": {
        "subject": "Ann Berger gave you “Book the venue”",
        "text": "Ann Berger gave you a task: “Book the venue”.\n\nOpen in TaskFlow: …",
        "html": "<!doctype html>…",
    },
}
TRIED: dict[str, Any] = {
    "devices": [{"id": "pixel-8", "outcome": "sent", "errorCode": ""}],
    "mail": "sent",
}
