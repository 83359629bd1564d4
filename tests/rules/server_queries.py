"""What the server asks besides its lists. A query of a repository has its row here."""

from backend.guests.removal import NAMED_BY
from backend.jobs.doing.purging import EXPIRING
from tests.rules.listeners import CONTAINS, EQUAL, IN
from tests.rules.wire import Query

SERVER_QUERIES = {
    "members": ("members", Query(order_by=("createdAt",))),
    "jobs": ("jobs", Query((("workspaceId", EQUAL, "w"),), ("-createdAt",))),
    "jobs-of-a-workspace": ("jobs", Query((("workspaceId", EQUAL, "w"),))),
    "jobs-late": ("jobs", Query((("nextRunAt", "LESS_THAN_OR_EQUAL", None),), ("nextRunAt",))),
    "runs": ("runs", Query(order_by=("-slot",))),
    "template-versions": ("versions", Query(order_by=("-number",))),
    "broadcasts": ("broadcasts", Query(order_by=("-createdAt",))),
    "broadcasts-under-way": ("broadcasts", Query((("state", IN, ["running", "paused"]),))),
    "recipients": ("recipients", Query(order_by=("at",))),
    "devices-of-a-kind-seen-since": (
        "devices",
        Query(
            (("platform", EQUAL, "ios"), ("lastSeenAt", "GREATER_THAN_OR_EQUAL", None)),
            ("lastSeenAt",),
            every_path=True,
        ),
    ),
    "devices-seen-since": (
        "devices",
        Query((("lastSeenAt", "GREATER_THAN_OR_EQUAL", None),), ("lastSeenAt",), every_path=True),
    ),
    "accounts-of-a-language": (
        "users",
        Query(
            (("locale", "GREATER_THAN_OR_EQUAL", "de"), ("locale", "LESS_THAN_OR_EQUAL", "de-z")),
            ("locale",),
        ),
    ),
    "accounts-of-guests": ("users", Query((("isGuest", EQUAL, True),))),
    "deliveries": (
        "decisions",
        Query((("decision", EQUAL, "failed"),), ("-at",), every_path=True),
    ),
    **{
        f"deliveries-by-until-{how}": (
            "decisions",
            Query(
                (("decision", EQUAL, "pending"), ("until", how, None)), ("until",), every_path=True
            ),
        )
        for how in ("LESS_THAN_OR_EQUAL", "GREATER_THAN")
    },
    "deliveries-late-without-until": (
        "decisions",
        Query(
            (
                ("decision", EQUAL, "pending"),
                ("until", EQUAL, None),
                ("at", "LESS_THAN_OR_EQUAL", None),
            ),
            ("at",),
            every_path=True,
        ),
    ),
    "deliveries-lately": (
        "decisions",
        Query(
            (("decision", EQUAL, "failed"), ("at", "GREATER_THAN_OR_EQUAL", None)),
            ("-at",),
            every_path=True,
        ),
    ),
    "series": ("series", Query(order_by=("-createdAt",))),
    "series-late": (
        "series",
        Query(
            (("catchUp", EQUAL, "all"), ("nextAt", "LESS_THAN_OR_EQUAL", None)),
            ("nextAt",),
            every_path=True,
        ),
    ),
    "occurrences-to-be-done": (
        "occurrences",
        Query(
            (("state", IN, ["open", "moved"]), ("scheduledAt", "LESS_THAN_OR_EQUAL", None)),
            ("-scheduledAt",),
        ),
    ),
    "occurrences-the-last-first": ("occurrences", Query((), ("-scheduledAt",))),
    "occurrences-that-followed": ("occurrences", Query((("after", EQUAL, "k"),))),
    "boards-changed": (
        "boards",
        Query((("updatedAt", "GREATER_THAN", None),), ("updatedAt",), every_path=True),
    ),
    "lists-changed": (
        "lists",
        Query((("updatedAt", "GREATER_THAN", None),), ("updatedAt",), every_path=True),
    ),
    "entries-of-a-task": (
        "searchEntries",
        Query((("workspaceId", EQUAL, "w"), ("taskId", EQUAL, "t"))),
    ),
    "shadows-of-a-task": (
        "shadows",
        Query((("workspaceId", EQUAL, "w"), ("taskId", EQUAL, "t"))),
    ),
    "shadows-of-a-workspace": ("shadows", Query((("workspaceId", EQUAL, "w"),))),
    "tasks-of-a-series": ("tasks", Query((("seriesId", EQUAL, "s1"),), ("occurrenceKey",))),
    "tasks-below": (
        "tasks",
        Query((("deletedAt", EQUAL, None), ("ancestorIds", CONTAINS, "t")), ("depth", "rank")),
    ),
    "tasks-too-deep-below": (
        "tasks",
        Query(
            (
                ("deletedAt", EQUAL, None),
                ("ancestorIds", CONTAINS, "t"),
                ("depth", "GREATER_THAN", 7),
            ),
            ("depth", "rank"),
        ),
    ),
    # Jobs take these by their ids, which is the order of single fields anyway.
    "subtasks-but-for-the-trash": (
        "tasks",
        Query((("parentId", EQUAL, "t"), ("deletedAt", EQUAL, None))),
    ),
    "tasks-gone-with-one": (
        "tasks",
        Query((("deletedAt", EQUAL, None), ("ancestorIds", CONTAINS, "t"))),
    ),
    "tasks-that-wait-for-one": ("tasks", Query((("blockedBy", CONTAINS, "t"),))),
    "tasks-overdue": ("tasks", Query((("isOverdue", EQUAL, True),))),
    "tasks-changed": (
        "tasks",
        Query((("updatedAt", "GREATER_THAN", None),), ("updatedAt",), every_path=True),
    ),
    "timers-due": (
        "timers",
        Query((("state", EQUAL, "set"), ("fireAt", "LESS_THAN_OR_EQUAL", None)), ("fireAt",)),
    ),
    "timers-of-a-workspace": (
        "timers",
        Query(
            (("subject.workspaceId", EQUAL, "w"), ("fireAt", "LESS_THAN_OR_EQUAL", None)),
            ("fireAt",),
        ),
    ),
    "timers-of-a-person": (
        "timers",
        Query(
            (
                ("kind", IN, ["digest", "release"]),
                ("subject.uid", EQUAL, "uid"),
                ("fireAt", "LESS_THAN_OR_EQUAL", None),
            ),
            ("fireAt",),
        ),
    ),
    "memberships": ("members", Query((("uid", EQUAL, "uid"),), every_path=True)),
    "memberships-in-spaces": (
        "members",
        Query((("parentId", EQUAL, "w"), ("uid", EQUAL, "uid")), every_path=True),
    ),
    "members-of-a-role": (
        "members",
        Query((("role", EQUAL, "admin"), ("expireAt", EQUAL, None)), ("createdAt",)),
    ),
    "workspaces-owned": ("workspaces", Query((("ownerUid", EQUAL, "uid"),), ("createdAt",))),
    "spaces": ("workspaces", Query((("parentId", EQUAL, "w"),))),
    **{
        f"tasks-to-do-{whose}": (
            "tasks",
            Query(
                (
                    (whose, how, "uid"),
                    ("deletedAt", EQUAL, None),
                    ("archivedAt", EQUAL, None),
                    ("status", IN, ["open", "in_progress"]),
                    ("dueAt", "GREATER_THAN", None),
                ),
                ("dueAt",),
                every_path=True,
            ),
        )
        for whose, how in {"assigneeIds": CONTAINS, "createdBy": EQUAL}.items()
    },
    "notifications-of-events": ("notifications", Query((("events", CONTAINS, "e"),))),
    "tasks-assigned": ("tasks", Query((("assigneeIds", CONTAINS, "uid"),))),
    "tasks-watched": ("tasks", Query((("watcherIds", CONTAINS, "uid"),))),
    "invites": ("invites", Query((("state", EQUAL, "pending"),), ("expireAt",))),
    "invites-open": (
        "invites",
        Query((("state", EQUAL, "pending"), ("expireAt", "GREATER_THAN", None)), ("expireAt",)),
    ),
    "memberships-in-pages": (
        "members",
        Query(
            (("uid", "GREATER_THAN_OR_EQUAL", "uid"), ("uid", "LESS_THAN_OR_EQUAL", "uid")),
            ("uid",),
            every_path=True,
        ),
    ),
    "guests-overdue": (
        "users",
        Query((("expireAt", "LESS_THAN_OR_EQUAL", None),), ("expireAt",)),
    ),
    "merge-of-an-operation": ("merges", Query((("operationId", EQUAL, "o"),))),
    "records-of-an-operation": ("undoRecords", Query((("operationId", EQUAL, "o"),))),
    "intents-waiting": (
        "intents",
        Query(
            (("state", EQUAL, "pending"), ("createdAt", "GREATER_THAN", None)),
            ("createdAt",),
            every_path=True,
        ),
    ),
    "copies-of-a-merge": ("mergeCopies", Query((("guestUid", EQUAL, "uid"),))),
    "tasks-newest": (
        "tasks",
        Query((("deletedAt", EQUAL, None), ("archivedAt", EQUAL, None)), ("-createdAt",)),
    ),
    "subtasks": ("tasks", Query((("parentId", EQUAL, "t"),))),
    "events-about": ("events", Query((("subject.id", EQUAL, "t"),))),
    **{
        f"{collection}-naming-{name}": (
            collection,
            Query(((name, CONTAINS if how == "array_contains" else EQUAL, "id"),)),
        )
        for namers in NAMED_BY.values()
        for collection, name, how in namers
    },
    "comments-changed": (
        "comments",
        Query((("updatedAt", "GREATER_THAN", None),), ("updatedAt",), every_path=True),
    ),
    "accounts-changed": ("users", Query((("updatedAt", "GREATER_THAN", None),), ("updatedAt",))),
    "devices-seen-last": ("devices", Query(order_by=("-lastSeenAt",))),
    "devices-seen-before": ("devices", Query((("lastSeenAt", "LESS_THAN", None),))),
    "devices-seen-first": ("devices", Query(order_by=("lastSeenAt",))),
    "devices-changed": (
        "devices",
        Query((("lastSeenAt", "GREATER_THAN", None),), ("lastSeenAt",), every_path=True),
    ),
    "settings-changed": (
        "settings",
        Query((("updatedAt", "GREATER_THAN", None),), ("updatedAt",), every_path=True),
    ),
    "devices-of-a-token": ("devices", Query((("token", EQUAL, "t"),), every_path=True)),
    "notifications-put-off-until": (
        "notifications",
        Query((("snoozedUntil", "LESS_THAN_OR_EQUAL", None),), ("snoozedUntil",), every_path=True),
    ),
    "notifications-marked": (
        "notifications",
        Query((("updatedAt", "GREATER_THAN", None),), ("updatedAt",), every_path=True),
    ),
    "tasks-done-before": (
        "tasks",
        Query(
            (
                ("deletedAt", EQUAL, None),
                ("archivedAt", EQUAL, None),
                ("status", EQUAL, "done"),
                ("completedAt", "LESS_THAN_OR_EQUAL", None),
            ),
            ("completedAt",),
        ),
    ),
    "tasks-done-before-on-a-board": (
        "tasks",
        Query(
            (
                ("deletedAt", EQUAL, None),
                ("archivedAt", EQUAL, None),
                ("status", EQUAL, "done"),
                ("completedAt", "LESS_THAN_OR_EQUAL", None),
                ("boardId", EQUAL, "b"),
            ),
            ("completedAt",),
        ),
    ),
    "tasks-thrown-away-before": (
        "tasks",
        Query((("deletedAt", "LESS_THAN_OR_EQUAL", None),), ("deletedAt",)),
    ),
    "admins": ("staff", Query((("role", EQUAL, "admin"),))),
    **{
        f"{each.name}-expired": (
            each.name,
            Query(
                ((each.field, "LESS_THAN_OR_EQUAL", None),),
                (each.field,),
                every_path=each.is_group,
            ),
        )
        for each in EXPIRING
    },
    **{
        f"notifications-outside-of-the-archive {' '.join(narrowed)}": (
            "notifications",
            Query(
                (("archivedAt", EQUAL, None), *((name, EQUAL, None) for name in narrowed)),
                ("-createdAt",),
            ),
        )
        for narrowed in ([], ["readAt"], ["category"], ["readAt", "category"])
    },
    **{
        f"notifications-in-the-archive {' '.join(narrowed)}": (
            "notifications",
            Query(
                (
                    ("archivedAt", "GREATER_THAN", None),
                    *((name, EQUAL, None) for name in narrowed),
                ),
                ("-archivedAt",),
            ),
        )
        for narrowed in ([], ["category"])
    },
    "notifications-about-a-task": (
        "notifications",
        Query(
            (("taskId", EQUAL, "t"), ("isCounted", EQUAL, True)), ("-createdAt",), every_path=True
        ),
    ),
    "notifications-counted": (
        "notifications",
        Query((("isCounted", EQUAL, True), ("category", EQUAL, "assigned"))),
    ),
}
