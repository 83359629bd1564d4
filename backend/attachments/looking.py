"""Looking at what was sent, and laying it where it is fetched from."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from backend.adapters.blobs import Blobs
from backend.attachments.documents import attachment_path, upload_name
from backend.attachments.inspection import refuse_dressed, refused
from backend.attachments.model import MEBIBYTE, Attachment
from backend.kit.errors import FailedPrecondition, InvalidArgument, Unavailable

CHUNK = MEBIBYTE


class Intake:
    """
    Takes files in: only what was looked at, byte for byte, is ever fetched by anybody.

    What is sent can be sent again, and be something else, as long as its address holds. So what
    was looked at is written anew under a name that no address was ever given out for, once.
    """

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    def take(self, attachment: Attachment) -> str:
        """
        Lay the file of an attachment where it is fetched from; return its SHA-256.

        Killed anywhere, it can be called again: a file that lies there already is looked at there.

        Raises:
            FailedPrecondition: nothing has been sent.
            InvalidArgument: what was sent is not what was announced, code `file-refused`. It is
                thrown away, and can be sent again.
        """
        path, upload = attachment_path(attachment.ref), upload_name(attachment.ref)
        if self._blobs.find(path) is not None:
            with self._looked_at(path, attachment) as (_, sha256):
                return sha256
        try:
            with self._looked_at(upload, attachment) as (file, sha256):
                if not self._blobs.put_new(path, file, content_type=attachment.content_type):
                    raise Unavailable("Another request is taking this file in just now.")
                return sha256
        except InvalidArgument:
            self._blobs.delete(upload)
            raise

    @contextmanager
    def _looked_at(self, name: str, attachment: Attachment) -> Iterator[tuple[BinaryIO, str]]:
        found = self._blobs.find(name)
        if found is None:
            raise FailedPrecondition("Nothing has been uploaded yet.")
        if found.size != attachment.size:  # Before a byte of it is read.
            raise refused("/size", "wrong-size", _sizes(found.size, attachment.size))
        if found.content_type != attachment.content_type:
            raise refused("/contentType", "wrong-type", "It was sent as another type.")
        with SpooledTemporaryFile(MEBIBYTE) as spooled:
            file = cast("BinaryIO", spooled)
            self._blobs.read_into(name, file)
            yield file, self._checked(file, attachment)

    def _checked(self, file: BinaryIO, attachment: Attachment) -> str:
        size, sha256 = _measured(file)
        if size != attachment.size:
            raise refused("/size", "wrong-size", _sizes(size, attachment.size))
        if attachment.sha256 not in (None, sha256):
            raise refused("/sha256", "wrong-hash", "Its SHA-256 is not the one announced.")
        refuse_dressed(file, size, attachment.content_type)
        return sha256


def _measured(file: BinaryIO) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    while chunk := file.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def _sizes(found: int, wanted: int) -> str:
    return f"It has {found} bytes, and {wanted} were announced."
