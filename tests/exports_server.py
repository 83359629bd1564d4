"""Firestore's export of databases as its Admin API answers over HTTP, in this process."""

import json
import re
from enum import StrEnum
from typing import Any, Self

from local.serving.http import HANG_UP, HttpServer

BEGIN = re.compile(r"/v1/(projects/[a-z0-9-]+/databases/\(default\)):exportDocuments")
ALL = re.compile(r"/v1/(projects/[a-z0-9-]+/databases/\(default\))/operations")
ONE = re.compile(r"/v1/(projects/[a-z0-9-]+/databases/\(default\)/operations/\w+)")
PREFIX = re.compile(r"gs://[a-z0-9._-]+(/\S+)?")
DOCUMENTS, LOOKS = 30, 3  # Each look finds a third of them exported.


class Mood(StrEnum):
    """How the server answers."""

    WELL = "well"
    BUSY = "busy"  # 503
    CUT = "cut"  # It begins the export, and the connection closes without an answer.
    REFUSING = "refusing"  # 403
    BREAKING = "breaking"  # Exports end with an error.


REFUSALS = {Mood.BUSY: (503, "UNAVAILABLE"), Mood.REFUSING: (403, "PERMISSION_DENIED")}


class ExportsServer:
    """Remembers exports; refuses a second one to a folder that has one, as Firestore does."""

    def __init__(self) -> None:
        self.mood = Mood.WELL
        self.operations: list[dict[str, Any]] = []
        self._server = HttpServer(self._answer, port=0, setting="none")

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def folders(self) -> list[str]:
        """Where exports went, in their order."""
        return [each["metadata"]["outputUriPrefix"] for each in self.operations]

    def _answer(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        status, body = self._answered(environ)
        if self.mood is Mood.CUT and environ["REQUEST_METHOD"] == "POST":
            environ[HANG_UP]()
        start_response(status, [("Content-Type", "application/json")])
        return [json.dumps(body).encode()]

    def _answered(self, environ: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        is_known = environ.get("HTTP_AUTHORIZATION", "").startswith("Bearer ")
        if (refusal := REFUSALS.get(self.mood)) or not is_known:
            return _error(*(refusal or (401, "UNAUTHENTICATED")))
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if method == "POST" and (found := BEGIN.fullmatch(path)):
            return self._begin(found[1], json.load(environ["wsgi.input"]))
        if method == "GET" and ALL.fullmatch(path):
            return "200 OK", {"operations": self.operations} if self.operations else {}
        if method == "GET" and (found := ONE.fullmatch(path)):
            return self._look(found[1])
        return _error(404, "NOT_FOUND")

    def _begin(self, database: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        prefix = body["outputUriPrefix"]
        if PREFIX.fullmatch(prefix) is None or prefix in self.folders:
            return _error(400, "INVALID_ARGUMENT")
        operation = {
            "name": f"{database}/operations/export{len(self.operations)}",
            "metadata": {"operationState": "PROCESSING", "outputUriPrefix": prefix},
        }
        self.operations.append(operation)
        return "200 OK", operation

    def _look(self, name: str) -> tuple[str, dict[str, Any]]:
        operation = next((each for each in self.operations if each["name"] == name), None)
        if operation is None:
            return _error(404, "NOT_FOUND")
        progress = operation["metadata"].setdefault(
            "progressDocuments", {"estimatedWork": str(DOCUMENTS), "completedWork": "0"}
        )
        done = int(progress["completedWork"]) + DOCUMENTS // LOOKS
        progress["completedWork"] = str(done)  # Numbers of 64 bits are strings in Google's JSON.
        if self.mood is Mood.BREAKING:
            operation |= {"done": True, "error": {"code": 7, "message": "No access to gs://…"}}
        elif done == DOCUMENTS:
            prefix = operation["metadata"]["outputUriPrefix"]
            operation |= {"done": True, "response": {"outputUriPrefix": prefix}}
        return "200 OK", operation


def _error(status: int, code: str) -> tuple[str, dict[str, Any]]:
    return f"{status} {code}", {"error": {"code": status, "status": code, "message": "Words."}}
