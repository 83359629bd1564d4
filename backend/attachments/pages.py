"""What a browser, or a shell, would take for a page or a program, whatever its type."""

import re

from backend.attachments.reading import Content, Dressed

# The beginnings that browsers sniff for (WHATWG MIME Sniffing, 7.1), and a few that run elsewhere.
BEGINNINGS = re.compile(
    rb"\s*(<(!doctype|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p|svg"
    rb"|!--|\?xml|\?php|\?=|%)|#!|%!ps|%pdf-|\{\\rtf|mime-version:)",
    re.IGNORECASE,
)
# In an image or a film they stand for nothing, but old browsers looked for them there.
INSIDE = re.compile(
    rb"<(html|script|iframe|svg|body|!doctype html|\?php)[\s>/]|javascript:", re.IGNORECASE
)
LOOKED_AT = 4096  # Browsers look at 1,445 bytes, older ones at 4,096.
BOM = b"\xef\xbb\xbf"


def check_begins_as_no_page(content: Content) -> None:
    """Refuse a text that is a page, a drawing or a script."""
    if BEGINNINGS.match(content.at(0, LOOKED_AT).removeprefix(BOM)):
        raise Dressed("It is a page or a script.")


def check_no_page(content: Content) -> None:
    """Refuse what has the beginning of a page in the stretch that browsers look at."""
    if INSIDE.search(content.at(0, LOOKED_AT)):
        raise Dressed("There is a page or a script at its beginning.")
