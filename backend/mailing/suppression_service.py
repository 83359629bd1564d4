"""The suppression list, for staff: who is on it, and taking an address off."""

from backend.adapters.firestore import Store
from backend.admin.model import Staff, StaffRight
from backend.audit.documents import recording
from backend.audit.model import Action, Entry
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Remove, Stored, Write
from backend.kit.errors import hidden
from backend.kit.lists import Filter, ListTable
from backend.kit.pages import Asked, Page, PageTokens
from backend.mailing.suppression import (
    SUPPRESSIONS,
    Cause,
    Suppression,
    Suppressions,
    merged,
    suppression_fields,
    suppression_of,
    suppression_path,
)

LISTS = ListTable(
    always=(), filters={"reason": Filter("reason", "reason")}, orders=("-at",), alone={}
)


class SuppressionService:
    """
    The list shows no addresses, as it holds none: who asks about one has to know it.

    Lifting an entry is recorded in the audit log. If the address is still dead, the next mail to
    it says so, and it is on the list again.
    """

    def __init__(
        self, store: Store, clock: Clock, tokens: PageTokens, suppressions: Suppressions
    ) -> None:
        self._store = store
        self._clock = clock
        self._tokens = tokens
        self._suppressions = suppressions

    def page(self, staff: Staff, wanted: dict[str, str], asked: Asked) -> Page[Suppression]:
        """
        Return a page of the list, the latest first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        staff.must(StaffRight.MANAGE_SUPPRESSIONS)
        query = LISTS.query(SUPPRESSIONS, wanted, order=None, limit=asked.size)
        return self._tokens.page(self._store, query, suppression_of, asked=asked, caller=staff.uid)

    def find(self, staff: Staff, address: str) -> Suppression:
        """
        Return the entry of an address.

        Raises:
            NotFound: the address is not on the list.
        """
        return self.get(staff, self._suppressions.id_of(address))

    def get(self, staff: Staff, suppression_id: str) -> Suppression:
        """
        Return an entry.

        Raises:
            NotFound: there is none of this id.
        """
        staff.must(StaffRight.MANAGE_SUPPRESSIONS)
        return suppression_of(self._read(suppression_id))

    def add(self, staff: Staff, address: str) -> Suppression:
        """
        Put an address on the list because its owner asks for it, and return its entry.

        One that is on the list for a stronger reason stays there for that.
        """
        staff.must(StaffRight.MANAGE_SUPPRESSIONS)
        now = self._clock.now()
        new = Suppression(self._suppressions.id_of(address), Cause.REQUEST, "", now)

        def plan() -> tuple[Suppression, list[Write]]:
            stored = self._store.get(suppression_path(new.id))
            old = suppression_of(stored) if stored else None
            became = merged(old, new, report_id=staff.uid, now=now)
            if became is None:
                return old or new, []
            fields = suppression_fields(became)
            entry = Entry(Action.SUPPRESSION_ADDED, staff.uid, now, details={"suppression": new.id})
            put = Change(stored, fields) if stored else Create(suppression_path(new.id), fields)
            return became, [put, recording(entry)]

        return self._store.commit(plan)

    def lift(self, staff: Staff, suppression_id: str) -> None:
        """
        Take an address off the list.

        Raises:
            NotFound: there is no entry of this id.
        """
        staff.must(StaffRight.MANAGE_SUPPRESSIONS)
        now = self._clock.now()

        def plan() -> tuple[None, list[Write]]:
            stored = self._read(suppression_id)
            details = {"suppression": stored.id, "reason": suppression_of(stored).cause.value}
            entry = Entry(Action.SUPPRESSION_LIFTED, staff.uid, now, details=details)
            return None, [Remove(stored), recording(entry)]

        self._store.commit(plan)

    def _read(self, suppression_id: str) -> Stored:
        stored = self._store.get(suppression_path(suppression_id))
        if stored is None:
            raise hidden()
        return stored
