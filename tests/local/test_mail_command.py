"""`python -m local.mail`"""

import re
import signal
import smtplib
import socket

import pytest
import requests

from tests.local.processes import running


class TestCommand:
    """How it starts and stops."""

    @pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
    def test_signal_stops_it_cleanly(self, stop):
        """It ends within two seconds with exit code 0, also while a client is connected."""
        with running("local.mail", "--smtp-port", "0", "--port", "0") as process:
            line = process.stdout.readline()
            url = re.search(r"http://127\.0\.0\.1:\d+/", line)[0]
            smtp_port = int(re.search(r"smtp://127\.0\.0\.1:(\d+)", line)[1])
            status = requests.get(f"{url}healthz", timeout=60).status_code
            client = smtplib.SMTP("127.0.0.1", smtp_port, timeout=60)
            process.send_signal(stop)
            _, complaint = process.communicate(timeout=60)
            client.close()

        assert (status, process.returncode, complaint) == (200, 0, "")

    @pytest.mark.parametrize("setting", ["LOCAL_SMTP_PORT", "LOCAL_MAIL_PORT"])
    def test_taken_port_is_one_sentence(self, setting):
        """It names the port and its setting, and exits with 2 and no stack trace."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            ports = {"LOCAL_SMTP_PORT": "0", "LOCAL_MAIL_PORT": "0", setting: str(port)}
            with running("local.mail", **ports) as process:
                _, complaint = process.communicate(timeout=60)

        expected = (
            f"Port {port} on 127.0.0.1 cannot be used (address already in use): "
            f"stop what uses it, or set {setting} to a free port.\n"
        )
        assert (2, expected) == (process.returncode, complaint)
