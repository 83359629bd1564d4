"""What can go wrong, by its stable code: status, and words in the languages we have."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from backend.kit.errors import Fault

TEXTS = Path(__file__).parent / "texts"
ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Problem:
    """One kind of problem, in one language. `means` is for the answer, `helps` for its page."""

    code: str
    status: int
    title: str
    means: str
    helps: str


@dataclass(frozen=True, slots=True)
class Language:
    """Everything said in one language. `tag` is that of BCP 47."""

    tag: str
    words: Mapping[str, str]
    faults: Mapping[str, str]
    problems: Mapping[str, Problem]

    def worded(self, fault: Fault) -> str:
        """Return what is said of a faulty value: in English the precise sentence it came with."""
        if self.tag == ENGLISH:
            return fault.detail
        if fault.code not in self.faults and (problem := self.problems.get(fault.code)):
            return problem.title
        return self.faults.get(fault.code, self.faults["invalid"])


@cache
def languages() -> Mapping[str, Language]:
    """Return every language by its tag, English first."""
    english = _read(ENGLISH, {})
    others = sorted(path.stem for path in TEXTS.glob("*.toml") if path.stem != ENGLISH)
    return {ENGLISH: english} | {tag: _read(tag, english.problems) for tag in others}


def english() -> Language:
    """Return the language that every other falls back to."""
    return languages()[ENGLISH]


def _read(tag: str, english: Mapping[str, Problem]) -> Language:
    texts = tomllib.loads((TEXTS / f"{tag}.toml").read_text(encoding="utf-8"))
    statuses = {code: problem.status for code, problem in english.items()}
    here = {
        code: Problem(code, **{"status": statuses.get(code), **said})
        for code, said in texts["problems"].items()
    }
    problems = sorted({**english, **here}.items(), key=lambda found: found[1].status)
    return Language(tag, texts["words"], texts["faults"], dict(problems))
