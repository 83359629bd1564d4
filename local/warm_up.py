"""The first calls of a cold Firestore emulator, which take its Java seconds."""

from local.health import ask

OWNER = {"Authorization": "Bearer owner"}  # To the emulator: past the rules.
WITHIN_S = 30.0


def warm_up(port: int, project_id: str) -> None:
    """
    Write, read under the rules, query and delete one document that nobody else looks at.

    Whoever calls next is answered in milliseconds, where an app would have waited so long that
    its SDK takes itself to be offline. What is answered here does not matter.
    """
    root = f"/v1/projects/{project_id}/databases/(default)/documents"
    path = f"{root}/warmUps/{project_id}"
    query = {"structuredQuery": {"from": [{"collectionId": "warmUps"}], "limit": 1}}
    ask(port, path, method="PATCH", body={"fields": {}}, headers=OWNER, timeout_s=WITHIN_S)
    ask(port, path, timeout_s=WITHIN_S)
    ask(port, f"{root}:runQuery", method="POST", body=query, headers=OWNER, timeout_s=WITHIN_S)
    ask(port, path, method="DELETE", headers=OWNER, timeout_s=WITHIN_S)
