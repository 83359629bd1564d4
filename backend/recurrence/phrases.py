"""Reading the words of `words.py`, one after the other."""

import re
from datetime import time

from backend.kit.errors import InvalidArgument
from backend.recurrence import lexicon
from backend.recurrence.rule_text import Freq, invalid
from backend.recurrence.said import Said

SHOWN = 30
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(t[0-9]{2}:[0-9]{2}:[0-9]{2}z)?")
HALVES = ("am", "pm")
A_DAY = 'A day is written "31 December 2027" or "2027-12-31".'


class Phrases:
    """Words in lower case, and how far they have been read."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._place = 0
        self._said = Said()
        self._heard: set[str] = set()

    def read(self) -> Said:
        """
        Read all the words.

        Raises:
            InvalidArgument: `invalid-recurrence`; one of them is not understood.
        """
        first = self._take()
        if first in lexicon.ADVERBS:
            self._count_in(lexicon.ADVERBS[first], 1)
        elif first in ("every", "each", "every!"):
            self._said.is_after_completion = first == "every!" or self._skip("!")
            self._subject()
        else:
            raise self._puzzled(first, 'It begins with "every", or with "daily", "weekly" …')
        while self._place < len(self._words):
            self._clause(self._take())
        return self._said

    def _subject(self) -> None:
        word = self._peek()
        if word == "other":
            self._take()
            self._counted(2)
        elif (many := lexicon.number(word)) is not None and self._peek(1) not in lexicon.MONTH_OF:
            self._take()
            self._count_in(self._unit(), many)
        elif (which := lexicon.ordinal(word)) is not None and self._counts_units(which):
            self._take()
            self._count_in(self._unit(), which)
        elif lexicon.singular(word) in lexicon.UNITS:
            self._count_in(self._unit(), 1)
        else:
            self._picks()
            self._said.freq = self._freq_of_picks()
            if self._said.weekdays or self._said.is_numbered:
                self._heard.add("on")

    def _counted(self, many: int) -> None:
        if lexicon.singular(self._peek()) in lexicon.UNITS:
            self._count_in(self._unit(), many)
            return
        if self._peek() not in lexicon.WEEKDAY_OF:
            raise self._puzzled(self._take(), "Here goes day, week, month, year or a weekday.")
        self._picks()
        self._heard.add("on")
        self._said.freq, self._said.interval = Freq.WEEKLY, many

    def _counts_units(self, which: int) -> bool:
        # "every 3rd day" is every three days, but "every 3rd day of the month" is the 3rd.
        return which > 1 and self._peek(1) in lexicon.UNITS and self._peek(2) != "of"

    def _unit(self) -> str:
        word = self._take()
        if lexicon.singular(word) not in lexicon.UNITS:
            raise self._puzzled(word, "Here goes hours, days, weeks, months or years.")
        return lexicon.singular(word)

    def _count_in(self, unit: str, many: int) -> None:
        self._said.freq, each = lexicon.UNITS[unit]
        self._said.interval = many * each

    def _freq_of_picks(self) -> Freq:
        said = self._said
        if said.months or said.is_of_year:
            return Freq.YEARLY
        return Freq.MONTHLY if said.is_numbered or "of" in self._heard else Freq.WEEKLY

    def _clause(self, word: str) -> None:
        if word in self._heard:
            raise self._puzzled(word, "It is said twice.")
        self._heard.add(word)
        match word:
            case "on":
                self._picks()
            case "in" if not self._said.months:
                self._said.months += self._months()
            case "at":
                self._said.at = self._clock()
            case "until":
                self._said.until = self._day()
            case "for":
                self._said.count = self._times(self._take())
            case _ if self._peek() == "times":
                self._heard.add("for")
                self._said.count = self._times(word)
            case _:
                raise self._puzzled(word)

    def _picks(self) -> None:
        self._pick()
        while self._skip("and") or self._is_at_pick():
            self._pick()
        if self._skip("of"):
            self._heard.add("of")
            self._of()

    def _is_at_pick(self) -> bool:
        word, known = self._peek(), (lexicon.WEEKDAY_OF, lexicon.GROUPS, lexicon.MONTH_OF)
        is_named = any(word in names for names in known) or word in ("the", "last")
        return is_named or lexicon.ordinal(word) is not None

    def _pick(self) -> None:
        self._skip("the")
        word = self._take()
        if word in lexicon.WEEKDAY_OF:
            self._said.weekdays.append((lexicon.WEEKDAY_OF[word], 0))
        elif lexicon.singular(word) in lexicon.GROUPS:
            days = lexicon.GROUPS[lexicon.singular(word)]
            self._said.weekdays += [(each, 0) for each in days]
        elif word in lexicon.MONTH_OF:
            self._day_beside_month(lexicon.MONTH_OF[word])
        elif word == "last":
            self._numbered(-1)
        elif (which := lexicon.ordinal(word)) is not None:
            from_end = self._skip("to") | self._skip("last")
            self._numbered(-which if from_end else which)
        elif (day := lexicon.number(word)) is not None and self._peek() in lexicon.MONTH_OF:
            self._date(lexicon.MONTH_OF[self._take()], day)
        else:
            raise self._puzzled(word)

    def _date(self, month: int, day: int) -> None:
        self._said.months.append(month)
        self._said.month_days.append(day)
        self._said.dates.add((month, day))

    def _day_beside_month(self, month: int) -> None:
        word = self._peek()
        day = lexicon.ordinal(word) or lexicon.number(word)
        if day is not None and self._peek(1) != "times":
            self._take()
            self._date(month, day)
        else:
            self._said.months.append(month)

    def _numbered(self, which: int) -> None:
        word = self._peek()
        if word in lexicon.WEEKDAY_OF:
            self._said.weekdays.append((lexicon.WEEKDAY_OF[self._take()], which))
        elif word in ("weekday", "workday") and self._said.workday is None:
            self._take()
            self._said.workday = which
        elif which > 0 and word in lexicon.MONTH_OF:
            self._date(lexicon.MONTH_OF[self._take()], which)
        elif self._skip("day") or which > 0:
            self._said.month_days.append(which)
        else:
            raise self._puzzled(word or "last", "The last what?")

    def _of(self) -> None:
        if not (self._skip("the") or self._skip("each") or self._skip("every")):
            self._said.months += self._months()
        elif self._skip("year"):
            self._said.is_of_year = True
        elif not self._skip("month"):
            raise self._puzzled(self._take(), "Here goes month or year.")

    def _months(self) -> list[int]:
        found = [self._month(self._take())]
        while self._skip("and") or self._peek() in lexicon.MONTH_OF:
            found.append(self._month(self._take()))
        return found

    def _month(self, word: str) -> int:
        if word not in lexicon.MONTH_OF:
            raise self._puzzled(word, "Here goes a month.")
        return lexicon.MONTH_OF[word]

    def _clock(self) -> time:
        word = self._take()
        half = self._take() if self._peek() in HALVES and word[-1:].isdigit() else ""
        found = lexicon.clock(word + half)
        if found is None:
            raise self._puzzled(word, 'A time is written "9:00", "21:30" or "9 pm".')
        return found

    def _day(self) -> str:
        self._skip("the")
        word = self._take()
        if ISO_DAY.fullmatch(word):
            return re.sub(r"[-:]", "", word).upper()
        if word in lexicon.MONTH_OF:
            month, day = self._month(word), self._day_number(self._take())
        else:
            day = self._day_number(word)
            self._skip("of")
            month = self._month(self._take())
        year = self._take()
        found = lexicon.day_of(lexicon.number(year) or 0, month, day)
        if found is None:
            raise self._puzzled(year, A_DAY)
        return found.isoformat().replace("-", "")

    def _day_number(self, word: str) -> int:
        found = lexicon.ordinal(word) or lexicon.number(word)
        if found is None:
            raise self._puzzled(word, A_DAY)
        return found

    def _times(self, word: str) -> int:
        found = lexicon.number(word)
        if found is None or not self._skip("times"):
            raise self._puzzled(word, 'Here goes a number of times: "for 5 times".')
        return found

    def _peek(self, ahead: int = 0) -> str:
        place = self._place + ahead
        return self._words[place] if place < len(self._words) else ""

    def _take(self) -> str:
        if self._place == len(self._words):
            raise invalid("Something is missing at the end.")
        self._place += 1
        return self._words[self._place - 1]

    def _skip(self, word: str) -> bool:
        if self._peek() != word:
            return False
        self._place += 1
        return True

    def _puzzled(self, word: str, hint: str = "") -> InvalidArgument:
        return invalid(f'"{word[:SHOWN]}" is not understood here. {hint}'.rstrip())
