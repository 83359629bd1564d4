"""What a template is: the texts of a name in each language, and the variables they may use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

LOCALES = ("en", "de", "es", "fr", "pt")  # Each of them complete: a test looks.
BUILT_IN = 0  # The number of the version that comes with the service.
MAX_TITLE, MAX_BODY = 120, 240  # What a lock screen shows, and far below FCM's 4,096 bytes.
MAX_SUBJECT = 120
MOST_LISTED = 20  # Of a LIST. How many there are in all, a NUMBER tells.


class Kind(StrEnum):
    """What a variable is; what stands in for it is made safe by its kind, for each channel."""

    TEXT = "text"  # From people: one line, nothing in it that becomes markup or a link.
    PERSON = "person"  # A text; empty, it reads "Someone", in the reader's language.
    NUMBER = "number"
    DAY = "day"  # "2026-12-24" or "2026-12-24T18:00", as it is meant where it is read.
    LINK = "link"  # A path in the app, "/tasks", or an http(s) address.
    LIST = "list"  # Up to 20 of {title: TEXT, due: DAY or "", link: LINK}.
    STATUS = "status"  # These are named in each language, in `[status]` and so on.
    PLATFORM = "platform"
    OUTCOME = "outcome"

    @property
    def is_choice(self) -> bool:
        """Whether its values are those that each language has a table of."""
        return self in (Kind.STATUS, Kind.PLATFORM, Kind.OUTCOME)


@dataclass(frozen=True, slots=True)
class Variable:
    """What a template may say. An optional one may be left out, and is empty then."""

    kind: Kind
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Texts:
    """
    A template in one language, before anything is put in: Jinja2 source.

    `title` and `body` are shown in the inbox and by devices, as plain text. `subject`, `text` and
    `html` make the mail; without `html` the paragraphs of `text` are laid out.
    """

    title: str
    body: str
    subject: str
    text: str
    html: str | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """
    `templates/{name}/versions/{number}`: texts by language, never changed once they are saved.

    A language that is left out is the built-in one's. `key` tells one saving from another that
    says the same.
    """

    name: str
    number: int
    texts: Mapping[str, Texts]
    note: str
    created_by: str
    created_at: datetime | None
    key: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """
    `templates/{name}`: which version of it is sent; 0 is the built-in one.

    `latest` is the greatest number given so far. `rev` is 0 where nothing was ever saved.
    """

    name: str
    variables: Mapping[str, Variable]
    published: int = BUILT_IN
    latest: int = BUILT_IN
    updated_by: str | None = None
    updated_at: datetime | None = None
    rev: int = 0


Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rendered:
    """
    A title and a body, the language they are in, and what they were made of.

    `template` is `name@version`, `values` are the variables that were put in: a mail is made of
    the same.
    """

    template: str
    title: str
    body: str
    locale: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MailText:
    """A mail: its subject, the same in plain text and HTML, and the language it is in."""

    subject: str
    text: str
    html: str
    locale: str
