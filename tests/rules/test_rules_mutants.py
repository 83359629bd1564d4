"""
Removing any one condition of the rules is noticed (D5): a request that was refused is then granted.

Every request that the other modules saw refused is sent again under each mutant, until one passes.
`make test` tries a few mutants, another few every day; `--long` tries all.
"""

import random
from datetime import UTC, datetime

import pytest

from tests.rules.client import RulesClient
from tests.rules.conftest import ROOT
from tests.rules.mutants import mutants

SAMPLE = 12
# What another condition says as well, and is said all the same, so that whoever reads sees it.
IMPLIED = {
    "request.auth != null": "Whoever has no token has no uid: an error, and an error refuses.",
    "data.keys().hasAll(fields)": "Each field has a condition of its own, which errs without it.",
}


@pytest.fixture
def wanted(request):
    """The mutants to try today, or all of them."""
    found = mutants((ROOT / "firestore.rules").read_text())
    every = [mutant for mutant in found if mutant.condition not in IMPLIED]
    if request.config.getoption("--long"):
        return every
    return random.Random(datetime.now(UTC).date().isoformat()).sample(every, SAMPLE)


@pytest.mark.timeout(3600)
def test_no_condition_is_there_for_nothing(shown, rules_text, wanted):
    """Nothing would notice the absence of those that this lists."""
    survivors = []
    try:
        for mutant in wanted:
            RulesClient.load_rules(shown, mutant.rules)
            if not _is_noticed(shown, mutant):
                survivors.append(str(mutant))
    finally:
        RulesClient.load_rules(shown, rules_text)

    assert [] == survivors, "\n".join(survivors)


def _is_noticed(shown, mutant):
    """Send again what the mutant could grant, until something is granted."""
    return any(
        not shown.is_still_refused(refusal)
        for refusal in shown.refusals
        if refusal.lines & mutant.allow_lines
    )
