"""How things of tasks are said to people."""

from backend.tasks.due import Due


def due_in_words(due: Due) -> str:
    """Return a due date as people read it: `24 Dec 2026, 18:00`."""
    day = f"{due.day.day} {due.day:%b %Y}"
    return f"{day}, {due.time:%H:%M}" if due.time else day
