"""
The rules without one of their conditions.

A condition is an operand of `&&`, or all that an `allow` asks for. In each mutant one of them is
`true`, so that it grants at least what the rules grant.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.rules.coverage import Span

OPENING, CLOSING = "([{", ")]}"
FUNCTION = re.compile(r"function (\w+)\(")
ALLOW = re.compile(r"allow \w+: if ")
RETURN = re.compile(r"return ")


@dataclass(frozen=True)
class Mutant:
    """The condition that is missing, the rules without it, and the `allow`s it can matter to."""

    line: int
    condition: str
    rules: str
    allow_lines: frozenset[int]

    def __str__(self) -> str:
        """Name it by where it is."""
        return f"line {self.line}: {self.condition}"


def mutants(rules: str) -> list[Mutant]:
    """Return every mutant of these rules, in the order of the file."""
    code = _without_words(rules)
    lines = _allow_lines_by_function(code)
    found = []
    for start, end, owner in _statements(code):
        for span in _operands(code, (start, end)):
            line = code.count("\n", 0, span[0]) + 1
            allow_lines = lines.get(owner, set()) if owner else {code.count("\n", 0, start) + 1}
            mutated = f"{rules[: span[0]]}true{rules[span[1] :]}"
            condition = " ".join(rules[slice(*span)].split())
            found.append(Mutant(line, condition, mutated, frozenset(allow_lines)))
    return found


def _without_words(rules: str) -> str:
    """Blank comments and the insides of strings, which may hold anything; keep every offset."""
    blank = re.compile(r"//[^\n]*|'(?:\\.|[^'\\])*'")
    return blank.sub(lambda match: re.sub(r"[^\n]", "_", match[0]), rules)


def _statements(code: str) -> Iterator[tuple[int, int, str | None]]:
    """List the expressions that decide: from where to where, and in which function if in one."""
    for match in ALLOW.finditer(code):
        yield match.end(), code.index(";", match.end()), None
    for match in RETURN.finditer(code):
        name = FUNCTION.findall(code, 0, match.start())[-1]
        yield match.end(), code.index(";", match.end()), name


def _operands(code: str, span: Span) -> Iterator[Span]:
    """
    List what can be left out of an expression.

    `? :` binds weakest, then `||`, then `&&`; what stands in parentheses is looked into.
    """
    for part in _split(code, span, ("?", ":")):
        for alternative in _split(code, part, ("||",)):
            operands = list(_split(code, alternative, ("&&",)))
            whole = _is_all_of_an_allow(code, span, alternative)
            for operand in operands:
                if len(operands) > 1 or whole:
                    yield operand
                if code[operand[0]] == "(" and code[operand[1] - 1] == ")":
                    yield from _operands(code, _trimmed(code, operand[0] + 1, operand[1] - 1))


def _is_all_of_an_allow(code: str, span: Span, part: Span) -> bool:
    return span == part and ALLOW.search(code, span[0] - 20, span[0]) is not None


def _split(code: str, span: Span, separators: tuple[str, ...]) -> Iterator[Span]:
    """Cut an expression at separators that stand in no parentheses."""
    start, position = span
    begin, depth = start, 0
    position = start
    while position < span[1]:
        letter = code[position]
        depth += (letter in OPENING) - (letter in CLOSING)
        cut = next((each for each in separators if code.startswith(each, position)), None)
        if depth == 0 and cut:
            yield _trimmed(code, begin, position)
            position += len(cut)
            begin = position
        else:
            position += 1
    yield _trimmed(code, begin, span[1])


def _trimmed(code: str, start: int, end: int) -> Span:
    part = code[start:end]
    return start + len(part) - len(part.lstrip()), end - (len(part) - len(part.rstrip()))


def _allow_lines_by_function(code: str) -> dict[str, set[int]]:
    """Return for every function the lines of the `allow`s that call it, also through others."""
    names = FUNCTION.findall(code)
    calls = {name: set[str]() for name in names}
    for start, end, owner in _statements(code):
        if owner:
            calls[owner] |= _called(code[start:end], names)
    for match in re.finditer(r"let \w+ =([^;]*);", code):
        owner = FUNCTION.findall(code, 0, match.start())[-1]
        calls[owner] |= _called(match[1], names)
    lines = {name: set[int]() for name in names}
    for start, end, owner in _statements(code):
        if owner is None:
            for name in _reached(_called(code[start:end], names), calls):
                lines[name].add(code.count("\n", 0, start) + 1)
    return lines


def _called(text: str, names: list[str]) -> set[str]:
    return set(re.findall(r"(\w+)\(", text)) & set(names)


def _reached(names: set[str], calls: dict[str, set[str]]) -> set[str]:
    reached, ahead = set[str](), set(names)
    while ahead:
        name = ahead.pop()
        reached.add(name)
        ahead |= calls[name] - reached
    return reached
