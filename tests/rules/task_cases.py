"""
Cases about tasks: each is one deviation from a valid document.

So a refusal can have no other reason than the case's own. An `a38` in a name is the number of the
attack in the security list. Names of people stand for their uids: see `World.named`.
"""

from tests.rules.client import Verdict
from tests.rules.documents import FUTURE, NEVER, PAST, due
from tests.rules.wire import DELETE, REQUEST_TIME, ArrayUnion, Increment

ALLOWED, DENIED = Verdict.ALLOWED, Verdict.DENIED

CLIENT_FIELDS = [
    "title", "description", "status", "priority", "assigneeIds", "watcherIds", "labelIds",
    "projectId", "boardId", "listId", "rank", "parentId", "startAt", "due", "dueAt", "dueDay",
    "reminders", "checklist", "estimateMin", "completedAt", "completedBy",
    "archivedAt", "deletedAt", "rev", "updatedAt", "updatedBy",
]  # fmt: skip
SERVER_FIELDS = [
    "ancestorIds", "depth", "blockedBy", "isBlocked", "counters", "seriesId", "occurrenceKey",
    "isOverdue", "expireAt", "createdAt", "createdBy",
]  # fmt: skip

NOT_ON_CREATE = {
    "a38-rev-0": {"rev": 0},
    "a38-rev-2": {"rev": 2},
    "a38-rev-float": {"rev": 1.0},
    "a38-rev-string": {"rev": "1"},
    "a38-updated-at-client-time": {"updatedAt": FUTURE},
    "a38-updated-by-another": {"updatedBy": "someone"},
    "a37-created-at-client-time": {"createdAt": PAST},
    "a37-created-by-another": {"createdBy": "someone"},
    "a25-series": {"seriesId": "s1"},
    "a25-occurrence-key": {"occurrenceKey": "20260329"},
    "a25-overdue": {"isOverdue": True},
    "a25-overdue-null": {"isOverdue": None},
    "a25-blocked": {"isBlocked": True},
    "blocked-by-at-birth": {"blockedBy": ["t1"]},
    "a25-ancestors": {"ancestorIds": ["t1"]},
    "a25-depth": {"depth": 1},
    "a25-depth-float": {"depth": 0.0},
    "a25-counters": {"counters": {"done": 9}},
    "a25-expiry": {"expireAt": FUTURE},
    "archived-at-birth": {"archivedAt": REQUEST_TIME},
    "deleted-at-birth": {"deletedAt": REQUEST_TIME},
    "done-without-completion": {"status": "done"},
    "done-without-completer": {"status": "done", "completedAt": REQUEST_TIME},
    "done-by-another": {"status": "done", "completedAt": REQUEST_TIME, "completedBy": "someone"},
    "done-in-the-past": {"status": "done", "completedAt": PAST, "completedBy": "member"},
}

NOT_ON_UPDATE = {
    "a38-rev-equal": {"rev": 3},
    "a38-rev-plus-2": {"rev": 5},
    "a38-rev-float": {"rev": 4.0},
    "a38-rev-null": {"rev": None},
    "a38-rev-removed": {"rev": DELETE},
    "a38-updated-at-client-time": {"updatedAt": FUTURE},
    "a38-updated-at-null": {"updatedAt": None},
    "a38-updated-by-another": {"updatedBy": "someone"},
    "a37-created-at": {"createdAt": REQUEST_TIME},
    "a37-created-by": {"createdBy": "someone"},
    "a25-series": {"seriesId": "s1"},
    "a25-occurrence-key": {"occurrenceKey": "20260329"},
    "a25-overdue": {"isOverdue": True},
    "a25-blocked": {"isBlocked": True},
    "blocked-by": {"blockedBy": ["t1"]},
    "a25-ancestors": {"ancestorIds": ["t1"]},
    "a25-depth": {"depth": 1},
    "a25-expiry": {"expireAt": FUTURE},
    "a51-extra-in-due": {"due.extra": "x"},
    "a51-counters-as-a-map": {"counters": {"done": 9}},
    "a52-counters-by-path": {"counters.done": 5},
    "a53-increment-rev-by-5": {"rev": Increment(5)},
    "a53-transform-on-a-server-field": {"isOverdue": REQUEST_TIME},
    "a53-increment-a-server-field": {"seriesId": Increment(1)},
    "a53-increment-a-counter": {"counters.done": Increment(1)},
    "a53-union-into-a-server-field": {"ancestorIds": ArrayUnion(("t1",))},
    "a53-time-as-title": {"title": REQUEST_TIME},
}

# What a task may hold, whichever verb brings it about.
LETTER = "a"
ID_LISTS = ("labelIds",)
NO_IDS = {
    "21": [f"id-{number}" for number in range(21)],
    "number": [7],
    "id-and-number": ["x", 7],
    "boolean": [True],
    "null-inside": [None],
    "map-inside": [{"id": "x"}],
    "float": [1.5],
    "empty-string": [""],
    "empty-string-between": ["x", "", "y"],
    "space": ["x y"],
    "slash": ["x/tasks/t1"],
    "letter-of-another-alphabet": ["\u0430"],
    "newline": ["x\n"],
    "id-of-129": [LETTER * 129],
    "string": "x",
    "map": {"x": True},
    "null": None,
}
NO_RANKS = {
    "nan": float("nan"),
    "infinity": float("inf"),
    "number": 5,
    "empty": "",
    "of-65": LETTER * 65,
    "of-10-kb": LETTER * 10_000,
    "with-a-dash": "a-b",
    "list": ["a"],
}


def _ids(count: int) -> list[str]:
    return [f"id-{number}" for number in range(count)]


def reminder(minutes: int) -> dict[str, object]:
    """Return a reminder some minutes before the task is due."""
    return {"kind": "relative", "minutesBefore": minutes, "at": None}


def item(number: int) -> dict[str, object]:
    """Return a line of a checklist."""
    return {"id": f"i{number}", "text": "Fill the can", "isDone": False}


VALID = {
    "title-shortest": {"title": LETTER},
    "title-longest": {"title": LETTER * 500},
    "description-empty": {"description": ""},
    "description-longest": {"description": LETTER * 20_000},
    "status-in-progress": {"status": "in_progress"},
    "status-cancelled": {"status": "cancelled"},
    "priority-lowest": {"priority": 0},
    "priority-highest": {"priority": 4},
    "assignees-none": {"assigneeIds": []},
    "watchers-none": {"watcherIds": []},
    "due-never": NEVER,
    "due-zoned": due("zoned"),
    "due-floating": due("floating"),
    "due-all-day": due("allDay"),
    "due-midnight": due(time="00:00"),
    "due-last-minute": due(time="23:59"),
    "due-leap-day": due(date="2028-02-29"),
    "due-first-year": due(date="1970-01-01"),
    "due-last-year": due(date="2100-12-31"),
    "due-zone-utc": due(tz="UTC"),
    "due-zone-three-parts": due(tz="America/Argentina/Buenos_Aires"),
    "due-zone-with-sign": due(tz="Etc/GMT+5"),
    "due-zone-longest": due(tz="A" * 64),
    "due-at-any-instant": due() | {"dueAt": FUTURE},
    "title-of-astral-letters": {"title": "\U0001f331" * 500},
    "title-of-two-lines": {"title": "Water\nthe plants"},
    "labels-most": {"labelIds": _ids(20)},
    "labels-longest": {"labelIds": [LETTER * 128]},
    "labels-unknown": {"labelIds": ["no-such-label"]},
    "reminders-most": {"reminders": [reminder(minutes) for minutes in range(10)]},
    "reminders-of-nonsense": {"reminders": [7, None]},
    "checklist-most": {"checklist": [item(number) for number in range(50)]},
    "checklist-of-nonsense": {"checklist": ["milk", {}]},
    "rank-shortest": {"rank": "0"},
    "rank-longest": {"rank": "zZ9" + LETTER * 61},
    "start": {"startAt": PAST},
    "estimate-least": {"estimateMin": 0},
    "estimate-most": {"estimateMin": 100_000},
}

INVALID = {
    "title-empty": {"title": ""},
    "title-too-long": {"title": LETTER * 501},
    "title-integer": {"title": 7},
    "title-null": {"title": None},
    "title-list": {"title": ["Water"]},
    "description-too-long": {"description": LETTER * 20_001},
    "description-null": {"description": None},
    "description-integer": {"description": 5},
    "status-unknown": {"status": "archived"},
    "status-in-another-case": {"status": "Open"},
    "status-null": {"status": None},
    "status-list": {"status": ["open"]},
    "priority-below": {"priority": -1},
    "priority-above": {"priority": 5},
    "priority-float": {"priority": 2.0},
    "priority-infinite": {"priority": float("inf")},
    "priority-not-a-number": {"priority": float("nan")},
    "priority-string": {"priority": "2"},
    "priority-boolean": {"priority": True},
    "priority-null": {"priority": None},
    "assignees-null": {"assigneeIds": None},
    "assignees-string": {"assigneeIds": "member"},
    "assignees-map": {"assigneeIds": {"member": True}},
    "watchers-null": {"watcherIds": None},
    "watchers-map": {"watcherIds": {"member": True}},
    "due-empty-map": {**due(), "due": {}},
    "due-string": {**due(), "due": "2026-03-29"},
    "due-extra-key": due(extra="x"),
    "due-kind-unknown": due(kind="sometime"),
    "due-kind-null": due(kind=None),
    "due-kind-in-another-case": due(kind="allday", time=None),
    "due-all-day-with-time": due("allDay", time="09:30"),
    "due-zoned-without-time": due("zoned", time=None),
    "due-floating-without-time": due("floating", time=None),
    "due-hour-24": due(time="24:00"),
    "due-minute-60": due(time="09:60"),
    "due-seconds": due(time="09:30:00"),
    "due-one-digit-hour": due(time="9:30"),
    "due-time-integer": due(time=930),
    "due-31-february": due(date="2026-02-31"),
    "due-29-february-of-a-common-year": due(date="2026-02-29"),
    "due-month-13": due(date="2026-13-01"),
    "due-day-0": due(date="2026-03-00"),
    "due-year-1969": due(date="1969-12-31"),
    "due-year-2101": due(date="2101-01-01"),
    "due-year-9999": due(date="9999-12-31"),
    "due-compact-date": due(date="20260329"),
    "due-date-with-time": due(date="2026-03-29T09:30"),
    "due-date-and-newline": due(date="2026-03-29\n"),
    "due-date-null": due(date=None),
    "due-date-timestamp": due(date=PAST),
    "due-zone-empty": due(tz=""),
    "due-zone-null": due(tz=None),
    "due-zone-path": due(tz="../../etc/passwd"),
    "due-zone-too-long": due(tz="A" * 65),
    "due-at-without-due": NEVER | {"dueAt": PAST},
    "due-day-without-due": NEVER | {"dueDay": "2026-03-29"},
    "due-without-at": due() | {"dueAt": None},
    "due-without-day": due() | {"dueDay": None},
    "due-at-string": due() | {"dueAt": "2026-03-29T07:30:00Z"},
    "due-at-number": due() | {"dueAt": 1_774_769_400},
    "due-day-of-another-date": due() | {"dueDay": "2026-03-30"},
    "completed-while-open": {"completedAt": REQUEST_TIME},
    "completer-while-open": {"completedBy": "owner"},
    "archived-in-the-past": {"archivedAt": PAST},
    "archived-as-flag": {"archivedAt": True},
    "deleted-in-the-past": {"deletedAt": PAST},
    "deleted-as-flag": {"deletedAt": False},
    "title-of-too-many-astral-letters": {"title": "\U0001f331" * 501},
    **{f"a43-{name}-{case}": {name: value} for name in ID_LISTS for case, value in NO_IDS.items()},
    "a43-reminders-11": {"reminders": [reminder(minutes) for minutes in range(11)]},
    "a43-reminders-map": {"reminders": {"0": reminder(5)}},
    "a43-reminders-null": {"reminders": None},
    "a43-checklist-51": {"checklist": [item(number) for number in range(51)]},
    "a43-checklist-string": {"checklist": "milk"},
    "a43-checklist-null": {"checklist": None},
    **{f"a56-rank-{case}": {"rank": value} for case, value in NO_RANKS.items()},
    "start-string": {"startAt": "2026-03-29T09:00:00Z"},
    "start-number": {"startAt": 1_774_769_400},
    "estimate-negative": {"estimateMin": -1},
    "estimate-too-much": {"estimateMin": 100_001},
    "estimate-float": {"estimateMin": 5.0},
    "estimate-string": {"estimateMin": "5"},
    "unknown-field": {"colour": "red"},
    "a-field-of-a-later-version": {"sprintId": None},
}

DUE_KEYS = ("kind", "date", "time", "tz")
MISSING_DUE_KEYS = {
    f"due-without-{key}": {**due(), "due": {k: v for k, v in due()["due"].items() if k != key}}
    for key in DUE_KEYS
}

# What was stored, what the app sends, and the verdict.
OPEN = {"status": "open", "completedAt": None, "completedBy": None}
DONE = {"status": "done", "completedAt": PAST, "completedBy": "owner"}
NOW = {"status": "done", "completedAt": REQUEST_TIME, "completedBy": "member"}
COMPLETIONS = {
    "complete": (OPEN, NOW, ALLOWED),
    "complete-from-cancelled": (OPEN | {"status": "cancelled"}, NOW, ALLOWED),
    "complete-what-is-blocked": (OPEN | {"isBlocked": True}, NOW, DENIED),
    "cancel-what-is-blocked": (
        OPEN | {"isBlocked": True},
        OPEN | {"status": "cancelled"},
        ALLOWED,
    ),
    "edit-what-is-blocked-and-done": (DONE | {"isBlocked": True}, {"title": "Repot"}, ALLOWED),
    "complete-without-time": (OPEN, NOW | {"completedAt": None}, DENIED),
    "complete-at-a-client-time": (OPEN, NOW | {"completedAt": PAST}, DENIED),
    "complete-in-another's-name": (OPEN, NOW | {"completedBy": "owner"}, DENIED),
    "complete-in-nobody's-name": (OPEN, NOW | {"completedBy": None}, DENIED),
    "edit-while-done": (DONE, {"title": "Repot"}, ALLOWED),
    "complete-again": (DONE, NOW, DENIED),
    "move-the-completion": (DONE, {"completedAt": REQUEST_TIME}, DENIED),
    "take-over-the-completion": (DONE, {"completedBy": "member"}, DENIED),
    "clear-the-time-while-done": (DONE, {"completedAt": None}, DENIED),
    "clear-the-name-while-done": (DONE, {"completedBy": None}, DENIED),
    "reopen": (DONE, OPEN, ALLOWED),
    "cancel-what-was-done": (DONE, OPEN | {"status": "cancelled"}, ALLOWED),
    "reopen-and-keep-time": (DONE, OPEN | {"completedAt": PAST}, DENIED),
    "reopen-and-keep-name": (DONE, OPEN | {"completedBy": "owner"}, DENIED),
}

KEPT = {"title": "Repot"}
SHELVED = {"archivedAt": PAST, "deletedAt": PAST}
SHELVING = {
    "archive": ({}, {"archivedAt": REQUEST_TIME}, ALLOWED),
    "unarchive": (SHELVED, {"archivedAt": None}, ALLOWED),
    "archive-again": (SHELVED, {"archivedAt": REQUEST_TIME}, ALLOWED),
    "backdate-archiving": (SHELVED, {"archivedAt": FUTURE}, DENIED),
    "delete": ({}, {"deletedAt": REQUEST_TIME}, ALLOWED),
    "restore": (SHELVED, {"deletedAt": None}, ALLOWED),
    "backdate-deletion": (SHELVED, {"deletedAt": FUTURE}, DENIED),
    "edit-in-the-trash": (SHELVED, KEPT, ALLOWED),
}

# Who or what cannot be put on a task.
STRANGERS = {
    "a39-stranger": ["stranger"],
    "a39-removed": ["removed"],
    "a39-of-another-workspace": ["someone-else"],
    "a39-member-and-stranger": ["viewer", "stranger"],
    "a39-stranger-and-member": ["stranger", "viewer"],
    "a39-self-and-stranger": ["member", "stranger"],
    "three-members": ["owner", "admin", "viewer"],
    "a43-twice-the-same": ["viewer", "viewer"],
    "a43-number": [7],
    "a43-null": [None],
    "a43-map": [{"uid": "viewer"}],
    "a43-member-and-number": ["viewer", 7],
    "empty-string": [""],
    "path-to-a-document": ["x/tasks/t1"],
    "dots": [".."],
}
