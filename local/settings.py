"""Settings of the local stack, from the environment and `.env`; the environment wins."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from dotenv import dotenv_values
from dotenv.parser import parse_stream
from environs import Env, EnvValidationError, validate

from local.folders import LOCAL, ROOT
from local.problems import Problem
from local.suite_config import SuitePorts

DOTENV = ROOT / ".env"
DEFAULT_DATA_DIR = LOCAL / "data"
PROJECT_ID = re.compile(r"demo-[a-z0-9-]{0,24}[a-z0-9]")
# What each port is by default. Its setting is LOCAL_<NAME>_PORT.
PORTS = {
    "api": 8000,
    "api_metrics": 9464,
    "scheduler_metrics": 9465,
    "auth": 9099,
    "firestore": 8080,
    "firestore_websocket": 9150,
    "functions": 5001,
    "eventarc": 9299,
    "suite_tasks": 9499,
    "hub": 4400,
    "logging": 4500,
    "storage": 9023,
    "cloud_tasks": 8123,
    "cloud_tasks_control": 8124,
    "fcm": 8125,
    "smtp": 1025,
    "mail": 8126,
}


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """
    Where a stack listens and keeps its data.

    `ports` has the keys of `PORTS`. `passed_on` are the further settings in `.env`, which are
    the backend's. The Suite's data is saved every `export_interval_s` seconds, at 0 only on a stop.
    """

    project_id: str
    data_dir: Path
    export_interval_s: float
    ports: Mapping[str, int]
    passed_on: Mapping[str, str] = field(repr=False)

    @property
    def state_dir(self) -> Path:
        """Logs and the description of the running stack: beside the usual data, else in it."""
        return LOCAL if self.data_dir == DEFAULT_DATA_DIR else self.data_dir

    @property
    def logs(self) -> Path:
        """The folder with a log file for each process."""
        return self.state_dir / "logs"

    @property
    def suite_ports(self) -> SuitePorts:
        """The ports of the Emulator Suite."""
        names = ("auth", "firestore", "firestore_websocket", "functions", "eventarc", "suite_tasks")
        return SuitePorts(*(self.ports[name] for name in (*names, "hub", "logging")))

    def as_environment(self) -> dict[str, str]:
        """Return the LOCAL_ variables from which `read_settings` reads these settings."""
        return {
            "LOCAL_PROJECT_ID": self.project_id,
            "LOCAL_DATA_DIR": str(self.data_dir),
            "LOCAL_EXPORT_INTERVAL_S": str(self.export_interval_s),
        } | {setting_of(name): str(port) for name, port in self.ports.items()}


def setting_of(port: str) -> str:
    """Return the name of the setting of a port."""
    return f"LOCAL_{port.upper()}_PORT"


def read_settings(dotenv: Path = DOTENV) -> LocalSettings:
    """
    Read all settings.

    Raises:
        Problem: with every fault at once, each naming its variable.
    """
    passed_on = _read_dotenv(dotenv)
    env = Env(eager=False)
    if dotenv.is_file():
        env.read_env(dotenv, recurse=False)
    values = _parse(env)
    try:
        env.seal()
    except EnvValidationError as error:
        faults = cast("Mapping[str, list[str]]", error.error_messages)
        raise _faulty([f"{name}: {' '.join(said)}" for name, said in faults.items()]) from None
    _check_ports_differ(values["ports"])
    return LocalSettings(passed_on=passed_on, **values)


def _read_dotenv(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    try:
        with path.open(encoding="utf-8") as stream:
            faults = [
                f"line {binding.original.line} of {path.name} is not of the form NAME=value: "
                f"{binding.original.string.strip()[:60]}"
                for binding in parse_stream(stream)
                # A name alone, without a value, passes the parser but sets nothing.
                if binding.error or (binding.key is not None and binding.value is None)
            ]
    except (OSError, UnicodeDecodeError) as error:
        raise _faulty([f"{path.name} cannot be read: {error}"]) from None
    if faults:
        raise _faulty(faults)
    values = dotenv_values(path)
    return {
        name: value
        for name, value in values.items()
        if value is not None and not name.startswith("LOCAL_") and name not in os.environ
    }


def _parse(env: Env) -> dict[str, Any]:
    data_dir = env.str("LOCAL_DATA_DIR", "") or str(DEFAULT_DATA_DIR)
    ports = {
        name: env.int(
            setting_of(name),
            usual,
            validate=validate.Range(min=1, max=65535, error="is not a port (1 to 65535)"),
        )
        for name, usual in PORTS.items()
    }
    return {
        "project_id": env.str(
            "LOCAL_PROJECT_ID",
            "demo-taskflow",
            validate=validate.Regexp(
                f"{PROJECT_ID.pattern}$", error="must be like demo-name, at most 30 characters"
            ),
        ),
        "data_dir": Path(ROOT, Path(data_dir).expanduser()).resolve(),
        "export_interval_s": env.float(
            "LOCAL_EXPORT_INTERVAL_S",
            300.0,
            validate=validate.Range(min=0, error="is not a number of seconds"),
        ),
        "ports": ports,
    }


def _check_ports_differ(ports: Mapping[str, int]) -> None:
    users: dict[int, list[str]] = {}
    for name, port in ports.items():
        users.setdefault(port, []).append(setting_of(name))
    faults = [
        f"{' and '.join(names)} are both {port}, but need ports of their own"
        for port, names in users.items()
        if len(names) > 1
    ]
    if faults:
        raise _faulty(faults)


def _faulty(faults: list[str]) -> Problem:
    listing = "\n".join(f"  {fault}" for fault in faults)
    return Problem(f"Please correct in .env or in the environment:\n{listing}")
