"""
What never gets into a log line or an error report, whoever wrote it there.

Two nets. A value under a telling name is left out whatever it looks like; every other text is
searched for what secrets, links and addresses look like. Ids, document paths and request ids
match neither, so that a line can still be followed up.
"""

import hashlib
import math
import re
from collections.abc import Mapping, Sequence, Set
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Any

LEFT_OUT = "[left out]"
LONGEST = 16_000
DEEPEST = 6

# As they stand in a name once case and punctuation are gone: `deviceToken`, `X-Api-Key`.
TELLING = re.compile(
    "authorization|cookie|credential|passw(or)?d|passphrase|secret|signature|token|apikey"
    "|privatekey|pemkey|oobcode|email|phone|displayname|photourl"
)
# What people write. Nothing about it is ever needed in a log.
WRITTEN_BY_PEOPLE = frozenset({"body", "comment", "content", "description", "headers", "title"})

# Names, paths, numbers and ids are most of what is logged, and pass without a search: no shape
# below is found in such a text, unless it has one of these marks.
_PLAIN = re.compile(
    r"[A-Za-z0-9_./<>-]{0,59}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}[0-9:Z+-]{1,6}"
)
_MARKS = re.compile("eyJ|ya29|//|AIza|APA91b|AKIA|GOCSPX|sk_live_|gh[pousr]_|xox|----")
_QUOTED = re.compile(r"""b?(?<!\w)'[^'\n]*'|b?"[^"\n]*"|`[^`\n]*`""")

# In this order: a link is cut before its parts are looked at, names before bare shapes.
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # A private key or a certificate, also where `\n` was escaped and where the end was cut off.
    (
        re.compile(r"-----BEGIN [^-]{1,60}-----.*?(?:-----END [^-]{1,60}-----|\Z)", re.DOTALL),
        "[key]",
    ),
    # A header, to the end of its line.
    (
        re.compile(
            r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-firebase-appcheck|x-api-key"
            r"|x-serverless-authorization|x-goog-iap-jwt-assertion)\b(['\"]?\s*[:=])[^\r\n]*"
        ),
        rf"\1\2 {LEFT_OUT}",
    ),
    (re.compile(r"(?i)\b(bearer|basic|digest|negotiate)\s+[^\s\"'<>,;]{4,}"), rf"\1 {LEFT_OUT}"),
    # What a URL carries before its host, and after its path: passwords, codes, signatures.
    (re.compile(r"(://)[^\s/@\"'<>]{1,2000}@"), rf"\1{LEFT_OUT}@"),
    (re.compile(r"([A-Za-z0-9_./~%)-])[?#][^\s\"'<>?]*[=][^\s\"'<>]*"), rf"\1?{LEFT_OUT}"),
    # name=value and "name": "value", as in forms, JSON and texts of exceptions.
    (
        re.compile(
            r"(?i)([\w-]{0,40}(?:passw(?:or)?d|passphrase|secret|signature|token|api[_-]?key"
            r"|private[_-]?key|oob[_-]?code|credential|e-?mail|csrf|session[_-]?id)[\w-]{0,40}"
            r"\\{0,4}[\"']?\s{0,3}(?:=|:(?!:))\s{0,3}\\{0,4}[\"']?)[^\s\"'&,;}\\]+"
        ),
        rf"\1{LEFT_OUT}",
    ),
    # JSON Web Tokens: ID tokens, OIDC tokens, App Check tokens, custom tokens.
    (re.compile(r"\beyJ[A-Za-z0-9_-]{6,}(?:\.[A-Za-z0-9_-]*){0,4}"), "[token]"),
    # Google's access tokens, refresh tokens and API keys; those of others.
    (re.compile(r"\bya29\.[\w.-]+|\b1//[\w-]{20,}|\bAIza[\w-]{30,}|\bGOCSPX-[\w-]+"), "[token]"),
    (re.compile(r"\b(?:gh[pousr]_|xox[abprs]-|sk_live_|AKIA)[\w-]{12,}"), "[token]"),
    # FCM's registration tokens, whole or from the colon on.
    (re.compile(r"[\w-]{0,64}:?APA91b[\w:%-]{8,}"), "[token]"),
    # Addresses of people, also percent-encoded, and of service accounts, which look the same.
    (
        re.compile(
            r"[^\s@<>,;:/\\\"'()=?&\[\]]{1,64}(?:@|%40)(?:[^\W_][\w-]{0,63}\.){1,8}[^\W\d_]{2,24}"
        ),
        "[address]",
    ),
    (re.compile(r"(?<![\w+-])\+[1-9]\d{7,14}(?!\w)"), "[phone]"),
    # Anything opaque and longer than our ids (40) and request ids: APNs tokens, digests, keys.
    (re.compile(r"[A-Za-z0-9_+=-]{60,}"), "[opaque]"),
)


@lru_cache(maxsize=4096)
def pseudonym(uid: str) -> str:
    """Return the 16 hex digits that stand for a uid wherever the uid itself should not."""
    return hashlib.sha256(f"uid:{uid}".encode()).hexdigest()[:16]


def redacted(text: str) -> str:
    """Return `text` without tokens, keys, codes, addresses and what URLs carry."""
    if _PLAIN.fullmatch(text) and not _MARKS.search(text):
        return text
    if len(text) > LONGEST:
        half = LONGEST // 2
        text = f"{text[:half]} [cut] {text[-half:]}"
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text


def without_quotations(text: str) -> str:
    """
    Return a message of somebody else's code without what it quotes, and redacted.

    Libraries quote in their messages what they were given: a path, a header, a field of a body.
    """
    return redacted(_QUOTED.sub("'…'", text))[:500]


def redacted_event(event: Mapping[str, Any]) -> dict[str, Any]:
    """
    Return what may be logged of `event`: a new dict of plain JSON values.

    uids are replaced by their pseudonyms and lose the `_uid` of their names. An object that is not
    plain data is named by its type: its `repr` might show everything in it.
    """
    plain = _mapping(event, 0)
    actor_uid = event.get("actor_uid")
    if isinstance(actor_uid, str) and len(actor_uid) >= 6:
        # The id of a personal workspace is its owner's uid.
        return {key: _without(actor_uid, value) for key, value in plain.items()}
    return plain


def _mapping(values: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, value in values.items():
        name, kind = _name(str(key))
        if kind == "uid" and isinstance(value, str):
            plain[name.removesuffix("_uid")] = pseudonym(value)
        elif kind == "secret" and not isinstance(value, bool | int | float | None):
            plain[name] = LEFT_OUT
        else:
            plain[name] = plain_value(value, depth)
    return plain


@lru_cache(maxsize=1024)
def _name(key: str) -> tuple[str, str]:
    """Return a name as it may be shown, and what kind of value it announces."""
    bare = re.sub(r"[^a-z0-9]", "", key.lower())
    if bare == "uid" or key.endswith(("_uid", "Uid")):
        return redacted(key), "uid"
    is_secret = TELLING.search(bare) or bare in WRITTEN_BY_PEOPLE
    return redacted(key), "secret" if is_secret else "plain"


def plain_value(value: Any, depth: int = 0) -> Any:
    """Return `value` as redacted JSON, or the name of its type."""
    kind = type(value)  # Most values are one of these two, and asked for before abstract classes.
    if kind is int:
        return value
    if kind is str:
        return redacted(value)
    match value:
        case Enum():
            return plain_value(value.value, depth)
        case Mapping() if depth < DEEPEST:
            return _mapping(value, depth + 1)
        case str() | bytes() | bytearray():
            pass
        case Sequence() | Set() if depth < DEEPEST:
            return [plain_value(each, depth + 1) for each in value]
    return _plain_scalar(value)


def _plain_scalar(value: Any) -> Any:
    match value:
        case str():
            return redacted(value)
        case float() if not math.isfinite(value):
            return str(value)  # JSON has no word for it.
        case bool() | int() | float() | None:
            return value
        case date():  # And datetime, which is one.
            return value.isoformat()
    return f"<{type(value).__name__}>"


def _without(uid: str, value: Any) -> Any:
    match value:
        case str():
            return value.replace(uid, pseudonym(uid))
        case dict():
            return {key: _without(uid, inner) for key, inner in value.items()}
        case list():
            return [_without(uid, inner) for inner in value]
    return value
