"""Every command of the API is taken back whole, or says why it cannot be."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from backend.app import create_app
from backend.bootstrap import build_ports, build_services
from backend.commands.describe import OFFLINE
from backend.kit.documents import Query, Stored, Where
from tests.api.guest_merging import ended
from tests.api.undo_scenes import ELSEWHERE, REASONS, SCENES, Place, Scene, calm, furnished
from tests.api.undoing import UNDO_TOKEN, without_zeros
from tests.api.world import World

CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
# What happened stays on record: that is what it is for.
JOURNAL = {"history", "events"}
STAMPS = {"rev", "updatedAt", "updatedBy", "recorded", "editedAt", "changed"}


def snapshot(place: Place) -> dict[str, Any]:
    """Return all that people see of the team, without journal and stamps, by path."""
    store, team = place.world.services.ports.store, place.ids["team"]
    found = [*store.below(f"workspaces/{team}", limit=5_000, whole=True)]
    found += [each for each in store.get_all([f"workspaces/{team}"]) if each]
    for collection, field in (
        ("searchEntries", "workspaceId"),
        ("jobs", "workspaceId"),
        ("timers", "subject.workspaceId"),
    ):
        query = Query(collection, limit=1_000, where=(Where(field, "==", team),))
        found += store.find(query)
    seen = [each for each in found if each.path.split("/")[-2] not in JOURNAL]
    # The room and the timer of a file last until the file itself has gone, some hours later. What
    # is to be mailed is looked at when it is due: a mail about what was taken back is not written.
    seen = [each for each in seen if each.fields.get("kind") not in ("attachment", "noticeMail")]
    # An upload that nobody finishes is gone after an hour, undone or not.
    seen = [each for each in seen if each.fields.get("state") != "pending"]
    return {each.path: _without_stamps(each) for each in seen}


def _without_stamps(stored: Stored) -> dict[str, Any]:
    left = {name: value for name, value in stored.fields.items() if name not in STAMPS}
    if "counters" in left:
        left["counters"] = without_zeros(left["counters"])
    return {name: value for name, value in left.items() if value not in (None, [], {})}


def without_what_was_made(after: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """Leave out what lies in the trash, or has ended, and was not there before the command."""
    new = {path for path in after if path not in before}
    gone = {
        path for path in new if after[path].get("deletedAt") or after[path].get("state") == "ended"
    }
    ids = [path.rpartition("/")[2] for path in gone]

    def is_gone(path: str) -> bool:
        if path not in new:
            return False
        return any(each in path or each in str(after[path]) for each in ids)

    left = {path: fields for path, fields in after.items() if not is_gone(path)}
    if gone:  # The workspace counts also what lies in its trash.
        for side in (left, before):
            for path in (each for each in side if each.count("/") == 1):
                side[path].get("counters", {}).pop("allTasks", None)
    return left


def differences(before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for path in sorted(before.keys() | after.keys()):
        was, became = before.get(path), after.get(path)
        if was == became:
            continue
        if was is None or became is None:
            yield f"{path}: {'came' if was is None else 'went'}: {became or was}"
            continue
        for name in sorted(was.keys() | became.keys()):
            if was.get(name) != became.get(name):
                yield f"{path}.{name}: {was.get(name)!r} → {became.get(name)!r}"


def taken_back(place: Place, scene: Scene, *, settling: bool) -> list[str]:
    """Do something and take it back; return what is not as it was."""
    before = snapshot(place)
    answer = scene(place)
    if not answer.ok or UNDO_TOKEN not in answer.headers:
        return [f"{answer.status_code} without a token: {answer.text[:300]}"]
    if settling:
        calm(place.world)
    back = place.ann.post("/undo", {"token": answer.headers[UNDO_TOKEN]})
    if back.status_code == 202:
        ended(place.ann, back.json()["id"])
    elif back.status_code != 200:
        return [f"undo answered {back.status_code}: {back.text[:300]}"]
    elif back.json()["kept"]:
        return [f"undo kept {back.json()['kept']}"]
    calm(place.world)
    again = place.ann.post("/undo", {"token": answer.headers[UNDO_TOKEN]})
    if (again.status_code, _said(again)) != (back.status_code, _said(back)):
        return [f"asked again, undo answered {again.status_code}: {again.text[:300]}"]
    return [*differences(before, without_what_was_made(snapshot(place), before))]


def _said(answer: requests.Response) -> Any:
    """What an undo came to, or the operation that does it, however far it is."""
    said = answer.json()
    return said.get("id", said)


def routes() -> set[str]:
    app = create_app(build_services(OFFLINE, build_ports(OFFLINE)))
    return {
        f"{method} {re.sub('<[^>]*:', '<', str(rule))}"
        for rule in app.url_map.iter_rules()
        for method in CHANGING & (rule.methods or set())
        if str(rule).startswith("/api/")
    }


class TestEveryCommand:
    """Whoever adds a command says how it is taken back."""

    def test_there_is_a_way_back_or_a_reason(self):
        """Each in one place."""
        known = [*SCENES, *ELSEWHERE, *REASONS]

        assert routes() == set(known)
        assert len(known) == len(set(known))

    @pytest.mark.parametrize("settling", [False, True], ids=["at once", "settled between"])
    def test_done_and_undone_all_is_as_before(self, world: World, settling: bool):
        """Tasks, lists, counters, timers and search entries, whatever was to follow of it."""
        place = furnished(world)

        found = {
            route: left
            for route, scene in SCENES.items()
            if (left := taken_back(place, scene, settling=settling))
        }

        report = [f"{route}: {each}" for route, left in found.items() for each in left]
        assert [] == report, "\n".join(report)
