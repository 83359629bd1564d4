"""What a notification says once the person it told of has left for good."""

from typing import Any

from backend.kit.documents import Fields
from backend.templating.language import FALLBACK, language
from backend.templating.library import library
from backend.templating.model import BUILT_IN, Kind
from backend.templating.values import Filling


def texts_without_actor(fields: Fields) -> dict[str, Any]:
    """
    Return the texts of a notification as they name nobody: "Someone assigned you a task".

    Rendered anew from the values that are kept with it, in the built-in words: no version is read
    for it. One from before values were kept has only its texts: those that named somebody are
    rendered with what there is, and the others stay.
    """
    name = str(fields.get("template", "")).partition("@")[0]
    variables = library().variables.get(name)
    if variables is None:  # Nobody knows any more what it said where.
        return {"title": "", "body": "", "values": {}}
    known = {**fields.get("values", {})}
    people = [each for each in variables if variables[each].kind is Kind.PERSON]
    compiled = library().compiled(name, language(str(fields.get("locale", FALLBACK))))
    filling = Filling(compiled.tongue, for_mail=False)
    if known:
        unnamed = {**known, **dict.fromkeys(people, "")}
        title, body = compiled.notice(filling.leniently(variables, unnamed))
        template = f"{name}@{BUILT_IN}"
        return {"template": template, "title": title, "body": body, "values": unnamed}
    # No built-in text that names somebody says anything else that varies: a test looks.
    title, body = compiled.notice(filling.leniently(variables, {}))
    return {
        "title": title if compiled.names_somebody("title") else fields.get("title", ""),
        "body": body if compiled.names_somebody("body") else fields.get("body", ""),
    }
