"""
Receipts: the signed word that everything of a person, or of a guest, is gone.

A receipt names nobody. It lies under an id that follows from the uid, so that the same uid never
gets an account again, and whoever knows the uid can find the proof.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from backend.adapters.firestore import Store
from backend.kit.documents import Change, Create, Fields, Stored, reading
from backend.kit.ids import derived_id

PURPOSE = b"taskflow receipt 1"
NOTHING: Mapping[str, int] = MappingProxyType({})


class ReceiptKind(StrEnum):
    """Why everything was deleted."""

    ERASED = "erased"
    GUEST_EXPIRED = "guestExpired"


@dataclass(frozen=True, slots=True)
class Receipt:
    """
    `receipts/{id}`: how many documents went, by collection, and when the last of them had gone.

    It is open, without `at` and signature, while the work goes on. `changed` counts documents of
    others that named the person and name nobody now.
    """

    id: str
    kind: ReceiptKind
    deleted: Mapping[str, int] = field(default_factory=dict)
    changed: Mapping[str, int] = field(default_factory=dict)
    at: datetime | None = None
    signature: str | None = None

    @property
    def is_closed(self) -> bool:
        """Whether nothing is left to do that it speaks of."""
        return self.at is not None

    def signed_text(self) -> bytes:
        """Return what the signature is over: canonical JSON of all the rest."""
        content = {
            "id": self.id,
            "kind": self.kind.value,
            "deleted": dict(self.deleted),
            "changed": dict(self.changed),
            "at": self.at.isoformat(timespec="microseconds") if self.at else None,
        }
        return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()


def receipt_id(uid: str) -> str:
    """Return the id of somebody's receipt, which does not tell the uid."""
    return derived_id("receipt", uid)


def receipt_path(uid: str) -> str:
    """Return where somebody's receipt lies."""
    return f"receipts/{receipt_id(uid)}"


def receipt_fields(receipt: Receipt) -> Fields:
    """Return the document of a receipt."""
    return {
        "kind": receipt.kind.value,
        "deleted": dict(receipt.deleted),
        "changed": dict(receipt.changed),
        "at": receipt.at,
        "signature": receipt.signature,
    }


def receipt_of(stored: Stored) -> Receipt:
    """Read a receipt from its document."""
    with reading(stored) as fields:
        return Receipt(
            id=stored.id,
            kind=ReceiptKind(fields["kind"]),
            deleted=fields["deleted"],
            changed=fields["changed"],
            at=fields["at"],
            signature=fields["signature"],
        )


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    """Return a receipt as JSON."""
    fields: dict[str, Any] = {"id": receipt.id, **receipt_fields(receipt)}
    return fields | {"at": receipt.at.isoformat(timespec="microseconds") if receipt.at else None}


def receipt_code(receipt: Receipt) -> str:
    """Return a receipt as one word, for a letter."""
    text = json.dumps(receipt_json(receipt), sort_keys=True, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def receipt_from_text(text: str) -> Receipt:
    """
    Read a receipt that somebody shows: the code from the letter, however it was wrapped, or JSON.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    if not text.lstrip().startswith("{"):
        code = "".join(text.split()).rstrip(".")
        text = base64.urlsafe_b64decode(code + "=" * (-len(code) % 4)).decode()
    return receipt_from_json(json.loads(text))


def receipt_from_json(fields: Mapping[str, Any]) -> Receipt:
    """
    Read a receipt that somebody shows.

    Raises:
        KeyError, TypeError, ValueError: it is none.
    """
    return Receipt(
        id=str(fields["id"]),
        kind=ReceiptKind(fields["kind"]),
        deleted={str(name): int(count) for name, count in fields["deleted"].items()},
        changed={str(name): int(count) for name, count in fields["changed"].items()},
        at=datetime.fromisoformat(fields["at"]),
        signature=str(fields["signature"]),
    )


class Receipts:
    """Opens, closes and checks receipts."""

    def __init__(self, store: Store, secret: str) -> None:
        # A key of its own: whoever learns one signature of another kind has learnt none of these.
        self._key = hmac.digest(secret.encode(), PURPOSE, hashlib.sha256)
        self._store = store

    def is_gone(self, uid: str) -> bool:
        """Whether everything of this uid is deleted, or about to be: it gets no account again."""
        return self._store.get(receipt_path(uid)) is not None

    def find(self, uid: str) -> tuple[Stored, Receipt] | None:
        """Return somebody's receipt, open or closed, with what was stored."""
        stored = self._store.get(receipt_path(uid))
        return (stored, receipt_of(stored)) if stored else None

    def opening(self, uid: str, kind: ReceiptKind) -> Create:
        """
        Return the write that opens a receipt. From its commit on `is_gone` is true.

        It belongs into the commit that ends the account's use, before anything is deleted.
        """
        return Create(receipt_path(uid), receipt_fields(Receipt(receipt_id(uid), kind)))

    def closing(self, stored: Stored, *, at: datetime, also: Mapping[str, int] = NOTHING) -> Change:
        """
        Return the write that closes and signs a receipt, once nothing is left.

        `also` counts what the same commit deletes.
        """
        receipt = receipt_of(stored)
        closed = replace(receipt, at=at, deleted={**receipt.deleted, **also})
        return Change(stored, receipt_fields(replace(closed, signature=self.signature(closed))))

    def signature(self, receipt: Receipt) -> str:
        """Return what only this service can write under a receipt."""
        return hmac.new(self._key, receipt.signed_text(), hashlib.sha256).hexdigest()

    def is_genuine(self, receipt: Receipt) -> bool:
        """Whether this service signed exactly this receipt."""
        given = receipt.signature or ""
        return receipt.is_closed and hmac.compare_digest(given, self.signature(receipt))
