"""Every expression is reached, every condition is seen both ways, every `allow` does both."""

from tests.rules.coverage import one_sided, one_sided_allows, unreached


def test_every_allow_has_granted_and_refused(shown, rules_text):
    """One that only refuses may as well not be there; one that only grants may be open to all."""
    assert [] == one_sided_allows(shown.seen, rules_text)


def test_every_expression_is_reached(shown, rules_text):
    """What nothing asks for is tested by nothing."""
    assert [] == unreached(shown.seen, rules_text)


def test_every_condition_is_seen_both_ways(shown, rules_text):
    """A condition that nothing here makes false could be dropped without anyone noticing."""
    assert [] == one_sided(shown.seen, rules_text)
