"""Templates and their versions as documents."""

from collections.abc import Mapping

from backend.kit.documents import Fields, Stored, reading
from backend.templating.model import Template, Texts, Variable, Version

TEMPLATES = "templates"


def template_path(name: str) -> str:
    """Return where it stands which version of a template is sent."""
    return f"{TEMPLATES}/{name}"


def versions_of(name: str) -> str:
    """Return the collection of a template's versions."""
    return f"{template_path(name)}/versions"


def version_path(name: str, number: int) -> str:
    """Return where a version of a template lies."""
    return f"{versions_of(name)}/{number}"


def template_fields(template: Template) -> Fields:
    """Return the document of a template."""
    return {
        "published": template.published,
        "latest": template.latest,
        "updatedBy": template.updated_by,
        "updatedAt": template.updated_at,
        "rev": template.rev,
    }


def template_of(stored: Stored, variables: Mapping[str, Variable]) -> Template:
    """
    Read a template.

    Raises:
        DataLoss: the document is none.
    """
    with reading(stored) as fields:
        return Template(
            name=stored.id,
            variables=variables,
            published=int(fields["published"]),
            latest=int(fields["latest"]),
            updated_by=fields["updatedBy"],
            updated_at=fields["updatedAt"],
            rev=int(fields["rev"]),
        )


def version_fields(version: Version) -> Fields:
    """Return the document of a version."""
    return {
        "number": version.number,
        "texts": {language: _texts_fields(each) for language, each in version.texts.items()},
        "note": version.note,
        "createdBy": version.created_by,
        "createdAt": version.created_at,
        "key": version.key,
    }


def version_of(stored: Stored) -> Version:
    """
    Read a version of a template.

    Raises:
        DataLoss: the document is none.
    """
    with reading(stored) as fields:
        return Version(
            name=stored.parent_id,
            number=int(fields["number"]),
            texts={language: Texts(**each) for language, each in fields["texts"].items()},
            note=fields["note"],
            created_by=fields["createdBy"],
            created_at=fields["createdAt"],
            key=fields["key"],
        )


def _texts_fields(texts: Texts) -> Fields:
    return {
        "title": texts.title,
        "body": texts.body,
        "subject": texts.subject,
        "text": texts.text,
        "html": texts.html,
    }
