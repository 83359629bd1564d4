"""Words for people: one Jinja2 template per category, rendered as plain text."""

import unicodedata
from dataclasses import dataclass
from functools import cache

from jinja2 import PackageLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from backend.notifications.model import Category

VERSION = 1
LOCALE = "en"
MAX_TITLE, MAX_BODY = 120, 240  # What a lock screen shows, and far below FCM's 4,096 bytes.


@dataclass(frozen=True, slots=True)
class Words:
    """What a template may say. All of it comes from people and is treated as plain text."""

    actor: str
    task: str
    status: str
    due: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A title, a body, and the template they come from, as `category@version`."""

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


def render(category: Category, words: Words) -> Rendered:
    """Return the words of a category's template."""
    template = _template(category)
    variables = {name: plain(getattr(words, name)) for name in ("actor", "task", "status", "due")}
    context = template.new_context(variables)
    title, body = ("".join(template.blocks[block](context)) for block in ("title", "body"))
    return Rendered(
        template=f"{category.value}@{VERSION}",
        title=_shortened(title, MAX_TITLE),
        body=_shortened(body, MAX_BODY),
    )


def plain(text: str) -> str:
    """Return the text on one line, without control, format or direction characters."""
    spaced = " ".join(text.split())
    # Cc and Cf: controls, zero-width characters, right-to-left overrides. Cs: lone surrogates.
    return "".join(c for c in spaced if unicodedata.category(c) not in ("Cc", "Cf", "Cs"))


@cache  # Compiling costs a hundred times what rendering does.
def _template(category: Category):  # type: ignore[no-untyped-def]  # noqa: ANN202
    return _environment.get_template(f"{LOCALE}/{category.value}.jinja")


def _shortened(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
