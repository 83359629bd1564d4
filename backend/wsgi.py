"""What the WSGI server imports: `gunicorn --config backend/gunicorn.conf.py backend.wsgi:app`."""

from backend.app import create_app
from backend.bootstrap import build_ports, build_services
from backend.kit.logging import configure_logging
from backend.settings import read_settings

settings = read_settings()
configure_logging(settings.log_level)
services = build_services(settings, build_ports(settings))
services.ports.metrics.show(settings.metrics_host, settings.metrics_port)
app = create_app(services)
