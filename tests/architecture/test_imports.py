"""Imports go one way: routes → service → model and repository → kit."""

from tests.architecture.source import imports_among, python_files

SLICES = {
    "accounts",
    "activity",
    "admin",
    "audit",
    "broadcasts",
    "bulk",
    "comments",
    "credentials",
    "deliveries",
    "digests",
    "exporting",
    "guests",
    "intents",
    "mailing",
    "notifications",
    "operations",
    "reactions",
    "recurrence",
    "relocation",
    "search",
    "statistics",
    "tasks",
    "timers",
    "trash",
    "undo",
    "workspaces",
}
ENTRY_POINTS = (
    "backend.app",
    "backend.scheduler",
    "backend.wsgi",
    "backend.cli",
    "backend.commands",
    "functions",
)
MAY_START_IT = ("backend.app", "backend.wsgi", "backend.cli", "backend.commands.describe")


class TestImports:
    """One direction, so that a change can be followed."""

    def test_there_is_something_to_look_at(self):
        """The checks below would pass on an empty tree."""
        assert len(python_files("backend")) > 50

    def test_nothing_imports_entry_points_or_routes(self):
        """What is called by the outside calls nobody back."""
        found = [
            (importer, imported)
            for importer, imported in imports_among("backend", "functions", "local")
            if imported.startswith(ENTRY_POINTS) or imported.endswith(".routes")
            if importer not in MAY_START_IT
            if not importer.startswith("functions")
        ]

        assert found == []

    def test_a_repository_belongs_to_its_slice(self):
        """Another slice asks the service, or reads documents with the slice's own codec."""
        found = [
            (importer, imported)
            for importer, imported in imports_among("backend")
            if imported.endswith(".repository") and _slice(importer) != _slice(imported)
        ]

        assert found == []

    def test_the_model_knows_no_io(self):
        """Pure rules import the kit, other models, and nothing that speaks to the outside."""
        found = [
            (importer, imported)
            for importer, imported in imports_among("backend")
            if importer.endswith((".model", ".difference", ".series", ".due"))
            if imported.startswith(("backend.adapters", "flask", "google", "firebase_admin"))
            or (
                imported.endswith((".service", ".repository", ".documents"))
                and not imported.startswith("backend.kit.")
            )
        ]

        assert found == []

    def test_the_kit_knows_nobody(self):
        """It may be used by everything because it uses nothing."""
        found = [
            (importer, imported)
            for importer, imported in imports_among("backend")
            if importer.startswith("backend.kit.")
            if imported.startswith("backend.") and not imported.startswith("backend.kit")
        ]

        assert found == []

    def test_the_outside_world_knows_no_slice(self):
        """An adapter can be read without the domain."""
        found = [
            (importer, imported)
            for importer, imported in imports_among("backend")
            if importer.startswith("backend.adapters.") and _slice(imported) in SLICES
        ]

        assert found == []

    def test_the_local_stack_and_the_service_do_not_know_each_other(self):
        """Production differs from development by environment variables only."""
        found = [
            (importer, imported)
            for importer, imported in imports_among("backend", "functions", "local")
            for other in _strangers(importer)
            if imported == other or imported.startswith(f"{other}.")
        ]

        assert found == []

    def test_only_the_store_opens_batches_and_transactions(self):
        """Everyone else says what they wish to have written."""
        found = [
            path.name
            for path in python_files("backend")
            if ".batch()" in path.read_text() or "transactional" in path.read_text()
        ]

        assert found == ["firestore.py"]

    def test_only_the_clock_tells_the_time(self):
        """Tests move it, and so must everything that looks at it."""
        asking = ("datetime.now(", "utcnow(", "time.time(", "time.sleep(", "time.monotonic(")
        found = [
            path.name
            for path in python_files("backend")
            if any(question in path.read_text() for question in asking)
        ]

        assert found == ["clock.py"]

    def test_only_settings_read_the_environment(self):
        """And the server's own configuration, which runs before them."""
        found = [path.name for path in python_files("backend") if "os.environ" in path.read_text()]

        assert found == ["gunicorn.conf.py", "settings.py"]


def _slice(module: str) -> str:
    return module.split(".")[1] if module.startswith("backend.") else ""


def _strangers(importer: str) -> set[str]:
    worlds = {
        "backend": {"local", "tests", "functions"},
        "local": {"backend", "tests", "functions"},
    }
    return worlds.get(importer.split(".", maxsplit=1)[0], {"backend", "local", "tests"})
