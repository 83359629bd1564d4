"""How commands offer to be taken back: the `Undo-Token` header."""

UNDO_TOKEN = "Undo-Token"  # noqa: S105 - the name of a header.


def undo_header(token: str | None) -> dict[str, str]:
    """Return the header that offers to take a command back; none where it changed nothing."""
    return {} if token is None else {UNDO_TOKEN: token}
