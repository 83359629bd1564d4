"""Everything below a document, at any depth and of any collection: what no query by name finds."""

# ruff: noqa: SLF001 - the SDK has no public way to ask without naming a collection.

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from google.cloud.firestore_v1 import _helpers
from google.cloud.firestore_v1.types import StructuredQuery, Value
from google.cloud.firestore_v1.types.query import Cursor

from backend.kit.documents import Fields

Found = tuple[str, Fields, datetime]
NAME = StructuredQuery.FieldReference(field_path="__name__")


def descendants(
    client: Any, path: str, *, limit: int, after: str, is_whole: bool, **call: Any
) -> Iterator[Found]:
    """
    Return the documents below `path` ("" for all there are) in the order of their paths.

    Also those whose parents do not exist. The path of each, its update time, and its fields where
    they are wanted: without them there is no more to send than names.

    One query without a collection, as the SDK's own `recursive_delete` asks it: its parent is any
    document, and no index is needed for the order of names.
    """
    root = f"{client._database_string}/documents"
    query = StructuredQuery(
        from_=[StructuredQuery.CollectionSelector(all_descendants=True)],
        order_by=[StructuredQuery.Order(field=NAME)],
        limit=limit,
    )
    if not is_whole:
        query.select = StructuredQuery.Projection(fields=[NAME])
    if after:
        query.start_at = Cursor(values=[Value(reference_value=f"{root}/{after}")], before=False)
    answers = client._firestore_api.run_query(
        request={"parent": f"{root}/{path}" if path else root, "structured_query": query},
        metadata=client._rpc_metadata,
        **call,
    )
    for answer in answers:
        document = answer.document
        if document.name:  # An answer may also only say how far it has come.
            fields: Any = _helpers.decode_dict(document.fields, client)
            yield document.name.removeprefix(f"{root}/"), fields, document.update_time
