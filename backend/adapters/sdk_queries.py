"""Our queries in the SDK's words, whose own types end at `where`."""

from typing import Any

from google.cloud.firestore_v1.base_query import And, BaseQuery, FieldFilter, Or

from backend.kit.documents import NAME, Query, Where


def limited(client: Any, query: Query) -> Any:
    """Return a query with its `limit`, from its `after` on."""
    built = ordered(client, query)
    if query.after is not None:
        *values, path = query.after
        built = built.start_after([*values, client.document(path)])
    if query.only:
        built = built.select(query.only)
    return built.limit(query.limit)


def ordered(client: Any, query: Query) -> Any:
    """Return all that a query would find, in its order."""
    source = client.collection_group if query.group else client.collection
    built: Any = source(query.collection)
    for where in query.where:
        built = built.where(filter=_filter(client, where))
    if query.either:
        groups: list[Any] = [
            And([_filter(client, where) for where in group]) for group in query.either
        ]
        built = built.where(filter=Or(groups))
    direction = BaseQuery.ASCENDING
    for name in query.order_by:
        direction = BaseQuery.DESCENDING if name.startswith("-") else BaseQuery.ASCENDING
        built = built.order_by(name.removeprefix("-"), direction=direction)
    if query.order_by and query.order_by[-1] != NAME:
        built = built.order_by(NAME, direction=direction)
    return built


def _filter(client: Any, where: Where) -> FieldFilter:
    # A path is a document to the SDK.
    value = client.document(where.value) if where.field == NAME else where.value
    return FieldFilter(where.field, where.op, value)
