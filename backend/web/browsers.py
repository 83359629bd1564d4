"""What browsers are told: which pages may call us (CORS), and how to treat the answers."""

from flask import Flask, Response, current_app, request
from flask_cors import CORS

PREFLIGHT_AGE_S = 7200  # As long as Chromium keeps it at the most.
ASKED = [
    "Accept-Language", "Authorization", "Content-Type", "Idempotency-Key", "If-Match",
    "If-None-Match", "X-Device-Id", "X-Firebase-AppCheck", "traceparent",
]  # fmt: skip
TOLD = [
    "Content-Language", "ETag", "Idempotent-Replayed", "Link", "Location", "RateLimit-Limit",
    "RateLimit-Remaining", "RateLimit-Reset", "Retry-After", "Server-Timing", "Undo-Token",
    "X-Request-Id",
]  # fmt: skip

# A page that has other needs says so itself.
SECURE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
}


def install(app: Flask, origins: tuple[str, ...]) -> None:
    """Answer OPTIONS to anybody, let in the pages of `origins`, and secure every answer."""
    CORS(
        app,
        resources=r"/api/.*",
        origins=list(origins),
        methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
        allow_headers=ASKED,
        expose_headers=TOLD,
        max_age=PREFLIGHT_AGE_S,
        supports_credentials=False,
        always_send=False,
    )

    @app.before_request
    def tell_options() -> Response | None:
        # Before anybody is asked for a token: a browser's preflight carries none.
        if request.method != "OPTIONS" or request.endpoint is None:
            return None
        answer = current_app.make_default_options_response()
        answer.status_code = 204
        if "PATCH" in answer.allow:
            answer.headers["Accept-Patch"] = "application/merge-patch+json, application/json"
        return answer

    @app.after_request
    def secure(answer: Response) -> Response:
        for name, value in SECURE.items():
            answer.headers.setdefault(name, value)
        if origins:  # flask-cors leaves it out for a single origin.
            answer.vary.add("Origin")
        return answer
