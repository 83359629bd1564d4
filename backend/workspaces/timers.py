"""The timers of workspaces: what follows an invitation, a departure, an end."""

from datetime import datetime

from backend.kit.ids import derived_id
from backend.mailing.model import mail_timer
from backend.timers.model import Timer, TimerKind
from backend.workspaces.invite import Invite
from backend.workspaces.model import Workspace

FIRST, LAST = "first", "last"
LETTER = "invitation"


def invited_timer(invite: Invite, now: datetime) -> Timer:
    """Return the timer that tells of one sending of an invitation, once its commit took place."""
    subject = _sending(invite)
    timer_id = derived_id(TimerKind.INVITED.value, *subject.values())
    return Timer(timer_id, TimerKind.INVITED, subject, now)


def invitation_letter(invite: Invite, now: datetime) -> Timer:
    """Return the timer that mails the link of one sending of an invitation."""
    subject = _sending(invite)
    return mail_timer(LETTER, tuple(subject.values()), subject, now)


def departure_timer(
    workspace_id: str, uid: str, *, by: str, at: datetime, look: str = FIRST, attempts: int = 0
) -> Timer:
    """Return the timer that takes away what somebody had in a workspace they have left."""
    subject = {"workspaceId": workspace_id, "uid": uid, "byUid": by, "look": look}
    timer_id = derived_id(TimerKind.DEPARTURE.value, workspace_id, uid)
    return Timer(timer_id, TimerKind.DEPARTURE, subject, at, attempts)


def membership_end_id(workspace_id: str, uid: str) -> str:
    """Return the id of the timer that ends a membership."""
    return derived_id(TimerKind.MEMBERSHIP_END.value, workspace_id, uid)


def membership_end_timer(workspace_id: str, uid: str, *, at: datetime) -> Timer:
    """Return the timer that ends a membership."""
    subject = {"workspaceId": workspace_id, "uid": uid}
    return Timer(membership_end_id(workspace_id, uid), TimerKind.MEMBERSHIP_END, subject, at)


def purge_id(workspace_id: str) -> str:
    """Return the id of the timer that empties a workspace."""
    return derived_id(TimerKind.WORKSPACE_PURGE.value, workspace_id)


def purge_timer(workspace_id: str, *, at: datetime) -> Timer:
    """Return the timer that empties a workspace."""
    subject = {"workspaceId": workspace_id}
    return Timer(purge_id(workspace_id), TimerKind.WORKSPACE_PURGE, subject, at)


def patience_timers(before: Workspace, after: Workspace, *, at: datetime) -> list[Timer]:
    """
    Return the timer by which overdue tasks follow another `escalate_after_hours`, if they must.

    Where nobody is to hear of them any more, their own timers find that.
    """
    hours = after.settings.escalate_after_hours
    if hours is None or hours == before.settings.escalate_after_hours:
        return []
    subject = {"workspaceId": after.id, "look": FIRST}
    timer_id = derived_id(TimerKind.PATIENCE.value, after.id)
    return [Timer(timer_id, TimerKind.PATIENCE, subject, at)]


def _sending(invite: Invite) -> dict[str, str]:
    return {
        "workspaceId": invite.workspace_id,
        "inviteId": invite.id,
        "generation": str(invite.generation),
    }
