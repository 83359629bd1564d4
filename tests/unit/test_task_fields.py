"""What a task holds is said in four places: model, documents, rules, and the permission table."""

import re
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from backend.kit.ranks import MAX_RANK, is_rank
from backend.tasks import details, model
from backend.tasks.documents import RARE, task_fields
from backend.tasks.model import Task, TaskRef, new_task
from backend.workspaces.permissions import TABLE
from tests.architecture.source import ROOT

RULES = (ROOT / "firestore.rules").read_text()
STAMPS = {"rev", "updatedAt", "updatedBy"}
# What apps set along with what a person sets: it follows from it.
FOLLOWING = {"dueAt", "dueDay", "completedAt", "completedBy"}


def listed(function: str) -> set[str]:
    """Return the names that a function of the rules returns."""
    body = RULES.split(f"function {function}()")[1].split("}")[0]
    return set(re.findall(r"'(\w+)'", body))


def _api_alone(row: dict[str, Any]) -> set[str]:
    """Return what only the API sets, since only it can tell whether it may be so."""
    return set(row["api"]) - set(row["app"])


def camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(part.capitalize() for part in tail)


class TestFields:
    """Nothing is carried by one place and forgotten by another."""

    def test_model_and_documents(self):
        """A document holds what the model holds, but for what its path says."""
        task = new_task(TaskRef("w", "t"), title="A", by="ann", at=datetime.now(UTC))
        named = {camel(field.name) for field in fields(Task)}
        names = named - {"id", "workspaceId", "recorded", *RARE}  # Not in every document.

        assert names == set(task_fields(task))

    def test_documents_and_rules(self):
        """What an app creates is what the server would have written."""
        task = new_task(TaskRef("w", "t"), title="A", by="ann", at=datetime.now(UTC))

        assert listed("taskClientFields") | listed("taskServerFields") == set(task_fields(task))
        assert listed("taskClientFields") & listed("taskServerFields") == set()

    def test_rules_and_permissions(self):
        """The table names what apps set and what nobody sets."""
        row = TABLE["task"]

        assert listed("taskClientFields") == {*row["change"]["app"], *STAMPS, *FOLLOWING}
        # What only some tasks have, apps neither make a task with nor change.
        assert listed("taskServerFields") == {*row["server"], *_api_alone(row["change"])} - {*RARE}
        assert {"blockedBy"} == _api_alone(row["change"])

    @pytest.mark.parametrize(
        ("resource", "client", "server"),
        [
            ("project", "projectFields", listed("countedFields")),
            ("board", "boardFields", listed("countedFields")),
            ("list", "listFields", listed("listServerFields") - {"boardId"}),  # Set once.
            ("label", "labelFields", listed("labelServerFields")),
            # Apps need not send who reacted: the server adds it with the first reaction.
            ("comment", "commentFields", listed("commentServerFields") | {"reactedBy"}),
        ],
    )
    def test_the_other_resources(self, resource, client, server):
        """Likewise for what is written beside tasks."""
        row = TABLE[resource]

        assert listed(client) == {*row["change"]["app"], *STAMPS}
        assert server == set(row["server"])


LIMITS = {
    r"task\.title\.matches\('\(\?s\)\.\{1,(\d+)\}'\)": model.MAX_TITLE,
    r"task\.description\.size\(\) <= (\d+)": model.MAX_DESCRIPTION,
    r"isSetOfAtMost\(task\.assigneeIds, (\d+)\)": model.MAX_ASSIGNEES,
    r"isSetOfAtMost\(task\.watcherIds, (\d+)\)": model.MAX_WATCHERS,
    r"task\.labelIds\.size\(\) <= (\d+)": model.MAX_LABELS,
    r"task\.reminders\.size\(\) <= (\d+)": details.MAX_REMINDERS,
    r"task\.checklist\.size\(\) <= (\d+)": details.MAX_CHECKLIST,
    r"value <= (\d+);\n    }\n\n    function isNeverDue": model.MAX_ESTIMATE_MIN,
    r"value\.matches\('\[0-9A-Za-z\]\{1,(\d+)\}'\)": MAX_RANK,
}


class TestLimits:
    """The same numbers on both ways."""

    @pytest.mark.parametrize(("pattern", "limit"), LIMITS.items(), ids=LIMITS.values())
    def test_the_rules_allow_what_the_model_allows(self, pattern, limit):
        """A limit is changed in both or in none."""
        assert [str(limit)] == re.findall(pattern, RULES)

    def test_the_longest_rank(self):
        """It is a rank, one letter more is none."""
        assert [True, False] == [is_rank("z" * MAX_RANK), is_rank("z" * (MAX_RANK + 1))]

    def test_statuses_and_priorities(self):
        """The rules list the statuses, and count the priorities."""
        statuses = "', '".join(status.value for status in model.Status)

        assert f"task.status in ['{statuses}']" in RULES
        assert f"task.priority >= 0 && task.priority <= {max(model.Priority).value}" in RULES


class TestDays:
    """`isDay` of the rules knows the calendar by a pattern."""

    def test_against_the_calendar(self):
        """Every day of 1970 to 2100, every other number of a day, and the years beside them."""
        body = RULES.split("function isDay(value)")[1].split("}\n")[0]
        pattern = re.compile("".join(re.findall(r"'([^']*)'", body)))

        differing = [
            text
            for year in (1969, *range(1970, 2101), 2101)
            for month in range(14)
            for day in range(33)
            if bool(pattern.fullmatch(text := f"{year}-{month:02}-{day:02}")) != _is_day(text)
        ]

        assert [] == differing


def _is_day(text: str) -> Any:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return False
    return timedelta() <= day - date(1970, 1, 1) and day.year <= 2100
