"""`Content-Disposition` of downloads, whatever a file is called (RFC 6266, RFC 8187)."""

import re
import unicodedata
from urllib.parse import quote

# Letters that every client shows as they are, without quoting or decoding anything.
PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._()+-]{,199}")
UNPLAIN = re.compile(r"[^A-Za-z0-9 ._()+-]")
ATTRIBUTE = "!#$&+-.^_`|~"  # What RFC 8187 leaves as it is, beside letters and digits.


def attachment(name: str) -> str:
    """
    Return the header that lets a file be saved under this name, and never be shown.

    `filename` is for old clients and has no character that could end it, or name a folder;
    `filename*` has the name itself, where that is another.
    """
    if PLAIN.fullmatch(name):
        return f'attachment; filename="{name}"'
    fallback = "".join(map(_plain, unicodedata.normalize("NFC", name)))[-200:].strip(". ") or "file"
    exact = quote(name.encode("utf-8", "replace"), safe=ATTRIBUTE)
    return f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{exact}"


def _plain(letter: str) -> str:
    bare = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return UNPLAIN.sub("_", bare) or "_"
