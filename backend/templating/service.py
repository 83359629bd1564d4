"""From a template's name to words in somebody's language, by the version that is published."""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock

import structlog

from backend.adapters.firestore import Store
from backend.kit.clock import Clock
from backend.kit.documents import Query
from backend.kit.errors import DataLoss
from backend.templating.checking import faults_of
from backend.templating.compiling import Around, Compiled
from backend.templating.documents import TEMPLATES, version_of, version_path
from backend.templating.language import language
from backend.templating.library import library
from backend.templating.model import BUILT_IN, MailText, Rendered, Texts, Values
from backend.templating.values import Filling

log = structlog.get_logger()

HELD = timedelta(minutes=1)
MOST_TEMPLATES = 100
MOST_COMPILED = 500  # Of all versions and languages: those in use, and some that were.
Key = tuple[str, int, str]


class Templates:
    """
    Renders notifications and their mails.

    Which versions are published is one query a minute; a version never changes, so each is read
    and compiled once. What cannot be used, because a release has other variables, is passed over
    for the built-in texts: a notification with other words is better than none.
    """

    def __init__(self, store: Store, clock: Clock, *, app_url: str) -> None:
        """Put `app_url` before the paths that mails link to."""
        self._store = store
        self._clock = clock
        self._app_url = app_url.rstrip("/")
        self._library = library()
        self._published: tuple[datetime, Mapping[str, int]] | None = None
        self._compiled: OrderedDict[Key, Compiled | None] = OrderedDict()
        self._lock = Lock()  # Many threads render; a rendering itself needs no lock.

    def render(
        self, name: str, locale: str, values: Values, *, version: int | None = None
    ) -> Rendered:
        """
        Return title and body for inbox and devices, of the published version or a given one.

        `values` are the variables that `defaults/variables.toml` lists for the name.

        Raises:
            ValueError: there is no such template, or the values are not those it takes.
            Unavailable: the database did not answer.
        """
        wanted = self._published_of(name) if version is None else version
        number, compiled = self._find(name, wanted, language(locale))
        filled = Filling(compiled.tongue, for_mail=False).exactly(compiled.variables, values)
        title, body = compiled.notice(filled)
        return Rendered(f"{name}@{number}", title, body, compiled.tongue.language, values)

    def mail(
        self,
        template: str,
        locale: str,
        values: Values,
        *,
        link: str,
        unsubscribe: str | None = None,
    ) -> MailText:
        """
        Return the mail that goes with a notification, of the same version: `assigned@3`.

        `link` and `unsubscribe` are paths in the app, or addresses. Values that another release
        stored, and that do not fit any more, are left out.

        Raises:
            DataLoss: nobody knows the template any more, or a link leads nowhere.
            Unavailable: the database did not answer.
        """
        name, _, number = template.partition("@")
        try:
            _, compiled = self._find(name, _whole(number), language(locale))
            filling = Filling(compiled.tongue, for_mail=True, base_url=self._app_url)
            return compiled.mail(values, Around(link, unsubscribe), filling)
        except ValueError as error:  # Its words might quote the link, which may carry a token.
            raise DataLoss(f"No mail can be made of {name}.") from error

    def forget(self) -> None:
        """Look at once which versions are published: another one is, as of now."""
        with self._lock:
            self._published = None

    def _published_of(self, name: str) -> int:
        now = self._clock.now()
        held = self._published
        if held is None or not held[0] <= now < held[0] + HELD:
            found = self._store.find(Query(TEMPLATES, MOST_TEMPLATES, only=("published",)))
            numbers = {each.id: each.fields.get("published") for each in found}
            # One that cannot be read must not keep the others from being said.
            held = (now, {name: each for name, each in numbers.items() if isinstance(each, int)})
            with self._lock:
                self._published = held
        return held[1].get(name, BUILT_IN)

    def _find(self, name: str, number: int, locale: str) -> tuple[int, Compiled]:
        if number != BUILT_IN:
            compiled = self._version(name, number, locale)
            if compiled is not None:
                return number, compiled
        return BUILT_IN, self._library.compiled(name, locale)

    def _version(self, name: str, number: int, locale: str) -> Compiled | None:
        """Return a version in a language; None: it has none of its own, or cannot be used."""
        key = (name, number, locale)
        with self._lock:
            if key in self._compiled:
                self._compiled.move_to_end(key)
                return self._compiled[key]
        compiled = self._read(name, number, locale)
        with self._lock:
            self._compiled[key] = compiled
            if len(self._compiled) > MOST_COMPILED:
                self._compiled.popitem(last=False)
        return compiled

    def _read(self, name: str, number: int, locale: str) -> Compiled | None:
        variables = self._library.variables.get(name)
        stored = self._store.get(version_path(name, number)) if variables is not None else None
        if stored is None or variables is None:
            return None
        try:
            texts = version_of(stored).texts.get(locale)
        except DataLoss as error:
            log.exception("template.unreadable", template=name, detail=error.detail)
            return None
        if texts is None:
            return None
        if faults := faults_of(texts, variables, locale):
            # Saved by a release that knew other variables.
            log.error("template.unusable", template=name, detail=faults[0].code)
            return None
        return self._compile(name, locale, texts)

    def _compile(self, name: str, locale: str, texts: Texts) -> Compiled:
        return Compiled(texts, self._library.variables[name], self._library.tongues[locale])


def _whole(text: str) -> int:
    return int(text) if text.isdigit() and text.isascii() and len(text) <= 9 else BUILT_IN
