"""
What a mail says about itself, so that a report about it can be understood, and believed.

Two marks, both signed: the address that bounces go to names the mail's own address (VERP), in what
64 letters of a local part can hold; a header also names the notice. Either is enough to suppress an
address. Only who got the mail, or carried it, can show them: nobody else can get an address onto
the suppression list.
"""

import base64
import hmac
import re
from binascii import Error as NotBase32
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from backend.adapters.mail import OutgoingMail
from backend.kit.ids import is_id

HEADER = "X-TaskFlow-Reference"
# A server tries for five days; who reads mail once a month complains once a month.
BELIEVED = timedelta(days=60)
FIRST_DAY = date(2020, 1, 1)
DAY_BYTES, HASH_BYTES, MAC_BYTES = 2, 16, 8
TOKEN_LENGTH = 42  # Of base32, which servers may write in any case.
TOKEN = re.compile(rf"[a-z2-7]{{{TOKEN_LENGTH}}}")
NOTHING = "-"


@dataclass(frozen=True, slots=True)
class NoticeRef:
    """The notification that a mail tells of."""

    uid: str
    notification_id: str


@dataclass(frozen=True, slots=True)
class Reference:
    """What a mark stands for: an entry of the suppression list, and perhaps a notice."""

    suppression_id: str
    sent_on: date
    about: NoticeRef | None = None


class MailReferences:
    """Marks mails, and reads the marks that come back."""

    def __init__(self, secret: str, *, bounces: str, id_of: Callable[[str], str]) -> None:
        """
        Take the address that bounces go to, or "" for that of the sender.

        `id_of` returns the name by which an address goes on the suppression list.
        """
        self._key = hmac.digest(secret.encode(), b"mail-reference", "sha256")
        self._local, _, self._domain = bounces.partition("@")
        self._id_of = id_of

    def mark(
        self, mail: OutgoingMail, *, about: NoticeRef | None = None, at: datetime
    ) -> OutgoingMail:
        """Return a mail with both marks."""
        token = self._token(self._id_of(mail.to), at.astimezone(UTC).date())
        parts = [token, *((about.uid, about.notification_id) if about else (NOTHING, NOTHING))]
        reference = " ".join([*parts, self._mac(*parts).hex()])
        return replace(
            mail,
            headers={**mail.headers, HEADER: reference},
            return_path=f"{self._local}+{token}@{self._domain}" if self._domain else "",
        )

    def of_address(self, address: str, *, now: datetime) -> Reference | None:
        """Return what an address that a report came to stands for, or None."""
        local, _, domain = address.strip().lower().partition("@")
        ours, _, token = local.rpartition("+")
        if not self._domain or (ours, domain) != (self._local.lower(), self._domain.lower()):
            return None
        return self._read(token, now)

    def of_header(self, value: str, *, now: datetime) -> Reference | None:
        """Return what the header of a mail that was sent back stands for, or None."""
        parts = value.split()
        if len(parts) != 4 or not hmac.compare_digest(
            self._mac(*parts[:3]).hex().encode(), parts[3].encode()
        ):
            return None
        found = self._read(parts[0], now)
        if found is None or not (is_id(parts[1]) and is_id(parts[2])) or parts[1] == NOTHING:
            return found
        return replace(found, about=NoticeRef(parts[1], parts[2]))

    def _token(self, suppression_id: str, day: date) -> str:
        number = (day - FIRST_DAY).days
        told = number.to_bytes(DAY_BYTES) + bytes.fromhex(suppression_id)
        return base64.b32encode(told + self._mac(told.hex())).decode().rstrip("=").lower()

    def _read(self, token: str, now: datetime) -> Reference | None:
        if TOKEN.fullmatch(token) is None:
            return None
        try:
            raw = base64.b32decode(token.upper() + "=" * (-TOKEN_LENGTH % 8))
        except NotBase32:
            return None
        told, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
        if not hmac.compare_digest(self._mac(told.hex()), mac):
            return None
        day = FIRST_DAY + timedelta(days=int.from_bytes(told[:DAY_BYTES]))
        if now.astimezone(UTC).date() - day > BELIEVED:
            return None
        return Reference(told[DAY_BYTES:].hex(), day)

    def _mac(self, *parts: str) -> bytes:
        text = "".join(f"{len(part)}:{part};" for part in parts)
        return hmac.digest(self._key, text.encode(), "sha256")[:MAC_BYTES]
