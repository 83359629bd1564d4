"""What staff may write into a template, and what nobody may."""

import random

import pytest

from backend.templating.checking import LONGEST, faults_of
from backend.templating.compiling import Around, Compiled
from backend.templating.library import library
from backend.templating.model import Kind, Texts, Variable
from backend.templating.values import Filling

VARIABLES = {
    "actor": Variable(Kind.PERSON),
    "task": Variable(Kind.TEXT),
    "number": Variable(Kind.NUMBER),
    "due": Variable(Kind.DAY, is_optional=True),
    "site": Variable(Kind.LINK, is_optional=True),
    "tasks": Variable(Kind.LIST, is_optional=True),
}
GOOD = Texts("t", "b", "s", "x")


def codes(part: str, source: str, language: str = "en") -> list[str]:
    texts = Texts(**{"title": "t", "body": "b", "subject": "s", "text": "x", part: source})
    return [fault.code for fault in faults_of(texts, VARIABLES, language)]


class TestAllowed:
    """`faults_of` finds nothing."""

    @pytest.mark.parametrize(
        ("part", "source"),
        [
            ("title", "{{ actor }} did 100 % of {{ task }} & more <3"),
            ("body", "{% if due %}{{ due }}{% elif number %}{{ number }}{% else %}-{% endif %}"),
            ("body", "{% if not due %}never{% endif %}"),
            ("title", "{{ number|plural(one='# task', other='# tasks') }}"),
            ("text", "{% for each in tasks %}{{ each.title }} {{ each.link }}\n{% endfor %}"),
            ("text", "{% for t in tasks %}{% if t.due %}{{ t.due }}{% endif %}{% endfor %}"),
            ("text", "one\n\ntwo"),
            ("text", "{% raw %}{{ braces }}{% endraw %}"),
            ("html", '<p>A &amp; <a href="{{ site }}">B</a><br><em>{{ task }}</em></p>'),
            (
                "html",
                "{% for t in tasks %}<li><a href='{{ t.link }}'>{{ t.title }}</a></li>{% endfor %}",
            ),
            ("html", "{% if due %}<p>{{ due }}</p>{% else %}<ul><li>x</li></ul>{% endif %}"),
        ],
    )
    def test_what_a_template_is_for(self, part: str, source: str):
        """Naming, asking, counting, going through."""
        assert [] == codes(part, source)


class TestRefused:
    """`faults_of` finds one thing."""

    @pytest.mark.parametrize(
        "source",
        [
            "{{ 7*7 }}",
            "{{ 'x' }}",
            "{{ actor.__class__ }}",
            "{{ actor.title }}",
            "{{ actor['x'] }}",
            "{{ actor() }}",
            "{{ actor|upper }}",
            "{{ actor|plural(one='a', other='b') }}",
            "{{ number|plural('a', 'b') }}",
            "{{ number|plural(one=task, other='b') }}",
            "{{ number|plural(one='a', other='b', few='c') }}",
            "{{ number|plural(**tasks) }}",
            "{{ (number|plural(one='a', other='b'))|plural(one='a', other='b') }}",
            "{{ actor ~ task }}",
            "{{ actor if due else task }}",
            "{% set x = 1 %}x",
            "{% include 'x' %}",
            "{% extends 'x' %}",
            "{% import 'x' as x %}",
            "{% macro x() %}x{% endmacro %}",
            "{% block x %}x{% endblock %}",
            "{% filter upper %}x{% endfilter %}",
            "{% with %}x{% endwith %}",
            "{% if number > 1 %}x{% endif %}",
            "{% if due and task %}x{% endif %}",
            "{% for x in tasks %}x{% endfor %}",
            "{{ tasks }}",
            "{{ actor",
            "{% if due %}",
            "{% autoescape false %}x{% endautoescape %}",
            "{% if due %}" * 5 + "x" + "{% endif %}" * 5,
            "{% if due %}" * 80,
            "{# only a comment #}",
            "two\nlines",
            "carriage\rreturn",
            "\u202eright to left",
            "zero\u200bwidth",
            "line\u2028separator",
            "private\ue000use",
            "half \ud800",
            "nul\x00",
            "{{ number|plural(one='a\\nb', other='c') }}",
            "{{ number|plural(one='a\\u202eb', other='c') }}",
        ],
    )
    def test_nothing_else_is_possible(self, source: str):
        """In a title; each is named by one fault."""
        assert ["invalid-template"] == codes("title", source)

    @pytest.mark.parametrize(
        "source",
        [
            "{% for x in tasks %}{% for y in tasks %}x{% endfor %}{% endfor %}",
            "{% for x in tasks recursive %}x{% endfor %}",
            "{% for x in tasks if x.due %}x{% endfor %}",
            "{% for x in tasks %}x{% else %}y{% endfor %}",
            "{% for x, y in tasks %}x{% endfor %}",
            "{% for actor in tasks %}x{% endfor %}",
            "{% for x in task %}x{% endfor %}",
            "{% for x in [1, 2] %}x{% endfor %}",
            "{% for x in tasks %}{{ x }}{% endfor %}",
            "{% for x in tasks %}{{ x.items }}{% endfor %}",
            "{% for x in tasks %}{{ x.title.upper }}{% endfor %}",
            "{% for x in tasks %}{{ loop.cycle }}{% endfor %}",
            "{% for x in tasks %}a{% endfor %}{{ x.title }}",
        ],
    )
    def test_a_list_is_gone_through_plainly(self, source: str):
        """Once, entry by entry, and each entry by its three parts."""
        assert ["invalid-template"] == codes("text", source)

    @pytest.mark.parametrize(
        "source",
        ["{{ place }}", "{% if place %}x{% endif %}", "{% for x in places %}x{% endfor %}"],
    )
    def test_an_unknown_variable_has_a_code_of_its_own(self, source: str):
        """It is what goes wrong most."""
        assert ["unknown-variable"] == codes("text", source)

    @pytest.mark.parametrize("source", ["{{ number|plural(other='x') }}", "{{ number|plural }}"])
    def test_a_plural_form_that_is_missing_has_a_code_of_its_own(self, source: str):
        """One and other, in each of the languages."""
        assert ["missing-plural"] == codes("title", source, "fr")

    @pytest.mark.parametrize("part", LONGEST)
    def test_length_is_bounded(self, part: str):
        """At the longest it may be, and a character more."""
        longest = LONGEST[part]

        assert ([], ["invalid-template"]) == (
            codes(part, "x" * longest),
            codes(part, "x" * (longest + 1)),
        )

    def test_each_part_is_looked_at(self):
        """And named."""
        texts = Texts("{{ a }}", "{{ b }}", "{{ c }}", "{{ d }}", "{{ e }}")

        assert ["title", "body", "subject", "text", "html"] == [
            fault.part for fault in faults_of(texts, VARIABLES, "en")
        ]


class TestAtRandom:
    """Whatever is put together is refused, or can be rendered."""

    PIECES = (
        "{{ actor }}", "{{ task }}", "{{ nothing }}", "{{", "}}", "{%", "%}", "{#", "#}",
        "{{ number|plural(one='#', other='#s') }}", "{% if due %}", "{% else %}", "{% endif %}",
        "{% elif task %}", "{% for x in tasks %}", "{{ x.title }}", "{{ x.link }}", "{% endfor %}",
        "{% raw %}", "{% endraw %}", "<p>", "</p>", '<a href="', '">', "</a>", "<", ">", "&",
        "<!--", "-->", " ", "\n", "text", "'", '"', "__class__", ".", "(", ")", "7*7", "|plural",
        "{% set y = x %}", "<ul>", "</ul>", "<li>", "</li>", "<br>", "<script>", "{{ site }}",
    )  # fmt: skip

    def test_what_is_allowed_can_be_rendered(self):
        """5,000 heaps of pieces; what passes says nothing dangerous."""
        dice = random.Random(7)
        tongue = library().tongues["en"]
        filling = Filling(tongue, for_mail=True, base_url="https://app.example.com")
        values = {
            "actor": "<script>alert(1)</script>",
            "task": "{{ 7*7 }}",
            "number": 2,
            "due": "2026-12-24",
            "site": "/x",
            "tasks": [{"title": '"><img src=x>', "due": "", "link": "/t"}],
        }
        passed = 0
        for _ in range(5_000):
            source = "".join(dice.choices(self.PIECES, k=dice.randint(1, 7)))
            texts = Texts("t", "b", "s", source, source)
            if faults_of(texts, VARIABLES, "en"):
                continue
            passed += 1
            mail = Compiled(texts, VARIABLES, tongue).mail(values, Around("/", None), filling)
            inside = mail.html.split("<h1")[1]
            assert "<script" not in inside
            assert "<img" not in inside
            assert "49" not in inside

        assert passed > 300
