"""The installer: what it skips, what it says when it cannot go on."""

import ast
import io
import os
import shutil
import subprocess
import sys

import pytest

from local.folders import LOGS, ROOT
from local.installation import stamps
from local.installation.programs import Programs
from local.installation.steps import Steps
from local.node import find_node, npm_command
from local.problems import Problem
from local.progress import Progress


@pytest.fixture
def project(tmp_path):
    """A folder with what decides an installation: requirements and locks."""
    for file in (
        *("requirements.txt", "requirements-dev.txt", "functions/requirements.txt"),
        *("package.json", "package-lock.json", ".npmrc"),
    ):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
    return tmp_path


@pytest.fixture
def programs(tmp_path):
    """Programs with their logs in a folder of this test."""
    return Programs(tmp_path / "logs")


def run(programs, script, tmp_path):
    programs.run("Something", [sys.executable, "-c", script], cwd=tmp_path, log="something.log")


class TestOldPython:
    """The machine's python3 may be of any age."""

    def test_the_first_file_can_be_read_by_old_ones(self):
        """They could not say a clear sentence about syntax they do not know."""
        for file in ("local/__init__.py", "local/install.py"):
            ast.parse((ROOT / file).read_text(), feature_version=(3, 4))


class TestStamps:
    """What was installed is remembered, and not longer than it is true."""

    def test_a_changed_requirement_installs_again(self, project):
        """Also one that is included from another file."""
        before = stamps.python_digest(project)

        (project / "functions/requirements.txt").write_text("firebase-functions==0.7.0\n")

        assert before != stamps.python_digest(project)

    def test_a_moved_project_installs_again(self, project, tmp_path_factory):
        """Scripts in a virtual environment hold its path."""
        elsewhere = tmp_path_factory.mktemp("elsewhere") / "project"
        before = stamps.python_digest(project)
        shutil.move(project, elsewhere)

        assert before != stamps.python_digest(elsewhere)
        project.mkdir()

    def test_a_changed_lock_installs_again(self, project):
        """JavaScript packages are as the lock says."""
        before = stamps.node_digest(project)

        with (project / "package-lock.json").open("a") as lock:
            lock.write("\n")

        assert before != stamps.node_digest(project)

    def test_an_interrupted_installation_is_not_current(self, project):
        """The stamp is taken away first and given back last."""
        wanted = stamps.node_digest(project)
        stamps.record(project, wanted)
        assert stamps.is_current(project, wanted)

        stamps.forget(project)

        assert not stamps.is_current(project, wanted)


class TestPrograms:
    """A failed pip or npm becomes a sentence."""

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            ("Failed to establish a new connection: NewConnectionError", "connect to the internet"),
            ("npm error code EAI_AGAIN", "connect to the internet"),
            ("OSError: [Errno 28] No space left on device", "the disk is full"),
            ("npm error code EACCES", "may not be written"),
            ("Error: ensurepip is not available", "apt install python3-venv"),
            (
                "x\nERROR: No matching distribution found for nope==1.",
                "distribution found for nope",
            ),
        ],
    )
    def test_the_sentence_names_cause_remedy_and_log(self, programs, tmp_path, said, sentence):
        """Known causes get a remedy, others their own words."""
        with pytest.raises(Problem) as caught:
            run(programs, f"print({said!r}); raise SystemExit(1)", tmp_path)

        assert "Something could not be installed: " in str(caught.value)
        assert sentence in str(caught.value)
        assert str(tmp_path / "logs/something.log") in str(caught.value)

    def test_an_earlier_failure_in_the_log_is_not_blamed_again(self, programs, tmp_path):
        """The log is kept; only the last run counts."""
        with pytest.raises(Problem, match="disk is full"):
            run(programs, "print('ENOSPC'); raise SystemExit(1)", tmp_path)

        with pytest.raises(Problem, match="internet"):
            run(programs, "print('ENOTFOUND'); raise SystemExit(1)", tmp_path)


class TestWithoutNetwork:
    """The first run on a machine that is offline."""

    def test_pip_says_so(self, programs, tmp_path, monkeypatch):
        """The real pip, which finds nobody at the registry's address."""
        for name in [name for name in os.environ if name.startswith("PIP_")]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
        monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
        monkeypatch.setenv("PIP_RETRIES", "1")
        pip = [sys.executable, "-m", "pip", "install", "--target", str(tmp_path / "here"), "Flask"]

        with pytest.raises(Problem, match="connect to the internet, then run the same command"):
            programs.run("Python packages", pip, cwd=tmp_path, log="pip.log")

    def test_npm_says_so(self, project, programs, monkeypatch, tmp_path):
        """The real npm, likewise."""
        monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
        monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
        monkeypatch.setenv("npm_config_fetch_retries", "0")
        npm = [*npm_command(find_node()), "ci"]

        with pytest.raises(Problem, match="connect to the internet, then run the same command"):
            programs.run("JavaScript packages", npm, cwd=project, log="npm.log")


class TestNothingToDo:
    """Every `make` target asks the installer first."""

    def test_it_is_silent_and_quick(self):
        """Nothing is said, so that the target's own words come first."""
        steps = Steps(ROOT, Programs(LOGS), Progress(io.StringIO()))
        if not (steps.is_python_current() and steps.is_node_current()):
            pytest.skip("Requirements have changed since the last `make install`.")
        done = subprocess.run(
            [sys.executable, "-m", "local.install"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )

        assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


class TestProgress:
    """What is told where no line can be rewritten."""

    def test_each_step_gets_a_line_with_its_seconds(self):
        """In a log of continuous integration, for instance."""
        out = io.StringIO()

        with Progress(out) as progress:
            progress.begin("Python packages", "a minute or two")
            progress.done("Python packages")

        first, second = out.getvalue().splitlines()
        assert "  Python packages … a minute or two" == first
        assert second.startswith("  Python packages ")
        assert second.endswith(" 0.0 s")
