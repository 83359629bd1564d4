"""Events as the API's description shows them. A test asks the service for them."""

from typing import Any

EVENTS: dict[str, Any] = {
    "items": [
        {
            "id": "8d1f0a6c2b7e4953a1c0d4e8f7b6a59382716054",
            "type": "task.completed",
            "subject": {"kind": "task", "id": "Zk3vQ0aXy7Lr5TnWb2Pd", "taskId": None},
            "actorUid": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA",
            "rev": 2,
            "at": "2026-11-26T08:12:00.000Z",
        }
    ],
    "nextPageToken": None,
}
