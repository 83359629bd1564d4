"""An invitation by e-mail, and what may become of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from backend.kit.errors import FailedPrecondition, InvalidArgument
from backend.workspaces.permissions import Role

OPEN_FOR = timedelta(days=7)
MAX_PENDING = 100  # In one workspace.


class InviteState(StrEnum):
    """What has become of an invitation. One that has expired was still pending then."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Invite:
    """
    `workspaces/{w}/invites/{id}`: there is one for each address, so that a newer replaces it.

    Each sending is another `generation` with a link of its own, of which only the hash is kept.
    Whoever sent it last is `invited_by`. It stands for itself: that they have left since, or were
    erased, does not end it, and any owner or admin may revoke it.
    """

    id: str
    workspace_id: str
    email_lower: str
    role: Role
    membership_ends_at: datetime | None
    token_hash: str
    generation: int
    state: InviteState
    invited_by: str
    accepted_by: str | None
    created_at: datetime
    updated_at: datetime
    expire_at: datetime

    def is_pending(self, at: datetime) -> bool:
        """Whether it can still be accepted."""
        return self.state is InviteState.PENDING and self.expire_at > at

    def sent_again(self, *, token_hash: str, by: str, at: datetime) -> "Invite":
        """
        Return it with a new link, and seven days from now on. The old link is dead.

        Raises:
            FailedPrecondition: it was accepted or revoked.
        """
        if self.state is not InviteState.PENDING:
            raise FailedPrecondition("This invitation is not open any more: invite anew.")
        return replace(
            self,
            token_hash=token_hash,
            generation=self.generation + 1,
            invited_by=by,
            updated_at=at,
            expire_at=at + OPEN_FOR,
        )

    def revoked(self, *, at: datetime) -> "Invite":
        """
        Return it revoked; itself if it is that already.

        Raises:
            FailedPrecondition: it was accepted.
        """
        if self.state is InviteState.REVOKED:
            return self
        if self.state is InviteState.ACCEPTED:
            raise FailedPrecondition("This invitation was accepted: remove the member instead.")
        return replace(self, state=InviteState.REVOKED, updated_at=at)

    def accepted(self, *, by: str, token_hash: str, at: datetime) -> "Invite":
        """
        Return it accepted.

        Raises:
            FailedPrecondition: it was used, replaced or revoked, or its time is over.
        """
        if token_hash != self.token_hash:
            raise FailedPrecondition("A newer invitation has replaced this one: use its link.")
        if self.state is InviteState.ACCEPTED:
            raise FailedPrecondition("This invitation was used already.")
        if self.state is InviteState.REVOKED:
            raise FailedPrecondition("This invitation was taken back.")
        is_over = self.membership_ends_at is not None and self.membership_ends_at <= at
        if is_over or not self.is_pending(at):
            raise FailedPrecondition("This invitation has expired: ask for a new one.")
        return replace(self, state=InviteState.ACCEPTED, accepted_by=by, updated_at=at)


def check_invitation(*, role: Role, membership_ends_at: datetime | None, at: datetime) -> None:
    """
    Refuse what nobody can be invited to.

    Raises:
        InvalidArgument: nobody is invited as owner, or to what is over already.
    """
    if role is Role.OWNER:
        raise InvalidArgument(
            "A workspace gets another owner by a transfer of ownership.", pointer="/role"
        )
    check_end(membership_ends_at, pointer="/membershipEndsAt", at=at)


def check_end(end: datetime | None, *, pointer: str, at: datetime) -> None:
    """
    Refuse an end that has passed.

    Raises:
        InvalidArgument: it has; `pointer` says where it stands.
    """
    if end is not None and end <= at:
        raise InvalidArgument("A membership ends in the future.", pointer=pointer)
