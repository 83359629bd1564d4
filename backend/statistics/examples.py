"""Statistics as the API's description shows them."""

from typing import Any

STATISTICS: dict[str, Any] = {
    "total": 17,
    "open": 4,
    "done": 12,
    "overdue": 1,
    "byStatus": {"open": 3, "in_progress": 1, "done": 12, "cancelled": 1},
    "byPriority": {"none": 1, "low": 0, "medium": 1, "high": 2, "urgent": 0},
    "members": [{"uid": "q2WvG7xhTnQ0bYtJ3mKp5sLd8RfA", "open": 3, "done": 9, "overdue": 1}],
}
