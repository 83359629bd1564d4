"""What an invitation's link carries: which invitation, which sending of it, and that it is ours."""

import base64
import hashlib
import hmac
import re
from typing import NamedTuple

from backend.kit.ids import is_id

TOKEN = re.compile(
    r"([A-Za-z0-9_-]{1,128})\.([0-9a-f]{40})\.([1-9][0-9]{0,8})\.([A-Za-z0-9_-]{43})"
)
LONGEST_TOKEN = 256


class InviteRef(NamedTuple):
    """One sending of one invitation."""

    workspace_id: str
    invite_id: str
    generation: int


class InviteTokens:
    """
    Derives tokens from the signing secret, so that none is stored: only its hash is.

    The mail that carries one is made by a job, which derives the same token again.
    """

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"invitation", "sha256")

    def invite_id(self, workspace_id: str, email_lower: str) -> str:
        """Return the id of an address's invitation: it tells nothing of the address."""
        return self._mac("id", workspace_id, email_lower).hex()[:40]

    def token(self, ref: InviteRef) -> str:
        """Return the token of one sending."""
        mac = self._mac("token", ref.workspace_id, ref.invite_id, str(ref.generation))
        text = base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
        return f"{ref.workspace_id}.{ref.invite_id}.{ref.generation}.{text}"

    def read(self, token: str) -> InviteRef | None:
        """Return what a token stands for, or None if it is none of ours."""
        found = TOKEN.fullmatch(token)
        if found is None or not is_id(found[1]):
            return None
        ref = InviteRef(found[1], found[2], int(found[3]))
        return ref if hmac.compare_digest(self.token(ref), token) else None

    def token_hash(self, ref: InviteRef) -> str:
        """Return what is stored of a token."""
        return hashlib.sha256(self.token(ref).encode()).hexdigest()

    def _mac(self, *parts: str) -> bytes:
        text = "".join(f"{len(part)}:{part};" for part in parts)
        return hmac.digest(self._key, text.encode(), "sha256")
