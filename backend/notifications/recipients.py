"""To which address somebody's notification may be mailed, if to any."""

from dataclasses import dataclass

from backend.accounts.service import AccountService
from backend.adapters.credentials import Credentials
from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.mailing.suppression import Suppressions
from backend.notifications.deciding import LOCKED_OUT
from backend.notifications.holding import paths_about, why_not
from backend.notifications.model import Notification, Verdict


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
            return NotMailed(Verdict.SUPPRESSED, LOCKED_OUT)
        if not credential.email_verified:  # It may be anybody's.
            return NotMailed(Verdict.NO_ADDRESS, "notVerified")
        return self._refusal(notification, comment_id, credential.email) or credential.email

    def has_device(self, uid: str) -> bool:
        """Say whether pushes to somebody reach any device."""
        return bool(self._accounts.reachable(uid))

    def _refusal(
        self, notification: Notification, comment_id: str | None, email: str
    ) -> NotMailed | None:
        named = notification.workspace_id, notification.task_id, comment_id
        paths = paths_about(notification.uid, *named)
        listed, *found = self._store.get_all([self._suppressions.path(email), *paths.values()])
        suppression = self._suppressions.in_force(listed)
        if suppression is not None:
            return NotMailed(Verdict.MUTED, suppression.cause.value)
        about = dict(zip(paths, found, strict=True))
        reason = why_not(notification, about, self._clock.now())
        return NotMailed(Verdict.SUPPRESSED, reason) if reason else None
