"""Archives as people get them: asked for, waited for, downloaded and opened."""

import io
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from zipfile import ZipFile

import requests

from local.cloudtasks import Fault, FaultKind
from tests.api.world import Caller, World


@dataclass(frozen=True)
class Archive:
    """A downloaded archive, and how it came."""

    content: bytes
    headers: Any

    @property
    def zip(self) -> ZipFile:
        return ZipFile(io.BytesIO(self.content))

    @property
    def manifest(self) -> dict[str, Any]:
        return json.loads(self.zip.read("manifest.json"))

    @property
    def names(self) -> set[str]:
        return set(self.zip.namelist())

    def lines(self, name: str) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.zip.read(f"{name}.ndjson").splitlines()]

    def paths(self, name: str) -> list[str]:
        return [line["path"] for line in self.lines(name)]

    def own(self) -> dict[str, str]:
        """The SHA-256 of every entry that is somebody's own state."""
        return {
            entry["name"]: entry["sha256"]
            for entry in self.manifest["entries"]
            if entry["section"] == "own"
        }


def start_export(person: Caller) -> str:
    """Ask for an archive; return the operation's id."""
    person.world.clock.advance(timedelta(seconds=1))  # No two are asked for in one instant.
    answer = person.post("/users/me:export")
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def unattended_export(world: World, person: Caller) -> dict[str, str]:
    """Ask for an archive whose job is lost; return that job's body."""
    world.tasks.settle()  # Else the fault might befall a job that is on its way already.
    world.tasks.script(Fault(FaultKind.DROP, path="/internal/jobs/fire", count=1))
    operation_id = start_export(person)
    world.tasks.settle()
    timers = world.database.collection("timers").stream()
    ((timer_id, fields),) = (
        (timer.id, timer.to_dict())
        for timer in timers
        if timer.to_dict()["subject"].get("operationId") == operation_id
        and timer.to_dict()["fireAt"] <= world.clock.now()
    )
    return {"timerId": timer_id, "kind": fields["kind"], **fields["subject"]}


def finished(world: World, person: Caller, operation_id: str) -> dict[str, Any]:
    """The operation once it runs no longer."""
    world.tasks.settle()
    operation = person.get(f"/operations/{operation_id}").json()
    assert operation["state"] != "running", operation
    return operation


def download(operation: dict[str, Any]) -> Archive:
    """Fetch an archive from where its operation says it is."""
    answer = requests.get(operation["result"]["downloadUrl"], timeout=60)
    assert answer.status_code == 200, answer.text
    return Archive(answer.content, answer.headers)


def export(world: World, person: Caller) -> Archive:
    """Everything of somebody, as an archive."""
    return download(finished(world, person, start_export(person)))
