"""How many letters one address may be sent because somebody asked for them."""

import hmac
from datetime import timedelta

from backend.adapters.counters import Counters

MOST = 3
WINDOW = timedelta(hours=1)


class LetterAllowance:
    """
    Counts letters by address.

    What is counted is a keyed hash: who reads the counters learns nobody's address, and cannot
    find out by guessing.
    """

    def __init__(self, counters: Counters, secret: str) -> None:
        self._counters = counters
        self._secret = secret.encode()

    def allows(self, letter: str, email: str) -> bool:
        """Count one more letter, and say whether it may be sent: three an hour may."""
        told = f"{letter}:{email.lower()}".encode()
        key = hmac.new(self._secret, told, "sha256").hexdigest()[:40]
        counted = self._counters.add(f"letters:{key}", 1, window_s=WINDOW.total_seconds())
        return counted.used <= MOST
