"""
What the emulator has seen each condition of the rules say.

Its report is a tree: every expression with the values it had. An empty value means that it was not
reached, `undefined` that it could not be evaluated (a missing field, a wrong type, no such member
document), which refuses as false does.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

Span = tuple[int, int]
"""First and last character of an expression in the rules."""

BOTH_WAYS = {"granted", "refused"}
CONDITION = ({"boolValue"}, {"boolValue", "undefined"})


def conditions(report: list[dict[str, Any]]) -> dict[Span, set[str]]:
    """Return for every expression that is true or false whether it "granted" and "refused"."""
    values: dict[Span, list[dict[str, Any]]] = defaultdict(list)
    for node in _walk(report):
        position = node["sourcePosition"]
        span = (position.get("currentOffset", 0), position.get("endOffset", 0))
        values[span] += [entry["value"] for entry in node.get("values", []) if entry["value"]]
    return {
        span: {"granted" if value.get("boolValue") else "refused" for value in found}
        for span, found in values.items()
        if {"boolValue"}
        <= {kind for value in found for kind in value}
        <= {"boolValue", "undefined"}
    }


def one_sided(report: list[dict[str, Any]], rules: str) -> list[str]:
    """Quote the conditions that have only granted or only refused."""
    return [
        f"line {_line(rules, start)}: {_quote(rules, start, end)} has only {''.join(seen)}"
        for (start, end), seen in sorted(conditions(report).items())
        if seen != BOTH_WAYS
    ]


def one_sided_allows(report: list[dict[str, Any]], rules: str) -> list[str]:
    """Quote the `allow` statements that have not both granted and refused."""
    seen: dict[int, set[str]] = defaultdict(set)
    for (start, _), found in conditions(report).items():
        before = rules[:start].rpartition("allow ")[2]
        if before.endswith(": if ") and "\n" not in before:
            seen[_line(rules, start)] |= found
    allows = [number for number, line in enumerate(rules.splitlines(), 1) if " allow " in line]
    return [
        f"line {number}: {rules.splitlines()[number - 1].strip()}"
        for number in allows
        if seen[number] != BOTH_WAYS
    ]


def _walk(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        yield node
        yield from _walk(node.get("children", []))


def _line(rules: str, offset: int) -> int:
    return rules.count("\n", 0, offset) + 1


def _quote(rules: str, start: int, end: int) -> str:
    return " ".join(rules[start : end + 1].split())
