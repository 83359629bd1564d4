"""Ranks: where something stands among others, as a string that sorts."""

import re

MAX_RANK = 64
# Digits sort before capitals before small letters, in Firestore as in Python.
PATTERN = re.compile(r"[0-9A-Za-z]{1,64}")


def is_rank(text: object) -> bool:
    """Say whether `text` is a rank: 1 to 64 digits and letters."""
    return isinstance(text, str) and PATTERN.fullmatch(text) is not None
