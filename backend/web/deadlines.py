"""How long a request may take: whatever it calls shares what is left of its deadline."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, TypeVar

from flask import Flask, g, request

from backend.kit.deadline import deadline
from backend.web.context import services
from backend.web.requirements import marked

DEADLINE = "deadline_s"
REQUEST_S = 5.0  # An app shows a spinner for that long; it repeats what may not have been done.

View = TypeVar("View", bound=Callable[..., Any])


def within(seconds: float) -> Callable[[View], View]:
    """Declare how long a view may take, where `REQUEST_S` is not right."""

    def declare(view: View) -> View:
        setattr(view, DEADLINE, seconds)
        return view

    return declare


def install(app: Flask, by_blueprint: Mapping[str, float]) -> None:
    """Give each request what its view declares, else its blueprint, else `REQUEST_S`."""

    @app.before_request
    def begin() -> None:
        usual = by_blueprint.get(request.blueprint or "", REQUEST_S)
        g.deadline = ExitStack()
        g.deadline.enter_context(deadline(services().ports.clock, marked(DEADLINE, usual)))

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        if scope := g.pop("deadline", None):
            scope.close()
