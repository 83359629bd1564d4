"""What the letters about passwords and addresses say. Their links are made when they are sent."""

from datetime import datetime

from backend.accounts.service import AccountService
from backend.adapters.credentials import Credential, Credentials
from backend.adapters.firestore import Store
from backend.credentials.documents import (
    request_of,
    request_path,
    watch_fields,
    watch_of,
    watch_path,
)
from backend.credentials.model import LINK_HOLDS, ResetRequest, Watch
from backend.kit.clock import Clock
from backend.kit.documents import Change, Create, Remove, Stored, Write
from backend.kit.errors import NotFound
from backend.mailing.model import Mail
from backend.timers.firing import Alarm
from backend.timers.outbox import Outbox
from backend.timers.service import TimerService


class Languages:
    """Knows in which language to write to somebody."""

    def __init__(self, accounts: AccountService) -> None:
        self._accounts = accounts

    def of(self, uid: str, *, otherwise: str = "en") -> str:
        """Return the locale of somebody's profile; `otherwise`, before they have one."""
        try:
            return self._accounts.profile(uid).locale
        except NotFound:
            return otherwise


class PasswordResetLetter:
    """The link to a new password. It is in the letter, and nowhere else."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        timers: TimerService,
        credentials: Credentials,
        languages: Languages,
    ) -> None:
        self._store = store
        self._clock = clock
        self._timers = timers
        self._credentials = credentials
        self._languages = languages

    def compose(self, alarm: Alarm) -> Mail | None:
        """Return the letter, if somebody has this address and their account may be used."""
        stored = self._store.get(request_path(alarm.id_of("requestId")))
        if stored is None:
            return None
        request = request_of(stored)
        credential = self._holder(request)
        link = None
        if credential is not None:
            self._watch(credential)  # Before there is a link that could be followed.
            link = self._credentials.password_reset_link(request.email)
        if credential is None or link is None:
            self._store.attempt([Remove(stored)])
            return None
        return Mail(
            to=request.email,
            template="passwordReset",
            words={"link": link, "minutes": int(LINK_HOLDS.total_seconds() // 60)},
            locale=self._languages.of(credential.uid, otherwise=request.locale),
            message_id_key=alarm.timer_id,
            spent=(stored.path,),
        )

    def _holder(self, request: ResetRequest) -> Credential | None:
        if request.expire_at <= self._clock.now():
            return None
        found = self._credentials.find_by_email(request.email)
        return None if found is None or found.is_disabled else found

    def _watch(self, credential: Credential) -> None:
        now = self._clock.now()
        new = Watch(credential.uid, credential.password_changed_at, until=now)
        path = watch_path(new.id)

        def plan() -> tuple[Outbox, list[Write]]:
            stored = self._store.get(path)
            # What was known at the first of several links counts: they may have used that one.
            known = watch_of(stored) if stored else new
            watch = (known if known.until > now else new).extended(at=now)
            outbox = Outbox(writes=[_keeping(stored, path, watch)])
            outbox.set(watch.timer(at=now), now)
            return outbox, outbox.writes

        outbox = self._store.commit(plan)
        self._timers.announce(outbox.timers, now=now)


class PasswordChangedLetter:
    """Says that a password was changed, to whoever may not have done it."""

    def __init__(self, credentials: Credentials, languages: Languages) -> None:
        self._credentials = credentials
        self._languages = languages

    def compose(self, alarm: Alarm) -> Mail | None:
        """Return the letter, to the address that the account has now."""
        uid = alarm.id_of("uid")
        credential = self._credentials.find(uid)
        if credential is None or credential.email is None:
            return None
        changed_at = credential.password_changed_at
        if changed_at is None:
            return None
        return Mail(
            to=credential.email,
            template="passwordChanged",
            words={"date": _minute(changed_at)},
            locale=self._languages.of(uid),
            message_id_key=alarm.timer_id,
        )


class EmailVerificationLetter:
    """The link that proves an address."""

    def __init__(self, credentials: Credentials, languages: Languages) -> None:
        self._credentials = credentials
        self._languages = languages

    def compose(self, alarm: Alarm) -> Mail | None:
        """Return the letter, unless the address was proved or given up in the meantime."""
        uid = alarm.id_of("uid")
        credential = self._credentials.find(uid)
        if credential is None or credential.email is None:
            return None
        if credential.email_verified or credential.is_disabled:
            return None
        link = self._credentials.email_verification_link(credential.email)
        if link is None:
            return None
        return Mail(
            to=credential.email,
            template="emailVerification",
            words={"link": link},
            locale=self._languages.of(uid),
            message_id_key=alarm.timer_id,
        )


def _keeping(stored: Stored | None, path: str, watch: Watch) -> Write:
    fields = watch_fields(watch)
    return Change(stored, fields) if stored else Create(path, fields)


def _minute(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M}"
