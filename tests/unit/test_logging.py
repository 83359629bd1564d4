"""Every line is JSON and harmless, whoever speaks: we, a library, or an exception nobody caught."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BEGIN = """
import logging, sys, threading, warnings
import structlog
from backend.kit.logging import configure_logging
configure_logging("info")
log = structlog.get_logger()
"""


def said(program: str, **options: Any) -> list[dict[str, Any]]:
    """The lines of a process of its own: logging is configured once for a whole process."""
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + program],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        **options,
    )
    assert "" == done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


class TestOurOwn:
    """structlog"""

    def test_a_line_has_the_keys_of_cloud_logging(self):
        """And those that were bound."""
        (line,) = said(
            "structlog.contextvars.bind_contextvars(request_id='r1', actor_uid='ann-123456')\n"
            "log.warning('task.created', rev=3)"
        )

        assert ("WARNING", "task.created", 3) == (line["severity"], line["message"], line["rev"])
        assert "r1" == line["request_id"]
        assert line["time"].endswith("Z")
        assert "ann-123456" not in str(line)

    def test_an_exception_shows_where_and_not_what(self):
        """`exception` and `exc_info`, with their causes."""
        lines = said(
            "def convert(text): return int(text)\n"
            "try: convert('my ' + 'diary')\n"
            "except ValueError as error:\n"
            "    log.exception('task.broke')\n"
            "    log.error('task.broke', exc_info=error)\n"
        )

        assert 2 == len(lines)
        for line in lines:
            assert "in convert" in line["exception"]
            assert line["exception"].endswith("ValueError")
            assert "my diary" not in str(line)


class TestLibraries:
    """The standard library's logging."""

    @pytest.mark.parametrize(
        ("call", "text"),
        [
            ("error('cannot read %s of %d', 'my diary', 3)", "cannot read … of 3"),
            ("error('cannot read %(what)s', {'what': 'my diary'})", "cannot read …"),
            ("error('cannot read %d', 'my diary')", "cannot read %d"),
            ("error('cannot read \\'my diary\\'')", "cannot read '…'"),
            ("error('failed: %s', ValueError('my diary'))", "failed: ValueError()"),
            ("error('done %s', True)", "done True"),
            ("critical({'my': 'diary'})", "{'…': '…'}"),
        ],
    )
    def test_their_words_are_shown_without_ours(self, call: str, text: str):
        """Arguments are what people sent."""
        (line,) = said(f"logging.getLogger('some.library').{call}")

        assert ("library.complained", "some.library") == (line["message"], line["logger"])
        assert text == line["said"]
        assert "diary" not in str(line).replace("'my', 'diary'", "")

    def test_their_exceptions_are_described_like_ours(self):
        """Not by the library's formatter."""
        (line,) = said(
            "try: int('my ' + 'diary')\nexcept ValueError: logging.getLogger('x').exception('no')"
        )

        assert line["exception"].endswith("ValueError")
        assert "my diary" not in str(line)

    def test_below_warning_they_are_silent(self):
        """They tell of every connection."""
        assert [] == said("logging.getLogger('urllib3').info('x'); logging.debug('y')")

    def test_warnings_are_lines_too(self):
        """Not text on stderr."""
        (line,) = said("warnings.warn('old: \\'my diary\\'', stacklevel=1)")

        assert "py.warnings" == line["logger"]
        assert "diary" not in str(line)


class TestEnds:
    """What nobody caught, and nowhere to write."""

    def test_a_thread_that_breaks_says_so(self):
        """Python would print it, with everything in it."""
        (line,) = said(
            "thread = threading.Thread(target=lambda: int('my ' + 'diary'))\n"
            "thread.start(); thread.join()"
        )

        assert "thread.broke" == line["message"]
        assert "my diary" not in str(line)

    def test_a_process_that_breaks_says_so(self):
        """In its last line."""
        (line,) = said("int('my ' + 'diary')")

        assert "process.broke" == line["message"]
        assert "my diary" not in str(line)

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's full device")
    def test_a_full_disk_stops_nobody(self):
        """Neither ours nor a library's line is worth a failed request."""
        program = (
            f"{BEGIN}\n"
            "for _ in range(5000): log.info('task.created'); logging.error('x')\n"
            "sys.stderr.write('went on')\n"
            "sys.stderr.flush(); import os; os._exit(0)"
        )
        with open("/dev/full", "w") as full:
            done = subprocess.run(
                [sys.executable, "-c", program],
                check=False, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120,
            )  # fmt: skip

        assert "went on" == done.stderr

    def test_lines_of_several_threads_do_not_mix(self):
        """Ours and a library's at once."""
        lines = said(
            "def speak():\n"
            "    for number in range(300):\n"
            "        log.info('task.created', rev=number)\n"
            "        logging.error('library %d', number)\n"
            "threads = [threading.Thread(target=speak) for _ in range(4)]\n"
            "[thread.start() for thread in threads]\n"
            "[thread.join() for thread in threads]\n"
        )

        assert 2400 == len(lines)
