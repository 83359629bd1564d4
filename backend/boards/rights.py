"""Which row of the permission table an act on a group is."""

from backend.boards.model import GroupKind
from backend.workspaces.permissions import Right


def right(kind: GroupKind, action: str) -> Right:
    """Return the right to `read`, `create`, `change` or `delete` groups of a kind."""
    return Right(f"{kind.value}.{action}")
