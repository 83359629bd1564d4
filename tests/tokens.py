"""ID tokens as the Auth emulator signs them: not at all."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any


def id_token(uid: str, project_id: str, *, at: datetime, **claims: Any) -> str:
    """Return an unsigned ID token of one hour, with some claims replaced, or left out if None."""
    now = int(at.timestamp())
    payload = {
        "iss": f"https://securetoken.google.com/{project_id}",
        "aud": project_id,
        "sub": uid,
        "user_id": uid,
        "auth_time": now,
        "iat": now,
        "exp": now + int(timedelta(hours=1).total_seconds()),
        "firebase": {"sign_in_provider": "password", "identities": {}},
        **claims,
    }
    payload = {name: value for name, value in payload.items() if value is not None}
    header = {"alg": "none", "typ": "JWT"}
    return f"{_encoded(header)}.{_encoded(payload)}."


def _encoded(part: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
