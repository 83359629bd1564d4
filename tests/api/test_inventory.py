"""The table of all collections agrees with the rules, with the code, and with what is stored."""

import re

import pytest

from backend.kit.people import PEOPLE, UID_FIELDS
from backend.leaving.inventory import INVENTORY, PERSONAL, SHARED, Whose, following, row_of
from backend.leaving.scan import Scan
from tests.api.leaving import lived
from tests.api.world import World
from tests.architecture.source import ROOT, python_files

MATCH = re.compile(r"^( *)match (/\S+) \{", re.MULTILINE)
# A collection at the root: `f"timers/{timer_id}"`, or the name alone where it is listed.
WRITTEN = re.compile(r'f"([a-zA-Z]+)/\{')
OF_FILES = {
    "backups",
    "console",  # Pages.
    "exports",
    "files",
    "own",
    "schemas",
    "uploads",
}  # Folders of archives and of the bucket.
OF_GOOGLE = {"projects"}


class TestInventory:
    """Whoever adds a collection adds a row, or one of these fails."""

    def test_it_names_what_the_rules_name(self):
        """Every path that apps may reach belongs to a person or to a workspace."""
        assert _matched() == {_shape(each.path) for each in (*PERSONAL, *SHARED)}

    def test_it_names_what_the_code_writes(self):
        """Each collection at the root that any path in the code begins with."""
        written = {
            name
            for path in python_files("backend")
            for name in WRITTEN.findall(path.read_text())
            if path.parent.name != "exporting"
        }
        known = {each.path.split("/")[0] for each in INVENTORY}

        assert len(written) > 8
        assert set() == written - known - OF_FILES - OF_GOOGLE

    def test_it_knows_every_document_of_a_busy_database(self, world: World):
        """All that a life leaves, on every way there is."""
        life = lived(world)
        ports = world.services.ports
        found = Scan(ports.store, ports.blobs).collections()

        assert set() == {shape for shape in found if row_of(_example(shape)) is None}
        assert {"users/notifications/decisions", "workspaces/tasks/history", "shadows"} <= found
        assert life.paths().keys() <= {each.name for each in INVENTORY}

    def test_it_knows_every_field_that_names_her(self, world: World):
        """Wherever her uid stands as a value, the table says so."""
        life = lived(world)

        unknown = {
            (finding.place.split("/")[-2], finding.field)
            for finding in life.found()
            if finding.term == life.ann.uid and not finding.place.startswith("exports/")
            if not _is_explained(finding.place, finding.field)
        }

        assert set() == unknown

    def test_fields_that_hold_people_are_replaced_wherever_they_stand(self):
        """What takes people out of documents goes by the names of fields."""
        named = {name.split(".")[-1] for row in INVENTORY for name in (*row.one, *row.many)}

        assert named - {PEOPLE} == UID_FIELDS - {"uid"} | (named & {"uid"})

    @pytest.mark.parametrize("whose", [Whose.PERSON, Whose.WORKSPACE])
    def test_something_of_the_servers_follows_each(self, whose: Whose):
        """Timers, shadows and kept answers are no one's by their path."""
        assert {"timers", "idempotency", "shadows"} <= {row.name for row, _ in following(whose)}


def _matched() -> set[str]:
    """The shapes of all paths that the rules name, from the way their blocks are nested."""
    places: list[tuple[int, str]] = []
    found = set()
    for indent, path in MATCH.findall((ROOT / "firestore.rules").read_text()):
        if path.startswith("/databases") or "=**" in path:
            continue
        places = [place for place in places if place[0] < len(indent)] + [(len(indent), path)]
        found.add(_shape("".join(path for _, path in places).strip("/")))
    return found


def _shape(path: str) -> str:
    return "/".join(path.split("/")[::2])


def _example(shape: str) -> str:
    return "/x/".join(shape.split("/")) + "/x"


def _is_explained(place: str, field: str) -> bool:
    row = row_of(place)
    if row is None:
        return False
    if row.whose is Whose.SERVER and field in (row.person, row.workspace, "body", "headers"):
        return True
    named = {*row.one, *row.many, *row.copies, *row.totals, "uid"}
    is_told = any(field == name or field.startswith(f"{name}.") for name in named)
    # Her own documents, and the place of a membership, say it with their paths.
    return is_told or field == ""
