"""Words for people: Jinja2 templates, rendered as plain text."""

import unicodedata
from dataclasses import asdict, dataclass
from functools import cache

from jinja2 import PackageLoader, StrictUndefined, TemplateNotFound
from jinja2.sandbox import ImmutableSandboxedEnvironment

VERSION = 1
SOMEONE = "Someone"
MARK = "\ue000"  # For private use, says Unicode: no text has it.
LOCALE = "en"
MAX_TITLE, MAX_BODY = 120, 240  # What a lock screen shows, and far below FCM's 4,096 bytes.


@dataclass(frozen=True, slots=True)
class Words:
    """What a template may say. All of it comes from people and is treated as plain text."""

    actor: str = ""
    task: str = ""
    comment: str = ""
    status: str = ""
    due: str = ""
    platform: str = ""
    day: str = ""
    job: str = ""
    message: str = ""
    outcome: str = ""
    number: str = ""
    first: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A title, a body, and the template they come from, as `name@version`."""

    template: str
    title: str
    body: str


# Nothing here becomes HTML: push and inbox texts are shown as they are, so nothing is escaped.
_environment = ImmutableSandboxedEnvironment(
    loader=PackageLoader("backend.notifications"),
    undefined=StrictUndefined,
    autoescape=False,
    trim_blocks=True,
)


def render(name: str, words: Words) -> Rendered:
    """Return the words of a template. What is about a task is called as its category."""
    template = _template(name)
    context = template.new_context(_variables(words))
    title, body = ("".join(template.blocks[block](context)) for block in ("title", "body"))
    return Rendered(
        template=f"{name}@{VERSION}",
        title=_shortened(title, MAX_TITLE),
        body=_shortened(body, MAX_BODY),
    )


def texts_without_actor(template: str, title: str, body: str) -> dict[str, str]:
    """
    Return the texts of a notification as they name nobody: "Someone assigned you a task".

    `template` is what they come from, as `name@version`. A block that names who did it says
    nothing else that varies (a test looks), so it can be rendered anew.
    """
    name = template.partition("@")[0]
    try:
        marked, unnamed = render(name, Words(actor=MARK)), render(name, Words(actor=SOMEONE))
    except TemplateNotFound:  # Nobody knows any more what it said where.
        return {"title": "", "body": ""}
    return {
        "title": unnamed.title if MARK in marked.title else title,
        "body": unnamed.body if MARK in marked.body else body,
    }


def plain(text: str) -> str:
    """Return the text on one line, without control, format or direction characters."""
    spaced = " ".join(text.split())
    # Cc and Cf: controls, zero-width characters, right-to-left overrides. Cs: lone surrogates.
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))


@cache  # Compiling costs a hundred times what rendering does.
def _template(name: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return _environment.get_template(f"{LOCALE}/{name}.jinja")


def _variables(words: Words) -> dict[str, str]:
    return {name: plain(text) for name, text in asdict(words).items()}


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
