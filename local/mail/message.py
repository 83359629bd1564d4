"""A mail as it reached the catcher, taken apart so that tests and people can read it."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from html.parser import HTMLParser
from typing import Any

from local.serving.clock import rfc3339

_URL = re.compile(r"https?://[^\s<>\"']+")
_TRAILING_PUNCTUATION = ".,;:!?)]}"


@dataclass(frozen=True)
class ReceivedMail:
    """One accepted transaction; the recipients are those of the envelope that were accepted."""

    id: str
    received_at: datetime
    envelope_from: str
    envelope_to: tuple[str, ...]
    headers: Mapping[str, str]
    """Decoded. A header that occurs several times has its values on separate lines."""
    text: str | None
    html: str | None
    links: tuple[str, ...]
    """Addresses linked to, in order, those of the HTML part first, each once."""
    attachments: tuple[str, ...]
    """Their file names."""
    raw: bytes

    def header(self, name: str) -> str | None:
        """Return a decoded header, whatever its case, or None."""
        wanted = name.casefold()
        return next((v for n, v in self.headers.items() if n.casefold() == wanted), None)

    @property
    def subject(self) -> str:
        return self.header("Subject") or ""

    def is_for(self, address: str) -> bool:
        """Say whether the envelope names this recipient, whatever its case."""
        return address.casefold() in (to.casefold() for to in self.envelope_to)

    def to_json(self) -> dict[str, Any]:
        """Write it as the control API shows it."""
        return {
            "id": self.id,
            "receivedAt": rfc3339(self.received_at),
            "envelope": {"from": self.envelope_from, "to": list(self.envelope_to)},
            "subject": self.subject,
            "headers": dict(self.headers),
            "text": self.text,
            "html": self.html,
            "links": list(self.links),
            "attachments": list(self.attachments),
        }


def read_mail(
    raw: bytes, *, mail_id: str, received_at: datetime, sender: str, recipients: list[str]
) -> ReceivedMail:
    """Take a raw mail apart. Never fails: what cannot be decoded is shown as well as can be."""
    message = message_from_bytes(raw)
    try:
        text, html, attachments = _parts(message)
    except (MessageError, LookupError, TypeError, ValueError):  # The parser's own, on odd headers.
        text, html, attachments = raw.decode("utf-8", "replace"), None, []
    return ReceivedMail(
        id=mail_id,
        received_at=received_at,
        envelope_from=_printable(sender),
        envelope_to=tuple(map(_printable, recipients)),
        headers=_headers(message),
        text=text,
        html=html,
        links=_links(text or "", html or ""),
        attachments=tuple(attachments),
        raw=raw,
    )


def _headers(message: Message) -> dict[str, str]:
    headers: dict[str, str] = {}
    names: dict[str, str] = {}  # The spelling seen first, by case-folded name.
    for name, value in message.items():
        spelling = names.setdefault(name.casefold(), _printable(name))
        decoded = _decoded(value)
        headers[spelling] = f"{headers[spelling]}\n{decoded}" if spelling in headers else decoded
    return headers


def _decoded(value: object) -> str:
    unfolded = re.sub(r"\r?\n(?=[ \t])", "", str(value))
    try:
        return _printable(str(make_header(decode_header(unfolded))))
    except (MessageError, LookupError, ValueError):
        return _printable(unfolded)


def _parts(message: Message) -> tuple[str | None, str | None, list[str]]:
    found: dict[str, str] = {}
    attachments: list[str] = []
    for part in message.walk():
        kind = part.get_content_type()
        if part.is_multipart():
            continue
        name = part.get_filename()
        if part.get_content_disposition() == "attachment" or name:
            attachments.append(_decoded(name or "unnamed"))
        elif kind in ("text/plain", "text/html"):
            found.setdefault(kind, _content(part))
    return found.get("text/plain"), found.get("text/html"), attachments


def _content(part: Message) -> str:
    payload = part.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        text = data.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):  # No such charset, or not even a name for one.
        text = data.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


def _links(text: str, html: str) -> tuple[str, ...]:
    collector = _HrefCollector()
    with suppress(AssertionError):  # What the parser does about `<![x[`; it keeps what it had.
        collector.feed(html)
    urls = [url.rstrip(_TRAILING_PUNCTUATION) for url in _URL.findall(text)]
    return tuple(dict.fromkeys([*collector.hrefs, *urls]))


class _HrefCollector(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.hrefs.append(href.strip())


def _printable(text: str) -> str:
    """Replace what came in as undecodable bytes, so that the text can be written out again."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
