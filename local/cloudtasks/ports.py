"""Listening on this machine only, and saying plainly why it cannot be done."""

import errno
import socket

from local.cloudtasks.errors import CannotStartError


def listening(port: int, *, what: str) -> socket.socket:
    """
    Return a socket that listens on 127.0.0.1 (port 0 picks a free one).

    Raises:
        CannotStartError: something else listens there, or it is not ours to use.
    """
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        is_taken = error.errno == errno.EADDRINUSE
        why = "is already in use" if is_taken else f"cannot be used ({error.strerror})"
        remedy = "Stop what uses it, or choose another port."
        raise CannotStartError(f"Port {port} (Cloud Tasks, {what}) {why}. {remedy}") from error
