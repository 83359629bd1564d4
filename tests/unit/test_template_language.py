"""Plural forms, numbers and dates, as each language writes them."""

from datetime import date, time

import pytest

from backend.tasks.due import Due, DueKind
from backend.templating.language import (
    day_in_words,
    due_in_words,
    due_value,
    known_forms,
    language,
    needed_forms,
    number_in_words,
    plural,
)
from backend.templating.model import LOCALES

FORMS = {"one": "# one", "many": "# many", "other": "# other"}


class TestLanguage:
    """Which language somebody of a locale is written to in."""

    @pytest.mark.parametrize(
        ("locale", "expected"),
        [
            ("de", "de"),
            ("de-AT", "de"),
            ("pt_BR", "pt"),
            ("PT-br", "pt"),
            ("fr-CA", "fr"),
            ("es-419", "es"),
            ("ja", "en"),
            ("", "en"),
            ("english", "en"),
            ("../de", "en"),
        ],
    )
    def test_the_language_next_to_a_locale(self, locale: str, expected: str):
        """English for those whose language we lack."""
        assert expected == language(locale)


class TestPlural:
    """CLDR's rules, which differ where nobody expects it."""

    @pytest.mark.parametrize(
        ("language", "number", "expected"),
        [
            ("en", 0, "0 other"),
            ("en", 1, "1 one"),
            ("en", 2, "2 other"),
            ("en", 1234, "1,234 other"),
            ("de", 1, "1 one"),
            ("de", 21, "21 other"),
            ("de", 1234, "1.234 other"),
            ("es", 0, "0 other"),
            ("es", 1_000_000, "1.000.000 many"),
            ("fr", 0, "0 one"),
            ("fr", 1, "1 one"),
            ("fr", 2, "2 other"),
            ("fr", 1_000_000, "1\u202f000\u202f000 many"),
            ("pt", 0, "0 one"),
            ("pt", 1, "1 one"),
            ("pt", 2, "2 other"),
        ],
    )
    def test_each_number_has_its_form(self, language: str, number: int, expected: str):
        """In French and Portuguese zero is one; a million is a form of its own."""
        assert expected == plural(number, FORMS, language)

    def test_a_form_that_is_missing_is_the_other_one(self):
        """Nobody writes a form for millions."""
        assert "1\u202f000\u202f000 x" == plural(1_000_000, {"one": "# y", "other": "# x"}, "fr")

    @pytest.mark.parametrize("language", LOCALES)
    def test_two_forms_do_for_common_numbers(self, language: str):
        """What a version has to have, and the most that it may have."""
        assert {"one", "other"} == needed_forms(language)
        assert needed_forms(language) <= known_forms(language)


class TestDays:
    """Dates as people write them; times are where they are meant."""

    @pytest.mark.parametrize(
        ("language", "day", "moment"),
        [
            ("en", "24 Dec 2026", "24 Dec 2026, 18:05"),
            ("de", "24.12.2026", "24.12.2026, 18:05"),
            ("es", "24 dic 2026", "24 dic 2026, 18:05"),
            ("fr", "24 déc. 2026", "24 déc. 2026, 18:05"),
            ("pt", "24 de dez. de 2026", "24 de dez. de 2026, 18:05"),
        ],
    )
    def test_a_day_and_a_moment(self, language: str, day: str, moment: str):
        """With a time only where one is meant."""
        assert day == day_in_words("2026-12-24", language)
        assert moment == day_in_words("2026-12-24T18:05", language)

    @pytest.mark.parametrize(
        "text", ["", "tomorrow", "2026-13-01", "24.12.2026", "2026-12-24T25:00"]
    )
    def test_what_is_no_day_is_refused(self, text: str):
        """Before it gets into a sentence."""
        with pytest.raises(ValueError, match=r"isoformat|must be in"):
            day_in_words(text, "en")

    def test_a_due_date_keeps_what_its_writer_meant(self):
        """Six in the evening is six in the evening, whatever the zone; all day is no time."""
        zoned = Due(DueKind.ZONED, date(2026, 12, 24), time(18, 0), "Pacific/Auckland")
        all_day = Due(DueKind.ALL_DAY, date(2026, 12, 24), None, "UTC")

        assert ("2026-12-24T18:00", "2026-12-24") == (due_value(zoned), due_value(all_day))
        assert "24.12.2026, 18:00" == due_in_words(zoned, "de-CH")

    def test_numbers(self):
        """With the separators of the language."""
        assert ["12,345", "12.345", "12\u202f345"] == [
            number_in_words(12345, each) for each in ("en", "de", "fr")
        ]
