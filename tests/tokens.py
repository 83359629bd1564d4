"""ID tokens: as the Auth emulator signs them, which is not at all, and as Firebase does."""

import base64
import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from local.cloudtasks.identity import SigningKey, new_key

HOUR_S = int(timedelta(hours=1).total_seconds())


def id_token(uid: str, project_id: str, *, at: datetime, **claims: Any) -> str:
    """Return an unsigned ID token of one hour, with some claims replaced, or left out if None."""
    payload = id_claims(uid, project_id, at=at, **claims)
    return f"{encoded({'alg': 'none', 'typ': 'JWT'})}.{encoded(payload)}."


def id_claims(uid: str, project_id: str, *, at: datetime, **claims: Any) -> dict[str, Any]:
    """Return what an ID token of one hour claims, some of it replaced, or left out if None."""
    now = int(at.timestamp())
    payload = {
        "iss": f"https://securetoken.google.com/{project_id}",
        "aud": project_id,
        "sub": uid,
        "user_id": uid,
        "auth_time": now,
        "iat": now,
        "exp": now + HOUR_S,
        "firebase": {"sign_in_provider": "password", "identities": {}},
        **claims,
    }
    return {name: value for name, value in payload.items() if value is not None}


def app_check_claims(app_id: str, project_id: str, *, at: datetime, **claims: Any) -> dict:
    """Return what an App Check token of one hour claims, some of it replaced, or left out."""
    now = int(at.timestamp())
    payload = {
        "iss": "https://firebaseappcheck.googleapis.com/1234567890",
        "aud": ["projects/1234567890", f"projects/{project_id}"],
        "sub": app_id,
        "iat": now,
        "exp": now + HOUR_S,
        **claims,
    }
    return {name: value for name, value in payload.items() if value is not None}


def oidc_claims(account: str, audience: str, *, at: datetime, **claims: Any) -> dict[str, Any]:
    """Return what Google says of a service account, some of it replaced, or left out if None."""
    now = int(at.timestamp())
    payload = {
        "iss": "https://accounts.google.com",
        "aud": audience,
        "azp": "110000000000000000001",
        "sub": "110000000000000000001",
        "email": account,
        "email_verified": True,
        "iat": now,
        "exp": now + HOUR_S,
        **claims,
    }
    return {name: value for name, value in payload.items() if value is not None}


@cache
def signing_key(name: str) -> SigningKey:
    """Return the key of this name; making one takes longer than using it."""
    return new_key()


def signed(claims: Mapping[str, Any] | str, key: SigningKey, **header: Any) -> str:
    """Sign claims (or a payload as it is) with RS256, some of the header replaced or left out."""
    fields = {"alg": "RS256", "typ": "JWT", "kid": key.key_id, **header}
    fields = {name: value for name, value in fields.items() if value is not None}
    payload = b64(claims.encode()) if isinstance(claims, str) else encoded(claims)
    signing_input = f"{encoded(fields)}.{payload}"
    digest = hashes.SHA384() if fields.get("alg") == "RS384" else hashes.SHA256()
    signature = _private(key).sign(signing_input.encode(), PKCS1v15(), digest)
    return f"{signing_input}.{b64(signature)}"


def encoded(part: Mapping[str, Any]) -> str:
    """Return one part of a token."""
    return b64(json.dumps(part).encode())


def b64(content: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@cache
def _private(key: SigningKey) -> Any:
    return serialization.load_pem_private_key(key.private_pem, None)
