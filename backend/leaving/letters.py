"""Two letters about leaving: that it will happen, and that it has."""

from datetime import datetime

from backend.accounts.documents import account_of, account_path
from backend.adapters.credentials import Credentials
from backend.adapters.firestore import Store
from backend.kit.ids import derived_id, is_id
from backend.leaving.receipts import Receipts, receipt_code
from backend.mailing.model import Mail, mail_timer
from backend.timers.firing import Alarm
from backend.timers.model import Timer, TimerKind

SCHEDULED, ERASED = "erasureScheduled", "erased"
NO_LOCALE = "en"


def scheduled_timer(uid: str, erase_at: datetime, now: datetime) -> Timer:
    """Return the timer of the letter that says when an account will be erased."""
    return mail_timer(SCHEDULED, (uid, erase_at.isoformat()), {"uid": uid}, now)


def erased_timer(uid: str, locale: str, now: datetime) -> Timer:
    """Return the timer of the last letter. By then no document knows the person's language."""
    known = locale if is_id(locale) else NO_LOCALE
    return mail_timer(ERASED, (uid,), {"uid": uid, "locale": known}, now)


def erased_letter_id(uid: str) -> str:
    """Return the id of the timer of the last letter."""
    return derived_id(TimerKind.MAIL.value, ERASED, uid)


class ScheduledLetter:
    """Says when an account will be erased, to its owner: perhaps it was not they who asked."""

    def __init__(self, store: Store, credentials: Credentials) -> None:
        self._store = store
        self._credentials = credentials

    def compose(self, alarm: Alarm) -> Mail | None:
        """Return the letter, unless the erasure was called off since."""
        uid = alarm.id_of("uid")
        stored = self._store.get(account_path(uid))
        account = account_of(stored) if stored else None
        if account is None or account.erase_at is None:
            return None
        credential = self._credentials.find(uid)
        if credential is None or credential.email is None:
            return None
        return Mail(
            to=credential.email,
            template=SCHEDULED,
            words={"date": f"{account.erase_at:%Y-%m-%d}"},
            locale=account.locale,
            message_id_key=alarm.timer_id,
        )


class ErasedLetter:
    """Brings the receipt. The address is nowhere but at Firebase Auth, which forgets it next."""

    def __init__(self, receipts: Receipts, credentials: Credentials) -> None:
        self._receipts = receipts
        self._credentials = credentials

    def compose(self, alarm: Alarm) -> Mail | None:
        """Return the letter, while there is an address."""
        uid = alarm.id_of("uid")
        found, credential = self._receipts.find(uid), self._credentials.find(uid)
        if found is None or credential is None or credential.email is None:
            return None
        return Mail(
            to=credential.email,
            template=ERASED,
            words={"receipt": receipt_code(found[1])},
            locale=alarm.id_of("locale"),
            message_id_key=alarm.timer_id,
        )
