"""From what a request says of when something comes again to what a series is made of."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from typing import Any

from backend.kit.errors import Fault, InvalidArgument
from backend.kit.wallclock import day_from_text, time_from_text
from backend.recurrence.rule import Rule
from backend.recurrence.series import Mode
from backend.recurrence.words import POINTER, read_words
from backend.tasks.model import Priority
from backend.web.schemas import camel

RULES = ("rule", "repeat", "start", "mode", "catch_up")
# What a template has of which a request says nothing.
BLANK: Mapping[str, Any] = {
    "title": "",
    "description": "",
    "priority": Priority.NONE,
    "assignee_ids": (),
    "watcher_ids": (),
    "label_ids": (),
    "project_id": None,
    "board_id": None,
    "list_id": None,
    "reminders": (),
    "checklist": (),
    "estimate_min": None,
    "subtasks": (),
}


def timed(data: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return the fields of a request with `rule`, and what else its `repeat` says, as they are meant.

    A time in the words is that of the `start`. Without one it is a field of its own, `time`: that
    of the start there is.

    Raises:
        InvalidArgument: the rule or its words are none (`invalid-recurrence`), or the words say
            otherwise than `mode`, `start` or `time`.
    """
    meant = dict(data)
    if "rule" in meant:
        meant["rule"] = Rule.parse(meant["rule"])
    if "repeat" not in meant:
        return meant
    words = read_words(meant.pop("repeat"))
    if meant.get("mode", words.mode) is not words.mode:
        is_counted = words.mode is Mode.AFTER_COMPLETION
        raise InvalidArgument(
            f"These words {'count' if is_counted else 'do not count'} from completion.",
            pointer="/mode",
        )
    meant |= {"rule": words.rule, "mode": words.mode}
    return meant if words.time is None else meant | _at(words.time, meant)


def _at(said: time, meant: Mapping[str, Any]) -> dict[str, Any]:
    if (start := meant.get("start")) is None:
        if meant.get("time", said) != said:
            raise InvalidArgument("`time` is another than in these words.", pointer=POINTER)
        return {"time": said}
    if start.time not in (None, said):
        raise InvalidArgument("The start has another time than these words.", pointer=POINTER)
    return {"start": replace(start, time=said)}


def moved(data: Mapping[str, Any]) -> dict[str, Any]:
    """
    As `timed`, of a request about an occurrence: with its `date` and `time` as they are meant.

    Raises:
        InvalidArgument: as `timed`, or there is no such day or time.
    """
    meant = dict(data)
    if "date" in meant:
        meant["date"] = day_from_text(meant["date"], pointer="/date")
    if meant.get("time") is not None:
        meant["time"] = time_from_text(meant["time"], pointer="/time")
    return timed(meant)


def refuse_rules(data: Mapping[str, Any]) -> None:
    """
    Refuse what is about more than one occurrence.

    Raises:
        InvalidArgument: there is some of it.
    """
    given = [name for name in RULES if name in data]
    if given:
        detail = "One alone has no rule."
        faults = tuple(Fault(f"/{camel(name)}", "invalid", detail) for name in given)
        raise InvalidArgument(detail, faults=faults)
