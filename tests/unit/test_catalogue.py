"""The catalogue of problems: complete in every language, and equal to what the code answers."""

import ast
import re
from collections.abc import Iterator

import pytest

from backend.kit.errors import Fault
from backend.web.catalogue import Language, english, languages
from backend.web.problems import CODES
from tests.architecture.source import python_files

CODE = re.compile(r"[a-z]+(-[a-z]+)*")
TONGUES = list(languages().values())


def _answered() -> Iterator[str]:
    """Every code that the service can answer with: all come from a handful of places."""
    yield from CODES.values()
    for path in python_files("backend"):
        for node in ast.walk(ast.parse(path.read_text())):
            yield from _codes_in(node)


def _codes_in(node: ast.AST) -> Iterator[str]:
    # InvalidArgument(..., code="..."), default_code = "...", problem(503, "...", ...)
    match node:
        case ast.keyword(arg="code", value=ast.Constant(value=str(code))):
            yield code
        case ast.Assign(
            targets=[ast.Name("default_code" | "CODE")], value=ast.Constant(value=str(code))
        ):
            yield code
        case ast.Call(func=ast.Name("refusal"), args=[ast.Constant(value=str(code)), *_]):
            yield code
        case ast.Call(func=ast.Name("problem"), args=[_, ast.Constant(value=str(code)), *_]):
            yield code


class TestCodes:
    """Stable, and explained."""

    def test_what_the_service_answers_is_what_the_catalogue_explains(self):
        """A new code needs a row in `backend/web/texts/`; a row that nothing answers goes."""
        assert set(english().problems) == set(_answered())

    def test_every_code_is_provoked_by_a_test(self):
        """Named where it is expected. This file does not count."""
        said = "".join(
            path.read_text() for path in python_files("tests") if path.name != "test_catalogue.py"
        )

        assert [] == [code for code in english().problems if f'"{code}"' not in said]

    def test_codes_look_like_codes(self):
        """They are part of an address."""
        assert all(CODE.fullmatch(code) for code in english().problems)

    def test_what_the_framework_finds_has_the_status_it_came_with(self):
        """The table from Werkzeug's errors to our codes, and the catalogue, agree."""
        assert {code: status for status, code in CODES.items()} == {
            code: english().problems[code].status for code in CODES.values()
        }


class TestLanguages:
    """English is what every other language is measured by."""

    @pytest.mark.parametrize("language", TONGUES, ids=lambda language: language.tag)
    def test_nothing_is_left_untranslated(self, language: Language):
        """Each has the same words, with something in each."""
        assert set(english().words) == set(language.words)
        assert set(english().faults) == set(language.faults)
        assert set(english().problems) == set(language.problems)
        assert all(each.title and each.means and each.helps for each in language.problems.values())

    @pytest.mark.parametrize("language", TONGUES[1:], ids=lambda language: language.tag)
    def test_another_language_says_it_differently(self, language: Language):
        """A row that was forgotten would show English."""
        same = [
            code
            for code, problem in language.problems.items()
            if problem.means == english().problems[code].means
        ]

        assert [] == same

    def test_statuses_are_given_once(self):
        """What a code is in HTTP does not depend on the language."""
        for language in TONGUES:
            assert {code: each.status for code, each in english().problems.items()} == {
                code: each.status for code, each in language.problems.items()
            }


class TestFaults:
    """What is said of a single value."""

    @pytest.mark.parametrize(
        ("code", "said"),
        [
            ("unknown-field", "Dieses Feld gibt es nicht, oder nur der Server setzt es."),
            ("invalid-recurrence", "Diese Regel ist nicht verwendbar"),
            ("validation-failed", "Dieser Wert ist nicht gültig."),
            ("whatever-comes", "Dieser Wert ist nicht gültig."),
        ],
    )
    def test_another_language_keeps_it_short(self, code: str, said: str):
        """By the code, since the sentence it came with is English."""
        fault = Fault("/title", code, "Longer than maximum length 500.")

        assert said == languages()["de"].worded(fault)
        assert "Longer than maximum length 500." == english().worded(fault)
