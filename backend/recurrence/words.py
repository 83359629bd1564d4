"""
When a task comes again, in English: "every weekday at 9:00", "every! 3 days".

    every  [other | N | Nth] unit  clause…        every 2 weeks on Monday and Thursday
    every  weekday, … | picks  clause…            every last Friday until 31 December 2027
    daily | weekly | …  clause…                   monthly on the 15th and the last day

Units are hour, day, week, fortnight, month, quarter, year; clauses are `on` picks [`of` months],
`in` months, `at` a time, `until` a day, `for` N `times`. A pick is a weekday ("Monday"), one of
the month ("2nd Tuesday", "last Friday", "last weekday") or a day of it ("31st", "last day").
"every!" counts from when the task was done. What is said in a rule of RFC 5545 (FREQ=…) is read
as one.

Words are read from left to right, once. What is not understood is refused by name, never guessed.
"""

import re
from datetime import time
from typing import NamedTuple

from backend.kit.errors import InvalidArgument
from backend.recurrence.completion import check_counts_from_completion
from backend.recurrence.phrases import Phrases
from backend.recurrence.rule import Rule
from backend.recurrence.rule_text import MAX_LENGTH, invalid
from backend.recurrence.saying import words_of
from backend.recurrence.series import Mode

__all__ = ["POINTER", "Words", "read_words", "words_of"]

POINTER = "/repeat"
AS_A_RULE = re.compile(r"[A-Z]+=", re.IGNORECASE)


class Words(NamedTuple):
    """What words say: `time` is None where they name none."""

    rule: Rule
    mode: Mode
    time: time | None


def read_words(text: object) -> Words:
    """
    Read when a task comes again. Takes time in proportion to the length of the text.

    Raises:
        InvalidArgument: `invalid-recurrence` at `/repeat`; a word is not understood where it
            stands, or the whole makes no rule.
    """
    if not isinstance(text, str) or not 0 < len(text) <= MAX_LENGTH:
        raise invalid(f"This takes 1 to {MAX_LENGTH} characters.", pointer=POINTER)
    try:
        if AS_A_RULE.match(text):
            return Words(Rule.parse(text), Mode.FIXED, None)
        said = Phrases(text.lower().replace(",", " ").split()).read()
        rule = Rule.parse(said.rule_text)
        if said.is_after_completion:
            check_counts_from_completion(rule, ())
    except InvalidArgument as error:
        raise invalid(error.detail, pointer=POINTER) from None
    mode = Mode.AFTER_COMPLETION if said.is_after_completion else Mode.FIXED
    return Words(rule, mode, said.at)
