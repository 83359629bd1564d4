"""
The addresses for those who run the service, described by hand.

Anybody may ask, and their blueprint is a plain one: a probe needs none of what an API call does.
"""

from typing import Any

Answer = tuple[dict[str, Any], dict[str, Any]]  # The properties of a schema, and an example.

TAG = {"name": "health", "description": "For load balancers and those who run the service."}

STATUS: dict[str, Any] = {
    "type": "string",
    "enum": ["ok", "degraded"],
    "description": "`ok`, or `degraded`: what merely helps does not answer.",
}
CHECKS: dict[str, Any] = {
    "type": "object",
    "description": "What each thing we depend on answered.",
    "additionalProperties": {"type": "string", "enum": ["ok", "silent"]},
}
ALIVE: Answer = ({"status": STATUS}, {"status": "ok"})
READY: Answer = (
    {"status": STATUS, "checks": CHECKS},
    {"status": "ok", "checks": {"firestore": "ok", "jobs": "ok", "cache": "ok", "counters": "ok"}},
)
PROBES = {
    "/livez": ("isLive", ALIVE, "Say that the process is alive."),
    "/healthz": ("isHealthy", ALIVE, "Say that the process is alive, under its older name."),
    "/readyz": (
        "isReady",
        READY,
        "Say whether the process can work: 503 names what does not answer, or that it is ending.",
    ),
}


def probes() -> dict[str, Any]:
    """Return the description of each probe by its path."""
    return {
        path: {
            "get": {
                "operationId": name,
                "summary": summary,
                "tags": [TAG["name"]],
                "security": [],
                "responses": {"200": _ok(*answer)},
            }
        }
        for path, (name, answer, summary) in PROBES.items()
    }


def _ok(properties: dict[str, Any], example: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {
        "description": "OK",
        "content": {"application/json": {"schema": schema, "example": example}},
    }
