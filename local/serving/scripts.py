"""Outcomes that a test prescribes: one is used up per attempt, then all is well again."""

import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast


@dataclass(frozen=True)
class Argument:
    """The one number an outcome can carry, such as the `seconds` of a DELAY."""

    name: str
    required: bool
    maximum: float


@dataclass(frozen=True)
class Step:
    """What happens to one attempt: the outcome's name, and its number where it has one."""

    outcome: str
    number: float | None = None


class Scripts:
    """
    The prescribed outcomes per key (a device, a recipient).

    Safe to use from several threads: every attempt uses up exactly one step.
    """

    def __init__(self, outcomes: Mapping[str, Argument | None], *, default: str) -> None:
        self._outcomes = outcomes
        self._default = Step(default)
        self._steps: dict[str, deque[Step]] = {}
        self._repeating: set[str] = set()
        self._lock = threading.Lock()

    def set(
        self, key: str, outcomes: Sequence[str | Mapping[str, Any]], *, repeat: bool = False
    ) -> None:
        """
        Prescribe the next outcomes of `key`, replacing earlier ones; none resets it.

        An outcome is its name, or `{"outcome": name, argument: number}`. With `repeat` the last
        one stays for good.

        Raises:
            ValueError: an outcome is unknown, or its argument is missing or out of range.
        """
        steps = deque(self._parse(outcome) for outcome in outcomes)
        with self._lock:
            self._steps.pop(key, None)
            self._repeating.discard(key)
            if steps:
                self._steps[key] = steps
            if steps and repeat:
                self._repeating.add(key)

    def take(self, key: str) -> Step:
        """Use up the next step of `key`; the default outcome once there is none left."""
        with self._lock:
            steps = self._steps.get(key)
            if not steps:
                return self._default
            if len(steps) == 1 and key in self._repeating:
                return steps[0]
            step = steps.popleft()
            if not steps:
                del self._steps[key]
            return step

    def _parse(self, given: str | Mapping[str, Any]) -> Step:
        fields: dict[str, Any] = {"outcome": given} if isinstance(given, str) else dict(given)
        name = fields.pop("outcome", None)
        if not isinstance(name, str) or name not in self._outcomes:
            known = ", ".join(self._outcomes)
            raise ValueError(f"The outcome {name!r} is unknown. There are: {known}.")
        argument = self._outcomes[name]
        number = fields.pop(argument.name, None) if argument else None
        if fields:
            raise ValueError(f"{name} takes no {', '.join(map(repr, fields))}.")
        if argument and (argument.required or number is not None):
            _check_number(name, argument, number)
        return Step(name, number)


def parse_script(body: object) -> tuple[list[Any], bool]:
    """
    Read the control APIs' `{"outcomes": [...], "repeat": false}`.

    Raises:
        ValueError: the body has another shape.
    """
    given: dict[str, Any] = body if isinstance(body, dict) else {}
    outcomes, repeat = given.get("outcomes"), given.get("repeat", False)
    is_list = isinstance(outcomes, list) and all(isinstance(o, str | dict) for o in outcomes)
    if not is_list or not isinstance(repeat, bool) or given.keys() - {"outcomes", "repeat"}:
        expected = '{"outcomes": ["NAME", {"outcome": "NAME", …}], "repeat": false}'
        raise ValueError(f"Expected a JSON body {expected}.")
    return cast("list[Any]", outcomes), repeat


def _check_number(outcome: str, argument: Argument, number: object) -> None:
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    if not is_number or not 0 <= number <= argument.maximum:  # type: ignore[operator]
        limits = f"a number from 0 to {argument.maximum:g}"
        raise ValueError(f"{outcome} needs `{argument.name}`, {limits}, not {number!r}.")
