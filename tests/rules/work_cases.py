"""
Cases about projects, boards, lists, labels and comments: each is one deviation from a valid one.

The collections share what a case is about, so a case names the collections that it is for.
"""

from typing import Any

from tests.rules.documents import FUTURE, PAST
from tests.rules.task_cases import LETTER, NO_IDS, NO_RANKS
from tests.rules.wire import DELETE, REQUEST_TIME, ArrayUnion, Increment

Case = tuple[str, dict[str, Any]]
"""The collection and the changed fields."""

EVERY = ("projects", "boards", "lists", "labels")
SHELVED = ("projects", "boards", "lists")
COLORED = ("projects", "boards", "labels")


def _for(collections: tuple[str, ...], **changes: dict[str, Any]) -> dict[str, Case]:
    return {
        f"{collection}-{name}": (collection, fields)
        for name, fields in changes.items()
        for collection in collections
    }


VALID = {
    **_for(
        EVERY,
        name_shortest={"name": LETTER},
        name_longest={"name": LETTER * 200},
        name_with_markup={"name": "<b>x</b>"},
        rank_shortest={"rank": "0"},
        rank_longest={"rank": "zZ9" + LETTER * 61},
    ),
    **_for(COLORED, color_none={"color": None}, color={"color": "#00aAfF"}),
    **_for(("lists",), limit={"wipLimit": 1}, limit_most={"wipLimit": 1000}),
    **_for(("boards",), project={"projectId": "p1"}, project_none={"projectId": None}),
}

INVALID = {
    **_for(
        EVERY,
        name_empty={"name": ""},
        name_too_long={"name": LETTER * 201},
        name_integer={"name": 7},
        name_null={"name": None},
        name_list={"name": ["x"]},
        rank_null={"rank": None},
        **{f"a56_rank_{name}": {"rank": value} for name, value in NO_RANKS.items()},
        unknown_field={"emoji": "x"},
        a38_updated_at_client_time={"updatedAt": FUTURE},
        a38_updated_by_another={"updatedBy": "someone"},
        a38_rev_float={"rev": 4.0},
        a37_created_by_another={"createdBy": "someone"},
    ),
    **_for(
        COLORED,
        color_word={"color": "red"},
        color_short={"color": "#fff"},
        color_with_alpha={"color": "#00000000"},
        color_number={"color": 0},
        color_script={"color": '"><script>'},
    ),
    **_for(
        SHELVED,
        a59_counters={"counters": {"open": 9}},
        archived_in_the_past={"archivedAt": PAST},
        archived_as_flag={"archivedAt": True},
    ),
    **_for(
        ("lists",),
        limit_0={"wipLimit": 0},
        limit_too_much={"wipLimit": 1001},
        limit_float={"wipLimit": 3.0},
        limit_string={"wipLimit": "3"},
        a55_no_such_board={"boardId": "b9"},
        a55_board_of_w2={"boardId": "only-in-w2"},
        a55_board_null={"boardId": None},
        a55_board_number={"boardId": 7},
        a55_board_path={"boardId": "b1/x/y"},
    ),
    **_for(
        ("boards",),
        a55_no_such_project={"projectId": "p9"},
        a55_project_of_w2={"projectId": "only-in-w2"},
        a55_project_number={"projectId": 7},
        a55_project_path={"projectId": "p1/x/y"},
    ),
}

NOT_ON_CREATE = {
    **_for(
        EVERY,
        a38_rev_0={"rev": 0},
        a38_rev_2={"rev": 2},
        a37_created_at_client_time={"createdAt": PAST},
    ),
    **_for(SHELVED, archived_at_birth={"archivedAt": REQUEST_TIME}),
}

NOT_ON_UPDATE = {
    **_for(
        EVERY,
        a38_rev_equal={"rev": 3},
        a38_rev_plus_2={"rev": 5},
        a38_rev_removed={"rev": DELETE},
        a37_created_at={"createdAt": REQUEST_TIME},
        name_removed={"name": DELETE},
    ),
    **_for(
        SHELVED,
        a59_counters_by_path={"counters.open": 9},
        a59_increment_a_counter={"counters.open": Increment(1)},
    ),
    # A list stays on its board, though the board is there.
    **_for(("lists",), board={"boardId": "b2"}),
}

COMMENTS_VALID = {
    "body-shortest": {"body": LETTER},
    "body-longest": {"body": LETTER * 10_000},
    "a65-body-with-markup": {"body": "<script>alert(1)</script> {{7*7}}"},
    "mentions-most": {"mentionIds": [f"u{number}" for number in range(20)]},
}

COMMENTS_INVALID = {
    "a65-body-empty": {"body": ""},
    "a65-body-too-long": {"body": LETTER * 10_001},
    "body-integer": {"body": 7},
    "body-null": {"body": None},
    "body-list": {"body": ["x"]},
    **{f"mentions-{name}": {"mentionIds": value} for name, value in NO_IDS.items()},
    "mentions-twice-the-same": {"mentionIds": ["u1", "u1"]},
    "html-of-the-app": {"bodyHtml": "<p>They look thirsty.</p>"},
    "html-empty": {"bodyHtml": ""},
    "html-of-another-kind": {"bodyHtml": False},
    "reactions-of-the-app": {"reactions": [{"uid": "commenter", "emoji": "x"}]},
    "reactions-null": {"reactions": None},
    "reactions-of-another-kind": {"reactions": {}},
    "reacted-by": {"reactedBy": []},
    "unknown-field": {"likes": 1},
    "a38-updated-at-client-time": {"updatedAt": FUTURE},
    "a38-updated-by-another": {"updatedBy": "someone"},
    "deleted-in-the-past": {"deletedAt": PAST},
    "deleted-as-flag": {"deletedAt": True},
}

COMMENTS_NOT_ON_CREATE = {
    "a60-author-another": {"authorUid": "owner"},
    "a60-author-null": {"authorUid": None},
    "created-at-client-time": {"createdAt": PAST},
    "deleted-at-birth": {"deletedAt": REQUEST_TIME},
    "rev-2": {"rev": 2},
    "rev-float": {"rev": 1.0},
}

COMMENTS_NOT_ON_UPDATE = {
    "a62-author": {"authorUid": "owner"},
    "a62-created-at": {"createdAt": REQUEST_TIME},
    "a62-task": {"taskId": "t2"},
    "rev-equal": {"rev": 3},
    "rev-plus-2": {"rev": 5},
    "rev-float": {"rev": 4.0},
    "body-removed": {"body": DELETE},
    "union-of-a-number": {"mentionIds": ArrayUnion((7,))},
}
