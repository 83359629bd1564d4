"""
The HTML that a template may hold: an allow-list of tags, and links to variables alone.

Two walls, as for comments. What staff save is refused unless it is on the list, and what comes out
of a template is sanitised again before it is laid out.
"""

from collections.abc import Callable, Sequence
from html.parser import HTMLParser

import nh3
from jinja2 import nodes

TAGS = {"a", "br", "em", "h2", "li", "ol", "p", "strong", "ul"}
_EMPTY = {"br"}
_LINK, _VALUE, _BRANCH = "\ue000", "\ue001", "\ue002"  # For private use: no source has them.
_FONT = "-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
# Mail programs look at little but the tag itself.
_STYLES = {
    "p": f"margin:0 0 16px;font:400 16px/1.55 {_FONT};color:#2c3138;overflow-wrap:anywhere",
    "h2": f"margin:24px 0 8px;font:600 17px/1.4 {_FONT};color:#14171a;overflow-wrap:anywhere",
    "ul": f"margin:0 0 16px;padding-left:20px;font:400 16px/1.55 {_FONT};color:#2c3138",
    "ol": f"margin:0 0 16px;padding-left:20px;font:400 16px/1.55 {_FONT};color:#2c3138",
    "li": "margin:0 0 4px;overflow-wrap:anywhere",
}


def markup_fault(body: Sequence[nodes.Node], is_link: Callable[[nodes.Node], bool]) -> str | None:
    """
    Return what a template's HTML must not have; None: it is fine.

    Every branch has to close what it opens, so that no choice of branches tears a tag.
    """
    source = []
    for node in body:
        if isinstance(node, nodes.Output):
            source += [_placed(each, is_link) for each in node.nodes]
            continue
        source.append(_BRANCH)
        for field in ("body", "elif_", "else_"):
            inner = getattr(node, field, ())
            if field == "elif_":
                fault = markup_fault(inner, is_link) if inner else None
            else:
                fault = markup_fault(inner, is_link)
            if fault is not None:
                return fault
    return _fault_in("".join(source))


def sanitised(html: str) -> str:
    """Return HTML with the allowed tags alone, and links to http(s) alone."""
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        url_relative="deny",
        link_rel="noopener noreferrer",
        strip_comments=True,
    ).strip()


def styled(html: str) -> str:
    """Return sanitised HTML whose tags carry their looks themselves."""
    for tag, style in _STYLES.items():  # Sanitised, a tag has no attributes, and text no brackets.
        html = html.replace(f"<{tag}>", f'<{tag} style="{style}">')
    return html


def _placed(node: nodes.Node, is_link: Callable[[nodes.Node], bool]) -> str:
    if isinstance(node, nodes.TemplateData):
        return str(node.data)
    return _LINK if is_link(node) else _VALUE


def _fault_in(source: str) -> str | None:
    parser = _Parser()
    parser.feed(source)
    left = parser.rawdata  # What it could not make sense of without more.
    parser.close()
    if parser.fault is None and "<" in left:
        return "A tag is not closed."
    if parser.fault is None and parser.open:
        return f"<{parser.open[-1]}> is not closed."
    return parser.fault


class _Parser(HTMLParser):
    """Follows the tags of a fragment, and remembers the first thing that must not be there."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.fault: str | None = None
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self._refuse(f"<{_named(tag)}> is not among {', '.join(sorted(TAGS))}.")
        elif any(mark in (self.get_starttag_text() or "") for mark in (_VALUE, _BRANCH)):
            self._refuse("A tag holds no variables, but for the address of a link.")
        elif attrs != ([("href", _LINK)] if tag == "a" else []):
            self._refuse("A link has `href`, a LINK variable; other tags have no attributes.")
        elif tag not in _EMPTY:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _EMPTY:
            self._refuse(f"<{_named(tag)}/> closes nothing.")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self._refuse(f"</{_named(tag)}> closes nothing.")

    def handle_data(self, data: str) -> None:
        if "<" in data:
            self._refuse("`<` begins a tag; as a sign it is `&lt;`.")

    def handle_comment(self, data: str) -> None:  # noqa: ARG002 - HTMLParser's signature.
        self._refuse("Comments would be sent along.")

    def handle_decl(self, decl: str) -> None:  # noqa: ARG002 - as above.
        self._refuse("Declarations are the layout's.")

    def handle_pi(self, data: str) -> None:  # noqa: ARG002 - as above.
        self._refuse("Instructions are not for mail.")

    def unknown_decl(self, data: str) -> None:  # noqa: ARG002 - as above.
        self._refuse("Declarations are the layout's.")

    def _refuse(self, fault: str) -> None:
        self.fault = self.fault or fault


def _named(tag: str) -> str:
    return "".join(each for each in tag[:20] if each.isalnum())
