"""
Cloud Storage behind `Blobs`. Apps never reach the bucket but by addresses signed here.

Nothing is public, and nothing opens in a browser as a page: every address is for one object, one
method and a quarter of an hour, and says that what comes is a download of a fixed type.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Protocol

import requests
import structlog
from google.api_core import exceptions as gcp
from google.api_core.retry import Retry, if_exception_type
from google.auth.exceptions import GoogleAuthError
from google.cloud.storage import Client
from google.cloud.storage.exceptions import DataCorruption, InvalidResponse

from backend.adapters.blob_signing import signing_credentials
from backend.kit.clock import Clock
from backend.kit.deadline import left_s
from backend.kit.dispositions import attachment
from backend.kit.errors import NotFound, Unavailable
from backend.kit.once import Once
from backend.settings import Settings

log = structlog.get_logger()

CONNECT_S = 2.0
DEADLINE_S = 4.0  # For what carries no content.
CONTENT_S = 20.0
RETRIED_S = 5.0
LONGEST_ADDRESS = timedelta(minutes=15)
MOST_PARTS = 32  # Cloud Storage puts so many together in one call.
MOST_LISTED = 1000

NO_ANSWER = (
    gcp.ServerError,
    gcp.TooManyRequests,
    gcp.RetryError,
    GoogleAuthError,
    InvalidResponse,
    DataCorruption,
    requests.RequestException,
)
AGAIN = if_exception_type(
    gcp.ServerError, gcp.TooManyRequests, requests.ConnectionError, requests.Timeout
)


@dataclass(frozen=True, slots=True)
class Blob:
    """What is known of an object without reading it. `made_at` is when it was written last."""

    name: str
    size: int
    content_type: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class UploadAddress:
    """
    Where an object can be put, once or more often, for 15 minutes.

    A request needs exactly these `headers`: they are signed, and Cloud Storage refuses others.
    """

    url: str
    headers: Mapping[str, str]


class Blobs(Protocol):
    """
    Objects in our bucket, by name.

    Raises (every method):
        Unavailable: Cloud Storage did not answer in time, or there is no bucket.
    """

    def put(self, name: str, content: bytes | BinaryIO, *, content_type: str) -> None:
        """Write an object, whole or not at all, in place of the one of its name."""

    def put_new(self, name: str, content: BinaryIO, *, content_type: str) -> bool:
        """Write an object unless there is one of its name; say whether it was written."""

    def copy(self, name: str, to: str) -> None:
        """
        Write an object that holds what another one holds, of the same type.

        Raises:
            NotFound: there is none to copy.
        """

    def find(self, name: str) -> Blob | None:
        """Return what is known of an object; None if there is none."""

    def read_into(self, name: str, file: BinaryIO) -> None:
        """
        Copy what an object holds into a file.

        Raises:
            NotFound: there is none.
        """

    def join(self, name: str, parts: Sequence[str], *, content_type: str) -> None:
        """
        Write an object that holds what these hold, one after the other, 32 at the most.

        Raises:
            NotFound: one of them is not there.
        """

    def exists(self, name: str) -> bool:
        """Say whether there is an object of this name."""

    def delete(self, name: str) -> None:
        """Delete an object, if it is there."""

    def listed(self, prefix: str, *, limit: int, after: str = "") -> list[Blob]:
        """List objects whose names begin so, in the order of their names, after one of them."""

    def delete_prefix(self, prefix: str, limit: int) -> int:
        """Delete objects below a folder, `limit` at the most; return how many there were."""

    def download_url(self, name: str, *, filename: str, content_type: str) -> str:
        """Return the address at which an object can be fetched for 15 minutes, as a download."""

    def upload_address(self, name: str, *, size: int, content_type: str) -> UploadAddress:
        """Return where an object of exactly this size and type can be put for 15 minutes."""


class CloudStorageBlobs:
    """
    `Blobs` over google-cloud-storage.

    The client is made on first use: it looks for credentials, which not every process needs.
    """

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._bucket_name = settings.storage_bucket
        self._endpoint = settings.storage_emulator_host
        self._project_id = settings.project_id
        self._clock = clock
        self._made = Once(self._connect)
        self._signing = Once(lambda: signing_credentials(is_emulated=bool(self._endpoint)))

    def put(self, name: str, content: bytes | BinaryIO, *, content_type: str) -> None:
        """Write an object."""
        with self._answered("put"):
            blob = self._bucket.blob(name)
            if isinstance(content, bytes):
                blob.upload_from_string(content, content_type, **self._call(CONTENT_S))
            else:
                blob.upload_from_file(
                    content, rewind=True, content_type=content_type, **self._call(CONTENT_S)
                )

    def put_new(self, name: str, content: BinaryIO, *, content_type: str) -> bool:
        """Write an object unless there is one of its name."""
        if self.exists(name):  # The emulator knows no preconditions.
            return False
        with self._answered("put"):
            try:
                self._bucket.blob(name).upload_from_file(
                    content,
                    rewind=True,
                    content_type=content_type,
                    if_generation_match=0,
                    **self._call(CONTENT_S),
                )
            except gcp.PreconditionFailed:
                return False
        return True

    def copy(self, name: str, to: str) -> None:
        """Write an object that holds what another one holds."""
        with self._answered("copy"):
            bucket = self._bucket
            bucket.copy_blob(bucket.blob(name), bucket, to, **self._call(CONTENT_S))

    def find(self, name: str) -> Blob | None:
        """Return what is known of an object."""
        with self._answered("find"):
            found = self._bucket.get_blob(name, **self._call(DEADLINE_S))
        return _blob(found) if found is not None else None

    def read_into(self, name: str, file: BinaryIO) -> None:
        """Copy what an object holds into a file."""
        with self._answered("read"):
            self._bucket.blob(name).download_to_file(file, **self._call(CONTENT_S))

    def join(self, name: str, parts: Sequence[str], *, content_type: str) -> None:
        """Put objects together."""
        if not 1 <= len(parts) <= MOST_PARTS:
            raise ValueError(f"{len(parts)} parts; 1 to {MOST_PARTS} can be joined")
        with self._answered("join"):
            whole = self._bucket.blob(name)
            whole.content_type = content_type
            whole.compose([self._bucket.blob(part) for part in parts], **self._call(CONTENT_S))

    def exists(self, name: str) -> bool:
        """Say whether there is an object of this name."""
        with self._answered("exists"):
            return bool(self._bucket.blob(name).exists(**self._call(DEADLINE_S)))

    def delete(self, name: str) -> None:
        """Delete an object, if it is there."""
        with self._answered("delete"):
            try:
                self._bucket.blob(name).delete(**self._call(DEADLINE_S))
            except gcp.NotFound:
                log.debug("blob.was_gone")

    def listed(self, prefix: str, *, limit: int, after: str = "") -> list[Blob]:
        """List objects by the beginning of their names."""
        with self._answered("list"):
            found = self._bucket.list_blobs(
                prefix=prefix,
                # It begins with that very name where there is one.
                start_offset=after or None,
                max_results=min(limit, MOST_LISTED) + bool(after),
                **self._call(DEADLINE_S),
            )
            blobs = [_blob(each) for each in found if each.name > after]
        return sorted(blobs, key=lambda blob: blob.name)[:limit]

    def delete_prefix(self, prefix: str, limit: int) -> int:
        """Delete objects below a folder."""
        if not prefix.endswith("/") or prefix.count("/") < 2:
            raise ValueError("Only what lies below a folder of a folder is deleted together.")
        found = self.listed(prefix, limit=limit)
        for blob in found:
            self.delete(blob.name)
        return len(found)

    def download_url(self, name: str, *, filename: str, content_type: str) -> str:
        """Return the address at which an object can be fetched for 15 minutes, as a download."""
        return self._signed(
            name,
            method="GET",
            response_disposition=attachment(filename),
            response_type=content_type,
        )

    def upload_address(self, name: str, *, size: int, content_type: str) -> UploadAddress:
        """Return where an object of exactly this size and type can be put for 15 minutes."""
        headers = {"Content-Type": content_type, "x-goog-content-length-range": f"{size},{size}"}
        # Given away in a copy: the SDK adds what it signs besides.
        return UploadAddress(self._signed(name, method="PUT", headers={**headers}), headers)

    def _signed(self, name: str, **bound: Any) -> str:
        with self._answered("sign"):
            return str(
                self._bucket.blob(name).generate_signed_url(
                    version="v4",
                    expiration=LONGEST_ADDRESS,
                    credentials=self._signing.get(),
                    **bound,
                    **({"api_access_endpoint": self._endpoint} if self._endpoint else {}),
                )
            )

    @property
    def _bucket(self) -> Any:
        return self._made.get().bucket(self._bucket_name)

    def _connect(self) -> Client:
        if not self._bucket_name:
            raise Unavailable("No bucket for files is set.")
        if self._endpoint:
            return Client(
                self._project_id,
                client_options={"api_endpoint": self._endpoint},
                use_auth_w_custom_endpoint=False,
            )
        return Client(self._project_id)

    def _call(self, longest_s: float) -> dict[str, Any]:
        left = left_s(self._clock, longest=longest_s)
        # The second is how long the other end may say nothing, so it holds for large objects too.
        patience = (min(CONNECT_S, left), min(DEADLINE_S, left))
        retry = Retry(predicate=AGAIN, initial=0.1, maximum=1.0, timeout=min(RETRIED_S, left))
        return {"timeout": patience, "retry": retry}

    @contextmanager
    def _answered(self, call: str) -> Iterator[None]:
        try:
            yield
        except gcp.NotFound as error:
            raise NotFound("There is no such file.") from error
        except NO_ANSWER as error:
            log.warning("storage.gave_no_answer", call=call, cause=type(error).__name__)
            left_s(self._clock, longest=CONTENT_S)  # Raises where the caller waits no longer.
            raise Unavailable("The file storage did not answer.") from error


def _blob(found: Any) -> Blob:
    return Blob(found.name, int(found.size or 0), found.content_type or "", found.updated)
