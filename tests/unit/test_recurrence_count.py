"""COUNT by arithmetic, against walking."""

from datetime import date, timedelta
from itertools import islice
from random import Random

from backend.kit.errors import InvalidArgument
from backend.recurrence.model import Rule
from backend.recurrence.rule_text import Freq
from tests.unit.random_rules import random_rule


def random_pattern(random: Random) -> Rule:
    """A rule that counts days."""
    while True:
        try:
            rule = Rule.parse(random_rule(random))
        except InvalidArgument:
            continue
        if rule.freq is not Freq.HOURLY:
            return rule


class TestNth:
    """Pattern.nth"""

    def test_the_nth_day_is_the_one_that_walking_comes_to(self, pytestconfig):
        """Whichever number, from any start; None where there are not so many."""
        random = Random("counting")
        for _ in range(5000 if pytestconfig.getoption("--long") else 300):
            rule = random_pattern(random)
            start = date(2024, 1, 1) + timedelta(days=random.randint(0, 1500))
            last = start + timedelta(days=random.choice([10, 400, 4000]))
            walked = list(islice(rule.days(start, since=start, last=last), 1000))
            for number in {1, 2, 3, *random.sample(range(4, 1000), 5), len(walked) or 1}:
                expected = walked[number - 1] if number <= len(walked) else None

                assert expected == rule.nth(start, number, last=last), (rule.text, start, number)
