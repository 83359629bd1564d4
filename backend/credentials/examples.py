"""Wishes for letters as the API's description shows them. A test sends these."""

PASSWORD_RESET = {"email": "ann@example.com"}

LETTER = {"state": "accepted"}
