"""
Comments as HTML: Markdown, rendered without any HTML of its own, and sanitised all the same.

Two walls, of different makers. The renderer escapes every tag that somebody types and knows no
images; the sanitiser lets an allow-list of tags through, whatever the renderer may have missed.
Pure and total: any text comes out as HTML, within a size and a time that its length bounds.
"""

from html import escape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

# Left out on purpose. HTML: nobody needs it. Images: an address that is fetched when somebody
# looks tells its owner who looks. References and tables: a short text would become a huge one.
RULES = (
    "autolink", "backticks", "balance_pairs", "blockquote", "code", "emphasis", "entity", "escape",
    "fence", "fragments_join", "heading", "hr", "link", "linkify", "list", "newline", "paragraph",
    "strikethrough", "text_join",
)  # fmt: skip
ALLOWED: dict[str, set[str]] = {"*": set(), "a": {"href"}, "ol": {"start"}, "code": {"class"}}
TAGS = {
    "a", "blockquote", "br", "code", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol",
    "p", "pre", "s", "strong", "ul",
}  # fmt: skip
SCHEMES = {"http", "https", "mailto"}
# Opened from a page of ours, a page learns nothing of it, and search engines gain nothing.
REL = "nofollow noopener noreferrer"
DEEPEST = 20  # Quotations and lists in each other.
LONGEST_HTML = 120_000  # Characters. Beyond it a text is shown as it was typed.


def html_of(text: str) -> str:
    """Return a comment as HTML that may be put into a page as it is."""
    rendered = nh3.clean(
        _markdown.render(text),
        tags=TAGS,
        attributes=ALLOWED,
        url_schemes=SCHEMES,
        url_relative="deny",  # What is shown in one place would mean another in the next.
        link_rel=REL,
        strip_comments=True,
    ).strip()
    return rendered if len(rendered) <= LONGEST_HTML else f"<p>{escape(text)}</p>"


def words_of(text: str) -> str:
    """Return what a comment says, on one line and without its markup, for a notice of it."""
    found: list[str] = []
    for token in _markdown.parse(text):
        inner = token.children if token.type == "inline" and token.children else [token]
        found += [_said(each) for each in inner]
        found += [" "]
    return " ".join("".join(found).split())


SPOKEN = ("text", "code_inline", "code_block", "fence")
BREAKS = ("softbreak", "hardbreak")


def _said(token: Token) -> str:
    if token.type in BREAKS:
        return " "
    return token.content if token.type in SPOKEN else ""


def _made() -> MarkdownIt:
    options = {"html": False, "linkify": True, "breaks": True, "maxNesting": DEEPEST}
    return MarkdownIt("zero", options).enable([*RULES])


_markdown = _made()
