"""Who puts back what a command touched, by the collection it lies in."""

from backend.accounts.reverting import AccountReverter
from backend.attachments.reverting import AttachmentReverter
from backend.boards.reverting import group_reverters
from backend.bootstrap.foundation import Foundation
from backend.comments.undoing import CommentReverter
from backend.inbox.undoing import InboxReverter
from backend.jobs.reverting import JobReverter
from backend.notifications.settings_reverting import SettingsReverter
from backend.recurrence.ledger_reverting import LedgerReverter
from backend.recurrence.reverting import SeriesReverter
from backend.tasks.reverting import TaskReverter
from backend.undo.model import Reverter
from backend.undo.reverting import Reverting
from backend.workspaces.reverting import WorkspaceReverter


def reverting(base: Foundation) -> Reverting:
    """Return what puts documents of every collection back that commands touch."""
    store, workspaces = base.store, base.workspaces
    inbox = InboxReverter(store)
    reverters: dict[str, Reverter] = {
        "attachments": AttachmentReverter(store, workspaces),
        "comments": CommentReverter(store, workspaces),
        "decisions": inbox,
        "jobs": JobReverter(store, workspaces),
        "notifications": inbox,
        "occurrences": LedgerReverter(store, workspaces),
        "series": SeriesReverter(store, workspaces),
        "settings": SettingsReverter(store),
        "users": AccountReverter(store, base.accounts),
        "workspaces": WorkspaceReverter(store, workspaces),
        **group_reverters(store, workspaces),
    }
    return Reverting(reverters, TaskReverter(store, workspaces))
