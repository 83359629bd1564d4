"""
What the emulator has seen each expression of the rules say.

Its report is a tree: every expression with the values it had. An empty value means that it was not
reached, `undefined` that it could not be evaluated (a missing field, a wrong type, no such member
document), which refuses as false does.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

Span = tuple[int, int]
"""First and last character of an expression in the rules."""

Seen = Mapping[Span, set[str]]
"""For each expression which of TRUE, FALSE, UNDEFINED it was, or that it was an OTHER value."""

TRUE, FALSE, UNDEFINED, OTHER = "true", "false", "undefined", "other"


def expressions(report: list[dict[str, Any]]) -> dict[Span, set[str]]:
    """Return every expression of a report with what it was; with nothing if it was not reached."""
    seen: dict[Span, set[str]] = defaultdict(set)
    for node in _walk(report):
        position = node["sourcePosition"]
        span = (position.get("currentOffset", 0), position.get("endOffset", 0))
        seen[span] |= {_kind(entry["value"]) for entry in node.get("values", []) if entry["value"]}
    return seen


def unreached(seen: Seen, rules: str) -> list[str]:
    """Quote the expressions that nothing has ever asked for."""
    return [f"{_place(rules, span)} was never reached" for span in sorted(seen) if not seen[span]]


def one_sided(seen: Seen, rules: str) -> list[str]:
    """Quote the conditions that have only granted or only refused."""
    return [
        f"{_place(rules, span)} has only {'granted' if TRUE in seen[span] else 'refused'}"
        for span in sorted(seen)
        if _is_condition(seen[span]) and not _is_seen_both_ways(seen[span])
    ]


def one_sided_allows(seen: Seen, rules: str) -> list[str]:
    """Quote the `allow` statements that have not both granted and refused."""
    verdicts: dict[int, set[str]] = defaultdict(set)
    for (start, _), found in seen.items():
        before = rules[:start].rpartition("allow ")[2]
        if before.endswith(": if ") and "\n" not in before:
            verdicts[_line(rules, start)] |= found
    allows = [number for number, line in enumerate(rules.splitlines(), 1) if " allow " in line]
    return [
        f"line {number}: {rules.splitlines()[number - 1].strip()}"
        for number in allows
        if not _is_seen_both_ways(verdicts[number])
    ]


def _walk(nodes: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for node in nodes:
        yield node
        yield from _walk(node.get("children", []))


def _kind(value: Mapping[str, Any]) -> str:
    if "boolValue" in value:
        return TRUE if value["boolValue"] else FALSE
    return UNDEFINED if "undefined" in value else OTHER


def _is_condition(found: set[str]) -> bool:
    return OTHER not in found and bool(found & {TRUE, FALSE})


def _is_seen_both_ways(found: set[str]) -> bool:
    return TRUE in found and bool(found & {FALSE, UNDEFINED})


def _place(rules: str, span: Span) -> str:
    start, end = span
    return f"line {_line(rules, start)}: {' '.join(rules[start : end + 1].split())}"


def _line(rules: str, offset: int) -> int:
    return rules.count("\n", 0, offset) + 1
