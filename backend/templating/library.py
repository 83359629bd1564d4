"""The templates that come with the service: every name, in every language, checked when loaded."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from backend.templating.checking import LONGEST, faults_of
from backend.templating.compiling import Compiled
from backend.templating.model import LOCALES, Kind, Texts, Variable
from backend.templating.values import Tongue

DEFAULTS = "defaults"
COMMON = {"someone", "open", "link_fails", "footer", "unsubscribe"}
_CHOICES = tuple(kind for kind in Kind if kind.is_choice)
_OPTIONAL = "?"
Table = dict[str, Any]


class Incomplete(Exception):
    """A built-in template that is missing somewhere, or would fail when it is rendered."""


class Library:
    """All built-in templates in all languages."""

    def __init__(self, variables: Table, tables: Mapping[str, Table]) -> None:
        """
        Check and compile the templates of `tables`, by language; `variables` says what they take.

        Raises:
            Incomplete: a language lacks a template, a part or a word, or one is faulty.
        """
        self.variables = {name: _variables(declared) for name, declared in variables.items()}
        self.tongues = {language: _tongue(language, table) for language, table in tables.items()}
        self.texts = {
            (name, language): self._texts(name, language, table)
            for language, table in tables.items()
            for name in self.variables
        }
        for language, table in tables.items():
            known = {*self.variables, "common", *(kind.value for kind in _CHOICES)}
            if unknown := sorted(set(table) - known):
                raise Incomplete(f"{language}: nobody knows {unknown}")
        self._compiled = {
            (name, language): Compiled(texts, self.variables[name], self.tongues[language])
            for (name, language), texts in self.texts.items()
        }

    def compiled(self, name: str, language: str) -> Compiled:
        """
        Return a template, ready to be filled.

        Raises:
            ValueError: there is none of the name.
        """
        try:
            return self._compiled[name, language]
        except KeyError:
            raise ValueError(f"there is no template {name}") from None

    def _texts(self, name: str, language: str, table: Table) -> Texts:
        parts = table.get(name)
        if parts is None or not set(LONGEST) - {"html"} <= set(parts) <= set(LONGEST):
            raise Incomplete(f"{language}: {name} needs title, body, subject and text")
        texts = Texts(**parts)
        if faults := faults_of(texts, self.variables[name], language):
            raise Incomplete(f"{language}: {name}: {faults[0].part}: {faults[0].detail}")
        return texts


@cache  # Compiling all of them costs a second, once a process.
def library() -> Library:
    """
    Return the templates of this release.

    Raises:
        Incomplete: one of them could not be rendered.
    """
    return Library(_table("variables"), {language: _table(language) for language in LOCALES})


def _table(name: str) -> Table:
    path = files(__package__).joinpath(DEFAULTS, f"{name}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _variables(declared: Mapping[str, str]) -> dict[str, Variable]:
    return {
        name: Variable(Kind(kind.removesuffix(_OPTIONAL)), kind.endswith(_OPTIONAL))
        for name, kind in declared.items()
    }


def _tongue(language: str, table: Table) -> Tongue:
    if set(table.get("common", ())) != COMMON:
        raise Incomplete(f"{language}: [common] has exactly {sorted(COMMON)}")
    if lacking := [kind.value for kind in _CHOICES if not table.get(kind.value)]:
        raise Incomplete(f"{language}: nothing names {lacking}")
    return Tongue(language, table["common"], {kind: table[kind.value] for kind in _CHOICES})
