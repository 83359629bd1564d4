"""What stands in the mail that invites somebody."""

from math import ceil

from backend.accounts.model import Account
from backend.accounts.service import AccountService
from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.errors import NotFound
from backend.mailing.model import Mail, Purpose
from backend.timers.firing import Alarm
from backend.workspaces.documents import (
    invite_of,
    invite_path,
    workspace_of,
    workspace_path,
)
from backend.workspaces.invite_tokens import InviteRef, InviteTokens

DAY_S = 86_400
SOMEONE = "TaskFlow"  # The inviter has been erased since, or never gave a name.


class InvitationLetter:
    """
    Composes the mail of an invitation, while that sending of it is the latest and still open.

    The link's token is derived here, in the job that sends it: it is stored nowhere. It stands
    behind a `#`, which browsers send to no server.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        accounts: AccountService,
        tokens: InviteTokens,
        *,
        app_url: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self._tokens = tokens
        self._app_url = app_url

    def compose(self, alarm: Alarm) -> Mail | None:
        """Return the mail; None where the invitation was accepted, revoked or sent anew."""
        if not self._app_url:
            return None  # Mails are off: there is no app to lead to.
        now = self._clock.now()
        workspace_id, invite_id = alarm.id_of("workspaceId"), alarm.id_of("inviteId")
        team, stored = self._store.get_all(
            [workspace_path(workspace_id), invite_path(workspace_id, invite_id)]
        )
        invite = invite_of(stored) if stored else None
        if team is None or invite is None or not invite.is_pending(now):
            return None
        if str(invite.generation) != alarm.id_of("generation"):
            return None
        inviter = self._inviter(invite.invited_by)
        token = self._tokens.token(InviteRef(workspace_id, invite_id, invite.generation))
        return Mail(
            to=invite.email_lower,
            template="invitation",
            words={
                "inviter": (inviter.display_name if inviter else "") or SOMEONE,
                "workspace": workspace_of(team).name,
                "role": invite.role.value,
                "link": f"{self._app_url}/invites/accept#{token}",
                "days": ceil((invite.expire_at - now).total_seconds() / DAY_S),
            },
            locale=inviter.locale if inviter else "en",
            message_id_key=alarm.timer_id,
            purpose=Purpose.NOTICE,
        )

    def _inviter(self, uid: str) -> Account | None:
        try:
            return self._accounts.profile(uid)
        except NotFound:
            return None
