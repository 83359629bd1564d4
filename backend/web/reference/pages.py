"""
`/docs` (Swagger UI, which also calls the API) and `/redoc` (Redoc), where API_DOCS is set.

The two folders beside this file hold files of the npm packages of their names, unchanged; a test
compares. Nothing is fetched from anywhere else, which the content policy also enforces.
"""

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

HERE = Path(__file__).parent
FILES = {
    file: folder
    for folder, files in {
        "swagger-ui-dist": ("swagger-ui-bundle.js", "swagger-ui.css"),
        "redoc": ("redoc.standalone.js",),
        "own": ("swagger.js", "redoc.js", "reference.css"),
    }.items()
    for file in files
}
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self' 'unsafe-inline'",  # Both make styles as they draw.
        "img-src 'self' data:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src blob:",  # Redoc's search.
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

blueprint = Blueprint("reference", __name__)


@blueprint.get("/docs")
def swagger() -> Response:
    """Show every operation, and call it with the token that the reader pastes."""
    return _page("swagger.html")


@blueprint.get("/redoc")
def redoc() -> Response:
    """Show every operation, for reading."""
    return _page("redoc.html")


@blueprint.get("/docs/<any({}):name>".format(",".join(f'"{name}"' for name in FILES)))
def file(name: str) -> Response:
    """Return a script or style of the two pages."""
    answer = send_from_directory(HERE / FILES[name], name)
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


def _page(name: str) -> Response:
    answer = send_from_directory(HERE / "own", name)
    answer.headers["Content-Security-Policy"] = POLICY
    return answer
