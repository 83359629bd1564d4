"""
What Firebase deploys: every function named here, and nothing else.

    firebase deploy --only functions

reads its settings from `functions/.env.<project id>`: `WORKER_URL` and
`WORKER_SERVICE_ACCOUNT` have no default, `JOBS_LOCATION` and `JOBS_QUEUE` have. The
account the functions run as needs `roles/cloudtasks.enqueuer`, and
`roles/iam.serviceAccountUser` on `WORKER_SERVICE_ACCOUNT`.
"""

from doorbells import (
    account_written,
    board_created,
    board_deleted,
    comment_written,
    device_written,
    intent_written,
    list_created,
    list_deleted,
    notification_deleted,
    notification_marked,
    settings_written,
    task_written,
)

__all__ = [
    "account_written",
    "board_created",
    "board_deleted",
    "comment_written",
    "device_written",
    "intent_written",
    "list_created",
    "list_deleted",
    "notification_deleted",
    "notification_marked",
    "settings_written",
    "task_written",
]
