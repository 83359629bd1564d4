"""What an e-mail address is, before anybody sends to it."""

import re

LONGEST = 254  # RFC 5321, as errata 1690 counts it.
LONGEST_NAME = 64  # Before the @.

# A dot-atom and host names (RFC 5321): what Firebase Auth takes too. No quotes, no comments, no
# addresses in brackets, nothing beyond ASCII: they are legal, and of more use to attackers.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_TOP = r"[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])"
_FORM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_TOP}")


def is_email_address(text: str) -> bool:
    """Say whether mail can be addressed to `text`; whether anybody is there is another question."""
    if len(text) > LONGEST or text.find("@") > LONGEST_NAME:
        return False
    return _FORM.fullmatch(text) is not None
