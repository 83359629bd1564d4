"""To which address somebody's notification may be mailed, if to any."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.accounts.service import AccountService
from backend.adapters.credentials import Credentials
from backend.adapters.firestore import Store
from backend.comments.documents import comment_path, live_comment
from backend.comments.model import CommentRef
from backend.kit.clock import Clock
from backend.kit.documents import Stored
from backend.mailing.suppression import Suppressions
from backend.notifications.holding import still_concerns
from backend.notifications.model import Category, Notification, Verdict
from backend.tasks.documents import task_of, task_path
from backend.tasks.model import TaskRef
from backend.workspaces.documents import member_of, member_path


@dataclass(frozen=True, slots=True)
class NotMailed:
    """Why a notification goes to no address."""

    verdict: Verdict
    reason: str


class Recipients:
    """
    Looks at the world as it is when a mail goes out: the address, and what the mail tells of.

    One question to Firebase Auth, then at most four documents in one round trip.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        accounts: AccountService,
        credentials: Credentials,
        suppressions: Suppressions,
    ) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._credentials = credentials
        self._suppressions = suppressions

    def address(self, notification: Notification, comment_id: str | None) -> str | NotMailed:
        """
        Return the address that a notification is mailed to, or why it is not.

        `comment_id` is the comment that it quotes, if it does one.

        Raises:
            Unavailable: Firebase Auth or Firestore did not answer.
        """
        credential = self._credentials.find(notification.uid)
        if credential is None or credential.email is None:
            return NotMailed(Verdict.NO_ADDRESS, "noAddress")
        if credential.is_disabled:
            return NotMailed(Verdict.SUPPRESSED, "accountDisabled")
        if not credential.email_verified:  # It may be anybody's.
            return NotMailed(Verdict.NO_ADDRESS, "notVerified")
        return self._refusal(notification, comment_id, credential.email) or credential.email

    def has_device(self, uid: str) -> bool:
        """Say whether pushes to somebody reach any device."""
        return bool(self._accounts.reachable(uid))

    def _refusal(
        self, notification: Notification, comment_id: str | None, email: str
    ) -> NotMailed | None:
        paths = [self._suppressions.path(email), *_about(notification, comment_id)]
        listed, *about = self._store.get_all(paths)
        suppression = self._suppressions.in_force(listed)
        if suppression is not None:
            return NotMailed(Verdict.MUTED, suppression.cause.value)
        found = dict(zip(("member", "task", "comment"), about, strict=False))
        if about and self._has_left(notification, found["member"]):
            return NotMailed(Verdict.SUPPRESSED, "leftWorkspace")
        if not _holds(notification, about[1:]):
            return NotMailed(Verdict.SUPPRESSED, "takenBack")
        return None

    def _has_left(self, notification: Notification, member: Stored | None) -> bool:
        """Whether it tells of a workspace that is not the person's any more to look into."""
        if notification.category is Category.INVITATION:  # They are to join it yet.
            return False
        return member is None or not member_of(member).is_current(self._clock.now())


def _about(notification: Notification, comment_id: str | None) -> list[str]:
    """Return where that lies which a notification tells of: member, task and comment."""
    if notification.workspace_id is None:
        return []
    paths = [member_path(notification.workspace_id, notification.uid)]
    if notification.task_id is not None:
        task = TaskRef(notification.workspace_id, notification.task_id)
        paths.append(task_path(task))
        if comment_id is not None:
            paths.append(comment_path(CommentRef(*task, comment_id)))
    return paths


def _holds(notification: Notification, about: Sequence[Stored | None]) -> bool:
    """Whether what it tells is still so. Of what no task is named, it is."""
    if not about:
        return True
    stored, *comment = about
    if stored is None or (comment and live_comment(*comment) is None):
        return False
    task = task_of(stored)
    is_there = task.deleted_at is None
    return is_there and still_concerns(notification.category, notification.uid, task)
