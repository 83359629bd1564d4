"""Clients that take their time cost others nothing, and are cut off in the end."""

import socket
from contextlib import ExitStack

import pytest

from tests.hostile.conftest import CONNECTIONS, THREADS
from tests.hostile.verdicts import faults_of
from tests.hostile.wire import connected, exchange, is_closed, read_answer

MANY = THREADS * 4
ALIVE = b"GET /livez HTTP/1.1\r\nHost: here\r\n\r\n"
POST = b"POST /api/v1/workspaces HTTP/1.1\r\nHost: here\r\nContent-Type: application/json\r\n"
BEGINNINGS = (
    b"G",
    b"GET /livez HTTP/1.1\r\nHost: he",
    POST + b"Content-Length: 12\r\n\r\n",
    POST + b'Content-Length: 12\r\n\r\n{"name":',
    POST + b"Transfer-Encoding: chunked\r\n\r\n",
    POST + b"Transfer-Encoding: chunked\r\n\r\nc\r\n{",
    POST + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nTrailer: ",
)


@pytest.fixture
def crowd(service):
    """Open more connections than there are threads, each with the beginning of a request."""
    with ExitStack() as stack:

        def gather(data: bytes) -> list[socket.socket]:
            found = [stack.enter_context(connected(service.url)) for _ in range(MANY)]
            for sock in found:
                sock.sendall(data)
            return found

        yield gather


class TestSlowRequests:
    """Security check 42."""

    def test_a_crowd_that_stops_in_the_middle(self, service, crowd):
        """Others are served meanwhile; then each of the crowd gets its 408 and is cut off."""
        stuck = [sock for beginning in BEGINNINGS for sock in crowd(beginning)]

        served = [exchange(service.url, ALIVE).status for _ in range(3)]
        answers = [read_answer(sock) for sock in stuck]

        assert [200] * 3 == served
        assert [408] * len(stuck) == [answer.status for answer in answers]
        assert "request-timeout" == answers[0].json["code"]
        assert [] == faults_of(answers[0])
        assert all(is_closed(sock) for sock in stuck)

    def test_a_client_that_never_stops(self, service):
        """A byte now and then does not buy more time."""
        with connected(service.url) as sock:
            sock.sendall(POST + b"Content-Length: 1000\r\n\r\n")
            sock.settimeout(0.2)
            sent, heard = 0, b""
            while not heard and sent < 500:
                try:
                    heard = sock.recv(4096)
                except TimeoutError:
                    sock.send(b" ")
                    sent += 1

        assert heard.startswith(b"HTTP/1.1 408 ")

    def test_silent_connections(self, service, crowd):
        """Who never says anything is not told anything."""
        silent = crowd(b"")

        served = exchange(service.url, ALIVE).status

        assert 200 == served
        assert all(is_closed(sock) for sock in silent)

    def test_kept_connections(self, service, crowd):
        """A connection is kept for the next request, and closed when none comes."""
        kept = crowd(ALIVE)
        answers = [read_answer(sock) for sock in kept]

        served = exchange(service.url, ALIVE).status

        assert 200 == served
        assert [(200, "keep-alive")] * MANY == [
            (answer.status, answer.headers["connection"]) for answer in answers
        ]
        assert all(is_closed(sock) for sock in kept)

    def test_a_crowd_with_large_bodies(self, service, crowd):
        """What cannot be held is refused; the process does not grow with what it is sent."""
        beginning = POST + b"Content-Length: 1048576\r\n\r\n" + b" " * 1_000_000

        stuck = [sock for _ in range(5) for sock in crowd(beginning)]
        served = exchange(service.url, ALIVE).status
        statuses = [read_answer(sock).status for sock in stuck]

        assert 200 == served
        assert {408, 503} == set(statuses)

    def test_a_crowd_larger_than_the_house(self, service, crowd):
        """When there is no room left, those who were slowest for longest have to leave."""
        for _ in range(CONNECTIONS // MANY + 1):
            crowd(b"GET")

        assert 200 == exchange(service.url, ALIVE).status

    def test_clients_that_do_not_hang_up(self, service, crowd):
        """An answered connection that its client leaves open delays nobody."""
        open_still = crowd(b"nonsense\r\n\r\n")
        answers = [read_answer(sock) for sock in open_still]

        served = [exchange(service.url, ALIVE).status for _ in range(3)]

        assert [400] * MANY == [answer.status for answer in answers]
        assert [200] * 3 == served

    def test_clients_that_do_not_read(self, service, crowd):
        """Answers longer than the network's buffers wait for their readers outside of threads."""
        ask = b"GET /openapi.json HTTP/1.1\r\nHost: here\r\n\r\n"
        crowd(ask * 100)  # As many answers, each of them long, on each connection.

        served = [exchange(service.url, ALIVE).status for _ in range(3)]

        assert [200] * 3 == served


class TestOrdinaryOddities:
    """What honest clients do."""

    def test_requests_in_a_row(self, service):
        """Several requests may be sent before the first is answered."""
        last = ALIVE.replace(b"Host", b"Connection: close\r\nHost")
        heard = b""
        with connected(service.url) as sock:
            sock.sendall(ALIVE * 2 + last)
            while data := sock.recv(65_536):
                heard += data

        assert 3 == heard.count(b"HTTP/1.1 200 OK")

    def test_a_request_byte_by_byte(self, service):
        """However it is cut on its way, it is one request."""
        person = service.person("bytewise")
        head = POST + "\r\n".join(f"{k}: {v}" for k, v in person.headers.items()).encode()
        body = b'\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n{"name":\r\n4;a=b\r\n"A"}\r\n0\r\n\r\n'
        with connected(service.url) as sock:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in head + body:
                sock.sendall(bytes([byte]))
            answer = read_answer(sock, "POST")

        assert (201, "A") == (answer.status, answer.json["name"])

    def test_a_body_sent_on_demand(self, service):
        """`Expect: 100-continue` is answered before the body, by which curl waits."""
        with connected(service.url) as sock:
            sock.sendall(POST + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
            go_ahead = sock.recv(4096)
            sock.sendall(b"{}")
            answer = read_answer(sock, "POST")

        assert b"HTTP/1.1 100 Continue\r\n\r\n" == go_ahead
        assert 401 == answer.status

    def test_a_body_that_need_not_be_sent(self, service):
        """One that is too large is refused before it is sent."""
        answer = exchange(
            service.url, POST + b"Expect: 100-continue\r\nContent-Length: 1048577\r\n\r\n", "POST"
        )

        assert (413, True) == (answer.status, answer.closes)

    def test_a_client_that_has_said_all(self, service):
        """Half-closing after a request is not leaving."""
        with connected(service.url) as sock:
            sock.sendall(ALIVE)
            sock.shutdown(socket.SHUT_WR)
            answer = read_answer(sock)

        assert 200 == answer.status

    def test_a_body_that_broke_off(self, service):
        """What was announced and did not come is not taken for the whole."""
        person = service.person("broken")
        head = POST + "\r\n".join(f"{k}: {v}" for k, v in person.headers.items()).encode()
        with connected(service.url) as sock:
            sock.sendall(head + b'\r\nContent-Length: 100\r\n\r\n{"name":"A"}')
            sock.shutdown(socket.SHUT_WR)
            answer = read_answer(sock, "POST")

        assert (400, "malformed-request") == (answer.status, answer.json["code"])
