"""The stand-in as a process: start, stop, kill -9."""

import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from google.api_core.exceptions import AlreadyExists

from local.cloudtasks import CloudTasksStandIn
from local.cloudtasks.__main__ import main
from local.cloudtasks.errors import CannotStartError
from tests.local.cloudtasks_world import PATIENCE_S, QUEUE, Receiver, client_of

ROOT = Path(__file__).parents[2]


class Process:
    """python -m local.cloudtasks, with its output at hand."""

    def __init__(self, data_dir, *options):
        command = [sys.executable, "-m", "local.cloudtasks", "--port", "0", "--control-port", "0"]
        self.process = subprocess.Popen(
            [*command, "--data-dir", str(data_dir), "--queue", QUEUE, *options],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        first = self.process.stdout.readline()
        ports = re.search(r"listens on (\S+), its page is (http\S+)/", first)
        assert ports, first + self.process.stderr.read()
        self.address, self.control_url = ports.groups()
        self.lines = []
        self._has_line = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line)
            self._has_line.set()

    def wait_for_line(self):
        assert self._has_line.wait(PATIENCE_S)

    def end(self, number):
        self.process.send_signal(number)
        self.process.wait(PATIENCE_S)
        self._reader.join(PATIENCE_S)
        self.process.stderr.close()
        return self.process.returncode


@contextmanager
def client_at(address):
    channel, client = client_of(address)
    yield client
    channel.close()


def task_for(url, name):
    return {"name": f"{QUEUE}/tasks/{name}", "http_request": {"url": url}}


@pytest.fixture
def start(tmp_path):
    started = []

    def starter(*options):
        started.append(Process(tmp_path / "data", *options))
        return started[-1]

    yield starter
    for process in started:
        if process.process.poll() is None:
            process.end(signal.SIGKILL)


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        yield receiver


class TestKill:
    """kill -9 at the worst moment."""

    def test_no_accepted_task_is_lost(self, start, receiver):
        """Those in flight and those that waited come again; names and schedules are kept."""
        names = {f"t{number}" for number in range(80)}  # More than go at once.
        receiver.is_gated = True
        first = start()
        with client_at(first.address) as client:
            for name in sorted(names):
                client.create_task(parent=QUEUE, task=task_for(receiver.url, name))
            at = datetime.now(UTC) + timedelta(hours=1)
            later = {**task_for(receiver.url, "later"), "schedule_time": at}
            client.create_task(parent=QUEUE, task=later)
        receiver.wait_until(lambda: receiver.now_inside >= 10)
        first.end(signal.SIGKILL)
        in_flight = set(receiver.tasks)
        receiver.received.clear()
        receiver.gate.set()

        second = start()
        receiver.wait_until(lambda: set(receiver.tasks) >= names)

        again = [r for r in receiver.received if r.task in in_flight]
        assert {r.headers["X-CloudTasks-TaskRetryCount"] for r in again} == {"1"}
        with client_at(second.address) as client:
            assert client.get_task(name=f"{QUEUE}/tasks/later").schedule_time == at
            with pytest.raises(AlreadyExists):
                client.create_task(parent=QUEUE, task=later)


class TestStartAndStop:
    """Exit codes and output."""

    def test_sigterm_stops_it_within_two_seconds(self, start, receiver):
        """Even while a handler hangs; what was in flight is delivered after the next start."""
        receiver.is_gated = True
        process = start()
        with client_at(process.address) as client:
            client.create_task(parent=QUEUE, task=task_for(receiver.url, "hanging"))
        receiver.wait_until(lambda: receiver.now_inside == 1)
        began = time.perf_counter()

        assert process.end(signal.SIGTERM) == 0
        assert time.perf_counter() - began < 30

        receiver.gate.set()
        start()
        receiver.wait_until(lambda: receiver.tasks == ["hanging", "hanging"])

    def test_it_says_what_it_delivers_and_takes_settings(self, start, receiver):
        """A line for each delivery; retry settings for queues made at the start; SIGINT."""
        process = start("--max-attempts", "5", "--min-backoff-s", "0.5")
        with client_at(process.address) as client:
            config = client.get_queue(name=QUEUE).retry_config
            client.create_task(parent=QUEUE, task=task_for(f"{receiver.url}/work", "one"))
        process.wait_for_line()

        assert process.end(signal.SIGINT) == 0
        assert (config.max_attempts, config.min_backoff) == (5, timedelta(seconds=0.5))
        [line] = process.lines
        assert re.fullmatch(r"\d\d:\d\d:\d\d jobs/one #1 POST /work -> 200 \(succeeded\)\n", line)

    @pytest.mark.parametrize("option", ["--port", "--control-port"])
    def test_a_taken_port_is_one_sentence_and_exit_code_2(self, tmp_path, capfd, option):
        """No stack trace, nor a word from gRPC or werkzeug."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            ports = {"--port": "0", "--control-port": "0", option: str(taken.getsockname()[1])}
            arguments = [text for pair in ports.items() for text in pair]

            assert main([*arguments, "--data-dir", str(tmp_path)]) == 2

        output = capfd.readouterr()
        assert f"Port {ports[option]} " in output.err
        assert (output.out, len(output.err.splitlines())) == ("", 1)

    def test_a_port_is_not_shared(self, tmp_path, capfd):
        """A second stand-in on the same gRPC port is refused, not given half of the calls."""
        with CloudTasksStandIn() as running:
            port = running.address.rpartition(":")[2]
            options = ["--port", port, "--control-port", "0", "--data-dir", str(tmp_path)]

            assert main(options) == 2
        assert f"Port {port} " in capfd.readouterr().err

    def test_a_bad_queue_name_is_one_sentence_and_exit_code_2(self, tmp_path, capfd):
        """Nor here."""
        options = ["--port", "0", "--control-port", "0", "--data-dir", str(tmp_path)]

        assert main([*options, "--queue", "jobs"]) == 2
        output = capfd.readouterr()
        assert "Queue name must be formatted" in output.err
        assert len(output.err.splitlines()) == 1

    def test_a_data_directory_that_cannot_be_used_is_one_sentence(self, tmp_path, capfd):
        """A file is in the way."""
        (tmp_path / "data").write_text("")
        options = ["--port", "0", "--control-port", "0", "--data-dir", str(tmp_path / "data")]

        assert main(options) == 2
        assert len(capfd.readouterr().err.splitlines()) == 1

    @pytest.mark.parametrize("name", ["cloudtasks.sqlite3", "signing-key.pem"])
    def test_so_is_a_damaged_file(self, tmp_path, capfd, name):
        """With its path."""
        (tmp_path / name).write_text("-----BEGIN nonsense" * 100)

        assert main(["--port", "0", "--control-port", "0", "--data-dir", str(tmp_path)]) == 2
        output = capfd.readouterr().err
        assert str(tmp_path / name) in output
        assert len(output.splitlines()) == 1

    def test_a_data_directory_has_one_user(self, tmp_path):
        """Two dispatchers on one queue would deliver everything twice."""
        in_use = pytest.raises(CannotStartError, match="in use by another process")
        with CloudTasksStandIn(data_dir=tmp_path), in_use:
            CloudTasksStandIn(data_dir=tmp_path)
        with CloudTasksStandIn(data_dir=tmp_path):
            pass
