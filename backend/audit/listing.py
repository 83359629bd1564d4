"""Which lists of the audit log there are. Each filter needs an index that ends in `at`."""

from backend.kit.lists import Filter, ListTable

AUDIT_LISTS = ListTable(
    always=(),
    filters={
        "actor": Filter("actor", "actorUid"),
        "subject": Filter("subject", "subjectUid"),
        "action": Filter("action", "action"),
    },
    orders=("-at",),
    alone={},
)
