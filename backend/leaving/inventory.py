"""
Every collection there is: whose it is, and where it names people. The one place that says so.

Purging, erasing and exporting follow this table, and a test holds it to the collections that the
rules name and to those that a database really has. Whoever adds a collection adds a row.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Whose(StrEnum):
    """To whom a collection belongs, and so with whom it goes."""

    PERSON = "person"
    WORKSPACE = "workspace"
    SERVER = "server"


@dataclass(frozen=True, slots=True)
class Collection:
    """
    A collection by the pattern of its documents' paths.

    `one` are the fields that hold a uid, `many` those that hold several; each of them is found by
    a query, so that each has an index. `copies` are maps that repeat such fields, below any depth:
    their documents are found by one of the others. `totals` are maps of what is counted, by uid,
    each with a number `open`, by which it is found. `names` are copies of somebody's name, photo or
    address. `person` and `workspace` are, in the server's own collections, the fields by which a
    document follows a person or a workspace. `is_exported`: a person gets it with their export.
    """

    path: str
    one: tuple[str, ...] = ()
    many: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    totals: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    person: str | None = None
    workspace: str | None = None
    is_exported: bool = True
    keeps_places: bool = False  # Lists show that somebody was there, who has no name any more.

    @property
    def name(self) -> str:
        """The collection's own id, which a collection group goes by."""
        return self.path.split("/")[-2]

    @property
    def whose(self) -> Whose:
        """To whom it belongs."""
        return {"users": Whose.PERSON, "workspaces": Whose.WORKSPACE}.get(
            self.path.split("/")[0], Whose.SERVER
        )

    @property
    def is_group(self) -> bool:
        """Whether there are many of this name, each below another document."""
        return self.path.count("/") > 1


_MADE = ("createdBy", "updatedBy")

PERSONAL = (
    Collection("users/{uid}", names=("displayName", "photoUrl")),
    Collection("users/{uid}/settings/{name}"),
    Collection("users/{uid}/devices/{device}"),
    Collection(
        "users/{uid}/notifications/{notification}", one=("actorUid",), names=("title", "body")
    ),
    Collection("users/{uid}/notifications/{notification}/decisions/{channel}"),
    Collection("users/{uid}/counters/{name}"),
    Collection("users/{uid}/intents/{intent}"),
    Collection("users/{uid}/focus/{name}"),
    Collection("users/{uid}/focusSessions/{session}"),
    Collection("users/{uid}/stats/{day}"),
)

SHARED = (
    Collection("workspaces/{w}", one=("ownerUid", "updatedBy"), totals=("counters.byMember",)),
    Collection("workspaces/{w}/members/{uid}", one=("uid",), names=("displayName", "photoUrl")),
    Collection(
        "workspaces/{w}/invites/{invite}", one=("invitedBy", "acceptedBy"), names=("emailLower",)
    ),
    Collection("workspaces/{w}/projects/{project}", one=_MADE),
    Collection("workspaces/{w}/boards/{board}", one=_MADE),
    Collection("workspaces/{w}/lists/{list}", one=_MADE),
    Collection("workspaces/{w}/labels/{label}", one=_MADE),
    Collection(
        "workspaces/{w}/tasks/{task}",
        one=(*_MADE, "completedBy"),
        many=("assigneeIds", "watcherIds"),
    ),
    Collection(
        "workspaces/{w}/tasks/{task}/comments/{comment}",
        one=("authorUid", "updatedBy"),
        many=("mentionIds", "reactedBy"),
        copies=("reactions",),
    ),
    Collection("workspaces/{w}/tasks/{task}/attachments/{attachment}", one=("uploadedBy",)),
    Collection(
        "workspaces/{w}/tasks/{task}/history/{rev}",
        one=("actorUid",),
        many=("people",),
        copies=("patch", "previous", "lost", "since"),
        keeps_places=True,
    ),
    Collection(
        "workspaces/{w}/series/{series}", one=("createdBy",), many=("people",), copies=("template",)
    ),
    Collection(
        "workspaces/{w}/series/{series}/occurrences/{key}", many=("people",), copies=("changes",)
    ),
    Collection("workspaces/{w}/events/{event}", one=("actorUid",), many=("audience",)),
    Collection("workspaces/{w}/stats/{day}"),
)

SERVERS = (
    Collection(
        "shadows/{id}",
        many=("people",),
        copies=("task", "told"),
        person="uid",
        workspace="workspaceId",
        is_exported=False,
    ),
    Collection("fileUsage/{workspace}", workspace="workspaceId", is_exported=False),
    Collection("searchEntries/{id}", workspace="workspaceId", is_exported=False),
    Collection(
        "timers/{timer}",
        one=("subject.byUid",),
        person="subject.uid",
        workspace="subject.workspaceId",
        is_exported=False,
    ),
    Collection(
        "idempotency/{key}",
        many=("people",),
        person="uid",
        workspace="workspaceId",
        is_exported=False,
    ),
    # Of a move: who does not belong where the task came to.
    Collection("operations/{operation}", many=("result.people",), person="uid"),
    Collection(
        "undoRecords/{record}",
        many=("people",),
        copies=("touched",),
        person="uid",
        is_exported=False,
    ),
    Collection("merges/{merge}", one=("uid",), person="guestUid", is_exported=False),
    Collection("mergeCopies/{number}", person="guestUid", is_exported=False),
    # An address, for an hour.
    Collection("passwordResets/{request}", names=("email",), is_exported=False),
    Collection("passwordWatches/{watch}", person="uid", is_exported=False),
    Collection("staff/{uid}", one=("appointedBy",), person="uid", is_exported=False),
    Collection("audit/{entry}", one=("actorUid", "subjectUid"), is_exported=False),
    Collection("receipts/{receipt}", is_exported=False),
    Collection(
        "jobs/{job}",
        one=("actorUid", "createdBy"),
        many=("people",),
        copies=("arguments",),
        workspace="workspaceId",
        is_exported=False,
    ),
    Collection(
        "jobs/{job}/runs/{run}",
        one=("actorUid", "triggeredBy"),
        many=("people",),
        copies=("arguments", "result"),
        workspace="workspaceId",
        is_exported=False,
    ),
    Collection("broadcasts/{broadcast}", one=("createdBy",), many=("audience",), is_exported=False),
    Collection("broadcasts/{broadcast}/recipients/{uid}", person="uid", is_exported=False),
    Collection("leases/{name}", is_exported=False),
    # Under hashes of addresses: whoever is erased is not written to again by mistake.
    Collection("suppressions/{hash}", is_exported=False),
    Collection("templates/{key}", one=("updatedBy",), is_exported=False),
    Collection("templates/{key}/versions/{number}", one=("createdBy",), is_exported=False),
)

INVENTORY: tuple[Collection, ...] = (*PERSONAL, *SHARED, *SERVERS)


def following(whose: Whose) -> Iterator[tuple[Collection, str]]:
    """List the server's collections that follow a person or a workspace, each with its field."""
    for each in SERVERS:
        field = each.person if whose is Whose.PERSON else each.workspace
        if field is not None:
            yield each, field


def row_of(path: str) -> Collection | None:
    """Return the row of a document, whatever its ids are."""
    segments = path.split("/")
    for each in INVENTORY:
        pattern = each.path.split("/")
        if len(pattern) == len(segments) and pattern[::2] == segments[::2]:
            return each
    return None
