"""Attacks through the real SDK of an app. All of them, over REST: tests/rules."""

from uuid import uuid4

import pytest

from tests.clients.programs import findings
from tests.rules.client import RulesClient
from tests.rules.conftest import ROOT
from tests.rules.documents import new_task
from tests.rules.wire import Mark
from tests.rules.world import PEOPLE, seed_world

MAY = "(allowed)"


@pytest.fixture(scope="module")
def found(suite):
    """How each attack ended, by its name."""
    project = f"demo-attacks-{uuid4().hex[:12]}"
    client = RulesClient(suite.firestore_host, project)
    client.load_rules((ROOT / "firestore.rules").read_text())
    world = seed_world(client)
    return findings(
        "attacks.mjs",
        project=project,
        firestore=suite.firestore_host,
        w1=world.w1,
        w2=world.w2,
        uids={who: world.uid(who) for who in PEOPLE},
        task=_plain(new_task(world.uid("member"), watcherIds=[])),
        device={"token": "t", "platform": "web", "locale": None, "timezone": None},
    )


def test_every_attack_is_refused(found):
    """By the rules, and by nothing else: another error would prove nothing."""
    attacks = {name: verdict for name, verdict in found.items() if MAY not in name}

    assert len(attacks) > 40
    assert dict.fromkeys(attacks, "permission-denied") == attacks


def test_the_same_acts_by_those_who_may(found):
    """A program that is refused everything would prove nothing either."""
    acts = {name: verdict for name, verdict in found.items() if MAY in name}

    assert len(acts) > 5
    assert dict.fromkeys(acts, "allowed") == acts


def _plain(document):
    """Leave out what Firestore computes: the program says it in the SDK's own words."""
    return {name: value for name, value in document.items() if not isinstance(value, Mark)}
