"""Examples of search, which a test sends."""

QUERY = {"q": "release no", "pageSize": 20}
FOUND = {
    "items": [
        {
            "kind": "task",
            "id": "uCkuUuvNBS9kR0lZ8o3d",
            "title": "Write the release notes",
            "snippet": "For the people who use the app, not for us.",
            "taskId": None,
            "boardId": None,
            "isArchived": False,
            "updatedAt": "2026-11-20T09:00:00+00:00",
        }
    ],
    "isComplete": True,
}
