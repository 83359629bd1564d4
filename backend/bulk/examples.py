"""Commands in bulk as the API's description shows them. A test sends these to the service."""

from typing import Any

from backend.tasks.examples import TASK

TASK_ID = TASK["id"]

BATCH: dict[str, Any] = {
    "mode": "perItem",
    "operations": [
        {"op": "create", "title": "Book the room"},
        {"op": "update", "taskId": TASK_ID, "ifMatch": 1, "priority": "urgent"},
        {"op": "complete", "taskId": TASK_ID},
    ],
}

REPORT: dict[str, Any] = {
    "mode": "perItem",
    "done": 1,
    "unchanged": 0,
    "refused": 2,
    "results": [
        {
            "index": 0,
            "op": "create",
            "taskId": TASK_ID,
            "outcome": "done",
            "rev": 1,
            "code": None,
            "detail": None,
            "errors": [],
            "task": {**TASK, "title": "Book the room"},
        },
        *(
            {
                "index": index,
                "op": op,
                "taskId": TASK_ID,
                "outcome": "refused",
                "rev": None,
                "code": "not-found",
                "detail": "There is no such thing here, or you may not see it.",
                "errors": [],
                "task": None,
            }
            for index, op in ((1, "update"), (2, "complete"))
        ),
    ],
}
