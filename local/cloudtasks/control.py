"""The HTTP side: certificates, health, a page to look at, and the control API for tests."""

import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from flask import Flask, Response, abort, jsonify, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from local.cloudtasks.attempt_store import AttemptStore
from local.cloudtasks.dispatcher import Dispatcher
from local.cloudtasks.errors import ApiError, Kind, invalid
from local.cloudtasks.faults import Fault, FaultBook, FaultKind, Script
from local.cloudtasks.model import Attempt, Task
from local.cloudtasks.ports import listening
from local.cloudtasks.queue_store import QueueStore
from local.cloudtasks.task_store import TaskStore

CERTIFICATES_MAX_AGE_S = 60  # Short: whoever wipes the data directory gets a new key.
SHOWN = 200
LISTED = 1000
STATUS = {
    Kind.INVALID_ARGUMENT: 400,
    Kind.NOT_FOUND: 404,
    Kind.ALREADY_EXISTS: 409,
    Kind.DEADLINE_EXCEEDED: 504,
    Kind.FAILED_PRECONDITION: 409,
    Kind.UNIMPLEMENTED: 501,
}


class Control:
    """What the routes need."""

    def __init__(
        self,
        *,
        queues: QueueStore,
        tasks: TaskStore,
        attempts: AttemptStore,
        faults: FaultBook,
        dispatcher: Dispatcher,
        certificates: dict[str, str],
        reset: Callable[[], None],
    ) -> None:
        self.queues = queues
        self.tasks = tasks
        self.attempts = attempts
        self.faults = faults
        self.dispatcher = dispatcher
        self.certificates = certificates
        self.reset = reset

    def listed_tasks(self, limit: int) -> list[dict[str, Any]]:
        """Return waiting tasks as JSON, those due first in front."""
        held, flying = self.faults.held(), self.dispatcher.in_flight()
        return [_task_json(task, held, flying) for task in self.tasks.every(limit=limit)]


def control_app(control: Control) -> Flask:
    """Return the application. Every route answers JSON but the page at `/`."""
    app = Flask("local.cloudtasks", template_folder="templates")
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.before_request(_refuse_other_sites)
    app.register_error_handler(ApiError, _refusal)
    app.register_error_handler(HTTPException, _http_error)
    _add_reading(app, control)
    _add_scripting(app, control)
    return app


def _add_reading(app: Flask, control: Control) -> None:
    @app.get("/healthz")
    def health() -> Response:
        control.tasks.count()  # Proves that the database answers.
        if not control.dispatcher.is_alive:
            abort(503, "The dispatcher has died; its last words are on stderr.")
        return jsonify(status="ok")

    @app.get("/oauth2/v1/certs")
    def certificates() -> Response:
        answer = jsonify(control.certificates)
        # google-auth's caching session honours max-age only beside Date, which werkzeug adds.
        answer.headers["Cache-Control"] = f"public, max-age={CERTIFICATES_MAX_AGE_S}"
        return answer

    @app.get("/")
    def page() -> str:
        return render_template(
            "page.html",
            queues=control.queues.every(),
            tasks=control.listed_tasks(SHOWN),
            task_count=control.tasks.count(),
            attempts=[_attempt_json(a) for a in control.attempts.recent(limit=SHOWN)],
            scripts=[_script_json(s) for s in control.faults.scripts()],
        )

    @app.get("/control/tasks")
    def tasks() -> Response:
        return jsonify(tasks=control.listed_tasks(LISTED), total=control.tasks.count())

    @app.get("/control/attempts")
    def attempts() -> Response:
        found = control.attempts.recent(limit=LISTED, task=request.args.get("task", ""))
        return jsonify(attempts=[_attempt_json(attempt) for attempt in found])


def _add_scripting(app: Flask, control: Control) -> None:
    @app.get("/control/faults")
    def faults() -> Response:
        return jsonify(faults=[_script_json(script) for script in control.faults.scripts()])

    @app.post("/control/faults")
    def add_fault() -> tuple[Response, int]:
        control.faults.add(_fault_from(request.get_json()))
        control.dispatcher.wake()
        return jsonify(faults=[_script_json(s) for s in control.faults.scripts()]), 201

    @app.delete("/control/faults")
    def clear_faults() -> tuple[str, int]:
        control.faults.clear()
        control.dispatcher.wake()
        return "", 204

    @app.post("/control/reset")
    def reset() -> tuple[str, int]:
        control.reset()
        return "", 204


class ControlServer:
    """The control application on a thread of its own."""

    def __init__(self, app: Flask, *, port: int) -> None:
        """
        Bind 127.0.0.1 (0 picks a free port).

        Raises:
            CannotStartError: something else listens there.
        """
        # Bound here and handed over: werkzeug would print and exit on a taken port.
        self._socket = listening(port, what="control")
        self._server: BaseWSGIServer = make_server(
            "127.0.0.1", port, app, threaded=True, fd=self._socket.fileno(), request_handler=_Quiet
        )
        self.port: int = self._socket.getsockname()[1]
        # The poll interval is how long a stop may take: there is a stop after every test.
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="cloudtasks-control", daemon=True
        )

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Close the port."""
        self._server.shutdown()
        self._server.server_close()
        self._socket.close()
        self._thread.join(0.3)


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 (werkzeug's name)
        """Say nothing: the dispatches are the news."""


def _refuse_other_sites() -> tuple[Response, int] | None:
    """Keep web pages of other sites from steering the queue through a developer's browser."""
    origin = request.headers.get("Origin")
    if request.method in ("GET", "HEAD") or origin in (None, request.host_url.rstrip("/")):
        return None
    return jsonify(error="Requests from other sites are refused."), 403


def _refusal(error: ApiError) -> tuple[Response, int]:
    return jsonify(error=error.message, kind=error.kind.value), STATUS[error.kind]


def _http_error(error: HTTPException) -> tuple[Response, int]:
    return jsonify(error=error.description), error.code or 500


def _fault_from(given: Any) -> Fault:
    try:
        return Fault(**{**given, "kind": FaultKind(given["kind"])})
    except (TypeError, KeyError, ValueError) as error:
        kinds = ", ".join(kind.value for kind in FaultKind)
        raise invalid(
            f"A fault is an object with kind ({kinds}) and, as needed, queue, path, count, "
            "copies, concurrent, seconds, size."
        ) from error


def _task_json(task: Task, held: set[str], flying: set[str]) -> dict[str, Any]:
    return {
        "name": task.name,
        "queue": task.queue,
        "method": task.call.method,
        "url": task.call.url,
        "body": task.call.body.decode(errors="replace"),
        "createTime": task.created_at.isoformat(),
        "scheduleTime": task.scheduled_at.isoformat(),
        "dueTime": task.due_at.isoformat(),
        "dispatchCount": task.dispatch_count,
        "responseCount": task.response_count,
        "lastStatus": task.last_attempt and task.last_attempt.status,
        "isHeld": task.name in held,
        "isInFlight": task.name in flying,
    }


def _attempt_json(attempt: Attempt) -> dict[str, Any]:
    responded_at = attempt.responded_at
    return {
        "id": attempt.id,
        "task": attempt.task,
        "queue": attempt.queue,
        "number": attempt.number,
        "method": attempt.method,
        "url": attempt.url,
        "scheduleTime": attempt.scheduled_at.isoformat(),
        "dispatchTime": attempt.dispatched_at.isoformat(),
        "responseTime": responded_at and responded_at.isoformat(),
        "status": attempt.status,
        "outcome": attempt.outcome,
        "reason": attempt.reason,
    }


def _script_json(script: Script) -> dict[str, Any]:
    return {**asdict(script.fault), "touched": len(script.touched), "held": list(script.held)}
