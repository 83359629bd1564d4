"""What every long list takes and answers: its size and token, and `Link` headers (RFC 8288)."""

from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from flask import request
from marshmallow import fields, post_dump, validate

from backend.kit.pages import DEFAULT_SIZE, MAX_SIZE, MOST_READ, Asked, Page
from backend.web.schemas import CamelSchema, QueryWhole

T = TypeVar("T")

LONGEST_TOKEN = 2048
PATH_SAFE = "/-._~!$&'()*+,;=:@"  # RFC 3986; `%`, blanks and whatever is no ASCII are escaped.

LINK_HEADER: dict[str, Any] = {
    "Link": {
        "description": 'RFC 8288: rel="first", and rel="next" where another page may follow.',
        "schema": {"type": "string"},
        "example": (
            '</api/v1/workspaces/me/tasks?status=open>; rel="first", '
            '</api/v1/workspaces/me/tasks?status=open&pageToken=eyJh>; rel="next"'
        ),
    }
}


class PageArguments(CamelSchema):
    """How much of a list is asked for, and from where on."""

    page_size = QueryWhole(
        load_default=DEFAULT_SIZE,
        validate=validate.Range(min=1, max=MAX_SIZE),
        metadata={"description": "How many items at the most.", "example": 50},
    )
    page_token = fields.String(
        validate=validate.Length(min=1, max=LONGEST_TOKEN),
        metadata={
            "description": (
                "`nextPageToken` of the page before. It holds for the same person, list, filters "
                "and order only; `pageSize` may change."
            )
        },
    )


class PageSchema(CamelSchema):
    """What every page says besides its items."""

    next_page_token = fields.String(
        dump_default=None,
        allow_none=True,
        metadata={
            "description": (
                "What to send as `pageToken` for the next page; null after the last. A page may "
                "be short, or even empty, and still have one: filters that no index joins look "
                f"at {MOST_READ} items for each page."
            )
        },
    )

    @post_dump
    def _leave_out_what_was_not_asked(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        if data.get("totalSize") is None:
            data.pop("totalSize", None)
        return data


def asked(query: dict[str, Any]) -> Asked:
    """Take from a query what it says about the page; its filters stay."""
    return Asked(
        size=query.pop("page_size"),
        token=query.pop("page_token", None),
        total=query.pop("include_total", False),
    )


def linked(page: Page[T]) -> tuple[Page[T], int, dict[str, str]]:
    """Answer 200 with a page, and with links to the first and the next one, filters and all."""
    links = [_link("first", None)]
    if page.next_page_token is not None:
        links.append(_link("next", page.next_page_token))
    return page, 200, {"Link": ", ".join(links)}


def _link(rel: str, token: str | None) -> str:
    query = [(name, value) for name, value in request.args.items(multi=True) if name != "pageToken"]
    if token is not None:
        query.append(("pageToken", token))
    path = quote(request.script_root + request.path, safe=PATH_SAFE)
    target = f"{path}?{urlencode(query, quote_via=quote)}" if query else path
    return f'<{target}>; rel="{rel}"'
