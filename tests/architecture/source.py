"""Our own source, as the architecture tests look at it."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]


def python_files(*tops: str) -> list[Path]:
    """Every Python file below these folders, without what was installed there."""
    return sorted(
        path for top in tops for path in (ROOT / top).rglob("*.py") if "venv" not in path.parts
    )


def module_of(path: Path) -> str:
    """`backend.tasks.model` for its path."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def imports_of(path: Path) -> Iterator[str]:
    """The modules a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def imports_among(*tops: str) -> list[tuple[str, str]]:
    """Pairs of importing and imported module, of files below these folders."""
    return [
        (module_of(path), imported) for path in python_files(*tops) for imported in imports_of(path)
    ]
