"""A mail server that remembers who said what on which connection, for senders that keep theirs."""

import socket
import threading
import time
from collections.abc import Callable

Saying = Callable[[str, int], str | None]  # What to answer to a command on the n-th connection.


def until(check: Callable[[], object], patience_s: float = 10) -> None:
    """Wait for something that another thread brings about."""
    ends_at = time.monotonic() + patience_s
    while not check():
        assert time.monotonic() < ends_at, "it did not happen"
        time.sleep(0.01)


class Switchboard:
    """
    A `Talk` of a server that takes everything, but for what `saying` answers.

    An answer of "" is none: the connection is dropped. `conversations` are the commands of each
    connection, in the order of the connections; `CONTENT` is a mail's.
    """

    def __init__(self, saying: Saying = lambda _command, _number: None) -> None:
        self._saying = saying
        self._lock = threading.Lock()
        self.conversations: list[list[str]] = []
        self.at_once = self.most_at_once = 0

    @property
    def mails(self) -> list[int]:
        """How many mails each connection has carried."""
        return [each.count("CONTENT") for each in self.conversations]

    def __call__(self, caller: socket.socket) -> None:
        with self._lock:
            said: list[str] = []
            self.conversations.append(said)
            number = len(self.conversations)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            self._converse(caller, said, number)
        finally:
            with self._lock:
                self.at_once -= 1

    def _converse(self, caller: socket.socket, said: list[str], number: int) -> None:
        lines = caller.makefile("rb")
        caller.sendall(b"220 here\r\n")
        while line := lines.readline():
            command = line[:4].strip().decode("ascii", "replace").upper()
            if not self._answered(caller, command, said, number):
                return
            if command == "DATA":
                while lines.readline() not in (b".\r\n", b""):
                    pass
                if not self._answered(caller, "CONTENT", said, number):
                    return
            if command == "QUIT":
                return

    def _answered(self, caller: socket.socket, command: str, said: list[str], number: int) -> bool:
        said.append(command)
        usual = "354 go on" if command == "DATA" else "250 2.0.0 fine"
        answer = self._saying(command, number)
        if answer == "":
            return False
        caller.sendall(f"{usual if answer is None else answer}\r\n".encode())
        return True
