"""The arguments of handlers that take none."""

from backend.web.schemas import CamelSchema


class NoArguments(CamelSchema):
    """No arguments."""
