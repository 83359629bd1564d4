"""Our queries in the SDK's words, whose own types end at `where`."""

from typing import Any

from google.cloud.firestore_v1.base_query import BaseQuery, FieldFilter

from backend.kit.documents import NAME, Query


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
        # A path is a document to the SDK.
        value = client.document(where.value) if where.field == NAME else where.value
        built = built.where(filter=FieldFilter(where.field, where.op, value))
    direction = BaseQuery.ASCENDING
    for name in query.order_by:
        direction = BaseQuery.DESCENDING if name.startswith("-") else BaseQuery.ASCENDING
        built = built.order_by(name.removeprefix("-"), direction=direction)
    if query.order_by and query.order_by[-1] != NAME:
        built = built.order_by(NAME, direction=direction)
    return built
