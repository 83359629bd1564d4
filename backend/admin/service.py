"""What staff do. Each act leaves an entry in the audit log, in the same commit."""

from collections.abc import Callable, Sequence
from datetime import datetime

import structlog

from backend.accounts.documents import account_fields
from backend.accounts.model import DISABLED, Account
from backend.adapters.firestore import Store
from backend.admin.documents import staff_fields, staff_path
from backend.admin.mirror import mirror_timer
from backend.admin.model import Person, Staff, StaffRight, StaffRole
from backend.admin.repository import People
from backend.audit.documents import AUDIT, entry_of, recording
from backend.audit.listing import AUDIT_LISTS
from backend.audit.model import Action, Entry
from backend.kit.actor import Actor
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Remove, Stored, Write
from backend.kit.errors import FailedPrecondition, hidden
from backend.kit.pages import Asked, Page, PageTokens
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService

log = structlog.get_logger()

ACTIVE = "active"
Plan = Callable[[], tuple[tuple[Person, Outbox], Sequence[Write]]]

OPERATOR = "operator"  # Who appoints the first admin, at a command line.


class AdminService:
    """
    Accounts and roles on the platform, for those whose own role there allows it.

    Firebase Auth follows by a timer of the same commit: see `mirror`.
    """

    def __init__(
        self, store: Store, clock: Clock, timers: TimerService, tokens: PageTokens
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._tokens = tokens
        self._people = People(store)

    def admit(self, actor: Actor) -> Staff:
        """
        Return what the caller is on the platform, as it is now.

        Raises:
            NotFound: they are nothing there, and need not learn that others are.
        """
        staff = self._people.staff(actor.uid)
        if staff is None:
            raise hidden()
        return staff

    def person(self, staff: Staff, uid: str) -> Person:
        """
        Return the state of somebody's account.

        Raises:
            NotFound: nobody of this uid ever called.
        """
        staff.must(StaffRight.SEE_PEOPLE)
        _, account, _, role = self._people.both(uid)
        return Person(account, role.role if role else None)

    def disable(self, staff: Staff, uid: str, *, reason: str) -> Person:
        """
        Disable an account: it is signed out everywhere and may not sign in again.

        Raises:
            NotFound: nobody of this uid ever called.
            FailedPrecondition: it is the caller's own.
        """
        staff.must(StaffRight.DISABLE_PEOPLE)
        staff.must_not_be(uid)
        return self._put_in_state(staff, uid, DISABLED, Action.ACCOUNT_DISABLED, reason)

    def enable(self, staff: Staff, uid: str) -> Person:
        """
        Let somebody sign in again.

        Raises:
            NotFound: nobody of this uid ever called.
        """
        staff.must(StaffRight.DISABLE_PEOPLE)
        return self._put_in_state(staff, uid, ACTIVE, Action.ACCOUNT_ENABLED, "")

    def appoint(self, staff: Staff, uid: str, role: StaffRole | None) -> Person:
        """
        Give somebody a role on the platform, or take it (None). It holds at their next request.

        Raises:
            NotFound: nobody of this uid ever called.
            FailedPrecondition: it is the caller's own role, or the person is a guest.
        """
        staff.must(StaffRight.APPOINT)
        staff.must_not_be(uid)
        return self._appoint(staff.uid, uid, role)

    def appoint_first(self, uid: str, role: StaffRole) -> Person:
        """Appoint somebody from the command line: how the first admin comes to be."""
        return self._appoint(OPERATOR, uid, role)

    def audit(
        self, staff: Staff, wanted: dict[str, str], asked: Asked, *, order: str | None = None
    ) -> Page[Entry]:
        """
        Return a page of the audit log, newest first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        staff.must(StaffRight.SEE_AUDIT)
        query = AUDIT_LISTS.query(AUDIT, wanted, order=order, limit=asked.size)
        return self._tokens.page(self._store, query, entry_of, asked=asked, caller=staff.uid)

    def _put_in_state(
        self, staff: Staff, uid: str, state: str, action: Action, reason: str
    ) -> Person:
        now = self._clock.now()
        details = {"reason": reason} if reason else {}
        entry = Entry(action, staff.uid, now, subject_uid=uid, details=details)

        def plan() -> tuple[tuple[Person, Outbox], list[Write]]:
            stored, account, _, role = self._people.both(uid)
            changed = account.put_in_state(state, at=now)
            writes: list[Write] = [] if changed is account else [_changing(stored, changed)]
            outbox = self._outbox(writes, entry, now)
            return (Person(changed, role.role if role else None), outbox), outbox.writes

        return self._done(plan, action, now)

    def _appoint(self, by: str, uid: str, role: StaffRole | None) -> Person:
        now = self._clock.now()
        details = {"role": role.value if role else "none"}
        entry = Entry(Action.STAFF_ROLE_SET, by, now, subject_uid=uid, details=details)

        def plan() -> tuple[tuple[Person, Outbox], list[Write]]:
            _, account, stored, held = self._people.both(uid)
            if account.is_guest:
                raise FailedPrecondition("A guest will be gone by tomorrow, and signs no one in.")
            writes: list[Write] = []
            if role is None:
                writes += [Remove(stored)] if stored else []
            elif held is None or held.role is not role:
                fields = staff_fields(Staff(uid, role, by, now))
                writes.append(Change(stored, fields) if stored else Create(staff_path(uid), fields))
            outbox = self._outbox(writes, entry, now)
            return (Person(account, role), outbox), outbox.writes

        return self._done(plan, Action.STAFF_ROLE_SET, now)

    def _outbox(self, writes: list[Write], entry: Entry, now: datetime) -> Outbox:
        """Return the writes with their entry and the timer for Firebase Auth; none from none."""
        outbox = Outbox(writes=writes)
        if writes and entry.subject_uid is not None:
            outbox.writes.append(recording(entry))
            outbox.set(mirror_timer(entry.subject_uid, now), now)
        return outbox

    def _done(self, plan: Plan, action: Action, now: datetime) -> Person:
        person, outbox = self._store.commit(plan)
        self._store.afterwards(lambda: self._timers.announce(outbox.timers, now=now))
        self._store.afterwards(lambda: log.info("admin.acted", action=action.value))
        return person


def _changing(stored: Stored, account: Account) -> Change:
    fields = account_fields(account)
    return Change(stored, {name: fields[name] for name in ("state", "updatedAt", "rev")})
