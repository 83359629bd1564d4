"""Storage stays closed to apps: files move through signed URLs."""

import re

from tests.rules.conftest import ROOT


def test_nothing_is_granted():
    """Every `allow` of the file says `if false`, and there is one for every path."""
    rules = (ROOT / "storage.rules").read_text()

    assert re.findall(r"allow [^;]*;", rules) == [
        "allow get, list, create, update, delete: if false;"
    ]
    assert "match /{path=**}" in rules
