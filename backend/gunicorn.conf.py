"""gunicorn as Cloud Run wants it: one worker with threads, stopped before the platform kills it."""

import os
import sys

from backend.settings import SettingsError, read_settings

# Checked here, in the master, so that a bad setting is one message and not a worker that dies.
try:
    settings = read_settings()
except SettingsError as error:
    print("TaskFlow cannot start:", *error.faults, sep="\n  ", file=sys.stderr)
    sys.exit(2)

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = settings.web_workers
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "16"))
timeout = 0  # Cloud Run has its own; gunicorn's would kill a worker for one slow request.
graceful_timeout = 8  # Cloud Run kills ten seconds after SIGTERM.
keepalive = 75  # Longer than the load balancer's, which then closes first.
control_socket_disable = True  # Its file in the home folder breaks read-only containers.
loglevel = "warning"
