"""Those who are to be told something: in which language, where on earth, and what they want."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import structlog

from backend.accounts.documents import account_of, account_path
from backend.accounts.model import Account
from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Stored
from backend.kit.errors import DataLoss
from backend.notifications.preferences import Preferences, preferences_of, preferences_path

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Addressee:
    """
    Somebody to be told something. `zone` is the name of their time zone in the IANA database.

    `gets_mail` says whether this service sends any; whether they have an address is not known yet.
    `is_disabled` says whether they are locked out: their devices are there still.
    """

    uid: str
    locale: str
    zone: str
    preferences: Preferences
    gets_mail: bool = False
    is_disabled: bool = False


class Addressees:
    """
    Reads people as they are now: what they wish counts from the next notification on.

    Two documents a person, all in one round trip.
    """

    def __init__(self, store: Store, clock: Clock, *, sends_mail: bool) -> None:
        self._store = store
        self._clock = clock
        self._sends_mail = sends_mail

    def of(self, uids: Iterable[str]) -> dict[str, Addressee]:
        """Return people by uid. Who has no account that can be used is left out."""
        wanted = sorted(set(uids))
        if not wanted:
            return {}
        paths = [*map(account_path, wanted), *map(preferences_path, wanted)]
        found = self._store.get_all(paths)
        return self.among(found[: len(wanted)], found[len(wanted) :])

    def among(
        self, accounts: Sequence[Stored | None], settings: Sequence[Stored | None]
    ) -> dict[str, Addressee]:
        """Return people whose accounts and preferences, in the same order, are read already."""
        now = self._clock.now()
        return {
            account.uid: Addressee(
                account.uid,
                account.locale or "en",
                account.timezone or "UTC",
                preferences_of(stored),
                self._sends_mail,
                account.is_disabled,
            )
            for account, stored in _readable(accounts, settings)
            if account.is_usable(now)
        }


def _readable(
    accounts: Sequence[Stored | None], settings: Sequence[Stored | None]
) -> Iterator[tuple[Account, Stored | None]]:
    for account, stored in zip(accounts, settings, strict=True):
        try:
            if account is not None:
                yield account_of(account), stored
        except DataLoss as error:
            log.exception("account.unreadable", detail=error.detail)
