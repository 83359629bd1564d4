"""Comments as HTML: what Markdown may do, and what no attack gets through."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.comments.markup import LONGEST_HTML, REL, SCHEMES, TAGS, html_of, words_of
from backend.comments.model import MAX_BODY

# CPU time for the slowest of the texts below takes a tenth of this; what grows with the square of
# the length, or worse, takes a multiple.
PATIENCE_S = 5.0
LINK = f'rel="{REL}"'


class Seen(HTMLParser):
    """What a browser would make of some HTML: its tags, their attributes, and the text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.odd: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.odd.append(data)

    def handle_decl(self, decl):
        self.odd.append(decl)

    def handle_pi(self, data):
        self.odd.append(data)

    def unknown_decl(self, data):
        self.odd.append(data)


def harmful(html: str) -> list[str]:
    """List everything in it that is not on the allow-list, as a browser reads it."""
    seen = Seen(html)
    found = [*seen.odd, *(seen.tags - TAGS)]
    for tag, name, value in seen.attributes:
        match tag, name:
            case "a", "href" if value.partition(":")[0] in SCHEMES:
                pass
            case "a", "rel" if value == REL:
                pass
            case "ol", "start" if value.isdecimal():
                pass
            case "code", "class" if re.fullmatch(r"language-\S*", value):
                pass
            case _:
                found.append(f"{tag} {name}={value}")
    return found


RENDERED = {
    "A **bold** and _quiet_ ~~wrong~~ word": (
        "<p>A <strong>bold</strong> and <em>quiet</em> <s>wrong</s> word</p>"
    ),
    "one\ntwo": "<p>one<br>\ntwo</p>",
    "- a\n- b": "<ul>\n<li>a</li>\n<li>b</li>\n</ul>",
    "3. a": '<ol start="3">\n<li>a</li>\n</ol>',
    "> so": "<blockquote>\n<p>so</p>\n</blockquote>",
    "`x < y`": "<p><code>x &lt; y</code></p>",
    "```py\nx < y\n```": '<pre><code class="language-py">x &lt; y\n</code></pre>',
    "[us](https://example.com/?a=1&b=2)": (
        f'<p><a href="https://example.com/?a=1&amp;b=2" {LINK}>us</a></p>'
    ),
    "see www.example.com": (
        f'<p>see <a href="http://www.example.com" {LINK}>www.example.com</a></p>'
    ),
    "<https://example.com>": (
        f'<p><a href="https://example.com" {LINK}>https://example.com</a></p>'
    ),
    "ann@example.com": f'<p><a href="mailto:ann@example.com" {LINK}>ann@example.com</a></p>',
    "1 < 2 && 3 > 2": "<p>1 &lt; 2 &amp;&amp; 3 &gt; 2</p>",
    "# Plan": "<h1>Plan</h1>",
    "Grüße 🎉 你好": "<p>Grüße 🎉 你好</p>",
    "***": "<hr>",
}

ATTACKS = [
    "<script>alert(1)</script>",
    "<ScRiPt src=//evil.example></sCrIpT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--><img src=x onerror=alert(1)>'>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a onclick=alert(1) href='https://example.com'>x</a>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<body onload=alert(1)>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css'</style>",
    "<object data=javascript:alert(1)></object>",
    "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml version='1.0'?><x/>",
    "<!DOCTYPE html><html>",
    "<p style='background:url(javascript:alert(1))'>x</p>",
    "<div\x00onclick=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<template><script>alert(1)</script></template>",
    "</p></div></body><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](  javascript:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](<java\nscript:alert(1)>)",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript&colon;alert(1))",
    "[x](javascript&#58;alert(1))",
    "[x](\x01javascript:alert(1))",
    "[x](%6Aavascript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](data:image/png;base64,iVBORw0KGgo=)",
    "[x](data:image/svg+xml,<svg onload=alert(1)>)",
    "[x](file:///etc/passwd)",
    "[x](blob:https://example.com/1)",
    "[x](//evil.example)",
    "[x](/workspaces/me)",
    "[x](?a=b)",
    "[x](#top)",
    "[x](view-source:javascript:alert(1))",
    "<javascript:alert(1)>",
    "<JAVASCRIPT:alert(1)>",
    "<data:text/html,x>",
    "![x](https://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    '[x](https://example.com "onmouseover=alert(1)")',
    "[x](https://example.com '\"><script>alert(1)</script>')",
    '[x](https://example.com/"onmouseover="alert(1))',
    "[x](https://example.com/<script>alert(1)</script>)",
    "[<img src=x onerror=alert(1)>](https://example.com)",
    "[x]: javascript:alert(1)\n\n[x]",
    "**<script>alert(1)</script>**",
    "> > <script>alert(1)</script>",
    "- <script>\n  alert(1)\n  </script>",
    "`<script>alert(1)</script>`",
    "```\n</code></pre><script>alert(1)</script>\n```",
    '```"><script>alert(1)</script>\nx\n```',
    '```x" onmouseover="alert(1)\nx\n```',
    "    <script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "http://example.com/<script>alert(1)</script>",
    'http://example.com/"onmouseover=alert(1)//',
    "http://javascript:alert(1)@example.com/",
    'x@y.example"onmouseover=alert(1)',
    "| a |\n|---|\n| <script>alert(1)</script> |",
    "\u2028<script>alert(1)</script>",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    '<a href="jav&#x0A;ascript:alert(1)">x</a>',
    "\\<script>alert(1)</script>",
    "<scr\\\nipt>alert(1)</script>",
]

# Repeated until a comment is full: whatever a parser might look at again and again.
HUGE = [
    "[", "]", "![", "*", "**", "_", "*a ", "a*", "**a", "*_", "_a_b", "`", "`a", "<", "<a", "&",
    "&#", "> ", ">", "- ", "1. ", "* a\n", "\n", "(", "[a](", "[a](<", "[](", "](", "~~", "~~a",
    "\\", "http://", "http://a.", "http://a.b/(", "https://x.co/?q=", "www.", "a@b.", "mailto:",
    "# ", "---\n", "```\n", "~~~\n", "    ", "\t", "- \n ", '"', "'", "😀", "a\n=\n", "[x]: y\n",
    "[a][a]", "|a", "|-|\n", "<!--", "<![CDATA[", "<?", "\u200d", "\u0300", "&lt;", "  \n", "\x00",
]  # fmt: skip


class TestMarkdown:
    """What people type becomes what they meant."""

    @pytest.mark.parametrize(("text", "html"), RENDERED.items())
    def test_it_is_rendered(self, text: str, html: str):
        """Emphasis, lists, quotations, code, headings and links."""
        assert html == html_of(text)

    def test_an_image_is_a_link_only(self):
        """Nothing is fetched from anywhere because somebody looks at a comment."""
        link = f'<a href="https://example.com/x.png" {LINK}>plan</a>'

        assert f"<p>!{link}</p>" == html_of("![plan](https://example.com/x.png)")

    def test_tags_show_as_they_were_typed(self):
        """What somebody wanted to say about HTML is said."""
        assert "<p>Use &lt;b&gt; here</p>" == html_of("Use <b> here")

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("Hi **Bob**,\n\n- see [this](https://example.com/x)", "Hi Bob, see this"),
            ("```\ncode\n```\nand `more`", "code and more"),
            ("<b>x</b>", "<b>x</b>"),
            ("> quoted\n\nanswer", "quoted answer"),
            ("Thanks.\nSee you\\\nsoon", "Thanks. See you soon"),
            ("***", ""),
        ],
    )
    def test_its_words_alone(self, text: str, words: str):
        """A notice shows a comment without its markup."""
        assert words == words_of(text)


class TestAttacks:
    """Whatever is typed, a browser finds nothing to run, to fetch, or to send."""

    @pytest.mark.parametrize("text", ATTACKS)
    def test_nothing_harmful_comes_through(self, text: str):
        """Alone, and in the company of everything that may surround it."""
        around = [text, f"x {text} y", f"> {text}", f"- **{text}**", f"[{text}](https://a.example)"]

        assert [[]] * len(around) == [harmful(html_of(each)) for each in around]

    @pytest.mark.parametrize(
        "html",
        [
            "<script>x</script>",
            "<a href='javascript:x'>",
            "<p onclick=x>",
            "<img src=x>",
            "<!--x-->",
        ],
    )
    def test_the_search_for_harm_finds_some(self, html: str):
        """The test above would pass on anything if it did not."""
        assert harmful(html)

    @settings(max_examples=300, deadline=None)
    @given(st.text(alphabet="<>[]()*_`~!#-&;:/\\\"'= \n\tajsonxht.1\u202e", max_size=200))
    def test_no_mixture_of_marks_does_harm(self, text: str):
        """Random texts of the characters that mean something in Markdown and HTML."""
        assert [] == harmful(html_of(text))

    @settings(max_examples=100, deadline=None)
    @given(st.lists(st.sampled_from(ATTACKS), min_size=2, max_size=6))
    def test_no_mixture_of_attacks_does_harm(self, texts: list[str]):
        """One that opens what another closes."""
        assert [] == harmful(html_of("".join(texts))) + harmful(html_of("\n".join(texts)))

    @settings(max_examples=100, deadline=None)
    @given(st.text(max_size=300))
    def test_every_text_has_some_html(self, text: str):
        """Rendering never fails: the reactor would come back to the comment for ever."""
        assert isinstance(html_of(text), str)
        assert "\n" not in words_of(text)


class TestSize:
    """A comment costs what its length is worth."""

    @pytest.mark.parametrize("piece", HUGE, ids=repr)
    def test_the_longest_comment_takes_no_time(self, piece: str):
        """Nor does its HTML outgrow a document of 1 MiB."""
        text = (piece * MAX_BODY)[:MAX_BODY]
        began_at = time.process_time()
        html = html_of(text)
        words_of(text)

        assert time.process_time() - began_at < PATIENCE_S
        assert len(html) <= LONGEST_HTML

    @pytest.mark.parametrize(
        "text",
        [
            ">" * MAX_BODY + "x",
            "- " * (MAX_BODY // 2) + "x",
            "[" * 5000 + "x" + "](https://a.example)" * 250,
            "*" * 5000 + "x" + "*" * 5000,
            "\n".join("  " * depth + "- x" for depth in range(95)),
        ],
        ids=["quotations", "lists", "links", "emphasis", "indented"],
    )
    def test_nesting_ends_somewhere(self, text: str):
        """Twenty levels deep; no recursion that a text could drive to its limit."""
        html = html_of(text)

        assert html.count("<blockquote>") + html.count("<ul>") <= 20
        assert [] == harmful(html)

    def test_no_text_is_multiplied(self):
        """A long address, named once and referred to often, would be many times its length."""
        text = f"[a]: https://example.com/{'x' * 4000}\n\n" + "[a]" * 1900

        assert len(html_of(text)) < 2 * MAX_BODY + 10_000

    def test_html_that_would_be_too_long_is_plain(self):
        """The text is shown as it was typed."""
        text = "[x](https://a.b)" * 4_000

        assert f"<p>{text}</p>" == html_of(text)
