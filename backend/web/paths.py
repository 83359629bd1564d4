"""Ids in the paths of requests."""

from collections.abc import Mapping

from werkzeug.routing import BaseConverter

from backend.kit.emoji import emoji_of
from backend.kit.errors import hidden
from backend.kit.ids import checked


class PathPart(BaseConverter):
    """
    A variable part of a path, as far as a `:`.

    So `…/workspaces/w1:leave` is the act and nothing else, whatever the method: never a workspace
    called `w1:leave`.
    """

    regex = "[^/:]+"
    part_isolating = True


class EmojiText(str):
    """An emoji in its one spelling; empty where somebody sent what is none."""

    __slots__ = ()


class EmojiPart(PathPart):
    """A variable part of a path that is an emoji, percent-encoded as all text in a path is."""

    def to_python(self, value: str) -> EmojiText:
        """Read it. What is none is refused by `check_ids`, once it is known who asks."""
        return EmojiText(emoji_of(value) or "")


def check_ids(view_args: Mapping[str, str]) -> None:
    """
    Check every variable part of a path, before anything else looks at it.

    Raises:
        NotFound: one could never be an id, so there is nothing of that name.
    """
    for part in view_args.values():
        if not isinstance(part, EmojiText):
            checked(part)
        elif not part:
            raise hidden()
