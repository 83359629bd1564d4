"""Attachments as people see them, with the address that they may use now."""

from dataclasses import dataclass
from datetime import datetime

from backend.adapters.blobs import LONGEST_ADDRESS, Blobs
from backend.attachments.documents import attachment_path, upload_name
from backend.attachments.kinds import KINDS
from backend.attachments.model import Attachment, State


@dataclass(frozen=True, slots=True)
class Address:
    """Where a file can be sent to, or fetched from, until `expires_at`."""

    url: str
    method: str
    headers: dict[str, str]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """An attachment as somebody sees it, with the address that they may use now, if any."""

    attachment: Attachment
    upload: Address | None = None
    download: Address | None = None


class Addresses:
    """Makes addresses when somebody asks: none is kept."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def to_send(self, attachment: Attachment, now: datetime) -> Shown:
        """Return an attachment with where its file can be sent."""
        address = self._blobs.upload_address(
            upload_name(attachment.ref), size=attachment.size, content_type=attachment.content_type
        )
        ends_at = now + LONGEST_ADDRESS
        upload = Address(address.url, "PUT", {**address.headers}, ends_at)
        return Shown(attachment, upload=upload)

    def to_fetch(self, attachment: Attachment, now: datetime) -> Shown:
        """Return an attachment, if it is ready with where its file can be fetched."""
        if attachment.state is not State.READY:
            return Shown(attachment)
        url = self._blobs.download_url(
            attachment_path(attachment.ref),
            filename=attachment.name,
            content_type=_harmless(attachment.content_type),
        )
        return Shown(attachment, download=Address(url, "GET", {}, now + LONGEST_ADDRESS))


def _harmless(content_type: str) -> str:
    # What was imported was looked at by nobody here.
    return content_type if content_type in KINDS else "application/octet-stream"
