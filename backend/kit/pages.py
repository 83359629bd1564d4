"""Pages of long lists: an opaque, signed token says where the next one begins."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from itsdangerous import BadData, URLSafeSerializer

from backend.kit.errors import InvalidArgument

T = TypeVar("T")

DEFAULT_SIZE, MAX_SIZE = 20, 100


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some items of a list, and the token of the next page, or None after the last."""

    items: list[T]
    next_page_token: str | None


class PageTokens:
    """Signs and reads page tokens, each bound to the question it continues."""

    def __init__(self, secret: str) -> None:
        self._serializer = URLSafeSerializer(secret, salt="page-token")

    def sign(self, position: list[Any], *, question: list[Any]) -> str:
        """Return the token of a position. `question` is caller, collection and filters."""
        return str(self._serializer.dumps({"at": position, "of": question}))

    def read(self, token: str, *, question: list[Any]) -> list[Any]:
        """
        Return the position that a token stands for.

        Raises:
            InvalidArgument: it was altered, or given for another question.
        """
        try:
            content = self._serializer.loads(token)
        except BadData:
            content = {}
        if content.get("of") != question:
            raise InvalidArgument(
                "This page token does not belong to this list.",
                code="invalid-page-token",
                pointer="/pageToken",
            )
        position: list[Any] = content["at"]
        return position


def page_of(found: list[T], size: int, *, token_after: Callable[[T], str]) -> Page[T]:
    """Cut a page. A full one gets a token, without a look at whether anything follows."""
    return Page(found, token_after(found[-1]) if len(found) == size else None)
