"""The schemas of an archive, against what the slices write and what the rules let apps write."""

from datetime import UTC, datetime

import pytest

from backend.accounts.documents import account_fields
from backend.accounts.model import Account
from backend.exporting.chapters import FOR_READING, LEFT_OUT
from backend.exporting.shapes import collection_of, schemas, validator
from backend.kit.actor import Identity
from backend.kit.tagged import tagged
from backend.leaving.inventory import INVENTORY, Whose
from backend.tasks.documents import task_fields
from backend.tasks.model import TaskRef, new_task
from backend.workspaces.documents import member_fields, workspace_fields
from backend.workspaces.model import Member, Workspace, WorkspaceType
from backend.workspaces.permissions import Role
from tests.rules import documents as rules_documents
from tests.rules.own_documents import belongings
from tests.rules.wire import REQUEST_TIME
from tests.rules.work_documents import work

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
RARE = {"movedTo", "recorded"}  # What only some tasks have.
WRITTEN_BY_APPS = {
    **belongings("users/ann", "ann"),
    **work("workspaces/ann", "ann"),
    "workspaces/ann/tasks/t1": rules_documents.stored_task("ann", **rules_documents.due()),
    "workspaces/ann/members/ann": rules_documents.member("ann", "owner"),
    "workspaces/ann": rules_documents.workspace("ann", "personal"),
}


def faults(path: str, fields) -> list[str]:
    stamped = {name: NOW if value == REQUEST_TIME else value for name, value in fields.items()}
    hidden = {"token"} if collection_of(path) == "users.devices" else set()
    data = {name: tagged(value) for name, value in stamped.items() if name not in hidden}
    checked = validator(collection_of(path)).iter_errors({"path": path, "data": data})
    return [f"{fault.json_path}: {fault.message}" for fault in checked]


class TestAgreement:
    """One place says what an archive's documents look like, and the slices keep to it."""

    def test_every_collection_of_people_has_a_shape(self):
        """Whoever adds a collection adds its shape, or leaves it out on purpose."""
        exported = {
            collection_of(each.path)
            for each in INVENTORY
            if each.whose is not Whose.SERVER and each.is_exported
        }

        assert exported - LEFT_OUT == set(schemas()) - {"operations"}
        assert set(schemas()) >= FOR_READING

    def test_what_the_slices_write_is_of_its_shape(self):
        """With no field missing in either."""
        identity = Identity(
            uid="ann",
            name="Ann",
            photo_url=None,
            is_guest=False,
            issued_at=NOW,
            expires_at=NOW,
            signed_in_at=NOW,
            email=None,
            email_verified=False,
        )
        account = Account.opened(identity, at=NOW)
        home = Workspace.founded("ann", name="P", kind=WorkspaceType.PERSONAL, by="ann", at=NOW)
        owner = Member.joined(account, "ann", Role.OWNER, at=NOW)
        task = new_task(TaskRef("ann", "t1"), title="A", by="ann", at=NOW)
        written = {
            "users/ann": account_fields(account),
            "workspaces/ann": workspace_fields(home),
            "workspaces/ann/members/ann": member_fields(owner),
            "workspaces/ann/tasks/t1": task_fields(task),
        }

        for path, fields in written.items():
            assert (path, []) == (path, faults(path, fields))
            named = schemas()[collection_of(path)]["properties"]["data"]["properties"]
            assert (path, set(named) - RARE) == (path, set(fields))

    @pytest.mark.parametrize("path", WRITTEN_BY_APPS)
    def test_what_apps_may_write_is_of_its_shape(self, path: str):
        """The documents that the tests of the rules take for valid."""
        assert [] == faults(path, WRITTEN_BY_APPS[path])


class TestRefusal:
    """A schema that takes everything checks nothing."""

    @pytest.mark.parametrize(
        "changes",
        [
            {"title": 5},
            {"title": None},
            {"status": "later"},
            {"rev": "1"},
            {"rev": True},
            {"dueAt": "2026-11-21"},
            {"assigneeIds": "ann"},
            {"assigneeIds": [1]},
            {"isOverdue": 0},
            {"secret": "more"},
        ],
        ids=str,
    )
    def test_a_wrong_type_is_found(self, changes):
        """Also a field that there is not."""
        fields = {**rules_documents.stored_task("ann"), **changes}

        assert 1 == len(faults("workspaces/ann/tasks/t1", fields))

    def test_a_missing_field_is_found(self):
        """One that every version of ours has written."""
        fields = rules_documents.stored_task("ann")
        del fields["title"]

        assert ["$.data: 'title' is a required property"] == faults(
            "workspaces/ann/tasks/t1", fields
        )

    @pytest.mark.parametrize("path", ["users/ann/tasks/t1", "workspaces/a b/tasks/t1"])
    def test_a_path_is_that_of_the_collection(self, path: str):
        """Names and ids."""
        line = {"path": path, "data": {}}
        found = {fault.json_path for fault in validator("workspaces.tasks").iter_errors(line)}

        assert "$.path" in found
