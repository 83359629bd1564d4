"""On whose behalf jobs of workspaces act: with what that person may do when the run comes."""

from collections.abc import Iterable, Mapping

from backend.accounts.service import AccountService
from backend.jobs.model import JobRun
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.errors import PermissionDenied
from backend.workspaces.model import Member
from backend.workspaces.permissions import Right
from backend.workspaces.service import WorkspaceService


class Acting:
    """
    Admits whoever has set a job up, as if they called themselves.

    Both methods raise NotFound if they have left the workspace or TaskFlow, and PermissionDenied if
    they may not do this any more, or are locked out.
    """

    def __init__(
        self, clock: Clock, accounts: AccountService, workspaces: WorkspaceService
    ) -> None:
        self._clock = clock
        self._accounts = accounts
        self._workspaces = workspaces

    def admit(self, run: JobRun, *, to: Right) -> Member:
        """Return the membership on whose behalf a run acts."""
        return self.admit_among(run, [], to=to)[run.by]

    def admit_among(self, run: JobRun, uids: Iterable[str], *, to: Right) -> Mapping[str, Member]:
        """Return that membership and those of other people, by uid; who has left is left out."""
        account = self._accounts.profile(run.by)
        if account.is_disabled or not account.is_usable(self._clock.now()):
            raise PermissionDenied("This account is disabled.", code="account-disabled")
        return self._workspaces.admit_among(Actor(run.by), str(run.workspace_id), [*uids], to=to)
