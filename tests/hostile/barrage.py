"""Many attacks at once over kept connections, as fast as the service answers."""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock, local

from tests.hostile.attacks import Attack
from tests.hostile.verdicts import faults_of, milliseconds
from tests.hostile.wire import NOTHING, Answer, connected, read_answer

CLIENTS = 8
BUSY = (503, 504)  # It says when to come back, and a client does; a hostile one sooner.
ATTEMPTS = 3
REPLAYED = "idempotent-replayed"


MADE = ("create", "done")  # What a batch says of a task that it has made.


@dataclass
class Report:
    """What came of a barrage."""

    statuses: Counter[int] = field(default_factory=Counter)
    created: Counter[str] = field(default_factory=Counter)  # By operation; replays are none.
    repeated: int = 0
    slowest: tuple[float, str] = (0.0, "")
    failures: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def note(self, attack: Attack, answer: Answer, faults: list[str], repeats: int) -> None:
        with self.lock:
            self.statuses[answer.status] += 1
            self.repeated += repeats
            if answer.status == 201 and REPLAYED not in answer.headers:
                self.created[attack.name.partition(":")[0]] += 1
            if answer.status == 200 and ":batch" in attack.name and REPLAYED not in answer.headers:
                verdicts = answer.json["results"]
                made = [each for each in verdicts if (each["op"], each["outcome"]) == MADE]
                self.created["batch"] += len(made)
            self.slowest = max(self.slowest, (milliseconds(answer), attack.name))
            self.failures += [f"{attack.name}: {fault}" for fault in faults]

    def __str__(self) -> str:
        total = sum(self.statuses.values())
        slowest = f"{self.slowest[0]:.0f} ms ({self.slowest[1]})"
        return f"{total} requests, {dict(self.statuses)}, {self.repeated} repeated, {slowest}"


class Barrage:
    """Sends attacks in the name of one person."""

    def __init__(self, url: str, headers: Callable[[], dict[str, str]]) -> None:
        self._url = url
        self._headers = headers
        self._mine = local()

    def fire(self, attacks: Iterable[Attack]) -> Report:
        """Send all attacks and say what came of them."""
        report = Report()
        with ThreadPoolExecutor(CLIENTS) as clients:
            for _ in clients.map(lambda attack: self._judge(attack, report), attacks):
                pass
        return report

    def send(self, attack: Attack) -> Answer:
        """Send one attack over this thread's connection, or a new one if that was closed."""
        data = self._bytes_of(attack)
        for is_last in (False, True):
            sock = getattr(self._mine, "sock", None) or connected(self._url)
            with suppress(ConnectionError):
                sock.sendall(data)
            answer = read_answer(sock, attack.method)
            self._mine.sock = None if answer.closes else sock
            if answer.closes:
                sock.close()
            if answer != NOTHING or is_last:
                return answer
        raise AssertionError("unreachable")

    def _judge(self, attack: Attack, report: Report) -> None:
        # A busy machine makes anything slow once. What is slow each time is slow.
        for repeats in range(ATTEMPTS):
            began_at = time.monotonic()
            try:
                answer = self.send(attack)
            except TimeoutError:
                self._mine.sock = None
                waited_s = time.monotonic() - began_at
                report.note(attack, NOTHING, [f"no answer in {waited_s:.0f} s"], repeats)
                return
            faults = faults_of(answer)
            if answer == NOTHING:
                faults = ["closed without an answer"]
            is_slow = bool(faults) and all(fault.startswith("slow") for fault in faults)
            if answer.status not in BUSY and not is_slow:
                break
        report.note(attack, answer, faults, repeats)

    def _bytes_of(self, attack: Attack) -> bytes:
        headers = {"Host": "here", **self._headers(), **attack.headers}
        body = attack.body if attack.body is not None else b""
        if attack.chunked:
            headers["Transfer-Encoding"] = "chunked"
            body = b"".join(
                b"%x\r\n%s\r\n" % (len(piece), piece)
                for at in range(0, len(body), 65_536)
                if (piece := body[at : at + 65_536])
            )
            body += b"0\r\n\r\n"
        elif attack.body is not None:
            headers["Content-Length"] = str(len(body))
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        start = b"%s %s HTTP/1.1\r\n" % (attack.method.encode(), attack.target)
        return start + lines.encode("latin-1") + b"\r\n" + body
