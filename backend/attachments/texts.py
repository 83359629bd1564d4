"""Texts: no bytes that no text has, and nothing that runs."""

from backend.attachments.pages import check_begins_as_no_page
from backend.attachments.reading import Content, Dressed

# Bytes that no text has in any encoding of one byte a letter, nor in UTF-8 (MIME Sniffing, 3).
BINARY = bytes([*range(0x09), 0x0B, *range(0x0E, 0x1B), *range(0x1C, 0x20)])


def check_text(content: Content) -> None:
    """
    Refuse what is no text, or a page or script by its beginning.

    The encoding is left open: tables from old programs are rarely UTF-8.
    """
    check_begins_as_no_page(content)
    for chunk in content.chunks():
        if len(chunk.translate(None, BINARY)) != len(chunk):
            raise Dressed("It is no text.")
