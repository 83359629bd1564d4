"""The first call of a new person: their account and personal workspace, exactly once."""

from collections import OrderedDict
from threading import Lock

import structlog

from backend.accounts.documents import account_fields, account_path
from backend.accounts.model import Account
from backend.adapters.firestore import Store
from backend.kit.actor import Actor, Identity
from backend.kit.clock import Clock
from backend.kit.documents import Create, Write
from backend.workspaces.model import Member, Workspace, WorkspaceType
from backend.workspaces.permissions import Role
from backend.workspaces.service import founding

log = structlog.get_logger()

REMEMBERED = 50_000


class Welcome:
    """Turns a verified identity into an actor who has an account."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._known: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def admit(self, identity: Identity) -> Actor:
        """
        Return the actor, after opening their account if this is their first call.

        Twenty first calls at once open one account: its documents are created in one commit, and
        who loses finds them. A process asks Firestore once per person.
        """
        if identity.uid not in self._known:
            self._open_account(identity)
            self._remember(identity.uid)
        return Actor(identity.uid)

    def _open_account(self, identity: Identity) -> None:
        now = self._clock.now()
        account = Account.opened(identity, at=now)
        home = Workspace.founded(
            account.uid, name="Personal", kind=WorkspaceType.PERSONAL, by=account.uid, at=now
        )
        owner = Member.joined(account, home.id, Role.OWNER, at=now)

        def plan() -> tuple[bool, list[Write]]:
            path = account_path(account.uid)
            if self._store.get(path) is not None:
                return False, []
            return True, [Create(path, account_fields(account)), *founding(home, owner)]

        if self._store.commit(plan):
            log.info("account.opened", is_guest=account.is_guest)

    def _remember(self, uid: str) -> None:
        with self._lock:
            self._known[uid] = None
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
