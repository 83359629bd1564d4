"""Letters: every template in every language, with hostile words, and templates that are refused."""

import tomllib
from copy import deepcopy
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any

import pytest

from backend.adapters.mail import OutgoingMail
from backend.bootstrap import build_ports, build_services
from backend.commands.describe import OFFLINE
from backend.mailing.letters import LOCALES, LONGEST_SUBJECT, Letters, TemplateFault, load_letters
from backend.mailing.model import Mail
from backend.mailing.service import Mailing
from backend.mailing.words import LONGEST_TEXT, plain
from backend.timers.model import TimerKind

LINK = "https://app.example.com/invitations/i1?token=a.b-c_d~&x=%2F#top"
GOOD = {
    "text": "Ann",
    "link": LINK,
    "number": 7,
    "day": "2026-11-28",
    "role": "member",
    "platform": "ios",
    "opaque": "eyJhdCI6Im5vdyJ9",
}
HOSTILE = (
    "{{ 7*7 }}",
    "{{ ''.__class__.__mro__ }}",
    "{% for x in y %}",
    "Ann\r\nBcc: eve@example.com",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egpj.exe",
    "a\u200bb\ufeffc\u2066d",
    "\ud800",
    "\x00\x07\x1b[31m",
    "evil.com/path www.evil.com http://evil.com https:\uff0f\uff0fevil\u3002com",
    "x" * 5000,
    "",
    "%n %s {0.__class__}",
)


def table(name: str) -> dict[str, Any]:
    source = files("backend.mailing").joinpath("templates", name)
    return tomllib.loads(source.read_text(encoding="utf-8"))


DECLARED = table("letters.toml")
TEXTS = {locale: table(f"{locale}.toml") for locale in LOCALES}
EVERY = [(name, locale) for name in DECLARED for locale in LOCALES]


def mail(name: str, locale: str = "en", **words: Any) -> Mail:
    kinds = {word: GOOD[kind] for word, kind in DECLARED[name].items()}
    return Mail("ann@example.com", name, kinds | words, locale, "key")


class Page(HTMLParser):
    """What a mail program makes of a letter: its tags, the addresses it leads to, its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: set[str] = set()
        self.said = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links |= {value or "" for name, value in attrs if name in ("href", "src")}

    def handle_data(self, data: str) -> None:
        self.said += data


class TestEveryLetter:
    """Each template in each language."""

    @pytest.mark.parametrize(("name", "locale"), EVERY)
    def test_it_says_its_words_in_both_forms(self, name: str, locale: str):
        """Nothing of a template is left in it, and both forms lead to the same place."""
        letter = load_letters().render(mail(name, locale))
        page = Page(letter.html)

        told = (letter.subject, letter.text, page.said)
        assert all("{" not in form.replace("{ background", "") for form in told[:2])
        assert all("undefined" not in form.lower() for form in told)
        assert letter.subject in page.said
        assert ({LINK} if "link" in DECLARED[name] else set()) == page.links
        assert ("link" in DECLARED[name]) is (LINK in letter.text)
        assert locale == letter.locale

    @pytest.mark.parametrize(("name", "locale"), EVERY)
    def test_languages_differ(self, name: str, locale: str):
        """Nobody forgot to translate a letter."""
        others = [other for other in LOCALES if other != locale]
        subjects = {load_letters().render(mail(name, other)).subject for other in others}

        assert load_letters().render(mail(name, locale)).subject not in subjects

    @pytest.mark.parametrize("hostile", HOSTILE, ids=ascii)
    @pytest.mark.parametrize(("name", "locale"), EVERY)
    def test_hostile_words_come_out_inert(self, name: str, locale: str, hostile: str):
        """No tag, header, line, link or character of direction comes from a word of people."""
        harmless = load_letters().render(mail(name, locale))
        texts = {word: hostile for word, kind in DECLARED[name].items() if kind == "text"}
        letter = load_letters().render(mail(name, locale, **texts))

        assert Page(harmless.html).tags == Page(letter.html).tags
        assert Page(harmless.html).links == Page(letter.html).links
        assert len(harmless.text.splitlines()) == len(letter.text.splitlines())
        assert len(letter.subject.splitlines()) == 1
        assert len(letter.subject) <= LONGEST_SUBJECT
        assert "49" not in letter.subject + letter.text + Page(letter.html).said
        told = letter.subject + letter.text + letter.html
        assert not set("\u202e\u200b\ufeff\u2066\ud800\x00\x07\x1b\r") & set(told)
        assert not any(link in told for link in ("evil.com", "://evil", "evil\u3002com"))
        assert len(letter.text) < 3000


class TestLanguages:
    """Which language a letter is in."""

    @pytest.mark.parametrize(
        ("locale", "language"),
        [("de", "de"), ("de-AT", "de"), ("DE_ch", "de"), ("en-GB", "en"), ("it", "en"), ("", "en")],
    )
    def test_a_locale_we_lack_is_english(self, locale: str, language: str):
        """And a variety is its language."""
        assert language == load_letters().render(mail("erased", locale)).locale

    @pytest.mark.parametrize(
        ("locale", "day", "written"),
        [
            ("en", "2026-11-28", "28 November 2026"),
            ("de", "2027-03-01", "1. März 2027"),
            ("es", "2026-11-28", "28 de noviembre de 2026"),
            ("fr", "2026-11-28T14:05", "28 novembre 2026 à 14:05 UTC"),
            ("pt", "2026-11-28", "28 de novembro de 2026"),
            ("en", "2026-11-28T09:05", "28 November 2026, 09:05 UTC"),
            ("de", "2026-11-28T14:05", "28. November 2026, 14:05 Uhr UTC"),
        ],
    )
    def test_days_are_written_as_people_write_them(self, locale: str, day: str, written: str):
        """With the name of the month, which no reader turns round."""
        assert written in load_letters().render(mail("passwordChanged", locale, date=day)).text


class TestWords:
    """What composers may hand over."""

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            ("invitation", {"extra": "x"}),
            ("invitation", {"days": "7"}),
            ("invitation", {"role": "emperor"}),
            ("invitation", {"inviter": 7}),
            ("newDevice", {"platform": "fridge"}),
            ("erasureScheduled", {"date": "soon"}),
            ("emailVerification", {"link": "javascript:alert(1)"}),
            ("emailVerification", {"link": "data:text/html,x"}),
            ("emailVerification", {"link": "https://app.example.com/\r\nBcc: x"}),
            ("emailVerification", {"link": 'https://app.example.com/"onclick="x'}),
            ("emailVerification", {"link": "https://user@evil.example.com/"}),
            ("emailVerification", {"link": "//evil.example.com"}),
            ("erased", {"receipt": "https://evil.example.com"}),
        ],
        ids=str,
    )
    def test_what_is_not_of_its_kind_is_refused(self, name: str, words: dict[str, Any]):
        """Before anything is sent, and without quoting it."""
        with pytest.raises(ValueError, match=r"^(?!.*(evil|alert|Bcc)).*$"):
            load_letters().render(mail(name, **words))

    def test_a_word_that_lacks_is_refused(self):
        """A letter with a hole in it is worse than none."""
        with pytest.raises(ValueError, match="takes exactly"):
            load_letters().render(Mail("ann@example.com", "erased", {}, "en", "key"))

    @pytest.mark.parametrize(
        ("given", "shown"),
        [
            ("Dr.Ann  Berger\n", "Dr. Ann Berger"),
            ("v1.2 / 50% & more", "v1.2 / 50% & more"),
            ("see evil.com", "see evil. com"),
            ("http://evil.com", "http: evil. com"),
            ("Größe 日本語 ✓", "Größe 日本語 ✓"),
            ("x" * 300, "x" * (LONGEST_TEXT - 1) + "…"),
        ],
    )
    def test_what_people_wrote_stays_readable(self, given: str, shown: str):
        """Only what a mail program would turn into a link is broken."""
        assert shown == plain(given)

    def test_links_stay_out_of_what_is_printed(self):
        """A letter in a traceback or a log must not open an account."""
        composed = mail("emailVerification")
        sent = OutgoingMail("ann@example.com", LINK, LINK, LINK, "en", "key")

        assert "token=" not in repr(composed) + repr(sent)
        assert "ann@" not in repr(composed) + repr(sent)


class TestLoading:
    """What is wrong with a template is found when the service starts, not when a letter is due."""

    @pytest.mark.parametrize(
        ("part", "text"),
        [
            ("subject", "{{ inviter }} and {{ stranger }}"),
            ("before", ["{{ workspace.__class__.secret }} {{ password }}"]),
            ("after", ["{% if oops %}x{% endif %}"]),
            ("after", ["{% if days %}x{% endif %}"]),
            ("after", ["{{ inviter.__class__ }}"]),
            ("after", ["{{ inviter[0] }}"]),
            ("after", ["{{ inviter|upper }}"]),
            ("after", ["{{ range(9) }}"]),
            ("subject", "{{ inviter "),
            ("before", ["{% include 'letters.toml' %}{{ nothing }}"]),
            ("signature", "unknown part"),
            ("button", None),
            ("subject", None),
        ],
        ids=str,
    )
    def test_a_faulty_template_is_refused(self, part: str, text: Any):
        """A word that is not declared, a broken tag, a part that lacks or is unknown."""
        texts = deepcopy(TEXTS)
        texts["de"]["invitation"][part] = text
        if text is None:
            del texts["de"]["invitation"][part]

        with pytest.raises(TemplateFault, match="de: invitation"):
            Letters(DECLARED, texts)

    def test_a_letter_in_one_language_only_is_refused(self):
        """Who adds one writes it for everybody."""
        texts = deepcopy(TEXTS)
        del texts["de"]["erased"]

        with pytest.raises(TemplateFault, match="de: erased"):
            Letters(DECLARED, texts)

    def test_somebody_composes_each_letter(self):
        """And nobody composes one that has no words."""
        handlers = build_services(OFFLINE, build_ports(OFFLINE)).firing._handlers
        mailing = handlers[TimerKind.MAIL]

        assert isinstance(mailing, Mailing)
        assert set(DECLARED) == set(mailing._composers)

    def test_every_text_belongs_to_a_letter(self):
        """What nobody declares would never be sent."""
        for texts in TEXTS.values():
            assert set(DECLARED) | {"common", "role", "platform"} == set(texts)
            assert TEXTS["en"]["role"].keys() == texts["role"].keys()
            assert TEXTS["en"]["platform"].keys() == texts["platform"].keys()
