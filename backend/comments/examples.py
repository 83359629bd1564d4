"""Comments as the API's description shows them. A test sends these to the service."""

from typing import Any

NEW_COMMENT: dict[str, Any] = {"body": "The **figures** are wrong on page 3."}

COMMENT_CHANGES: dict[str, Any] = {"body": "The figures are wrong on pages 3 and 4."}

COMMENT: dict[str, Any] = {
    "id": "Jt6pR1zNc8Yw3DkSv5Ha",
    "workspaceId": "Rm4cX8uJd1Fy7GoNe5Ki",
    "taskId": "Zk3vQ0aXy7Lr5TnWb2Pd",
    **NEW_COMMENT,
    "bodyHtml": "<p>The <strong>figures</strong> are wrong on page 3.</p>",
    "mentionIds": [],
    "reactions": [],
    "authorUid": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "createdAt": "2026-11-21T09:30:00.000Z",
    "updatedAt": "2026-11-21T09:30:00.000Z",
    "updatedBy": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
    "rev": 1,
}

CHANGED_COMMENT: dict[str, Any] = {
    **COMMENT,
    **COMMENT_CHANGES,
    "bodyHtml": "<p>The figures are wrong on pages 3 and 4.</p>",
    "updatedAt": "2026-11-21T09:31:00.000Z",
    "rev": 2,
}

REACTED_COMMENT: dict[str, Any] = {
    **COMMENT,
    "reactions": [{"uid": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA", "emoji": "👍"}],
    "rev": 2,
}

COMMENT_PAGE: dict[str, Any] = {"items": [COMMENT], "nextPageToken": None}
