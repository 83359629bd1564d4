"""How our own code logs: constant names, and keys somebody has thought about."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.source import ROOT, python_files

LEVELS = {"debug", "info", "warning", "error", "exception"}
NAME = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")
EXPLAINED = (ROOT / "docs" / "observability.md").read_text()


def log_calls() -> Iterator[tuple[Path, ast.Call]]:
    for path in python_files("backend"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=level)):
                    if level in LEVELS:
                        yield path, node


class TestLogCalls:
    """What a search in the log relies on."""

    def test_there_is_something_to_look_at(self):
        """The checks below would pass on an empty tree."""
        assert len(list(log_calls())) > 30

    def test_names_are_constant(self):
        """`noun.past_verb`; what varies is a key, never part of the name."""
        names = {
            (path.name, call.args[0].value)
            for path, call in log_calls()
            if isinstance(call.args[0], ast.Constant)
        }

        assert [] == [each for each in names if not NAME.fullmatch(each[1])]
        assert not [call for _, call in log_calls() if isinstance(call.args[0], ast.JoinedStr)]

    def test_keys_are_explained(self):
        """A new key goes into docs/observability.md, once it is sure to hold nobody's words."""
        used = {keyword.arg for _, call in log_calls() for keyword in call.keywords if keyword.arg}
        explained = set(re.findall(r"[a-z][a-z_]+", _between("Keys that log lines use", "A test")))

        assert set() == used - explained - {"exc_info"}


def _between(beginning: str, end: str) -> str:
    return EXPLAINED.partition(beginning)[2].partition(end)[0]
