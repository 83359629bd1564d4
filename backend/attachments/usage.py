"""How much room the files of a workspace take, counted exactly."""

from backend.attachments.model import MEBIBYTE
from backend.kit.documents import Change, Create, Stored, Write
from backend.kit.errors import InvalidArgument

MAX_BYTES, MAX_GUEST_BYTES = 5 * 1024 * MEBIBYTE, 20 * MEBIBYTE


def usage_path(workspace_id: str) -> str:
    """Return where the room is counted that a workspace's files take."""
    return f"fileUsage/{workspace_id}"


def taking(
    stored: Stored | None, workspace_id: str, size: int, *, most: int | None = None, files: int = 1
) -> Write:
    """
    Return the write that takes room for files of `size` bytes together.

    It fails if others have taken or left room since `stored` was read: so that the sum is never
    more than `most`. Without `most` there is no limit: for what has its room elsewhere already.

    Raises:
        InvalidArgument: there is not so much room left, code `limit-exceeded`.
    """
    taken = stored.fields["bytes"] if stored else 0
    if most is not None and taken + size > most:
        raise InvalidArgument(
            f"The files of this workspace would take more than {most // MEBIBYTE:,} MiB.",
            code="limit-exceeded",
            pointer="/size",
        )
    if stored is None:
        fields = {"workspaceId": workspace_id, "bytes": size, "files": files}
        return Create(usage_path(workspace_id), fields)
    return Change(stored, {"bytes": taken + size, "files": stored.fields["files"] + files})


def leaving(stored: Stored | None, size: int, *, files: int = 1) -> list[Write]:
    """Return the write that gives room back; none where the workspace is gone, count and all."""
    if stored is None:
        return []
    # What came by an import was never counted: never less than nothing.
    left = max(0, stored.fields["bytes"] - size)
    return [Change(stored, {"bytes": left, "files": max(0, stored.fields["files"] - files)})]
