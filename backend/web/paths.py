"""Ids in the paths of requests."""

from collections.abc import Mapping

from werkzeug.routing import BaseConverter

from backend.kit.ids import checked


class PathPart(BaseConverter):
    """
    A variable part of a path, as far as a `:`.

    So `…/workspaces/w1:leave` is the act and nothing else, whatever the method: never a workspace
    called `w1:leave`.
    """

    regex = "[^/:]+"
    part_isolating = True


def check_ids(view_args: Mapping[str, str]) -> None:
    """
    Check every variable part of a path, before anything else looks at it.

    Raises:
        NotFound: one could never be an id, so there is nothing of that name.
    """
    for part in view_args.values():
        checked(part)
