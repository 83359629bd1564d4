"""Members that do not belong into an object, or belong there once; each as JSON text."""

import json

SERVER_FIELDS = (
    *("createdAt", "createdBy", "rev", "counters", "isOverdue", "isBlocked", "seriesId", "depth"),
    *("occurrenceKey", "ancestorIds", "role", "ownerUid", "id", "uid", "workspaceId", "deletedAt"),
    *("archivedAt", "updatedBy", "completedAt", "expireAt", "state"),
)


def _member(key: str, value: object = 1) -> bytes:
    return f"{json.dumps(key)}:{json.dumps(value)}".encode()


MEMBERS: dict[str, bytes] = {
    "empty": _member(""),
    "dotted": _member("a.b"),
    "dunder": _member("__x__"),
    "prototype": _member("__proto__", {"isAdmin": True}),
    "constructor": _member("constructor", {"prototype": {}}),
    "operator": _member("$where", "1"),
    "backticks": _member("`a`"),
    "slash": _member("a/b~c"),
    "blank": _member(" "),
    "1,500 bytes": _member("k" * 1_500),
    "1,501 bytes": _member("k" * 1_501),
    "100,000 bytes": _member("k" * 100_000),
    "unknown": _member("unknown"),
    "schema": _member("_schema", ["x"]),
    "location": _member("json", {"query": []}),
    "lone surrogate": rb'"\ud800":1',
    "NUL": rb'"\u0000":1',
    "invalid UTF-8": b'"\xff":1',
    "duplicate": b'"title":"a","title":"b"',
    "duplicate by escape": rb'"name":"a","n\u0061me":"b"',
    "duplicate unknown": b'"x":1,"x":1',
    "case": _member("Title", "a"),
    "snake case": _member("assignee_ids", []),
    **{f"server field {name}": _member(name) for name in SERVER_FIELDS},
}
