"""`python -m local.fcm`"""

import re
import signal
import socket

import pytest
import requests

from tests.local.processes import running


class TestCommand:
    """How it starts and stops."""

    @pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
    def test_signal_stops_it_cleanly(self, stop):
        """It says where it is, answers, and ends within two seconds with exit code 0."""
        with running("local.fcm", "--port", "0") as process:
            url = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())[0]
            status = requests.get(f"{url}healthz", timeout=60).status_code
            process.send_signal(stop)
            _, complaint = process.communicate(timeout=60)

        assert (status, process.returncode, complaint) == (200, 0, "")

    def test_taken_port_is_one_sentence(self):
        """It names the port and the setting, and exits with 2 and no stack trace."""
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            with running("local.fcm", LOCAL_FCM_PORT=str(port)) as process:
                _, complaint = process.communicate(timeout=60)

        expected = (
            f"Port {port} on 127.0.0.1 cannot be used (address already in use): "
            "stop what uses it, or set LOCAL_FCM_PORT to a free port.\n"
        )
        assert (2, expected) == (process.returncode, complaint)

    def test_port_that_is_none_is_refused(self):
        """A broken setting is named."""
        with running("local.fcm", LOCAL_FCM_PORT="http") as process:
            _, complaint = process.communicate(timeout=60)

        assert process.returncode == 2
        assert "'http' is not a port (0 to 65535), see also LOCAL_FCM_PORT" in complaint
