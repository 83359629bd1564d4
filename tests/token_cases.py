"""The token matrix: what is sent, and what each class of route answers. T numbers are its rows."""

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.tokens import (
    app_check_claims,
    b64,
    encoded,
    id_claims,
    id_token,
    oidc_claims,
    signed,
    signing_key,
)

CURRENT, STRANGER, QUEUE = "current", "stranger", "queue"


@dataclass(frozen=True)
class Stage:
    """Where a case plays: a project, its present, who is who, and where keys are published."""

    project_id: str
    now: datetime
    keys_url: str
    member: str = "ann"
    outsider: str = "eve"
    queue_account: str = "jobs@example.test"
    worker_url: str = "https://worker.example.test"

    def claims(self, uid: str = "", **changes: Any) -> dict[str, Any]:
        return id_claims(uid or self.member, self.project_id, at=self.now, **changes)

    def token(self, uid: str = "", **changes: Any) -> str:
        return signed(self.claims(uid, **changes), signing_key(CURRENT))

    def headed(self, **header: Any) -> str:
        """A good token but for its header."""
        return signed(self.claims(), signing_key(CURRENT), **header)

    def at(self, seconds: float) -> int:
        return int((self.now + timedelta(seconds=seconds)).timestamp())

    def oidc(self, **changes: Any) -> str:
        claims = oidc_claims(self.queue_account, self.worker_url, at=self.now, **changes)
        return signed(claims, signing_key(QUEUE))


Make = Callable[[Stage], str]


@dataclass(frozen=True)
class Case:
    """
    One token, and the status it gets on routes for people, sensitive ones and internal ones.

    `code` is the problem's, where it is not the plain one of the status. `stricter` marks what
    firebase-admin would let through.
    """

    row: str
    name: str
    token: Make
    user: int = 401
    sensitive: int = 401
    internal: int = 401
    code: str = ""
    stricter: bool = False
    headers: Callable[[str], Mapping[str, str]] = field(
        default=lambda token: {"Authorization": f"Bearer {token}"}
    )

    @property
    def admin(self) -> int:
        """The status on a route for staff: a sensitive one that guests do not even see."""
        return 404 if self.row == "T4" else self.sensitive

    def __str__(self) -> str:
        return f"{self.row} {self.name}"


def flipped(token: str, part: int, at: int, bit: int = 0) -> str:
    """Change one bit of one part: of a character, which is six bits of what it stands for."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    parts = token.split(".")
    text = parts[part]
    at %= len(text)
    other = alphabet[alphabet.index(text[at]) ^ (1 << bit)]
    parts[part] = text[:at] + other + text[at + 1 :]
    return ".".join(parts)


def hs256(stage: Stage, secret: str) -> str:
    """The public key taken for a shared secret."""
    header = {"alg": "HS256", "typ": "JWT", "kid": signing_key(CURRENT).key_id}
    signing_input = f"{encoded(header)}.{encoded(stage.claims())}"
    mac = hmac.new(secret.encode(), signing_input.encode(), hashlib.sha256)
    return f"{signing_input}.{b64(mac.digest())}"


def _doubled(stage: Stage) -> str:
    payload = json.dumps(stage.claims(stage.outsider))
    return signed(f'{payload[:-1]}, "sub": "{stage.member}"}}', signing_key(CURRENT))


def _elsewhere(stage: Stage) -> str:
    other = {"aud": "another", "iss": "https://securetoken.google.com/another"}
    return stage.token(**other)


GOOD = [
    Case("T1", "fresh", lambda s: s.token(), 200, 200),
    Case("T2", "expired within skew", lambda s: s.token(exp=s.at(-30)), 200, 200),
    Case("T3", "iat ahead within skew", lambda s: s.token(iat=s.at(30)), 200, 200),
    Case(
        "T4",
        "anonymous provider",
        lambda s: s.token(firebase={"sign_in_provider": "anonymous"}),
        200,
        403,
        code="permission-denied",
    ),
]

TIME = [
    Case("T6", "expired", lambda s: s.token(exp=s.at(-90)), code="token-expired"),
    Case("T7", "iat ahead", lambda s: s.token(iat=s.at(90))),
    Case("T8", "no exp", lambda s: s.token(exp=None)),
    Case("T9", "no iat", lambda s: s.token(iat=None)),
    Case("T10", "exp a string", lambda s: s.token(exp=str(s.at(90)))),
    Case("T10", "exp true", lambda s: s.token(exp=True)),
    Case("T10", "exp infinite", lambda s: s.token(exp=float("inf")), stricter=True),
    Case("T10", "iat a string", lambda s: s.token(iat="now")),
    Case("T10", "iat NaN", lambda s: s.token(iat=float("nan")), stricter=True),
    Case("T11", "auth_time ahead", lambda s: s.token(auth_time=s.at(90)), stricter=True),
    Case("T11", "no auth_time", lambda s: s.token(auth_time=None), stricter=True),
    Case(
        "T12",
        "stale auth_time",
        lambda s: s.token(auth_time=s.at(-901)),
        200,
        401,
        code="reauthentication-required",
    ),
]

KEYS = [
    Case(
        "T13",
        "wrong key",
        lambda s: signed(s.claims(), signing_key(STRANGER), kid=signing_key(CURRENT).key_id),
    ),
    Case("T14", "unknown kid", lambda s: signed(s.claims(), signing_key(STRANGER))),
    Case("T15", "no kid", lambda s: s.headed(kid=None)),
    Case("T15", "kid a list", lambda s: s.headed(kid=["a"])),
    Case("T16", "alg none", lambda s: id_token(s.member, s.project_id, at=s.now)),
    Case("T16", "alg none with a signature", lambda s: s.headed(alg="none")),
    Case("T16", "no alg", lambda s: s.headed(alg="")),
    Case("T17", "HS256", lambda s: hs256(s, signing_key(CURRENT).certificate_pem)),
    Case("T18", "RS384", lambda s: s.headed(alg="RS384")),
    Case("T19", "flipped header", lambda s: flipped(s.token(), 0, 10)),
    Case("T20", "flipped payload", lambda s: flipped(s.token(), 1, 40)),
    Case("T21", "flipped signature", lambda s: flipped(s.token(), 2, 40)),
    # The last of 342 characters carries two bits of the signature, and four that say nothing.
    Case("T21", "another spelling", lambda s: flipped(s.token(), 2, -1), stricter=True),
    Case("T22", "kid a path", lambda s: s.headed(kid="../../../../etc/hosts")),
    Case("T22", "kid a URL", lambda s: s.headed(kid=f"{s.keys_url}/evil")),
    Case(
        "T23",
        "jku and x5u",
        lambda s: signed(
            s.claims(), signing_key(STRANGER), jku=f"{s.keys_url}/evil", x5u=f"{s.keys_url}/evil"
        ),
    ),
    Case(
        "T23",
        "its own certificate",
        lambda s: signed(
            s.claims(),
            signing_key(STRANGER),
            kid=signing_key(CURRENT).key_id,
            x5c=[signing_key(STRANGER).certificate_pem],
        ),
    ),
]

CLAIMS = [
    Case("T24", "wrong aud", lambda s: s.token(aud="another")),
    Case("T25", "aud a list", lambda s: s.token(aud=[s.project_id])),
    Case("T26", "wrong iss", lambda s: s.token(iss="https://securetoken.google.com/another")),
    Case("T27", "another project's", _elsewhere),
    Case("T28", "no sub", lambda s: s.token(sub=None)),
    Case("T28", "sub a number", lambda s: s.token(sub=5)),
    Case("T29", "empty sub", lambda s: s.token(sub="")),
    Case("T30", "sub of 129", lambda s: s.token(sub="x" * 129)),
    Case("T31", "sub a path", lambda s: s.token(sub="../a/b"), stricter=True),
    Case(
        "T32",
        "a tenant's",
        lambda s: s.token(firebase={"sign_in_provider": "password", "tenant": "t"}),
        stricter=True,
    ),
]

KIND = [
    Case(
        "T33",
        "custom token",
        lambda s: s.token(
            iss=s.queue_account,
            aud="https://identitytoolkit.googleapis.com/google.identity.identitytoolkit.v1."
            "IdentityToolkit",
            uid=s.member,
        ),
    ),
    Case(
        "T34",
        "session cookie",
        lambda s: s.token(iss=f"https://session.firebase.google.com/{s.project_id}"),
    ),
    Case(
        "T35",
        "as cookie",
        lambda s: s.token(),
        headers=lambda token: {"Cookie": f"session={token}; __session={token}"},
    ),
    Case("T36", "the queue's own", lambda s: s.oidc(), internal=200),
    Case("T37", "an ID token", lambda s: s.token(), 200, 200, 401),
    Case(
        "T38",
        "App Check",
        lambda s: signed(app_check_claims("app", s.project_id, at=s.now), signing_key(CURRENT)),
    ),
]

FORM = [
    Case("T39", "empty", lambda _: ""),
    Case("T40", "two parts", lambda s: s.token().rpartition(".")[0]),
    Case("T40", "four parts", lambda s: f"{s.token()}.e30"),
    Case("T41", "16 KB", lambda s: s.token(name="x" * 12_000), stricter=True),
    Case("T41", "deep header", lambda _: f"{b64(b'[' * 5000)}.e30.e30"),
    Case("T42", "bad base64", lambda s: f"{s.token()[:-9]}!{s.token()[-9:]}"),
    Case("T42", "junk in it", lambda s: f"{s.token()[:-9]}!!!!{s.token()[-9:]}", stricter=True),
    Case("T42", "padded", lambda s: f"{s.token()}==", stricter=True),
    Case("T43", "payload an array", lambda _: signed("[1]", signing_key(CURRENT))),
    Case("T43", "payload no JSON", lambda _: signed("{", signing_key(CURRENT))),
    Case("T44", "duplicate claims", _doubled, stricter=True),
    Case(
        "T45",
        "lower-case scheme",
        lambda s: s.token(),
        200,
        200,
        headers=lambda token: {"authorization": f"bearer {token}"},
    ),
    Case(
        "T45",
        "two in one header",
        lambda s: s.token(),
        headers=lambda token: {"Authorization": f"Bearer {token}, Bearer {token}"},
    ),
]

STATE = [
    Case("T50", "role claim", lambda s: s.token(s.outsider, role="admin", admin=True), 404, 404),
]

OIDC = [
    Case("T51", "another account", lambda s: s.oidc(email="jobs@attacker.example")),
    Case("T52", "no e-mail", lambda s: s.oidc(email=None)),
    Case("T53", "e-mail not verified", lambda s: s.oidc(email_verified=False)),
    Case("T53", "verified a string", lambda s: s.oidc(email_verified="true")),
    Case("T54", "other audience", lambda s: s.oidc(aud="https://worker.attacker.example")),
    Case("T55", "wrong issuer", lambda s: s.oidc(iss="https://accounts.attacker.example")),
    Case("T56", "expired", lambda s: s.oidc(exp=s.at(-90))),
]

CASES = [*GOOD, *TIME, *KEYS, *CLAIMS, *KIND, *FORM, *STATE, *OIDC]

ELSEWHERE = {
    "T5": "TestRotation",
    "T46": "TestStates",
    "T47": "TestStates",
    "T48": "TestStates",
    "T49": "TestUnsigned",
    "T57": "TestOutage",
    "T58": "TestOutage",
    "T59": "TestOutage",
    "T60": "TestRotation",
}
"""Rows that need more than a token, and the class of tests/api/test_token_matrix.py for each."""
