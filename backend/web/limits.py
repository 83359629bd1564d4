"""A coarse limit on requests per address, before anything else looks at them."""

from typing import Any

from flask import Flask, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from werkzeug.middleware.proxy_fix import ProxyFix

from backend.settings import Settings

# Redis is waited for a moment only; without it the limit goes on in each process.
REDIS_OPTIONS: Any = {"socket_connect_timeout": 0.3, "socket_timeout": 0.3}


def install(app: Flask, settings: Settings) -> None:
    """Limit each address to `rate_limit_per_minute`. Addresses come from trusted proxies only."""
    if settings.proxy_hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxy_hops)  # type: ignore[method-assign]
    limit = f"{settings.rate_limit_per_minute} per minute"
    is_redis = settings.rate_limit_storage_url.startswith("redis")
    limiter = Limiter(
        get_remote_address,
        app=app,
        application_limits=[limit],
        storage_uri=settings.rate_limit_storage_url,
        storage_options=REDIS_OPTIONS if is_redis else {},
        in_memory_fallback=[limit] if is_redis else [],
        in_memory_fallback_enabled=is_redis,
    )
    limiter.request_filter(_is_ours)


def _is_ours() -> bool:
    return (request.blueprint or "") in ("internal", "health")
