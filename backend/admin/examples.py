"""What staff send and get, as the API's description shows it. A test sends these."""

from typing import Any

PERSON: dict[str, Any] = {
    "uid": "h7JdS1kPzXc4VbNm9QwErT3yU6aG",
    "state": "active",
    "isGuest": False,
    "role": None,
    "expireAt": None,
    "eraseAt": None,
    "createdAt": "2026-11-20T14:58:00.000Z",
}

DISABLEMENT: dict[str, Any] = {"reason": "Sends unwanted invitations."}
DISABLED: dict[str, Any] = {**PERSON, "state": "disabled"}

WANTED_ROLE: dict[str, Any] = {"role": "support"}
APPOINTED: dict[str, Any] = {**PERSON, "role": "support"}

AUDIT: dict[str, Any] = {
    "items": [
        {
            "id": "Xb2mQ9sLw4Zr7TkVd1Ya",
            "action": "account.disabled",
            "actorUid": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
            "subjectUid": "h7JdS1kPzXc4VbNm9QwErT3yU6aG",
            "workspaceId": None,
            "details": {"reason": "Sends unwanted invitations."},
            "at": "2026-11-21T09:30:00.000Z",
        }
    ],
    "nextPageToken": None,
}
