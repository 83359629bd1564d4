"""What is put into templates: whatever people wrote, on a screen and in a mail."""

import random
import unicodedata

import pytest

from backend.templating.compiling import Around, Compiled
from backend.templating.library import library
from backend.templating.model import MAX_BODY, MAX_SUBJECT, MAX_TITLE, Kind, MailText, Variable
from backend.templating.samples import sample_values
from backend.templating.values import LONGEST_TEXT, Filling, plain

APP = "https://app.example.com"
ENGLISH = library().tongues["en"]
SCREEN = Filling(ENGLISH, for_mail=False)
MAIL = Filling(ENGLISH, for_mail=True, base_url=APP)
HOSTILE = (
    "{{ 7*7 }}",
    "{{ ''.__class__.__mro__ }}",
    "{0.__class__} %n %s ${x}",
    "Ann\r\nBcc: eve@example.com",
    "a\n\nb\u2028c\u2029d\x0be\x85f",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egpj.exe \u2066a\u2069",
    "a\u200bb\ufeffc\u00add",
    "\ud800 \ue000",
    "\x00\x07\x1b[31m",
    "https://evil.example/x www.evil.example",
    "z\u0300\u0301\u0302\u0303\u0304\u0305\u0306",
    "x" * 5_000,
    "🎉" * 5_000,
    "",
    "   ",
)


def said(name: str, **values: object) -> tuple[str, str]:
    compiled = library().compiled(name, "en")
    return compiled.notice(SCREEN.exactly(compiled.variables, values))


def one(kind: Kind, value: object, filling: Filling = SCREEN) -> object:
    return filling.exactly({"it": Variable(kind)}, {"it": value})["it"]


class TestPlain:
    """Words of people, for a screen."""

    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            ("two\r\nlines", "two lines"),
            ("\u202egnp.exe", "gnp.exe"),
            ("zero\u200bwidth", "zerowidth"),
            ("nul\x00", "nul"),
            ("surro\ud800gate", "surrogate"),
            ("private\ue000use", "privateuse"),
            ("  spaces   between ", "spaces between"),
            ("Grüße 🎉", "Grüße 🎉"),
            ("e\u0301\u0302\u0303\u0304\u0305", "e\u0301\u0302\u0303"),
            ("שָׁלוֹם", "שָׁלוֹם"),
            ("ที่นี่", "ที่นี่"),
        ],
    )
    def test_text_is_made_plain(self, written: str, shown: str):
        """It cannot forge a second line, turn the direction, or reach into other lines."""
        assert shown == plain(written)

    def test_what_people_write_is_never_a_template(self):
        """It comes out as it went in."""
        assert "{{ 7*7 }} {% raw %}" == said("completed", actor="A", task="{{ 7*7 }} {% raw %}")[1]

    def test_whatever_is_written_stays_on_its_line(self):
        """1,000 titles at random, from all of Unicode."""
        dice = random.Random(11)
        for _ in range(1_000):
            text = "".join(
                chr(dice.choice((dice.randrange(0x300), dice.randrange(0x11_0000))))
                for _ in range(60)
            )
            for line in said("assigned", actor=text, task=text):
                assert not {unicodedata.category(each) for each in line} & {
                    "Cc",
                    "Cf",
                    "Cs",
                    "Zl",
                    "Zp",
                }
                assert len(line) <= MAX_BODY


class TestKinds:
    """Each is taken as what it is, and nothing else."""

    @pytest.mark.parametrize(
        ("kind", "value", "expected"),
        [
            (Kind.TEXT, "A", "A"),
            (Kind.PERSON, "A", "A"),
            (Kind.PERSON, "\u200b", "Someone"),
            (Kind.NUMBER, 1_000, 1_000),
            (Kind.DAY, "2026-12-24", "24 Dec 2026"),
            (Kind.LINK, "/tasks?overdue=true", "/tasks?overdue=true"),
            (Kind.LINK, "https://a.example/x", "https://a.example/x"),
            (Kind.STATUS, "in_progress", "in progress"),
            (Kind.PLATFORM, "ios", "iOS"),
            (Kind.OUTCOME, "missed", "A job was missed"),
            (Kind.LIST, [{"title": "A"}], [{"title": "A", "due": "", "link": ""}]),
        ],
    )
    def test_what_fits(self, kind: Kind, value: object, expected: object):
        """As people read it."""
        assert expected == one(kind, value)

    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            (Kind.TEXT, 7),
            (Kind.TEXT, ["A"]),
            (Kind.NUMBER, "7"),
            (Kind.NUMBER, True),
            (Kind.NUMBER, 7.0),
            (Kind.NUMBER, 10**13),
            (Kind.DAY, "tomorrow"),
            (Kind.LINK, "javascript:alert(1)"),
            (Kind.LINK, "//evil.example"),
            (Kind.LINK, "/a b"),
            (Kind.LINK, '/"onclick='),
            (Kind.LINK, "/a\r\nBcc: x"),
            (Kind.STATUS, "someday"),
            (Kind.LIST, "A"),
            (Kind.LIST, [{"name": "A"}]),
            (Kind.LIST, [{"title": "A", "link": "data:text/html,x"}]),
            (Kind.LIST, [7]),
        ],
    )
    def test_what_does_not_fit(self, kind: Kind, value: object):
        """It is named, and not quoted."""
        with pytest.raises(ValueError, match=f"^it is no {kind.value}$"):
            one(kind, value)

    def test_exactly_what_a_template_takes(self):
        """A typing mistake of ours is found by the first test that renders."""
        with pytest.raises(ValueError, match="task is missing"):
            said("completed", actor="A")
        with pytest.raises(ValueError, match="there is no tsak"):
            said("completed", actor="A", task="B", tsak="C")

    def test_what_another_release_stored_is_used_as_far_as_it_goes(self):
        """For mails, which are rendered from what was stored."""
        variables = library().variables["grouped"]

        filled = MAIL.leniently(variables, {"number": "five", "place": "Launch", "was": "x"})

        assert {"number": 0, "place": "Launch", "first": "", "more": 0} == filled

    def test_a_list_is_as_long_as_a_mail_bears(self):
        """How many there are in all, a number says."""
        assert 20 == len(one(Kind.LIST, [{"title": "A"}] * 500))  # type: ignore[arg-type]

    def test_in_a_mail_a_path_is_an_address(self):
        """It is read outside of the app."""
        assert f"{APP}/tasks" == one(Kind.LINK, "/tasks", MAIL)


class TestHostileMail:
    """What people wrote, in a mail: header, text and HTML."""

    @pytest.mark.parametrize("written", HOSTILE)
    @pytest.mark.parametrize("name", ["assigned", "comment", "grouped", "dailyDigest"])
    def test_nothing_becomes_more_than_words(self, name: str, written: str):
        """No header, no tag, no link of theirs, and a bounded length."""
        compiled = library().compiled(name, "en")
        safe = _mail(compiled, "Word")
        mail = _mail(compiled, written)

        assert len(mail.subject.splitlines()) <= 1
        assert len(mail.subject) <= MAX_SUBJECT
        assert mail.text.count("\n") <= safe.text.count("\n")  # What is empty is left out.
        for tag in ("<script", "<img", "href="):
            assert safe.html.count(tag) == mail.html.count(tag)
        assert len(mail.html) < 60_000
        shown = mail.subject + mail.text + mail.html
        assert not {unicodedata.category(each) for each in shown} & {"Cf", "Cs", "Co"}
        assert "//evil.example" not in shown
        assert "evil.example" not in shown

    def test_what_is_too_long_is_cut(self):
        """With a sign that it was."""
        title, body = said("assigned", actor="A" * 5_000, task="T" * 5_000)

        assert (MAX_TITLE, "…") == (len(title), title[-1])
        assert (MAX_BODY, "…") == (len(body), body[-1])
        assert LONGEST_TEXT == len(str(one(Kind.TEXT, "x" * 5_000)))


def _mail(compiled: Compiled, written: str) -> MailText:
    values = {
        name: written
        if variable.kind in (Kind.TEXT, Kind.PERSON)
        else [{"title": written, "due": "", "link": "/t"}]
        if variable.kind is Kind.LIST
        else sample_values(compiled.variables)[name]
        for name, variable in compiled.variables.items()
    }
    return compiled.mail(values, Around("/", None), MAIL)
