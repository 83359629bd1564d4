"""A request on its way in: has it all arrived? Pure: bytes go in, nothing waits."""

import re
from collections.abc import Generator

from backend.kit.errors import InvalidArgument

MAX_BODY_BYTES = 1024 * 1024
MAX_HEAD_BYTES = 64 * 1024
MAX_LINE_BYTES = 8 * 1024  # Of a chunk's size with its extensions, and of a trailer.
# Each chunk takes Python some microseconds, whatever its size: a megabyte, cut into single bytes,
# would take seconds.
MAX_CHUNKS = 10_000
MAX_FRAMING_BYTES = 256 * 1024

FIELD = re.compile(rb"\r\n([^:\r\n]+):[ \t]*([^\r\n]*)")
BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")
LENGTH = re.compile(rb"[0-9]{1,15}")
CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(;.*)?", re.DOTALL)

Waiting = Generator[None, None, None]


class Arrival:
    """
    The bytes of one request, and perhaps of what the client sent after it.

    It knows the framing of HTTP/1.1 (RFC 9112) and no more. `is_whole` says that everything that
    belongs to the request is there. A request can also be `is_ready` for the parser without being
    whole: when it is framed so badly, or announces such a long body, that it will be refused.
    """

    def __init__(self, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._max_body = max_body_bytes
        self._bytes = bytearray()
        self._watch = self._head()
        self.is_ready = False
        self.is_whole = False
        self.has_head = False
        self.awaits_go_ahead = False  # It said `Expect: 100-continue`, and has no body yet.

    def __len__(self) -> int:
        """Return how many bytes are here."""
        return len(self._bytes)

    def add(self, data: bytes) -> None:
        """
        Take what has just come in.

        Raises:
            InvalidArgument: it is too much (`payload-too-large`, `headers-too-large`).
        """
        self._bytes += data
        if not self.is_ready:
            self.is_ready = next(self._watch, self) is self

    def everything(self) -> bytes:
        """Return all bytes that have come in."""
        return bytes(self._bytes)

    # Each of the following yields when it needs more bytes, and returns when it has seen enough.

    def _head(self) -> Waiting:
        seen = 0
        while (end := self._bytes.find(b"\r\n\r\n", max(0, seen - 3))) < 0:
            if BARE_LINE_FEED.search(self._bytes, seen):
                return
            seen = len(self._bytes)
            if seen > MAX_HEAD_BYTES:
                raise InvalidArgument(
                    f"The headers have more than {MAX_HEAD_BYTES} bytes.", code="headers-too-large"
                )
            yield
        self.has_head = True
        if BARE_LINE_FEED.search(self._bytes, 0, end):
            return
        head = bytes(self._bytes[:end])
        fields = [(name.lower(), value.strip().lower()) for name, value in FIELD.findall(head)]
        yield from self._body(head, fields, start=end + 4)

    def _body(self, head: bytes, fields: list[tuple[bytes, bytes]], start: int) -> Waiting:
        codings = [value for name, value in fields if name == b"transfer-encoding"]
        lengths = [value for name, value in fields if name == b"content-length"]
        if (codings and lengths) or len(lengths) > 1:
            return  # Whoever sees another length than we do could hide a request in the body.
        is_new = b" HTTP/1.1\r\n" in head + b"\r\n"
        self.awaits_go_ahead = is_new and (b"expect", b"100-continue") in fields
        if any(b"chunked" in value for value in codings):
            yield from self._chunks(start)
        elif codings:
            return
        elif lengths:
            yield from self._length(start, lengths[0])
        else:
            self.is_whole = True

    def _length(self, start: int, announced: bytes) -> Waiting:
        if not LENGTH.fullmatch(announced) or int(announced) > self._max_body:
            self.awaits_go_ahead = False
            return
        while len(self._bytes) < start + int(announced):
            yield
        self.is_whole = True

    def _chunks(self, at: int) -> Waiting:
        last = at + self._max_body + MAX_FRAMING_BYTES
        total = 0
        for _ in range(MAX_CHUNKS):
            end = yield from self._line(at)
            found = CHUNK_SIZE.fullmatch(bytes(self._bytes[at:end]))
            if found is None:
                return
            size = int(found[1], 16)
            if size == 0:
                yield from self._trailers(end + 2)
                return
            total += size
            at = end + 2 + size + 2
            if total > self._max_body or at > last:
                break
            while len(self._bytes) < at:
                yield
        raise InvalidArgument(
            f"A body has at most {self._max_body} bytes, in at most {MAX_CHUNKS} chunks.",
            code="payload-too-large",
        )

    def _trailers(self, at: int) -> Waiting:
        last = at + MAX_HEAD_BYTES
        while at < last:
            end = yield from self._line(at)
            if end <= at:
                self.is_whole = end == at
                return
            at = end + 2

    def _line(self, start: int) -> Generator[None, None, int]:
        # Returns where the line ends, or its start minus one if it is no line as it should be.
        seen = start
        while (end := self._bytes.find(b"\r\n", max(start, seen - 1))) < 0:
            if (
                BARE_LINE_FEED.search(self._bytes, seen)
                or len(self._bytes) - start > MAX_LINE_BYTES
            ):
                return start - 1
            seen = len(self._bytes)
            yield
        is_broken = BARE_LINE_FEED.search(self._bytes, start, end)
        return start - 1 if is_broken or end - start > MAX_LINE_BYTES else end
