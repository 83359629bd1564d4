"""JSON Web Tokens (RFC 7519) signed with RS256: their claims, once the signature holds."""

import base64
import json
import re
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from backend.adapters.key_ring import KeyRing, UnknownKeyError

MAX_TOKEN_LENGTH = 8 * 1024
PART = re.compile(r"[A-Za-z0-9_-]+")
UNSIGNED = "none"

_PADDING, _HASH = PKCS1v15(), SHA256()

Claims = dict[str, Any]


class NotATokenError(Exception):
    """It is malformed, or was not signed by whom it should be."""


def signed_claims(token: str, keys: KeyRing) -> tuple[Claims, str]:
    """
    Return the claims of a token, and the id of the key that signed them.

    Nothing but the header is read before the signature holds, and from it only the key's id:
    keys that come with a token (`jwk`, `jku`, `x5u`) count for nothing.

    Raises:
        NotATokenError: it is none, or its signature does not hold.
        Unavailable: the key to check it with cannot be had now.
    """
    header, payload, signature = _parts(token)
    fields = _json_object(header)
    if fields.get("alg") != "RS256" or "crit" in fields:
        raise NotATokenError
    key_id = fields.get("kid")
    try:
        signed = f"{header}.{payload}".encode()
        keys.key(key_id).verify(_decoded(signature), signed, _PADDING, _HASH)
    except (UnknownKeyError, InvalidSignature):
        raise NotATokenError from None
    return _json_object(payload), str(key_id)


def unsigned_claims(token: str) -> Claims:
    """
    Return the claims of a token of the Auth emulator, which signs nothing.

    Raises:
        NotATokenError: it is none, or one that claims to be signed.
    """
    header, payload, signature = _parts(token)
    if _json_object(header).get("alg") != UNSIGNED or signature:
        raise NotATokenError
    return _json_object(payload)


def instant(value: object) -> datetime | None:
    """Return the instant of a NumericDate, or None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _parts(token: str) -> tuple[str, str, str]:
    parts = token.split(".") if len(token) <= MAX_TOKEN_LENGTH else []
    if len(parts) != 3:
        raise NotATokenError
    return parts[0], parts[1], parts[2]


def _json_object(part: str) -> Claims:
    try:
        value = json.loads(
            _decoded(part), object_pairs_hook=_without_duplicates, parse_constant=_refuse
        )
    except (ValueError, RecursionError):
        raise NotATokenError from None
    if not isinstance(value, dict):
        raise NotATokenError
    return value


def _decoded(part: str) -> bytes:
    if not PART.fullmatch(part):
        raise NotATokenError
    try:
        decoded = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise NotATokenError from None
    # The last character has bits to spare: one signature is to have one spelling.
    if base64.urlsafe_b64encode(decoded).rstrip(b"=") != part.encode():
        raise NotATokenError
    return decoded


def _without_duplicates(pairs: list[tuple[str, Any]]) -> Claims:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotATokenError
    return found


def _refuse(_constant: str) -> None:
    raise NotATokenError
