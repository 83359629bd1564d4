"""Leaving as the API's description shows it. A test sends these."""

from typing import Any

from backend.accounts import examples as accounts

LEAVING: dict[str, Any] = {
    **accounts.ACCOUNT,
    "eraseAt": "2026-11-28T09:30:00.000Z",
    "rev": 2,
}
STAYING: dict[str, Any] = {**accounts.ACCOUNT, "rev": 3}
