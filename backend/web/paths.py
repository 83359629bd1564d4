"""Ids in the paths of requests."""

from collections.abc import Mapping

from backend.kit.ids import checked


def check_ids(view_args: Mapping[str, str]) -> None:
    """
    Check every variable part of a path, before anything else looks at it.

    Raises:
        NotFound: one could never be an id, so there is nothing of that name.
    """
    for part in view_args.values():
        checked(part)
