"""Words as search sees them: what is stored under which tokens, and found by which terms."""

import random

import pytest

from backend.search.words import Word, folded, is_met_by, key_of, tokens_of, words_of

# Letters of many scripts, marks, what cannot be seen, and what separates.
CHARACTERS = "aAäÄßøŁ\u0131İéZ09 ._-/\\*()[]{}<>\"'\n\u0301\u200b\u200d\u202e\u00ad\ufeff"
CHARACTERS += "日本語東京ﾃｽﾄテストがภาษา안녕שָׁלוֹםمَرْحَبًاहिन्दीﬁﷺ½😀👩\u0663"


def _words(text: str) -> list[str]:
    return [word.folded for word in words_of(text)]


class TestWords:
    """Where words begin and end, and how they are folded."""

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Write the notes", ["write", "the", "notes"]),
            ("  a.b-c/d_e  ", ["a", "b", "c", "d", "e"]),
            ("Crème Brûlée", ["creme", "brulee"]),
            ("cre\u0300me", ["creme"]),
            ("STRASSE Straße", ["strasse", "strasse"]),
            ("Łódź smørrebrød", ["lodz", "smorrebrod"]),
            ("İstanbul ISTANBUL \u0131l\u0131k", ["istanbul", "istanbul", "ilik"]),
            ("ﬁne \uff37\uff49\uff44\uff45", ["fine", "wide"]),
            ("ze\u200bro so\u00adft \u202eabc\u202c", ["zero", "soft", "abc"]),
            ("שָׁלוֹם שלום", ["שלום", "שלום"]),
            ("مَرْحَبًا مرحبا", ["مرحبا", "مرحبا"]),
            ("हिन्दी", ["हिन्दी"]),
            ("안녕 하세요", ["안녕", "하세요"]),
            ("東京都庁へ", ["東京都庁へ"]),
            ("ﾃｽﾄ テスト", ["テスト", "テスト"]),
            ("iPhone手機2台", ["iphone", "手機", "2", "台"]),
            (".* ^$ [a-z]", ["a", "z"]),
            ("\u200b \u202e … !? 😀", []),
            ("", []),
        ],
    )
    def test_a_text_has_these(self, text: str, expected: list[str]):
        """Case, accents, width and what cannot be seen make no difference."""
        assert expected == _words(text)

    def test_each_says_where_it_stands(self):
        """In the text as it was typed, so that a piece of it can be shown."""
        text = "Ein schöner\u200b Tag"

        assert ["Ein", "schöner\u200b", "Tag"] == [text[w.start : w.end] for w in words_of(text)]

    @pytest.mark.parametrize("seed", range(20))
    def test_folding_twice_is_folding_once(self, seed: int):
        """What is stored and what is asked for meet, whatever was typed."""
        chance = random.Random(seed)
        for _ in range(100):
            text = "".join(chance.choices(CHARACTERS, k=12))
            once = folded(text)

            assert (text, once) == (text, folded(once))
            assert (text, _words(text)) == (text, [folded(word) for word in _words(text)])


class TestTokens:
    """What an entry is stored under."""

    @pytest.mark.parametrize(
        ("text", "in_title", "expected"),
        [
            ("deployments", True, ["d", "de", "dep", "deplo", "deployme"]),
            ("deployments", False, ["dep", "deplo", "deployme"]),
            ("internationalisation", False, ["int", "inter", "internat", "internationa"]),
            ("db", True, ["d", "db"]),
            ("db", False, ["db"]),
            ("x", False, ["x"]),
            ("東京都", True, ["東", "京", "都", "東京", "京都"]),
            ("東京都", False, ["東京", "京都"]),
            ("東", False, ["東"]),
        ],
    )
    def test_a_word_has_these(self, text: str, in_title: bool, expected: list[str]):
        """Few prefixes instead of all; two neighbouring characters where there are no blanks."""
        (word,) = words_of(text)

        assert expected == tokens_of(word, in_title=in_title)

    @pytest.mark.parametrize("in_title", [True, False])
    @pytest.mark.parametrize("seed", range(10))
    def test_what_meets_a_term_is_stored_under_its_key(self, seed: int, in_title: bool):
        """Otherwise the database would not find what the process would have taken."""
        chance = random.Random(seed)
        met = 0
        for _ in range(300):
            for word in words_of("".join(chance.choices(CHARACTERS, k=20))):
                for term in _terms_like(word, chance):
                    if is_met_by(term, word, in_title=in_title):
                        met += 1
                        assert (word, term, True) == (
                            word,
                            term,
                            key_of(term) in tokens_of(word, in_title=in_title),
                        )
        assert met > 100


class TestTerms:
    """Which words somebody finds by what they type."""

    @pytest.mark.parametrize(
        ("term", "word", "in_title", "in_text"),
        [
            ("dep", "deploy", True, True),
            ("de", "deploy", True, False),
            ("d", "deploy", True, False),
            ("db", "DB", True, True),
            ("deplox", "deploy", False, False),
            ("ploy", "deploy", False, False),
            ("brul", "Brûlée", True, True),
            ("都庁", "東京都庁", True, True),
            ("都", "東京都庁", True, False),
            ("京庁", "東京都庁", False, False),
        ],
    )
    def test_a_term_finds_a_word(self, term: str, word: str, in_title: bool, in_text: bool):
        """By its beginning; in a text from three letters on, or the whole of a shorter word."""
        (sought,), (stored,) = words_of(term), words_of(word)

        assert (in_title, in_text) == (
            is_met_by(sought, stored, in_title=True),
            is_met_by(sought, stored, in_title=False),
        )


def _terms_like(word: Word, chance: random.Random) -> list[Word]:
    """A word as a whole, some beginnings of it, and a piece from its middle."""
    length = len(word.folded)
    pieces = [word.folded, word.folded[: chance.randint(1, length)]]
    pieces.append(word.folded[chance.randrange(length) :])
    return [term for piece in pieces for term in words_of(piece)]
