"""Random recurrences, the same ones for the same seed."""

from datetime import date, time
from random import Random

from backend.kit.errors import InvalidArgument
from backend.recurrence.model import Recurrence, Rule, Start
from tests.unit.recurrences import ZONES

WEEKDAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
FREQS = ["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"]
ENDS = [
    "",
    "",
    "COUNT=1",
    "COUNT=4",
    "COUNT=30",
    "COUNT=250",
    "UNTIL=20280315",
    "UNTIL=20280315T103000Z",
]
TIMES = [None, time(0), time(2, 30), time(9), time(23, 59)]


def random_rule(random: Random) -> str:
    """A rule of any kind; some never come round."""
    freq = random.choice(FREQS)
    interval = random.choice([1, 1, 2, 3, random.randint(1, 40)])
    by_parts = {} if freq == "HOURLY" else _by_month(random)
    by_parts |= _by_day(random, freq, numbered_up_to=5 if by_parts or freq == "MONTHLY" else 53)
    if freq in ("DAILY", "MONTHLY", "YEARLY") and random.random() < 0.4:
        days = random.sample([each for each in range(-31, 32) if each], random.randint(1, 4))
        by_parts["BYMONTHDAY"] = ",".join(map(str, days))
    if freq != "HOURLY" and by_parts and random.random() < 0.3:
        by_parts["BYSETPOS"] = random.choice(["1", "-1", "2", "-2", "1,-1", "3,5"])
    parts = {"FREQ": freq, "INTERVAL": str(interval), "WKST": random.choice(WEEKDAYS), **by_parts}
    text = ";".join(f"{name}={value}" for name, value in parts.items())
    return ";".join(filter(None, [text, random.choice(ENDS)]))


def random_recurrence(random: Random) -> Recurrence:
    """A recurrence that comes round, from some time in 2024 to 2027."""
    while True:
        day = date.fromordinal(random.randint(date(2024, 1, 1).toordinal(), 740_341))
        start = Start(day, random.choice(TIMES), random.choice(ZONES))
        try:
            return Recurrence(Rule.parse(random_rule(random)), start)
        except InvalidArgument:
            continue  # Never comes round, or hourly all day: others are about that.


def _by_month(random: Random) -> dict[str, str]:
    if random.random() < 0.7:
        return {}
    months = random.sample(range(1, 13), random.randint(1, 4))
    return {"BYMONTH": ",".join(map(str, months))}


def _by_day(random: Random, freq: str, *, numbered_up_to: int) -> dict[str, str]:
    if random.random() < 0.5:
        return {}
    days = random.sample(WEEKDAYS, random.randint(1, 3))
    if freq in ("MONTHLY", "YEARLY") and random.random() < 0.6:
        most = numbered_up_to
        days = [f"{random.choice([-most, -2, -1, 1, 2, 4, most]) or ''}{day}" for day in days]
    return {"BYDAY": ",".join(days)}
