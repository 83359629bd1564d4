"""Requests and watches as documents. Both are the server's own, and short-lived."""

from backend.credentials.model import ResetRequest, Watch
from backend.kit.documents import Fields, Stored, reading


def request_path(request_id: str) -> str:
    """Return where a request for a new password lies."""
    return f"passwordResets/{request_id}"


def request_fields(request: ResetRequest) -> Fields:
    """Return the document of a request."""
    return {
        "email": request.email,
        "locale": request.locale,
        "createdAt": request.created_at,
        "expireAt": request.expire_at,
    }


def request_of(stored: Stored) -> ResetRequest:
    """Read a request from its document."""
    with reading(stored) as fields:
        return ResetRequest(
            id=stored.id,
            email=fields["email"],
            locale=fields["locale"],
            created_at=fields["createdAt"],
        )


def watch_path(watch_id: str) -> str:
    """Return where a watch lies."""
    return f"passwordWatches/{watch_id}"


def watch_fields(watch: Watch) -> Fields:
    """Return the document of a watch."""
    return {
        "uid": watch.uid,
        "passwordChangedAt": watch.password_changed_at,
        "until": watch.until,
        "looks": watch.looks,
        "expireAt": watch.expire_at,
    }


def watch_of(stored: Stored) -> Watch:
    """Read a watch from its document."""
    with reading(stored) as fields:
        return Watch(
            uid=fields["uid"],
            password_changed_at=fields["passwordChangedAt"],
            until=fields["until"],
            looks=fields["looks"],
        )
