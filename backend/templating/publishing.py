"""What staff do with templates: save a version, look at it, publish it, go back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from backend.adapters.firestore import Store
from backend.admin.model import Staff, StaffRight
from backend.audit.documents import recording
from backend.audit.model import Action, Entry
from backend.kit.clock import Clock
from backend.kit.documents import NAME, Change, Create, Query, Stored, Write
from backend.kit.errors import Fault, InvalidArgument, Stale, hidden
from backend.kit.ids import random_id
from backend.kit.pages import Asked, Page, PageTokens
from backend.templating.checking import faults_of
from backend.templating.documents import (
    TEMPLATES,
    template_fields,
    template_of,
    template_path,
    version_fields,
    version_of,
    version_path,
    versions_of,
)
from backend.templating.library import library
from backend.templating.model import (
    BUILT_IN,
    LOCALES,
    MailText,
    Rendered,
    Template,
    Texts,
    Values,
    Version,
)
from backend.templating.samples import sample_values
from backend.templating.service import MOST_TEMPLATES, Templates

log = structlog.get_logger()

MOST_VERSIONS = 1_000  # Of one template: the last of them is years away.
HOME = "/"
SETTINGS = "/settings/notifications"


@dataclass(frozen=True, slots=True)
class Preview:
    """What somebody would get: in the inbox and on a device, and by mail."""

    rendered: Rendered
    mail: MailText


class TemplatePublishing:
    """
    Templates and their versions, for staff who may change them.

    A version is a draft until it is published, and never changes: what was sent can be looked up.
    Every method raises PermissionDenied for staff who may not, and NotFound for names and numbers
    of which there is nothing.
    """

    def __init__(
        self, store: Store, clock: Clock, tokens: PageTokens, templates: Templates
    ) -> None:
        self._store = store
        self._clock = clock
        self._tokens = tokens
        self._templates = templates

    def all(self, staff: Staff) -> list[Template]:
        """Return every template there is, by name."""
        staff.must(StaffRight.MANAGE_TEMPLATES)
        found = self._store.find(Query(TEMPLATES, MOST_TEMPLATES, order_by=(NAME,)))
        stored = {each.id: each for each in found}
        return [_template(name, stored.get(name)) for name in sorted(library().variables)]

    def get(self, staff: Staff, name: str) -> Template:
        """Return a template."""
        staff.must(StaffRight.MANAGE_TEMPLATES)
        return _template(_known(name), self._store.get(template_path(name)))

    def versions(self, staff: Staff, name: str, asked: Asked) -> Page[Version]:
        """
        Return a page of the saved versions, the latest first.

        Raises:
            InvalidArgument: the page token belongs to another list.
        """
        staff.must(StaffRight.MANAGE_TEMPLATES)
        query = Query(versions_of(_known(name)), limit=asked.size, order_by=("-number",))
        return self._tokens.page(self._store, query, version_of, asked=asked, caller=staff.uid)

    def version(self, staff: Staff, name: str, number: int) -> Version:
        """Return a version; 0 is the built-in one."""
        staff.must(StaffRight.MANAGE_TEMPLATES)
        if number == BUILT_IN:
            texts = {each: library().texts[_known(name), each] for each in LOCALES}
            return Version(name, BUILT_IN, texts, "", "system", None)
        stored = self._store.get(version_path(_known(name), number))
        if stored is None:
            raise hidden()
        return version_of(stored)

    def save(self, staff: Staff, name: str, texts: Mapping[str, Texts], note: str) -> Version:
        """
        Save texts, by language, as a new version. Nobody gets it before it is published.

        Raises:
            InvalidArgument: they use an unknown variable, do what a template may not, or there are
                as many versions as there may be. Every fault is named.
        """
        staff.must(StaffRight.MANAGE_TEMPLATES)
        _check(_known(name), texts)
        now, key = self._clock.now(), random_id()
        tried: Version | None = None

        def plan() -> tuple[Version, list[Write]]:
            nonlocal tried
            stored = self._store.get(template_path(name))
            template = _template(name, stored)
            if tried is not None and self._is_ours(tried, template):
                return tried, []  # Our own commit took place; only its answer was lost.
            if template.latest >= MOST_VERSIONS:
                detail = f"There may be {MOST_VERSIONS} versions."
                raise InvalidArgument(detail, code="limit-exceeded")
            number = template.latest + 1
            tried = Version(name, number, texts, note, staff.uid, now, key)
            kept = _kept(replace(template, latest=number), staff, now)
            created = Create(version_path(name, number), version_fields(tried))
            return tried, [_writing(stored, kept), created, _record(staff, tried, "saved", now)]

        version = self._store.commit(plan)
        self._store.afterwards(lambda: log.info("template.kept", template=name, rev=version.number))
        return version

    def publish(
        self, staff: Staff, name: str, number: int, *, expected_rev: int | None = None
    ) -> Template:
        """
        Send a version from now on: a newer or an older one, or the built-in one, 0.

        It holds in this process at once, in others within a minute. What is sent already stays.

        Raises:
            InvalidArgument: a later release has other variables, and the version cannot be used.
            Stale: the template is no longer at `expected_rev`.
        """
        version = self.version(staff, name, number)
        _check(name, version.texts)
        now = self._clock.now()

        def plan() -> tuple[Template, list[Write]]:
            stored = self._store.get(template_path(name))
            template = _template(name, stored)
            if template.published == number:
                return template, []
            if expected_rev is not None and template.rev != expected_rev:
                raise Stale("Somebody changed it meanwhile.", current=template)
            kept = _kept(replace(template, published=number), staff, now)
            return kept, [_writing(stored, kept), _record(staff, version, "published", now)]

        template = self._store.commit(plan)
        self._store.afterwards(self._templates.forget)
        self._store.afterwards(lambda: log.info("template.kept", template=name, rev=number))
        return template

    def preview(
        self, staff: Staff, name: str, number: int, locale: str, values: Values | None
    ) -> Preview:
        """
        Return what somebody would get of a version, with values of the caller's or samples.

        Raises:
            InvalidArgument: the values are not those that the template takes.
        """
        self.version(staff, name, number)
        given = sample_values(library().variables[name]) if values is None else values
        try:
            rendered = self._templates.render(name, locale, given, version=number)
        except ValueError as error:
            raise InvalidArgument(f"The values do not fit: {error}.", pointer="/values") from error
        mail = self._templates.mail(
            f"{name}@{number}", locale, given, link=HOME, unsubscribe=SETTINGS
        )
        return Preview(rendered, mail)

    def _is_ours(self, tried: Version, template: Template) -> bool:
        if template.latest < tried.number:
            return False
        stored = self._store.get(version_path(tried.name, tried.number))
        return stored is not None and version_of(stored).key == tried.key


def _known(name: str) -> str:
    if name not in library().variables:
        raise hidden()
    return name


def _template(name: str, stored: Stored | None) -> Template:
    variables = library().variables[name]
    return template_of(stored, variables) if stored else Template(name, variables)


def _kept(template: Template, staff: Staff, now: datetime) -> Template:
    return replace(template, updated_by=staff.uid, updated_at=now, rev=template.rev + 1)


def _writing(stored: Stored | None, template: Template) -> Write:
    fields = template_fields(template)
    return Change(stored, fields) if stored else Create(template_path(template.name), fields)


def _record(staff: Staff, version: Version, act: str, now: datetime) -> Write:
    details = {"template": version.name, "version": str(version.number), "act": act}
    return recording(Entry(Action.TEMPLATE_KEPT, staff.uid, now, details=details))


def _check(name: str, texts: Mapping[str, Texts]) -> None:
    variables = library().variables[name]
    faults = [
        Fault(f"/texts/{language}/{fault.part}", fault.code, fault.detail)
        for language, each in sorted(texts.items())
        for fault in faults_of(each, variables, language)
    ]
    if faults:
        detail = "These texts could not be rendered as they are."
        raise InvalidArgument(detail, faults=tuple(faults))
