"""
Firestore as an app meets it: through the rules, as one person, over the emulator's REST API.

The Python SDK cannot test rules, because against an emulator it always signs in as the owner.
Here a person is an unsigned ID token. Writes go through `commit` and lists through `runQuery`,
as the mobile and web SDKs do.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import urllib3

from tests.rules.wire import (
    DELETE,
    Document,
    Query,
    encode_fields,
    nested,
    plain,
    structured_query,
    transforms,
    unsigned_token,
)


class Verdict(StrEnum):
    """What the rules said."""

    ALLOWED = "allowed"
    DENIED = "denied"


@dataclass(frozen=True)
class Answer:
    """A verdict, the documents that came with it, and the emulator's reason for a refusal."""

    verdict: Verdict
    documents: list[dict[str, Any]] = field(default_factory=list)
    reason: str = ""


class RulesClient:
    """One emulator project; `as_` gives the view of one person on it."""

    def __init__(self, host: str, project_id: str) -> None:
        """Talk to the emulator at `host` ("127.0.0.1:8080")."""
        self._pool = urllib3.connection_from_url(f"http://{host}", maxsize=2)
        self._project_id = project_id
        self.root = f"projects/{project_id}/databases/(default)/documents"
        self.server = Person(self, "owner")
        self.nobody = Person(self, None)

    def as_(self, uid: str, **claims: Any) -> "Person":
        """Be the person `uid`, with further token claims."""
        return Person(self, unsigned_token(uid, **claims))

    def load_rules(self, rules: str) -> None:
        """Put `rules` in force, and forget what was recorded of the ones before."""
        path = f"/emulator/v1/projects/{self._project_id}:securityRules"
        body = {"rules": {"files": [{"content": rules}]}}
        status, answer = self.call("PUT", path, body)

        assert status == 200, answer

    def coverage(self) -> list[dict[str, Any]]:
        """Return every expression the rules engine has evaluated, as a tree with its values."""
        path = f"/emulator/v1/projects/{self._project_id}:ruleCoverage"
        report: list[dict[str, Any]] = self.call("GET", path)[1]["report"]
        return report

    def call(
        self, method: str, path: str, body: Any = None, token: str | None = None
    ) -> tuple[int, Any]:
        """Send one request and return its status and JSON."""
        headers = {"Content-Type": "application/json"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        data = None if body is None else json.dumps(body)
        response = self._pool.request(method, path, body=data, headers=headers, timeout=30)
        return response.status, json.loads(response.data or b"null")


class Person:
    """The verbs of the rules, as one person. Paths are relative: `workspaces/w1/tasks/t1`."""

    def __init__(self, client: RulesClient, token: str | None) -> None:
        """Use `RulesClient.as_` instead."""
        self._client = client
        self._token = token

    def get(self, path: str) -> Answer:
        """Read one document. One that is allowed and absent is allowed, with no documents."""
        status, answer = self._call("GET", path)
        return Answer(Verdict.ALLOWED) if status == 404 else self._answer(status, answer)

    def batch_get(self, *paths: str) -> Answer:
        """Read several documents at once, as transactions of the SDKs do."""
        body = {"documents": [self._name(path) for path in paths]}
        status, answer = self._call("POST", ":batchGet", body)
        found = [each.get("found", {}) for each in answer] if status == 200 else answer
        return self._answer(status, found)

    def list(self, collection: str, query: Query) -> Answer:
        """Run a query on a collection path, or on a collection group (`every_path`)."""
        parent, _, name = collection.rpartition("/")
        body = structured_query(name, query)
        return self._answer(*self._call("POST", f"{parent}:runQuery", {"structuredQuery": body}))

    def count(self, collection: str, query: Query) -> Answer:
        """Ask only how many documents a query finds."""
        parent, _, name = collection.rpartition("/")
        body = structured_query(name, query)
        body = {"structuredQuery": body, "aggregations": [{"alias": "n", "count": {}}]}
        status, answer = self._call(
            "POST", f"{parent}:runAggregationQuery", {"structuredAggregationQuery": body}
        )
        return self._answer(status, [] if status == 200 else answer)

    def list_documents(self, collection: str, page_size: int | None) -> Answer:
        """List a collection without a query, as only REST and gRPC can."""
        suffix = "" if page_size is None else f"?pageSize={page_size}"
        status, answer = self._call("GET", f"{collection}{suffix}")
        return self._answer(status, answer.get("documents", []) if status == 200 else answer)

    def create(self, path: str, data: Document) -> Answer:
        """Write a document that must not exist."""
        return self.commit([self.writing(path, data, exists=False)])

    def set(self, path: str, data: Document) -> Answer:
        """Write a document whole, whether it exists or not."""
        return self.commit([self.writing(path, data)])

    def update(self, path: str, changes: Document) -> Answer:
        """Change some fields of a document that must exist. `a.b` is a nested field."""
        return self.commit([self.updating(path, changes)])

    def delete(self, path: str) -> Answer:
        """Delete a document."""
        return self.commit([self.deleting(path)])

    def commit(self, writes: Iterable[dict[str, Any]]) -> Answer:
        """Apply writes all together or not at all."""
        return self._answer(*self._call("POST", ":commit", {"writes": list(writes)}))

    def writing(self, path: str, data: Document, exists: bool | None = None) -> dict[str, Any]:
        """Describe a whole-document write for `commit`."""
        write: dict[str, Any] = {
            "update": {"name": self._name(path), "fields": encode_fields(plain(data))}
        }
        if exists is not None:
            write["currentDocument"] = {"exists": exists}
        return write | transforms(data)

    def updating(self, path: str, changes: Document) -> dict[str, Any]:
        """Describe a write of some fields for `commit`."""
        values = plain(changes)
        mask = [*values, *(name for name, value in changes.items() if value is DELETE)]
        write = {
            "update": {"name": self._name(path), "fields": encode_fields(nested(values))},
            "updateMask": {"fieldPaths": mask},
            "currentDocument": {"exists": True},
        }
        return write | transforms(changes)

    def deleting(self, path: str) -> dict[str, Any]:
        """Describe a deletion for `commit`."""
        return {"delete": self._name(path)}

    def _name(self, path: str) -> str:
        return f"{self._client.root}/{path}"

    def _call(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        separator = "" if path.startswith(":") else "/"
        return self._client.call(
            method, f"/v1/{self._client.root}{separator}{path}", body, self._token
        )

    @staticmethod
    def _answer(status: int, body: Any) -> Answer:
        """Only PERMISSION_DENIED is a refusal: a malformed request must fail the test instead."""
        if status == 200:
            found = body if isinstance(body, list) else [body]
            documents = [item.get("document", item) for item in found]
            return Answer(Verdict.ALLOWED, [item for item in documents if "name" in item])
        error = (body[0] if isinstance(body, list) else body)["error"]
        assert error["status"] == "PERMISSION_DENIED", error
        return Answer(Verdict.DENIED, reason=error["message"])
