"""Templates, their versions, previews and tests, in JSON."""

from marshmallow import fields, validate

from backend.adapters.push import Outcome
from backend.templating.checking import LONGEST
from backend.templating.model import LOCALES, Kind
from backend.web.pages import PageSchema
from backend.web.schemas import CamelSchema, Instant, Keyed, Text

JINJA = (
    "Jinja2, limited to naming variables, `if`, `for` over a list, and `|plural(one=…, other=…)`."
)
LOCALE = {"description": f"One of {', '.join(LOCALES)}; another gets the language next to it."}
VALUES = {"description": "What stands in for the variables; left out: samples."}
MOST_VALUES = 20


class TemplateVariableSchema(CamelSchema):
    """What a template may say."""

    kind = fields.Enum(Kind, by_value=True)
    is_optional = fields.Boolean(metadata={"description": "It may be missing, or empty."})


class NotificationTemplateSchema(CamelSchema):
    """A template, and which version of it is sent."""

    name = fields.String()
    variables = fields.Dict(keys=fields.String(), values=fields.Nested(TemplateVariableSchema))
    published = fields.Integer(
        metadata={"description": "The version that is sent; 0 is the built-in one."}
    )
    latest = fields.Integer(metadata={"description": "The newest version saved; 0: none is."})
    updated_by = fields.String(allow_none=True)
    updated_at = Instant(allow_none=True)
    rev = fields.Integer()


class NotificationTemplatesSchema(CamelSchema):
    """All templates."""

    items = fields.List(fields.Nested(NotificationTemplateSchema))


class TemplateTextsSchema(CamelSchema):
    """A template in one language."""

    title = Text(LONGEST["title"], shortest=1, required=True, metadata={"description": JINJA})
    body = Text(LONGEST["body"], shortest=1, required=True)
    subject = Text(LONGEST["subject"], shortest=1, required=True)
    text = Text(
        LONGEST["text"],
        shortest=1,
        lines=True,
        required=True,
        metadata={"description": "The mail in plain text. An empty line begins a paragraph."},
    )
    html = Text(
        LONGEST["html"],
        shortest=1,
        lines=True,
        allow_none=True,
        load_default=None,
        metadata={
            "description": "The mail in HTML: a, br, em, h2, li, ol, p, strong, ul. null: the "
            "paragraphs of `text`."
        },
    )


class NewTemplateVersionSchema(CamelSchema):
    """Texts by language. A language left out keeps the built-in ones."""

    texts = Keyed(
        keys=fields.String(validate=validate.OneOf(LOCALES)),
        values=fields.Nested(TemplateTextsSchema),
        required=True,
        validate=validate.Length(min=1),
    )
    note = Text(200, load_default="", metadata={"description": "Why; for other staff."})


class TemplateVersionSchema(CamelSchema):
    """A version of a template. It never changes."""

    name = fields.String()
    number = fields.Integer(metadata={"description": "1 and up; 0 is the built-in one."})
    texts = fields.Dict(keys=fields.String(), values=fields.Nested(TemplateTextsSchema))
    note = fields.String()
    created_by = fields.String()
    created_at = Instant(allow_none=True)


class TemplateVersionPageSchema(PageSchema):
    """A page of versions."""

    items = fields.List(fields.Nested(TemplateVersionSchema))


class TemplateTrialSchema(CamelSchema):
    """In which language, and with which values."""

    locale = Text(35, shortest=1, load_default=LOCALES[0], metadata=LOCALE)
    values = Keyed(
        keys=Text(50),
        values=fields.Raw(),
        allow_none=True,
        load_default=None,
        validate=validate.Length(max=MOST_VALUES),
        metadata=VALUES,
    )


class TemplateMailSchema(CamelSchema):
    """A mail."""

    subject = fields.String()
    text = fields.String()
    html = fields.String(metadata={"description": "A whole page."})


class TemplatePreviewSchema(CamelSchema):
    """What somebody would get."""

    template = fields.String(
        attribute="rendered.template",
        metadata={
            "description": "`name@version`; version 0 where the asked one lacks this locale."
        },
    )
    locale = fields.String(attribute="rendered.locale")
    title = fields.String(attribute="rendered.title")
    body = fields.String(attribute="rendered.body")
    mail = fields.Nested(TemplateMailSchema)


class TemplateTriedDeviceSchema(CamelSchema):
    """A push to one device."""

    id = fields.String()
    outcome = fields.Enum(Outcome, by_value=True)
    error_code = fields.String(metadata={"description": "FCM's own; empty when all went well."})


class TemplateTriedSchema(CamelSchema):
    """What became of a test."""

    devices = fields.List(fields.Nested(TemplateTriedDeviceSchema))
    mail = fields.String(
        metadata={
            "description": "`sent`, `refused`, `off`, `noAddress`, `suppressed` or `unavailable`."
        }
    )
