"""Which lists of events there are; `tests/rules/test_indexes.py` holds them to the indexes."""

from backend.kit.lists import Filter, ListTable

EVENT_LISTS = ListTable(
    always=(),
    filters={
        "type": Filter("type", "type"),
        "subject": Filter("subject", "subject.id"),
    },
    orders=("-at",),
    alone={},
)
