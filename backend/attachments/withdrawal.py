"""What goes with attachments whose documents a commit deletes along with their task."""

from collections.abc import Sequence
from datetime import datetime

from backend.attachments.documents import is_attachment, ref_of
from backend.attachments.timers import attachment_timer
from backend.attachments.usage import usage_path
from backend.kit.documents import Adjust, Increment, Stored, Write
from backend.timers.documents import setting


def forgetting_files(deleted: Sequence[Stored], *, now: datetime) -> list[Write]:
    """
    Return what lets the files go of those that are attachments, and gives their room back.

    Their timers find no document, and delete what lies in the bucket. `deleted` are whole, and of
    one workspace.
    """
    found = [each for each in deleted if is_attachment(each.path)]
    if not found:
        return []
    refs = [ref_of(each.path) for each in found]
    size = sum(each.fields.get("size", 0) for each in found)
    less = {"bytes": Increment(-size), "files": Increment(-len(found))}
    workspace_id = refs[0].workspace_id
    return [
        *(setting(attachment_timer(ref, at=now), now=now) for ref in refs),
        Adjust(usage_path(workspace_id), {"workspaceId": workspace_id, **less}),
    ]
