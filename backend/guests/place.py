"""How far a merge is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Place:
    """How far a merge is: what stands in the cursor of its operation."""

    guest_uid: str
    after: str = ""
    copied: int = 0
    skipping: str = ""
    skipped: int = 0
    moved: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def at(cls, cursor: Mapping[str, Any]) -> "Place":
        """Read it from a cursor."""
        return cls(**{_SNAKE[name]: value for name, value in cursor.items()})

    @property
    def cursor(self) -> dict[str, Any]:
        """What stands in the document."""
        return {name: getattr(self, snake) for name, snake in _SNAKE.items()}


_SNAKE = {
    "guestUid": "guest_uid",
    "after": "after",
    "copied": "copied",
    "skipping": "skipping",
    "skipped": "skipped",
    "moved": "moved",
}
