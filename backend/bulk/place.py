"""How far a long batch is."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from backend.bulk.model import Mode
from backend.kit.errors import InvalidArgument

MOST_BYTES = 600_000  # Of the 1 MiB of a document, which also holds the report.

# A command as it was sent: JSON.
Written = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """
    What stands in the cursor of its operation: the commands from the `next` one on.

    As they were sent: they have passed the schemas once, and pass them again when they are read.
    """

    workspace_id: str
    mode: Mode
    is_guest: bool
    next: int
    commands: tuple[Written, ...] = field(repr=False)

    @classmethod
    def at(cls, cursor: Mapping[str, Any]) -> Self:
        """Read it from a cursor."""
        return cls(
            cursor["workspaceId"],
            Mode(cursor["mode"]),
            cursor["isGuest"],
            cursor["next"],
            tuple(cursor["commands"]),
        )

    @property
    def cursor(self) -> dict[str, Any]:
        """What stands in the document."""
        return {
            "workspaceId": self.workspace_id,
            "mode": self.mode.value,
            "isGuest": self.is_guest,
            "next": self.next,
            "commands": [*self.commands],
        }

    def further(self, by: int) -> "Place":
        """Return the place so many commands later."""
        left = self.commands[by:]
        return Place(self.workspace_id, self.mode, self.is_guest, self.next + by, left)

    def refuse_if_too_large(self) -> None:
        """
        Return if a document holds the commands.

        Raises:
            InvalidArgument: it does not, code `limit-exceeded`.
        """
        size = len(json.dumps(self.commands, ensure_ascii=False).encode())
        if size > MOST_BYTES:
            raise InvalidArgument(
                f"More than 100 operations have {MOST_BYTES} bytes together at the most.",
                code="limit-exceeded",
                pointer="/operations",
            )
