"""`/admin/templates`: the words of notifications, for admins of the staff."""

from typing import Any

from backend.kit.errors import Stale, hidden
from backend.kit.pages import Page
from backend.templating import examples
from backend.templating.model import Template, Texts, Version
from backend.templating.publishing import Preview
from backend.templating.schemas import (
    NewTemplateVersionSchema,
    NotificationTemplateSchema,
    NotificationTemplatesSchema,
    TemplatePreviewSchema,
    TemplateTrialSchema,
    TemplateTriedSchema,
    TemplateVersionPageSchema,
    TemplateVersionSchema,
)
from backend.templating.trying import Tried
from backend.web.blueprint import ApiBlueprint
from backend.web.conditional import answering_stale, if_match, revision_tag
from backend.web.context import services, staff
from backend.web.limits import costs
from backend.web.pages import LINK_HEADER, PageArguments, asked, linked
from backend.web.requirements import recent_sign_in

blueprint = ApiBlueprint(
    "templates",
    __name__,
    url_prefix="/api/v1/admin/templates",
    description="What notifications and their mails say: for admins of the staff.",
)

TEMPLATE, TEMPLATES = NotificationTemplateSchema(), NotificationTemplatesSchema()
NEW_VERSION, VERSION, VERSION_PAGE = (
    NewTemplateVersionSchema(),
    TemplateVersionSchema(),
    TemplateVersionPageSchema(),
)
TRIAL, PREVIEW, TRIED = TemplateTrialSchema(), TemplatePreviewSchema(), TemplateTriedSchema()
PAGE_ARGUMENTS = PageArguments()
Headers = dict[str, str]

blueprint.register_error_handler(Stale, answering_stale(TEMPLATE))


@blueprint.get("")
@recent_sign_in
@blueprint.response(200, TEMPLATES, example=examples.TEMPLATES)
def list_templates() -> dict[str, list[Template]]:
    """
    List the templates, with the variables that each may use.

    For admins of the staff.
    """
    return {"items": services().template_publishing.all(staff())}


@blueprint.get("/<template>")
@recent_sign_in
@blueprint.response(200, TEMPLATE, example=examples.TEMPLATE)
def get_template(template: str) -> tuple[Template, int, Headers]:
    """
    Return a template.

    For admins of the staff.
    """
    return _tagged(services().template_publishing.get(staff(), template))


@blueprint.get("/<template>/versions")
@recent_sign_in
@blueprint.arguments(PAGE_ARGUMENTS, location="query")
@blueprint.response(200, VERSION_PAGE, headers=LINK_HEADER, example=examples.VERSIONS)
def list_template_versions(
    query: dict[str, Any], template: str
) -> tuple[Page[Version], int, Headers]:
    """
    List the versions that were saved, the latest first.

    The built-in one, 0, is not among them. For admins of the staff.
    """
    return linked(services().template_publishing.versions(staff(), template, asked(query)))


@blueprint.post("/<template>/versions")
@costs(5)
@recent_sign_in
@blueprint.arguments(NEW_VERSION, example=examples.NEW_VERSION)
@blueprint.response(201, VERSION, example=examples.VERSION)
def save_template_version(wanted: dict[str, Any], template: str) -> tuple[Version, int, Headers]:
    """
    Save texts as a new version.

    Nobody gets it before it is published. What could not be rendered is refused: 422 names each
    fault, such as `unknown-variable`. For admins of the staff.
    """
    texts = {language: Texts(**parts) for language, parts in wanted["texts"].items()}
    version = services().template_publishing.save(staff(), template, texts, wanted["note"])
    home = f"/api/v1/admin/templates/{template}/versions/{version.number}"
    return version, 201, {"Location": home}


@blueprint.get("/<template>/versions/<version>")
@recent_sign_in
@blueprint.response(200, VERSION, example=examples.VERSION)
def get_template_version(template: str, version: str) -> Version:
    """
    Return a version; 0 is the built-in one, in every language.

    For admins of the staff.
    """
    return services().template_publishing.version(staff(), template, _number(version))


@blueprint.post("/<template>/versions/<version>:preview")
@recent_sign_in
@blueprint.arguments(TRIAL, example=examples.TRIAL)
@blueprint.response(200, PREVIEW, example=examples.PREVIEW)
def preview_template(wanted: dict[str, Any], template: str, version: str) -> Preview:
    """
    Return what somebody would get of a version.

    For admins of the staff.
    """
    publishing, number = services().template_publishing, _number(version)
    return publishing.preview(staff(), template, number, wanted["locale"], wanted["values"])


@blueprint.post("/<template>/versions/<version>:testSend")
@costs(10)
@recent_sign_in
@blueprint.arguments(TRIAL, example=examples.TRIAL)
@blueprint.response(200, TRIED, example=examples.TRIED)
def test_send_template(wanted: dict[str, Any], template: str, version: str) -> Tried:
    """
    Send a version to your own devices and your own address, at once.

    Settings and quiet hours are passed over, and nothing is filed in the inbox. For admins of the
    staff.
    """
    trying, number = services().template_trying, _number(version)
    return trying.send(staff(), template, number, wanted["locale"], wanted["values"])


@blueprint.post("/<template>/versions/<version>:publish")
@costs(5)
@recent_sign_in
@blueprint.response(200, TEMPLATE, example=examples.PUBLISHED)
@blueprint.alt_response(412, "PreconditionFailed")
def publish_template(template: str, version: str) -> tuple[Template, int, Headers]:
    """
    Send a version from now on: a new or an older one, or the built-in one, 0.

    It holds everywhere within a minute. What was sent before stays as it was. For admins of the
    staff.
    """
    publishing, number = services().template_publishing, _number(version)
    return _tagged(publishing.publish(staff(), template, number, expected_rev=if_match()))


def _tagged(template: Template) -> tuple[Template, int, Headers]:
    return template, 200, revision_tag(template.rev)


def _number(text: str) -> int:
    """Read the number of a version in a path."""
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise hidden()
    return int(text)
