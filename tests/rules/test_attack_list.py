"""Each of the ninety attacks that the rules are held against is named by a test that tries it."""

import re

from tests.rules.conftest import HERE

ATTACKS = set(range(1, 91))
IN_A_NAME = re.compile(r"\ba(\d\d)[-_]")
IN_A_SENTENCE = re.compile(r"[Aa]ttacks? (\d[^.:;\"]*)")
RANGE = re.compile(r"(\d+) to (\d+)|(\d+)-(\d+)")
GATE = {89}  # The coverage gate itself.


def test_none_is_missing():
    """By its number in a case's name, or in the sentence of a test."""
    texts = [path.read_text() for path in HERE.glob("*.py") if path.name != "test_attack_list.py"]

    assert [] == sorted(ATTACKS - GATE - set().union(*map(_named, texts)))


def _named(text):
    text = text.partition("\nfrom ")[2]  # What a module says of itself is no test.
    found = {int(number) for number in IN_A_NAME.findall(text)}
    for sentence in IN_A_SENTENCE.findall(text):
        for first, last, low, high in RANGE.findall(sentence):
            found |= set(range(int(first or low), int(last or high) + 1))
        found |= {int(number) for number in re.findall(r"\b\d+\b", sentence)}
    return found
