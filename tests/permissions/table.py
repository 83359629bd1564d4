"""The permission table, row by row and field by field, as the tests of both ways need it."""

from collections.abc import Iterator
from dataclasses import dataclass

from backend.workspaces.permissions import TABLE, Role

APP, API = "app", "api"
MEMBERS = tuple(role.value for role in Role)
SELF, AUTHOR = "self", "author"


@dataclass(frozen=True)
class Row:
    """
    Who may do an action with a resource, and with which fields on one way.

    `roles` holds names of roles, or "self", or "author". `fields` is empty where the table says
    no more than `true`. A row that is not open is closed on this way, to everybody.
    """

    resource: str
    action: str
    roles: frozenset[str]
    fields: tuple[str, ...]
    is_open: bool

    @property
    def name(self) -> str:
        """How tests are called: `task.change`."""
        return f"{self.resource}.{self.action}"


def rows(way: str) -> Iterator[Row]:
    """List all rows of the table, as they are on one way: `APP` or `API`."""
    for resource, actions in TABLE.items():
        for action, said in actions.items():
            if action == "server":
                continue
            fields = said.get(way, False)
            yield Row(
                resource,
                action,
                _roles(said["roles"]),
                tuple(fields) if isinstance(fields, list) else (),
                is_open=bool(fields),
            )


def server_fields() -> Iterator[tuple[str, str]]:
    """List every field that nobody sets, with its resource."""
    for resource, actions in TABLE.items():
        for field in actions.get("server", []):
            yield resource, field


def is_own(resource: str) -> bool:
    """Whether a resource lies under a person, and not in a workspace."""
    return any(row.roles == {SELF} for row in rows(APP) if row.resource == resource)


def _roles(letters: str) -> frozenset[str]:
    if letters in (SELF, AUTHOR):
        return frozenset({letters})
    return frozenset(role.value for role in Role if role.letter in letters)
