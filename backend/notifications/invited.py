"""How somebody hears that they were invited to a team."""

from datetime import datetime

import structlog

from backend.accounts.service import AccountService
from backend.adapters.credentials import Credentials
from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Remove, Write
from backend.kit.errors import NotFound
from backend.kit.ids import derived_id
from backend.notifications.addressees import Addressee, Addressees
from backend.notifications.delivery import deliver
from backend.notifications.model import Category, Notification
from backend.templating.service import Templates
from backend.timers.documents import is_due, timer_path
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService
from backend.workspaces.documents import invite_of, invite_path, workspace_of, workspace_path
from backend.workspaces.invite import Invite
from backend.workspaces.model import Workspace
from backend.workspaces.service import WorkspaceService
from backend.workspaces.timers import invitation_letter

log = structlog.get_logger()


class Invited:
    """
    Tells whoever was invited, as their settings say; or sends a letter, where nobody is known.

    Somebody is known by an address that they have proved to be theirs: of what was sent to any
    other, an account gets to know nothing. Whoever has joined already is not told.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        credentials: Credentials,
        accounts: AccountService,
        workspaces: WorkspaceService,
        addressees: Addressees,
        templates: Templates,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._credentials = credentials
        self._accounts = accounts
        self._workspaces = workspaces
        self._addressees = addressees
        self._templates = templates

    def fire(self, alarm: Alarm) -> None:
        """Tell of one sending of an invitation, while it is the latest and still open."""
        now = self._clock.now()
        workspace_id, invite_id = alarm.id_of("workspaceId"), alarm.id_of("inviteId")
        generation = alarm.id_of("generation")
        place = [workspace_path(workspace_id), invite_path(workspace_id, invite_id)]

        def plan() -> tuple[Outbox, list[Write]]:
            filed = Outbox()
            timer, team, stored = self._store.get_all([timer_path(alarm.timer_id), *place])
            if timer is None or not is_due(timer, alarm, now):
                return filed, []
            invite = invite_of(stored) if stored else None
            is_open = invite is not None and invite.is_pending(now)
            if team is not None and invite and is_open and generation == str(invite.generation):
                self._tell(filed, invite, workspace_of(team), now)
            return filed, [*filed.writes, Remove(timer)]

        filed = self._store.commit(plan)
        self._timers.announce(filed.timers, now=now)
        log.info("invite.told", workspace_id=workspace_id)

    def _tell(self, filed: Outbox, invite: Invite, team: Workspace, now: datetime) -> None:
        to = self._addressee(invite.email_lower)
        if to is None:
            filed.set(invitation_letter(invite, now), now)
        elif to.uid not in self._workspaces.current_members(team.id, [to.uid]):
            deliver(filed, self._notification(invite, team, to, now), to, now)

    def _addressee(self, email: str) -> Addressee | None:
        """Return whose address it is; None where nobody has proved that it is theirs."""
        credential = self._credentials.find_by_email(email)
        if credential is None or credential.is_disabled or not credential.email_verified:
            return None
        return self._addressees.of([credential.uid]).get(credential.uid)

    def _notification(
        self, invite: Invite, team: Workspace, to: Addressee, now: datetime
    ) -> Notification:
        values = {"actor": self._name_of(invite.invited_by), "workspace": team.name}
        generation = str(invite.generation)
        return Notification(
            id=derived_id(Category.INVITATION.value, to.uid, team.id, invite.id, generation),
            uid=to.uid,
            category=Category.INVITATION,
            words=self._templates.render(Category.INVITATION.value, to.locale, values),
            link=f"/invites/{team.id}/{invite.id}",
            group_key=f"workspace:{team.id}",
            actor_uid=invite.invited_by,
            workspace_id=team.id,
            task_id=None,
            created_at=now,
        )

    def _name_of(self, uid: str) -> str:
        try:
            return self._accounts.profile(uid).display_name
        except NotFound:  # Erased since. The invitation stands for itself.
            return ""
