"""The caller's language, where we have it."""

from flask import Response, request

from backend.web.catalogue import ENGLISH, Language, languages


def callers_language() -> Language:
    """Return the language that `Accept-Language` likes best among ours, or English."""
    known = languages()
    # Werkzeug takes the second-best language where the best is a variety, such as `de-AT`.
    for tag, quality in request.accept_languages:
        language = ENGLISH if tag == "*" else tag.partition("-")[0].lower()
        if language in known and quality > 0:
            return known[language]
    return known[ENGLISH]


def say_language(answer: Response, language: Language) -> None:
    """Tell the caller, and caches on the way, which language an answer is in."""
    answer.headers["Content-Language"] = language.tag
    answer.vary.add("Accept-Language")
