"""
Storage stays closed to apps: files move through signed URLs.

The Storage emulator judges by a program that it downloads first, so these tests have none. The
rules are written in the language of Firestore's, though, and its emulator judges their body as well
once the two lines that say whose it is are Firestore's own.
"""

import re
from uuid import uuid4

import pytest

from tests.rules.client import RulesClient, Verdict
from tests.rules.conftest import ROOT
from tests.rules.wire import Query

VERBS = ["get", "list", "create", "update", "delete"]
ACTS = {
    "get": lambda app: app.get("files/kept"),
    "list": lambda app: app.list("files", Query(limit=1)),
    "create": lambda app: app.create(f"files/{uuid4().hex}", {"size": 1}),
    "update": lambda app: app.update("files/kept", {"size": 2}),
    "delete": lambda app: app.delete("files/old"),
}


@pytest.fixture(scope="module")
def storage_rules():
    """The rules as they stand in the repository."""
    return (ROOT / "storage.rules").read_text()


@pytest.fixture(scope="module")
def judged(suite, storage_rules):
    """Return a function that says what each verb gets, if `if false` were another condition."""

    def judge(condition="false"):
        rules = storage_rules.replace("firebase.storage", "cloud.firestore")
        rules = rules.replace("/b/{bucket}/o", "/databases/{database}/documents")
        client = RulesClient(suite.firestore_host, f"demo-files-{uuid4().hex[:12]}")
        client.load_rules(rules.replace("if false", f"if {condition}"))
        assert client.server.set("files/kept", {"size": 1}).verdict == Verdict.ALLOWED
        return {
            who: {verb: act(app).verdict for verb, act in ACTS.items()}
            for who, app in (("nobody", client.nobody), ("somebody", client.as_("somebody")))
        }

    return judge


def test_every_verb_is_refused(judged):
    """To whoever has signed in as to nobody."""
    refused = dict.fromkeys(VERBS, Verdict.DENIED)

    assert {"nobody": refused, "somebody": refused} == judged()


def test_the_verdicts_are_those_of_the_condition(judged):
    """With another in its place the same acts are granted: the path and the verbs are all there."""
    granted = dict.fromkeys(VERBS, Verdict.ALLOWED)

    assert {"nobody": granted, "somebody": granted} == judged("true")


def test_nothing_else_is_granted(storage_rules):
    """There is one `allow`, for every path and every verb by its own name, and it says no."""
    assert re.findall(r"allow [^;]*;", storage_rules) == [f"allow {', '.join(VERBS)}: if false;"]
    assert storage_rules.count("match ") == 2
    assert "match /{path=**}" in storage_rules
