"""The templates that come with the service: complete, in every language."""

import re
import tomllib
from collections.abc import Mapping
from copy import deepcopy
from importlib.resources import files
from typing import Any

import pytest
from jinja2 import Environment
from jinja2.meta import find_undeclared_variables

from backend.accounts.model import Platform
from backend.jobs.model import ALARMING
from backend.notifications.model import CATEGORIES, Category
from backend.tasks.model import Status
from backend.templating.compiling import Around
from backend.templating.library import Incomplete, Library, library
from backend.templating.model import LOCALES, MAX_BODY, MAX_SUBJECT, MAX_TITLE, Kind
from backend.templating.samples import sample_values
from backend.templating.values import Filling

LINK, AWAY = "/workspaces/w1/tasks/t1", "https://api.example.com/unsubscribe/abc"
APP = "https://app.example.com"
EVERY = [(name, locale) for name in library().variables for locale in LOCALES]
# What a category is told by, where it is not a template of the same name.
TOLD_BY = {
    Category.SECURITY: {"newDevice"},
    Category.DIGEST: {"dailyDigest", "weeklyDigest"},
}


def table(name: str) -> dict[str, Any]:
    source = files("backend.templating").joinpath("defaults", f"{name}.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


def rendered(name: str, locale: str, values: Mapping[str, Any]) -> tuple[str, str]:
    compiled = library().compiled(name, locale)
    filling = Filling(compiled.tongue, for_mail=False)
    return compiled.notice(filling.exactly(compiled.variables, values))


def mailed(name: str, locale: str, values: Mapping[str, Any]) -> Any:
    compiled = library().compiled(name, locale)
    return compiled.mail(
        values, Around(LINK, AWAY), Filling(compiled.tongue, for_mail=True, base_url=APP)
    )


class TestCompleteness:
    """Every name in every language, on every channel."""

    @pytest.mark.parametrize("locale", LOCALES)
    def test_a_language_has_every_template(self, locale: str):
        """And none that nobody knows."""
        shared = {"common", "status", "platform", "outcome"}

        assert {*library().variables, *shared} == set(table(locale))

    @pytest.mark.parametrize("locale", LOCALES)
    def test_languages_name_the_same_choices(self, locale: str):
        """A status that only English knows would fail in Spanish."""
        for kind in ("status", "platform", "outcome", "common"):
            assert set(table("en")[kind]) == set(table(locale)[kind])

    @pytest.mark.parametrize("locale", LOCALES)
    def test_languages_use_the_same_variables(self, locale: str):
        """What English says, the others say too."""
        assert _variables_of("en") == _variables_of(locale)

    @pytest.mark.parametrize("locale", [each for each in LOCALES if each != "en"])
    def test_languages_are_translated(self, locale: str):
        """Nothing of what people read is left in English, but for what has no words."""
        wordless = {"announcement", "jobs"}
        same = [
            name
            for name in library().variables
            if name not in wordless
            and library().texts[name, locale].title == library().texts[name, "en"].title
        ]

        assert [] == same

    @pytest.mark.parametrize("category", Category)
    def test_every_category_has_words(self, category: Category):
        """A notification without a template could not be filed."""
        assert TOLD_BY.get(category, {category.value}) <= set(library().variables)

    def test_every_category_has_an_event(self):
        """A category that nothing leads to is a mistake; some are about no task."""
        others = {
            Category.SECURITY,
            Category.ANNOUNCEMENT,
            Category.JOBS,
            Category.INVITATION,
            Category.DIGEST,
            Category.FOCUS_FINISHED,
        }

        assert set(Category) - others == set(CATEGORIES.values())

    def test_choices_are_those_of_the_service(self):
        """Every status, platform and bad end of a job has a name."""
        named = library().tongues["en"].choices
        assert {each.value for each in Status} == set(named[Kind.STATUS])
        assert {each.value for each in Platform} == set(named[Kind.PLATFORM])
        assert {each.value for each in ALARMING} == set(named[Kind.OUTCOME])


class TestRendering:
    """Each of them, filled."""

    @pytest.mark.parametrize(("name", "locale"), EVERY)
    def test_everything_is_said(self, name: str, locale: str):
        """With all values: no gaps, no braces, no doubled blanks."""
        values = sample_values(library().variables[name])
        title, body = rendered(name, locale, values)
        mail = mailed(name, locale, values)

        for said in (title, body, mail.subject):
            assert said.strip() == said != ""
            assert re.search(r"  |[{}%#]|\(\)|None|\s[.,](?!\w)", said) is None
        assert f"{APP}{LINK}" in mail.text
        assert AWAY in mail.text
        assert f'href="{AWAY}"' in mail.html
        assert f'<html lang="{locale}">' in mail.html

    @pytest.mark.parametrize(("name", "locale"), EVERY)
    def test_what_is_optional_can_be_left_out(self, name: str, locale: str):
        """The sentences still end."""
        variables = library().variables[name]
        values = {
            each: value
            for each, value in sample_values(variables).items()
            if not variables[each].is_optional
        }

        title, body = rendered(name, locale, values)
        mail = mailed(name, locale, values)

        for said in (title, body, mail.subject, mail.text):
            assert said != ""
            assert re.search(r"[{}]|\(\)|None|: *\.|“”|«»|„“|[^.]\.\.[^.]", said) is None

    @pytest.mark.parametrize(("name", "locale"), EVERY)
    def test_the_longest_words_fit(self, name: str, locale: str):
        """A lock screen, a header, and a push of 4,096 bytes."""
        values = {
            each: "🎉" * 5_000 if variable.kind in (Kind.TEXT, Kind.PERSON) else value
            for (each, value), variable in zip(
                sample_values(library().variables[name]).items(),
                library().variables[name].values(),
                strict=True,
            )
        }

        title, body = rendered(name, locale, values)

        assert len(title) <= MAX_TITLE
        assert len(body) <= MAX_BODY
        assert len(mailed(name, locale, values).subject) <= MAX_SUBJECT

    @pytest.mark.parametrize(
        ("locale", "number", "title"),
        [
            ("en", 1, "1 change in Launch"),
            ("en", 5, "5 changes in Launch"),
            ("de", 5, "5 Änderungen in Launch"),
            ("es", 1, "1 cambio en Launch"),
            ("fr", 5, "5 changements dans Launch"),
            ("pt", 1, "1 mudança em Launch"),
        ],
    )
    def test_what_is_grouped_is_counted(self, locale: str, number: int, title: str):
        """Exactly."""
        assert title == rendered("grouped", locale, {"number": number, "place": "Launch"})[0]

    def test_somebody_without_a_name_is_someone(self):
        """In the reader's language."""
        titles = [rendered("mention", each, {"actor": "", "task": "T"})[0] for each in LOCALES]

        assert [
            "Someone mentioned you",
            "Jemand hat Sie erwähnt",
            "Alguien le ha mencionado",
            "Quelqu\u2019un vous a mentionné",
            "Alguém mencionou você",
        ] == titles

    def test_a_digest_links_to_its_tasks(self):
        """And escapes what they are called."""
        values = sample_values(library().variables["dailyDigest"]) | {
            "due": [{"title": "<b>A</b> & B", "due": "2026-12-24", "link": "/workspaces/w/tasks/t"}]
        }

        mail = mailed("dailyDigest", "en", values)

        assert "&lt;b&gt;A&lt;/b&gt; &amp; B</a> · 24 Dec 2026" in mail.html
        assert f'<a href="{APP}/workspaces/w/tasks/t" rel="noopener noreferrer">' in mail.html
        assert f"- <b>A</b> & B (24 Dec 2026) {APP}/workspaces/w/tasks/t" in mail.text


class TestIncomplete:
    """What would only fail when somebody is told something fails at the start."""

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda english: english.pop("assigned"),
            lambda english: english["assigned"].pop("body"),
            lambda english: english["assigned"].update(sms="x"),
            lambda english: english["assigned"].update(title="{{ place }}"),
            lambda english: english["common"].pop("someone"),
            lambda english: english.pop("status"),
            lambda english: english.update(novelty={"title": "x"}),
        ],
    )
    def test_a_faulty_library_is_refused(self, spoil: Any):
        """It says what is missing."""
        tables = {each: table(each) for each in LOCALES}
        Library(table("variables"), tables)
        spoilt = deepcopy(tables)
        spoil(spoilt["en"])

        with pytest.raises(Incomplete, match="en"):
            Library(table("variables"), spoilt)


def _variables_of(locale: str) -> dict[str, list[set[str]]]:
    environment = Environment(autoescape=True)
    environment.filters = {"plural": str}
    return {
        name: [
            find_undeclared_variables(environment.parse(source))
            for source in (texts.title, texts.body, texts.text, texts.html or "")
        ]
        for name, texts in ((name, library().texts[name, locale]) for name in library().variables)
    }
