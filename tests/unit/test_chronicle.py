"""What the reactor adds to a history that the API has written parts of."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as some

from backend.kit.documents import Put, Stored
from backend.reactions.chronicle import unrecorded
from backend.tasks.documents import task_fields
from backend.tasks.history import remembering
from backend.tasks.model import Priority, Task, TaskRef, new_task

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
FIRST = new_task(TaskRef("w", "t"), title="A", by="ann", at=NOW)

changes = some.fixed_dictionaries(
    {},
    optional={
        "title": some.sampled_from("ABC"),
        "description": some.sampled_from(["", "d"]),
        "priority": some.sampled_from(list(Priority)),
    },
)
# What is changed, whether by an app, and whether a reaction follows.
steps = some.lists(some.tuples(changes, some.booleans(), some.booleans()), max_size=12)


class Scene:
    """A task, its history, and what the reactor saw last."""

    def __init__(self) -> None:
        self.task = self.seen = FIRST
        self.entries: dict[int, dict[str, Any]] = {}
        self.by_api: dict[int, dict[str, Any]] = {}

    def change(self, values: dict[str, Any], *, by_app: bool) -> None:
        old = self.task
        self.task = old.edited(values, by="app" if by_app else "api", at=NOW)
        if self.task is not old and not by_app:
            self.keep(remembering(old, self.task))
            self.by_api[self.task.rev] = self.entries[self.task.rev]

    def react(self) -> None:
        if self.task.rev > self.seen.rev:
            after = [rev for rev in self.entries if rev > self.seen.rev]
            found = [Stored(f"a/t/history/{rev}", self.entries[rev], NOW) for rev in after]
            for write in unrecorded(self.seen, self.task, found):
                assert isinstance(write, Put)
                self.keep(write)
        self.seen = self.task

    def keep(self, write: Put) -> None:
        assert write.fields["rev"] not in self.entries
        self.entries[write.fields["rev"]] = dict(write.fields)


def lived(taken: list[tuple[dict[str, Any], bool, bool]]) -> Scene:
    scene = Scene()
    for values, by_app, reacts in [*taken, ({}, True, True)]:
        scene.change(values, by_app=by_app)
        if reacts:
            scene.react()
    return scene


class TestUnrecorded:
    """`unrecorded(old, written, entries)`"""

    @given(steps)
    def test_the_history_has_no_gap(self, taken):
        """Each entry begins where the one before ended, in revisions and in values."""
        scene = lived(taken)

        rev, values = 1, dict(task_fields(FIRST))
        for entry in (scene.entries[each] for each in sorted(scene.entries)):
            assert rev == entry["fromRev"]
            assert {name: values[name] for name in entry["previous"]} == entry["previous"]
            rev, values = entry["rev"], values | entry["patch"]
        assert (scene.task.rev, _said(task_fields(scene.task))) == (rev, _said(values))

    @given(steps)
    def test_what_the_api_wrote_stays_as_it_is(self, taken):
        """No entry of it is written a second time, and none is missing."""
        scene = lived(taken)

        assert scene.by_api == {rev: scene.entries[rev] for rev in scene.by_api}

    @given(some.lists(some.tuples(changes, some.booleans()), max_size=12))
    def test_everybody_is_named_for_their_own(self, taken):
        """Where apps write in one stretch between two reactions, exactly."""
        scene = Scene()
        for values, by_app in taken:
            scene.change(values, by_app=by_app)
            if by_app:
                scene.react()
        scene.react()

        assert {"api"} >= {scene.entries[rev]["actorUid"] for rev in scene.by_api}
        others = [entry for rev, entry in scene.entries.items() if rev not in scene.by_api]
        assert {"app"} >= {entry["actorUid"] for entry in others}
        assert all(entry["rev"] == entry["fromRev"] + 1 for entry in others)

    def test_a_stretch_before_edits_of_the_api(self):
        """What it changed is what these did not, from what it was to what they found."""
        wrote = FIRST.edited({"title": "B", "priority": Priority.HIGH}, by="app", at=NOW)
        edited = wrote.edited({"title": "C"}, by="api", at=NOW)

        (put,) = unrecorded(FIRST, edited, [_stored(wrote, edited)])

        assert (1, 2, "app") == tuple(put.fields[each] for each in ("fromRev", "rev", "actorUid"))
        assert {"title": "B", "priority": 3} == put.fields["patch"]
        assert {"title": "A", "priority": 0} == put.fields["previous"]


def _stored(old: Task, task: Task) -> Stored:
    entry = remembering(old, task)
    return Stored(entry.path, entry.fields, NOW)


def _said(fields: Any) -> dict[str, Any]:
    return {name: fields[name] for name in ("title", "description", "priority")}
