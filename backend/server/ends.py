"""The two ends of a connection as a thread sees them: neither ever makes it wait."""

from typing import NoReturn

from gunicorn.http import wsgi
from gunicorn.http.unreader import Unreader

AT_A_TIME_BYTES = 8 * 1024


class Arrived(Unreader):  # type: ignore[misc]
    """Where gunicorn's parser reads: the bytes that have arrived, and then an end."""

    def __init__(self) -> None:
        super().__init__()
        self._later = b""
        self._at = 0

    def put(self, data: bytes) -> None:
        """Have these bytes to read next."""
        self._later, self._at = data, 0

    def chunk(self, size_hint: int | None = None) -> bytes:
        """Return the next few bytes: the parser copies all it is given for each chunk in it."""
        data = self._later[self._at : self._at + max(size_hint or 0, AT_A_TIME_BYTES)]
        self._at += len(data)
        return data

    def rest(self) -> bytes:
        """Return, and forget, what nobody has read: the beginning of another request."""
        data: bytes = self.take_buffered() + self._later[self._at :]
        self.put(b"")
        return data


class Outbox:
    """What gunicorn takes for the socket when it writes an answer."""

    def __init__(self) -> None:
        self.data = bytearray()

    def sendall(self, data: bytes) -> None:
        """Keep what is to be sent."""
        self.data += data

    def shutdown(self, _how: int) -> NoReturn:
        """Refuse, so that gunicorn leaves the closing to our worker."""
        raise OSError("an outbox is not connected")

    def close(self) -> None:
        """Do nothing: our worker closes the socket."""


class Anonymous(wsgi.Response):  # type: ignore[misc]
    """An answer that does not say which server gave it."""

    def default_headers(self) -> list[str]:
        """Return gunicorn's own headers but one."""
        return [line for line in super().default_headers() if not line.startswith("Server:")]
