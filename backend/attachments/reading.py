"""Reading content here and there, without ever holding much of it."""

import os
from collections.abc import Iterator
from typing import BinaryIO

CHUNK = 64 * 1024
# A file of the largest size in honest parts takes a fifth of it. Who cuts it finer wants our time.
MOST_LOOKS = 500_000


class Dressed(Exception):
    """Content that is not what it is said to be."""


class Content:
    """A file of `size` bytes, to be looked into at any place."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._looks = 0
        self.size = size

    def at(self, place: int, length: int) -> bytes:
        """
        Return what stands at a place; less at the end of the file.

        Raises:
            Dressed: it was asked for more places than any honest file has.
        """
        self._looks += 1
        if self._looks > MOST_LOOKS:
            raise Dressed("It has too many parts.")
        self._file.seek(place)
        return self._file.read(length)

    def exactly(self, place: int, length: int) -> bytes:
        """
        Return what stands at a place.

        Raises:
            Dressed: the file ends before that.
        """
        found = self.at(place, length)
        if len(found) < length:
            raise Dressed("It is cut off.")
        return found

    def number(self, place: int, length: int, *, is_little: bool = False) -> int:
        """
        Return the number that stands at a place.

        Raises:
            Dressed: the file ends before that.
        """
        return int.from_bytes(self.exactly(place, length), "little" if is_little else "big")

    def expect(self, place: int, wanted: bytes) -> None:
        """
        Return if this stands at a place.

        Raises:
            Dressed: something else does.
        """
        if self.at(place, len(wanted)) != wanted:
            raise Dressed("It is of another type.")

    def tail(self, length: int) -> bytes:
        """Return the last bytes."""
        return self.at(max(0, self.size - length), length)

    def chunks(self, place: int = 0) -> Iterator[bytes]:
        """List all of it from a place on."""
        self._file.seek(place)
        while chunk := self._file.read(CHUNK):
            yield chunk

    def file(self) -> BinaryIO:
        """Return the file itself, at its beginning."""
        self._file.seek(0, os.SEEK_SET)
        return self._file
