"""FCM's error answers, in the JSON that the SDKs read. Wording and order follow real captures."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_FCM_ERROR = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
_APNS_ERROR = "type.googleapis.com/google.firebase.fcm.v1.ApnsError"
_BAD_REQUEST = "type.googleapis.com/google.rpc.BadRequest"
_ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo"
_QUOTA_FAILURE = "type.googleapis.com/google.rpc.QuotaFailure"

_GENERIC_REFUSAL = "Request contains an invalid argument."
_INVALID_TOKEN = "The registration token is not a valid FCM registration token"  # noqa: S105

Detail = Mapping[str, Any]


class ApiError(Exception):
    """An answer other than success: the HTTP status, the canonical one, and Google's details."""

    def __init__(
        self, code: int, status: str, message: str, *details: Detail, realm: str | None = None
    ) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.message = message
        self.details = details
        self.headers = {"WWW-Authenticate": realm} if realm else {}

    def to_json(self) -> dict[str, Any]:
        """Write the answer's body; `details` is absent, not empty, where there are none."""
        error: dict[str, Any] = {"code": self.code, "message": self.message, "status": self.status}
        if self.details:
            error["details"] = list(self.details)
        return {"error": error}


@dataclass(frozen=True)
class Violation:
    """What is wrong with one field of the request; the root has no name."""

    field: str
    description: str

    def to_json(self) -> Detail:
        """Write it as an entry of google.rpc.BadRequest."""
        named = {"field": self.field} if self.field else {}
        return {**named, "description": self.description}


def not_the_schema(*violations: Violation) -> ApiError:
    """The body is not JSON, or not the JSON of a SendMessageRequest."""
    message = "\n".join(violation.description for violation in violations)
    listed = [violation.to_json() for violation in violations]
    return _invalid(message, {"@type": _BAD_REQUEST, "fieldViolations": listed})


def refused(where: str, description: str) -> ApiError:
    """A well-formed message breaks one of FCM's rules."""
    violation = Violation(where, description)
    return _invalid(
        description,
        {"@type": _BAD_REQUEST, "fieldViolations": [violation.to_json()]},
        _fcm("INVALID_ARGUMENT"),
    )


def refused_without_detail() -> ApiError:
    """FCM refuses a bad condition or an empty `aps` like this, and does not say why."""
    return _invalid(_GENERIC_REFUSAL)


def too_large(limit_bytes: int) -> ApiError:
    """The payload is too large; the real answer's BadRequest lists no field."""
    message = f"Message is too large. The maximum is {limit_bytes // 1024}K ({limit_bytes} bytes)."
    return _invalid(message, {"@type": _BAD_REQUEST}, _fcm("INVALID_ARGUMENT"))


def invalid_token() -> ApiError:
    """The registration token is not one."""
    violation = Violation("message.token", _INVALID_TOKEN)
    return _invalid(
        _INVALID_TOKEN,
        _fcm("INVALID_ARGUMENT"),
        {"@type": _BAD_REQUEST, "fieldViolations": [violation.to_json()]},
    )


def credentials_missing() -> ApiError:
    """There is no bearer token at all."""
    message = (
        "Request is missing required authentication credential. Expected OAuth 2 access token, "
        "login cookie or other valid authentication credential. See "
        "https://developers.google.com/identity/sign-in/web/devconsole-project."
    )
    return ApiError(
        401, "UNAUTHENTICATED", message, _error_info("CREDENTIALS_MISSING"), realm=_REALM
    )


def scripted_error(outcome: str) -> ApiError | None:
    """Make the error of a scripted outcome, or None where FCM accepts the message."""
    spec = _SCRIPTED.get(outcome)
    if outcome == "INVALID_ARGUMENT":
        return invalid_token()
    return ApiError(spec.code, spec.status, spec.message, *spec.details) if spec else None


@dataclass(frozen=True)
class _Spec:
    code: int
    status: str
    message: str
    details: tuple[Detail, ...] = ()


def _invalid(message: str, *details: Detail) -> ApiError:
    return ApiError(400, "INVALID_ARGUMENT", message, *details)


def _fcm(code: str) -> Detail:
    return {"@type": _FCM_ERROR, "errorCode": code}


def _error_info(reason: str) -> Detail:
    service = "fcm.googleapis.com"
    method = "google.firebase.fcm.v1.FcmService.SendMessage"
    metadata = {"service": service, "method": method}
    return {
        "@type": _ERROR_INFO,
        "reason": reason,
        "domain": "googleapis.com",
        "metadata": metadata,
    }


_REALM = 'Bearer realm="https://accounts.google.com/"'
_NOT_FOUND = "Requested entity was not found."
_QUOTA = "Quota exceeded for quota metric 'Send requests' and limit 'Send requests per minute'"
_SCRIPTED: dict[str, _Spec] = {
    "UNREGISTERED": _Spec(404, "NOT_FOUND", _NOT_FOUND, (_fcm("UNREGISTERED"),)),
    "NOT_FOUND": _Spec(404, "NOT_FOUND", _NOT_FOUND),
    "SENDER_ID_MISMATCH": _Spec(
        403, "PERMISSION_DENIED", "SenderId mismatch", (_fcm("SENDER_ID_MISMATCH"),)
    ),
    "UNAUTHENTICATED": _Spec(
        401,
        "UNAUTHENTICATED",
        "Request had invalid authentication credentials. Expected OAuth 2 access token, login "
        "cookie or other valid authentication credential. See "
        "https://developers.google.com/identity/sign-in/web/devconsole-project.",
        (_error_info("ACCESS_TOKEN_EXPIRED"),),
    ),
    "THIRD_PARTY_AUTH": _Spec(
        401,
        "UNAUTHENTICATED",
        "Auth error from APNS or Web Push Service",
        (
            _fcm("THIRD_PARTY_AUTH_ERROR"),
            {"@type": _APNS_ERROR, "statusCode": 403, "reason": "InvalidProviderToken"},
        ),
    ),
    "QUOTA_EXCEEDED": _Spec(
        429,
        "RESOURCE_EXHAUSTED",
        f"{_QUOTA} of service 'fcm.googleapis.com'.",
        (
            _fcm("QUOTA_EXCEEDED"),
            {
                "@type": _QUOTA_FAILURE,
                "violations": [{"description": _QUOTA}],
            },
        ),
    ),
    "INTERNAL": _Spec(500, "INTERNAL", "Internal error encountered.", (_fcm("INTERNAL"),)),
    "UNAVAILABLE": _Spec(
        503, "UNAVAILABLE", "The service is currently unavailable.", (_fcm("UNAVAILABLE"),)
    ),
}
