"""What is left of somebody: a receipt that anybody can show, and only we can have signed."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from backend.leaving.receipts import (
    Receipt,
    ReceiptKind,
    Receipts,
    receipt_code,
    receipt_from_text,
    receipt_id,
    receipt_json,
    receipt_path,
)
from tests.api.command_line import run
from tests.api.world import World

AT = datetime(2026, 11, 28, 9, 30, 0, 123456, tzinfo=UTC)


@pytest.fixture
def receipts(world: World) -> Receipts:
    return world.services.receipts


@pytest.fixture
def signed(receipts: Receipts) -> Receipt:
    counts = {"deleted": {"tasks": 3, "devices": 1}, "changed": {"comments": 2}}
    receipt = Receipt(receipt_id("ann"), ReceiptKind.ERASED, **counts, at=AT)
    return replace(receipt, signature=receipts.signature(receipt))


class TestSignature:
    """It holds for exactly what was signed."""

    def test_it_survives_the_letter(self, receipts: Receipts, signed: Receipt):
        """As a code, however a mail program wraps it, and as JSON."""
        code = receipt_code(signed)
        wrapped = "\n  ".join(code[at : at + 60] for at in range(0, len(code), 60))

        for text in (code, f"{wrapped}.\n", json.dumps(receipt_json(signed))):
            assert signed == receipt_from_text(text)
            assert receipts.is_genuine(receipt_from_text(text))

    @pytest.mark.parametrize(
        "change",
        [
            {"id": receipt_id("bob")},
            {"kind": ReceiptKind.GUEST_EXPIRED},
            {"deleted": {"tasks": 4, "devices": 1}},
            {"deleted": {}},
            {"changed": {"comments": 2, "tasks": 1}},
            {"at": AT.replace(year=2025)},
            {"at": None},
            {"signature": "0" * 64},
            {"signature": ""},
            {"signature": None},
        ],
        ids=str,
    )
    def test_any_change_breaks_it(self, receipts: Receipts, signed: Receipt, change: dict):
        """Nobody makes a receipt of another."""
        assert receipts.is_genuine(signed)
        assert not receipts.is_genuine(replace(signed, **change))

    @pytest.mark.parametrize("text", ["", "{}", "[]", "{", "ä", "e30", "eyJpZCI6", "null", "7"])
    def test_what_is_no_receipt_is_told_from_one(self, text: str):
        """By errors that whoever reads it expects."""
        with pytest.raises((ValueError, KeyError, TypeError)):
            receipt_from_text(text)

    def test_another_service_has_not_signed_it(self, world: World, signed: Receipt):
        """The key follows from the secret, and is no other purpose's."""
        assert not Receipts(world.services.ports.store, "another").is_genuine(signed)

    def test_it_names_nobody(self, world: World, receipts: Receipts):
        """Neither the document nor its id tells the uid."""
        uid = "somebody-whose-uid-is-long"
        world.services.ports.store.attempt([receipts.opening(uid, ReceiptKind.ERASED)])

        assert uid not in receipt_path(uid) + str(world.document(receipt_path(uid)))
        assert receipts.is_gone(uid)
        assert not receipts.is_gone("somebody-else")


class TestCommand:
    """`python -m backend.cli verify-receipt`"""

    def test_a_genuine_one_is_called_so(self, world: World, signed: Receipt, tmp_path: Path):
        """Exit status 0, and what it says."""
        file = tmp_path / "receipt.txt"
        file.write_text(receipt_code(signed))

        done = run(world, "verify-receipt", str(file))

        assert (0, "") == (done.returncode, done.stderr)
        assert done.stdout.startswith("Genuine: 4 documents and files were deleted by 2026-11-28")

    def test_anything_else_is_not(self, world: World, tmp_path: Path):
        """Exit status 1, and no traceback."""
        file = tmp_path / "receipt.txt"
        file.write_text("{}")

        done = run(world, "verify-receipt", str(file))

        assert (1, "", "This is no receipt.\n") == (done.returncode, done.stdout, done.stderr)

    def test_an_altered_one_is_told(self, world: World, signed: Receipt, tmp_path: Path):
        """It can be read, and was not signed here."""
        file = tmp_path / "receipt.json"
        file.write_text(json.dumps({**receipt_json(signed), "deleted": {}}))

        done = run(world, "verify-receipt", str(file))

        assert (1, "This receipt was not signed here, or has been altered.\n") == (
            done.returncode,
            done.stderr,
        )
