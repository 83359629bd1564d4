"""gunicorn as Cloud Run wants it: one worker with threads, stopped before the platform kills it."""

import os
import resource
import sys

from backend.server.worker import PatientWorker
from backend.settings import SettingsError, read_settings
from backend.web.draining import drain_on_sigterm

# Checked here, in the master, so that a bad setting is one message and not a worker that dies.
try:
    settings = read_settings()
except SettingsError as error:
    print("TaskFlow cannot start:", *error.faults, sep="\n  ", file=sys.stderr)
    sys.exit(2)

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = settings.web_workers
worker_class = "backend.server.worker.PatientWorker"
threads = int(os.environ.get("WEB_THREADS", "16"))
timeout = 0  # Cloud Run has its own; gunicorn's would kill a worker for one slow request.
graceful_timeout = 8  # Cloud Run kills ten seconds after SIGTERM.
keepalive = settings.keepalive_s
# Each is a file descriptor, of which Firestore, Redis and the rest need some too.
worker_connections = max(64, min(1000, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 256))
# A query holds a page token of 2 kB and filters, a header an ID token, which may have 16 kB.
limit_request_line = 4094
limit_request_fields = 64
limit_request_field_size = 20 * 1024
sendfile = False  # It would write to the socket past our worker.
control_socket_disable = True  # Its file in the home folder breaks read-only containers.
loglevel = "warning"
logger_class = "backend.server.log.ServerLog"


def post_worker_init(worker: object) -> None:  # noqa: ARG001 - gunicorn calls it so.
    """Let `/readyz` say that the process is draining, from the moment it is asked to stop."""
    drain_on_sigterm()


def post_fork(_server: object, worker: PatientWorker) -> None:
    """Tell a new worker how long a request may take to arrive."""
    worker.patience_s = settings.arrival_timeout_s
