"""Ids: random for what people make, derived for what follows from it."""

import hashlib
import re
import secrets
import string

from backend.kit.errors import hidden

ALPHABET = string.ascii_letters + string.digits
# Firestore keeps `__…__` for itself and refuses a document of such a name.
PATTERN = re.compile(r"(?!__.*__$)[A-Za-z0-9_-]{1,128}")
RANDOM_LENGTH = 20  # As Firestore's own automatic ids: 119 bits.


def random_id() -> str:
    """Return a new opaque id of 20 letters and digits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))


def derived_id(*parts: str | int) -> str:
    """
    Return the id that follows from `parts`: the same parts always give the same 40 hex digits.

    Each part carries its length, so `("a", "bc")` and `("ab", "c")` differ.
    """
    digest = hashlib.sha256()
    for part in parts:
        text = str(part)
        digest.update(f"{len(text)}:{text};".encode())
    return digest.hexdigest()[:40]


def is_id(text: str) -> bool:
    """Say whether `text` may join a document path: `[A-Za-z0-9_-]{1,128}`, not `__…__`."""
    return PATTERN.fullmatch(text) is not None


def checked(text: str) -> str:
    """
    Return `text` if it may join a document path.

    Raises:
        NotFound: it may not. `document("a/b/c")` would address another collection.
    """
    if not is_id(text):
        raise hidden()
    return text
